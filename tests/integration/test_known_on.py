"""A case as it was known on an earlier day: from real rows that were received on several days."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import psycopg
import pytest
from tests.support.commands import Command
from tests.support.quarantine import ANNA as QUARANTINE_ANNA
from tests.support.quarantine import BERND as QUARANTINE_BERND
from tests.support.quarantine import Partner, item_of, steps
from tests.support.raw_kafka import rows
from tests.support.story import START, Story

from meilenstein.bootstrap import Hub
from meilenstein.cases.events import FileKey
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

MARK = f"{START:%Y%m%d}"
ANNA, BERT = {"actor": "a.muster", "reason": "same person"}, {"actor": "b.beispiel", "reason": "checked by phone"}
DATED = ("journal.received_at", "event.received_at", "tick.created_at", "decision.decided_at")


def days_ago(endpoints: Endpoints, days: int) -> None:
    """Let everything that is not dated back yet have been received, decided and ticked that many days ago."""
    with psycopg.connect(endpoints.owner_database_url) as connection:
        for name in DATED:
            table, column = name.split(".")
            connection.execute(f"alter table meilenstein.{table} disable trigger user")
            connection.execute(
                f"update meilenstein.{table} set {column} = {column} - make_interval(days => %s) "
                f"where {column} > now() - interval '1 day'",
                (days,),
            )
            connection.execute(f"alter table meilenstein.{table} enable trigger user")


def test_the_case_then_and_what_changed_since_with_its_causes(
    endpoints: Endpoints, hub: Hub, command: Command, tmp_path: Path
) -> None:
    story = Story(hub, tmp_path)
    story.example(1, 3)
    days_ago(endpoints, 20)
    story.example(4, 4)
    story.example(5, 5, without=["abh-dresden"])
    days_ago(endpoints, 10)
    desk, left, right = hub.link_desk(), FileKey("abh-dresden", f"A-{MARK}"), FileKey("zefas", f"Z-{MARK}")
    desk.accept(left, right, **ANNA)
    desk.accept(left, right, **BERT)
    story.run()
    today = rows(endpoints, "select now() at time zone 'Europe/Berlin'")[0][0].date()

    def known(days: int) -> dict[str, object]:
        day = str(today - dt.timedelta(days=days))
        code, out, err = command("case", f"Z-{MARK}", "--agency", "zefas", "--as-known-on", day, "--json")
        assert (code, err) == (0, "")
        found: dict[str, object] = json.loads(out)
        return found

    now = known(0)
    assert now["changes"] == []
    assert [len(case["files"]) for case in now["cases"]] == [3]
    stored = rows(endpoints, "select state from case_state order by length(state) desc limit 1")[0][0]
    assert now["cases"][0]["timeline"] == json.loads(bytes(stored))["timeline"]

    then = known(15)
    (case,) = then["cases"]
    assert [one["agency"] for one in case["files"]] == ["zefas", "hwk-dresden"][::-1]
    assert "DecisionIssued" not in [entry["type"] for entry in case["timeline"]]
    changes = {(one["what"], one["about"].split(":")[0], one["field"]): one for one in then["changes"]}
    outcome = changes["PROCEDURE", "procedure", "outcome"]
    assert (outcome["old"], outcome["new"]) == (None, "FULL_EQUIVALENCE")
    (cause,) = outcome["brought_by"]
    assert (cause["type"], cause["received_on"]) == ("DecisionIssued", str(today - dt.timedelta(days=10)))
    files = changes["FILES", "case", "together"]
    assert [len(one) for one in files["new"]] == [3]
    assert [(one["kind"], one["verdict"], one["actor"]) for one in files["brought_by"]] == [
        ("DECISION", "JOINED", "b.beispiel")
    ]
    code, out, _ = command("case", f"Z-{MARK}", "--as-known-on", str(today - dt.timedelta(days=15)))
    assert code == 0 and "Was sich seitdem geändert hat, und warum" in out
    assert f"eingegangen {today - dt.timedelta(days=10):%d.%m.%Y}" in out and "Entscheidung von b.beispiel" in out

    before_the_merge = known(5)
    assert sorted(len(case["files"]) for case in before_the_merge["cases"]) == [1, 2]

    for day, said in ((30, "this hub knew nothing yet; it began on"), (-1, "lies ahead")):
        text = str(today - dt.timedelta(days=day))
        code, out, err = command("case", f"Z-{MARK}", "--as-known-on", text)
        assert (code, out) == (2, "") and said in err
    assert command("case", f"Z-{MARK}", "--as-known-on", "gestern")[0] == 2
    code, out, _ = command("case", f"Z-{MARK}")
    assert "--as-known-on DAY" in out


def test_what_was_released_is_known_since_its_release(
    endpoints: Endpoints, hub: Hub, command: Command, tmp_path: Path
) -> None:
    partner = Partner(hub, tmp_path)
    (event_id,) = partner.send((1, {"district_ags": "99999"}))
    steps(hub)
    days_ago(endpoints, 20)
    desk, item = hub.quarantine().desk(), item_of(endpoints, event_id)
    desk.release(item, QUARANTINE_ANNA)
    assert desk.release(item, QUARANTINE_BERND).outcome == "DONE"
    steps(hub)
    days_ago(endpoints, 10)
    (file,) = rows(endpoints, "select case_reference from case_file")[0]
    today = rows(endpoints, "select now() at time zone 'Europe/Berlin'")[0][0].date()
    seen = {}
    for days in (15, 10):
        code, out, _ = command("case", file, "--as-known-on", str(today - dt.timedelta(days=days)), "--json")
        assert code == 0
        seen[days] = json.loads(out)
    assert (seen[15]["cases"], len(seen[10]["cases"])) == ([], 1)
    assert {one["cause"] for one in seen[15]["changes"]} == {"ARRIVAL"}
    assert [one["event_id"] for one in seen[15]["received_since"]] == [event_id]
    assert seen[15]["received_since"][0]["received_on"] == str(today - dt.timedelta(days=10))
    assert seen[10]["changes"] == []
    assert [one["code"] for one in seen[10]["cases"][0]["findings"]] == ["RULE:E-008"]
    code, out, _ = command("case", file, "--as-known-on", str(today - dt.timedelta(days=15)), "--lang", "en")
    assert code == 0 and "Nothing of this case was known yet. The first event arrived on" in out
