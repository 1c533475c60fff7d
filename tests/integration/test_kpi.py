"""Monthly figures of a real store: counted again by plain reading, written by the command, naming no case."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from jsonschema import Draft202012Validator
from tests.docs.pages import ROOT
from tests.support.instance import TEST_DAY
from tests.support.raw_kafka import Raw, framed, schema_id_of, send_raw

from meilenstein.kpi.protection import class_of
from meilenstein.simulate.example_case import complete_body
from meilenstein.summary import STEPS

pytestmark = pytest.mark.stack

FIRST = dt.date(TEST_DAY.year, TEST_DAY.month - 1, 1)
MEILENSTEIN = Path(sys.executable).with_name("meilenstein")


BODIES = {"hwk-dresden": ("14612", 37), "ihk-fosa": ("14713", 25), "hwk-leipzig": ("14729", 8)}
"""District and number of procedures of each body."""


def bodies_of_events():
    """Yield the events of a small month: every procedure is received, most are complete, every third is decided."""
    for body, (district, number) in BODIES.items():
        for place in range(number):
            case = f"{body.upper()}-AKTE-{place:04d}"
            common = {
                "publisher": body, "source_system": "test", "subject_kind": "PERSON", "case_reference": case,
                "procedure_reference": f"{case}-VERFAHREN", "district_ags": district, "legal_route": "REGULAR",
                "test": place % 12 == 11,
            }  # fmt: skip
            start = FIRST + dt.timedelta(days=place % 9)
            law = {"procedure_law": "BQFG", "regulated": "NO", "training_state_group": "THIRD_STATE"}
            steps = [("ApplicationReceived", 0, law), ("ReceiptConfirmed", 3, {"documents_complete": "YES"})]
            steps += [("DocumentsComplete", 4, {})] if place % 5 else []
            steps += [("DecisionIssued", 18, {"outcome": "FULL_EQUIVALENCE"})] if place % 3 == 0 else []
            for kind, days, fields in steps:
                day = start + dt.timedelta(days=days)
                noon = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
                values = {**common, **fields, "event_id": str(uuid.uuid4()), "occurred_on": day, "recorded_at": noon}
                yield kind, body, complete_body(kind, {**values, "published_at": noon})


@pytest.fixture
def month(hub, endpoints):
    """A small month, settled as of the test day."""
    events = list(bodies_of_events())
    ids = {kind: schema_id_of(endpoints, kind) for kind in {kind for kind, _, _ in events}}
    send_raw(
        endpoints,
        [Raw(topic=f"milestones.{sender}", value=framed(ids[kind], body, kind)) for kind, sender, body in events],
    )
    for name in STEPS:
        hub.step(name)


def read_states(endpoints):
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        return [json.loads(bytes(state)) for (state,) in connection.execute("select state from case_state")]


def first_days(states, kind):
    """Return the first day of an event type for each procedure, by plain reading of the timelines."""
    found = {}
    for state in states:
        for entry in state["timeline"]:
            counts = entry["type"] == kind and entry["standing"] == "AUTHORITATIVE" and "status" not in entry
            if counts and not state.get("test"):
                key = entry["publisher"], entry["facts"]["procedure_reference"]
                found[key] = min(entry["occurred_on"], found.get(key, "9999"))
    return found


def true_of(states, kind):
    """Return how many procedures of each body had a first event of this type in the month."""
    return Counter(body for (body, _), day in first_days(states, kind).items() if day.startswith(f"{FIRST:%Y-%m}"))


def test_the_figures_of_a_month_are_those_that_plain_reading_counts(month, hub, endpoints):
    report = hub.kpi(10).month(FIRST)
    states = read_states(endpoints)
    bodies = [row for row in report.tables["procedures"].rows if row["level"] == "BODY"]
    for column, kind in (("applications", "ApplicationReceived"), ("documents_complete", "DocumentsComplete")):
        true = true_of(states, kind)
        assert true.total() > 20, "an empty month proves nothing"
        for row in bodies:
            assert row[column] is None or true[row["key"]] in class_of(row[column]), (column, row["key"])
    land = report.tables["procedures"].rows[0]
    real = {body: sum(place % 12 != 11 for place in range(number)) for body, (_, number) in BODIES.items()}
    assert true_of(states, "ApplicationReceived") == real, "sandbox cases do not count"
    assert abs(land["applications"] - sum(real.values())) <= 4
    (c01,) = [row for row in report.tables["durations"].rows if (row["level"], row["clock"]) == ("LAND", "C01")]
    assert [c01[name] for name in ("days_q1", "days_median", "days_q3", "share_within")] == [3, 3, 3, 1.0]
    c03 = {row["key"] for row in report.tables["durations"].rows if row["clock"] == "C03"}
    assert "SN" in c03
    assert "hwk-leipzig" not in c03, "a group of three shows no durations"


def test_the_command_writes_protected_files_that_name_no_case(month, endpoints, stack_settings, tmp_path):
    names = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
    environment = {
        **names,
        "MEILENSTEIN_HOME": str(stack_settings.home),
        "MEILENSTEIN_BOOTSTRAP_SERVERS": endpoints.bootstrap_servers,
        "MEILENSTEIN_REGISTRY_URL": endpoints.registry_url, "MEILENSTEIN_DATABASE_URL": endpoints.database_url,
    }  # fmt: skip

    def run(*words):
        return subprocess.run(
            [MEILENSTEIN, "kpi", *words], env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    done = run("--month", f"{FIRST:%Y-%m}", "--out", str(tmp_path / "out"), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout.splitlines()[-1])
    files = [Path(name) for name in document.pop("files")]
    Draft202012Validator(json.loads((ROOT / "docs/reference/kpi.schema.json").read_text("utf-8"))).validate(document)
    assert {path.name for path in files} == {path.name for path in (tmp_path / "out").iterdir()}
    assert len(files) == 7
    texts = "\n".join(path.read_text("utf-8") for path in files)
    states = read_states(endpoints)
    secret = {file["reference"] for state in states for file in state["files"]}
    secret |= {one["procedure"] for state in states for one in state["procedures"]}
    secret |= {entry["event_id"] for state in states for entry in state["timeline"]}
    assert len(secret) > 250
    assert [name for name in secret if len(name) > 4 and name in texts] == []
    again = json.loads(
        run("--month", f"{FIRST:%Y-%m}", "--out", str(tmp_path / "out"), "--json").stdout.splitlines()[-1]
    )
    assert (again["revision"], again["digest"]) == (1, document["digest"])

    for words, code, told in (
        (("--month", "2099-01"), 2, "lies in the future"),
        (("--month", "october"), 2, "is no month"),
        (("--format", "xlsx"), 2, "use csv, json, html or all"),
    ):
        refused = run(*words)
        assert (refused.returncode, told in refused.stderr, refused.stderr.count("\n")) == (code, True, 1)
