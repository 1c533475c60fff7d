"""Alert rules, dashboard and runbooks speak of metrics, codes and headings that exist."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
import yaml
from tests.docs.pages import ROOT, page
from tests.docs.test_commands import hub_commands
from tests.docs.test_pages import anchors

from meilenstein.monitoring.configuration import limits_of
from meilenstein.monitoring.exposition import as_text
from meilenstein.monitoring.metrics import METRICS
from meilenstein.monitoring.readings import Readings
from meilenstein.monitoring.texts import CODES, RUNBOOK, tell
from meilenstein.settings import Settings
from meilenstein.store.alarms import Alarm
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.rhythms import load_rhythms
from meilenstein_schemas.rules import load_rules

FOLDER = ROOT / "docker" / "monitoring"
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"])


def told_names() -> set[str]:
    """Names of metrics as they stand in a real answer, taken from its own headings."""
    nothing = Readings(store=None, broker=None, airflow=None, ages={})
    found = re.findall(r"^# TYPE (\S+) ", as_text(nothing).decode(), re.MULTILINE)
    return set(found)


def labels_in(expression: str) -> set[str]:
    inside = re.findall(r"\{([^}]*)\}", expression)
    return {name for part in inside for name in re.findall(r"(\w+)\s*[!=~]+", part)}


def is_command(line: str) -> bool:
    words = line.split()
    return any(" ".join(words[:count]) in hub_commands() for count in (3, 2))


EXPRESSIONS = [
    *[pytest.param(rule["expr"], id=rule["alert"]) for rule in rules()],
    *[
        pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
        for panel in panels()
        for target in panel["targets"]
    ],
]


def test_the_metrics_that_are_told_are_those_of_the_list():
    assert told_names() == {metric.name for metric in METRICS}
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_and_label_in_rules_and_dashboard_exists(expression):
    names = set(re.findall(r"meilenstein_\w+", re.sub(r'"[^"]*"', '""', expression)))
    assert names <= told_names() and (names or "up{" in expression)
    known = {label for metric in METRICS if metric.name in names for label in metric.labels}
    assert labels_in(expression) <= known | {"job"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_rule_says_what_is_the_matter_what_comes_next_and_where_to_read_on(rule):
    notes = rule["annotations"]
    assert set(notes) == {"summary", "next_step", "runbook"} and rule["labels"]["severity"] in {"warning", "critical"}
    assert is_command(re.sub(r"\{\{ \$labels\.step \}\}", "drain", notes["next_step"]))
    place, _, anchor = notes["runbook"].partition("#")
    assert place == RUNBOOK and anchor in anchors((ROOT / place).read_text(encoding="utf-8"))
    used = {label for text in notes.values() for label in re.findall(r"\$labels\.(\w+)", text)}
    assert used <= {label for metric in METRICS if metric.name in rule["expr"] for label in metric.labels}


def test_prometheus_loads_the_rules_and_asks_the_port_of_the_default_instance():
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    assert config["rule_files"] == ["alerts.yml"]
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "meilenstein"
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{Settings.model_fields['port_base'].default + 6}"]}]


def test_the_dashboard_is_one_that_grafana_imports():
    board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    assert board["title"] and board["schemaVersion"] >= 39
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    places = [panel["gridPos"] for panel in board["panels"]]
    taken = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(taken)) == len(taken), "two panels lie over each other"
    assert all(at["x"] + at["w"] <= 24 for at in places)


@pytest.mark.parametrize("code", CODES)
def test_every_alarm_has_its_heading_and_a_next_step_that_can_be_run(code):
    assert re.search(rf"^## {code}$", page("how-to/when-an-alarm-comes.md"), re.MULTILINE)
    about = {"PARTITION_HALTED": "milestones.hwk-dresden-0", "STEP_FAILED": "drain"}.get(code, "hwk-dresden")
    alarm = Alarm(
        id=1, code=code, about=about, agency="hwk-dresden", count=3, since=NOW - dt.timedelta(hours=3), opened_at=NOW,
        announce_at=NOW, cleared_at=None, episode=1,
    )  # fmt: skip
    told = tell(alarm, NOW)
    assert is_command(told.command), told.command
    assert told.de != told.en and "{" not in told.de + told.en + told.command
    assert told.runbook == f"{RUNBOOK}#{code.lower()}"
    headings = re.findall(r"^## ([A-Z_]+)$", page("how-to/when-an-alarm-comes.md"), re.MULTILINE)
    assert headings == list(CODES)


def test_a_partner_is_silent_for_alarms_after_as_long_as_for_clocks():
    assert limits_of(Settings(home=ROOT)).rhythms == load_rhythms(load_directory())
    assert f"{limits_of(Settings(home=ROOT)).rhythms.default} where" in page("how-to/when-an-alarm-comes.md")
    assert load_rules().finding("PUBLISHER_SILENT").title["de"] in tell(silent_alarm(), NOW).de


def silent_alarm():
    return Alarm(
        id=1, code="PARTNER_SILENT", about="lds", agency="lds", count=0, since=NOW - dt.timedelta(days=40),
        opened_at=NOW, announce_at=NOW, cleared_at=None, episode=1,
    )  # fmt: skip
