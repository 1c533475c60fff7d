"""What a steward decides about quarantined records, on the real parts, up to the publisher's inbox."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.quarantine import (
    ANNA,
    BERND,
    OFFICE,
    Partner,
    digests,
    item_of,
    journal_digest,
    send_bytes,
    steps,
    verify,
)
from tests.support.raw_kafka import Raw, entry, framed, rows, schema_id_of, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.errors import ConfigurationError, MeilensteinError, PermanentError
from meilenstein.reconciliation.fold import Fold
from meilenstein.settings import Endpoints
from meilenstein.stewardship import correction
from meilenstein.stewardship.acts import Decider
from meilenstein.stewardship.correction import by_fields, by_file
from meilenstein.stewardship.export import Exporter
from meilenstein.stewardship.quarantine import Outcome, QuarantineDesk
from meilenstein.store.quarantine import Selection
from meilenstein_connectors.errors import InvalidEvent
from meilenstein_connectors.inbox import FateState
from meilenstein_connectors.plain_json import to_line

pytestmark = pytest.mark.stack

NO_DISTRICT = {"district_ags": "99999"}
"""Breaks E-008: there is no such district."""
RIGHT = by_fields(["district_ags=14612"])
Act = Callable[[QuarantineDesk, int, Decider], Outcome]
ACTS: dict[str, Act] = {
    "REJECTED": lambda desk, item, who: desk.reject(item, who),
    "CORRECTED": lambda desk, item, who: desk.correct(item, RIGHT, who),
    "PROPOSED": lambda desk, item, who: desk.release(item, who),
}


@pytest.fixture
def partner(hub: Hub, tmp_path: Path) -> Partner:
    return Partner(hub, tmp_path)


@pytest.fixture
def item(endpoints: Endpoints, hub: Hub, partner: Partner) -> int:
    """An open item: an entry with a district that does not exist."""
    (event_id,) = partner.send((1, NO_DISTRICT))
    steps(hub)
    return item_of(endpoints, event_id)


def trail_of(endpoints: Endpoints, item: int) -> list[tuple[Any, ...]]:
    return rows(endpoints, "select actor, act, outcome from audit where object = %s order by seq", f"item:{item}")


def test_each_decision_reaches_the_publisher(endpoints: Endpoints, hub: Hub, partner: Partner) -> None:
    rejected, released, corrected = partner.send((1, NO_DISTRICT), (2, NO_DISTRICT), (3, NO_DISTRICT))
    steps(hub)
    before = journal_digest(endpoints)
    items = [item_of(endpoints, event_id) for event_id in (rejected, released, corrected)]
    desk = hub.quarantine().desk()
    assert desk.reject(items[0], ANNA).outcome == "DONE"
    assert desk.release(items[1], ANNA).outcome == "PROPOSED"
    assert desk.release(items[1], BERND).outcome == "DONE"
    done = desk.correct(items[2], RIGHT, ANNA)
    assert done.more["changed"] == [{"field": "district_ags", "was": "99999", "now": "14612"}]
    steps(hub)
    with partner.inbox() as inbox:
        fates = [inbox.fate(event_id) for event_id in (rejected, released, corrected)]
        assert [fate.state for fate in fates] == [FateState.REJECTED, FateState.ACCEPTED, FateState.ACCEPTED]
        assert [fate.decision.decision for fate in fates if fate.decision] == ["REJECTED", "RELEASED", "CORRECTED"]
        assert [fate.decision.reason for fate in fates if fate.decision] == [ANNA.reason, BERND.reason, ANNA.reason]
        assert [(one.field, one.was, one.now) for one in fates[2].changed] == [("district_ags", "99999", "14612")]
    assert rows(endpoints, "select state from quarantine_item order by id") == [
        ("REJECTED",), ("RELEASED",), ("CORRECTED",)
    ]  # fmt: skip
    assert rows(endpoints, "select code, about from finding where code like 'RULE:%%'") == [
        ("RULE:E-008", f"event:{OFFICE}/{released}")
    ]
    assert journal_digest(endpoints) == before, "originals are never touched"
    assert rows(endpoints, "select count(*) from verdict where fate = 'QUARANTINED'") == [(3,)], "verdicts never change"
    assert trail_of(endpoints, items[1]) == [
        ("anna", "quarantine.release", "PROPOSED"), ("bernd", "quarantine.release", "DONE")
    ]  # fmt: skip
    verify(endpoints, hub)


@pytest.mark.parametrize("first", ["REJECTED", "CORRECTED", "PROPOSED"])
def test_the_same_command_twice_has_one_effect(endpoints: Endpoints, hub: Hub, item: int, first: str) -> None:
    desk = hub.quarantine().desk()
    ACTS[first](desk, item, ANNA)
    before = digests(endpoints), trail_of(endpoints, item)
    again = ACTS[first](desk, item, ANNA)
    assert again.outcome == ("PROPOSED" if first == "PROPOSED" else "ALREADY")
    assert (digests(endpoints), trail_of(endpoints, item)) == before
    if first != "PROPOSED":
        with pytest.raises(PermanentError, match=rf"item {item} was {first.lower()} by anna at .*nothing was changed"):
            ACTS[first](desk, item, BERND)
        assert digests(endpoints) == before[0]
        assert trail_of(endpoints, item)[-1] == ("bernd", f"quarantine.{first.lower()[:-2]}", "REFUSED")


def test_a_release_is_confirmed_once_and_by_somebody_else(endpoints: Endpoints, hub: Hub, item: int) -> None:
    desk = hub.quarantine().desk()
    for name in ("anna", " ANNA", "anna"):
        assert desk.release(item, Decider(actor=name, reason="x")).outcome == "PROPOSED"
    assert rows(endpoints, "select count(*) from proposal") == [(1,)]
    assert desk.release(item, BERND).outcome == "DONE"
    before = digests(endpoints)
    assert [desk.release(item, who).outcome for who in (ANNA, BERND)] == ["ALREADY", "ALREADY"]
    with pytest.raises(PermanentError, match="was released by bernd"):
        desk.release(item, Decider(actor="carla", reason="x"))
    assert digests(endpoints) == before
    steps(hub)
    verify(endpoints, hub)


@pytest.mark.parametrize(
    ("one", "other"), [("REJECTED", "CORRECTED"), ("REJECTED", "REJECTED"), ("CORRECTED", "CORRECTED")]
)
def test_of_two_people_at_once_one_wins_and_the_other_is_told(
    endpoints: Endpoints, hub: Hub, item: int, one: str, other: str
) -> None:
    barrier = threading.Barrier(2)
    ends: dict[str, Any] = {}

    def act(name: str, who: Decider) -> None:
        with Hub(endpoints) as own:
            desk = own.quarantine().desk()
            barrier.wait()
            try:
                ends[who.actor] = ACTS[name](desk, item, who).outcome
            except MeilensteinError as error:
                ends[who.actor] = str(error)

    threads = [threading.Thread(target=act, args=pair) for pair in ((one, ANNA), (other, BERND))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (winner,) = [name for name, end in ends.items() if end == "DONE"]
    (loser,) = set(ends) - {winner}
    assert f"by {winner} at" in ends[loser]
    assert "nothing was changed" in ends[loser]
    assert rows(endpoints, "select count(*) from decision") == [(1,)]
    steps(hub)
    verify(endpoints, hub)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        (["district_ags=88888"], "E-008"),
        (["occurred_on=2027-01-01"], "E-016"),
        (["district_ags=14612", "case_reference=123456789012"], "E-019"),
    ],
)
def test_a_correction_that_breaks_a_rule_changes_nothing(
    endpoints: Endpoints, hub: Hub, item: int, settings: list[str], rule: str
) -> None:
    before = digests(endpoints)
    with pytest.raises(InvalidEvent) as refused:
        hub.quarantine().desk().correct(item, by_fields(settings), ANNA)
    assert rule in {found.rule for found in refused.value.violations}
    assert digests(endpoints) == before
    assert trail_of(endpoints, item) == [("anna", "quarantine.correct", "REFUSED")]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["publisher=abh-leipzig"], "never changes the publisher"),
        (["event_id=0f0e0d0c-0000-4000-8000-000000000000", "district_ags=14612"], "event_id is right and stays"),
        (["district_ags=99999"], "nothing is changed"),
        (["colour=red"], "no such field"),
        (["distrikt_ags=14612"], "district_ags"),
        (["occurred_on=yesterday"], "YYYY-MM-DD"),
        (["district_ags"], "FIELD=VALUE"),
        (["references=none"], "expected a JSON list"),
        (["sequence=1.5"], "whole number"),
    ],
)
def test_a_correction_that_cannot_be_meant_is_one_line(
    endpoints: Endpoints, hub: Hub, item: int, settings: list[str], words: str
) -> None:
    before = digests(endpoints)
    with pytest.raises(ConfigurationError, match=words) as refused:
        hub.quarantine().desk().correct(item, by_fields(settings), ANNA)
    assert "\n" not in str(refused.value)
    assert digests(endpoints) == before


def test_what_cannot_stand_beside_accepted_events_cannot_be_released(endpoints: Endpoints, hub: Hub) -> None:
    schema_id = schema_id_of(endpoints, "EntryReported")
    taken = framed(schema_id, entry(1))
    wrong = {
        "UNREADABLE": b"no event",
        "CONFLICT": framed(schema_id, entry(1, district_ags="14713")),
        "FORBIDDEN_CONTENT": framed(schema_id, entry(2, case_reference="A 123456789012")),
        "UNKNOWN_SCHEMA": b"\x00\x7f\xff\xff\xff" + taken[5:],
        "RULE:E-001": framed(schema_id, {**entry(3), "event_id": "no-id"}),
        "RULE:E-005": framed(schema_id, entry(4, case_reference=" ")),
        "RULE:E-025": framed(schema_id, entry(5, corrects=entry(5)["event_id"], correction_reason="WRONG_FACT")),
        "WRONG_PUBLISHER": framed(schema_id, entry(6, publisher="nobody")),
    }
    send_bytes(endpoints, hub, taken)
    items = dict(zip(wrong, send_bytes(endpoints, hub, *wrong.values()), strict=True))
    found = {row.id: row.codes for row in hub.quarantine().items.newest(Selection(), limit=20)}
    before = digests(endpoints)
    desk = hub.quarantine().desk()
    for code, number in items.items():
        assert code in found[number], (code, found[number])
        with pytest.raises(PermanentError, match=rf"item {number}: .*(correct|reject|revalidate)"):
            desk.release(number, ANNA)
    assert digests(endpoints) == before


def test_an_unreadable_record_is_corrected_from_a_file(endpoints: Endpoints, hub: Hub, partner: Partner) -> None:
    (number,) = send_bytes(endpoints, hub, b"\x00\x00\x00\x00\x01garbage")
    desk = hub.quarantine().desk()
    with pytest.raises(ConfigurationError, match="--file"):
        desk.correct(number, RIGHT, ANNA)
    foreign = {**entry(1, publisher="abh-leipzig")}
    with pytest.raises(InvalidEvent, match="WRONG_PUBLISHER"):
        desk.correct(number, by_file(to_line("EntryReported", foreign)), ANNA)
    done = desk.correct(number, by_file(to_line("EntryReported", entry(1))), ANNA)
    assert done.more["event_id"] == entry(1)["event_id"]
    steps(hub)
    with partner.inbox() as inbox:
        fate = inbox.fate(entry(1)["event_id"])
        assert fate.state is FateState.ACCEPTED
        assert fate.decision is not None
        assert fate.decision.changed == ()
    verify(endpoints, hub)


def test_an_event_id_that_is_taken_by_now_stops_a_release_and_gives_a_correction_a_new_one(
    endpoints: Endpoints, hub: Hub, item: int, partner: Partner
) -> None:
    schema_id = schema_id_of(endpoints, "EntryReported")
    first = entry(1)["event_id"]
    send_raw(endpoints, [Raw(topic=f"milestones.{OFFICE}", value=framed(schema_id, entry(1, district_ags="14713")))])
    steps(hub)
    desk = hub.quarantine().desk()
    before = digests(endpoints, ("event", "decision", "quarantine_item"))
    desk.release(item, ANNA)
    with pytest.raises(PermanentError, match="accepted from another record meanwhile"):
        desk.release(item, BERND)
    assert digests(endpoints, ("event", "decision", "quarantine_item")) == before
    settings = ["district_ags=14612", f"corrects={first}", "correction_reason=WRONG_FACT"]
    done = desk.correct(item, by_fields(settings), ANNA)
    assert done.more["event_id"] != first
    assert desk.correct(item, by_fields(settings), ANNA).outcome == "ALREADY"
    steps(hub)
    assert rows(endpoints, "select count(*) from event where corrects = %s", first) == [(1,)]
    with partner.inbox() as inbox:
        fate = inbox.fate(first)
        assert fate.state is FateState.ACCEPTED
        assert {one.field for one in fate.changed} >= {"event_id", "district_ags", "corrects"}
    verify(endpoints, hub)


def test_a_correction_that_the_hub_refuses_after_all_is_a_new_item_and_tells_nobody(
    endpoints: Endpoints, hub: Hub, item: int, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as blind:
        blind.setattr(correction, "check", lambda *_: [])
        hub.quarantine().desk().correct(item, by_fields(["district_ags=88888"]), ANNA)
    steps(hub)
    (row,) = hub.quarantine().items.newest(Selection(), limit=10)
    assert (row.correction_of, row.state, list(row.codes)) == (item, "OPEN", ["RULE:E-008"])
    with partner.inbox() as inbox:
        fate = inbox.fate(entry(1)["event_id"])
        assert (fate.state, fate.decision) == (FateState.REJECTED, None)
    hub.quarantine().desk().correct(row.id, RIGHT, BERND)
    steps(hub)
    with partner.inbox() as inbox:
        fate = inbox.fate(entry(1)["event_id"])
        assert fate.state is FateState.ACCEPTED
        assert fate.decision is not None
        assert (fate.decision.item, fate.decision.reason) == (item, BERND.reason), "the item that the partner knows"
        assert [(one.field, one.was, one.now) for one in fate.changed] == [("district_ags", "99999", "14612")]
    verify(endpoints, hub)


def test_a_foreign_publisher_is_released_by_two_and_its_sender_is_told(
    endpoints: Endpoints, hub: Hub, partner: Partner
) -> None:
    (number,) = send_bytes(
        endpoints, hub, framed(schema_id_of(endpoints, "EntryReported"), entry(1, publisher="abh-leipzig"))
    )
    desk = hub.quarantine().desk()
    assert [desk.release(number, who).outcome for who in (ANNA, BERND)] == ["PROPOSED", "DONE"]
    steps(hub)
    assert rows(endpoints, "select publisher from event") == [("abh-leipzig",)]
    assert rows(endpoints, "select distinct recipient from outbox where kind = 'DECIDED'") == [(OFFICE,)]
    verify(endpoints, hub)


def test_an_event_of_the_last_day_there_is_can_be_released_and_folded(endpoints: Endpoints, hub: Hub) -> None:
    (number,) = send_bytes(
        endpoints,
        hub,
        framed(schema_id_of(endpoints, "EntryReported"), entry(1, occurred_on=dt.date(9999, 12, 31))),
    )
    desk = hub.quarantine().desk()
    assert [desk.release(number, who).outcome for who in (ANNA, BERND)] == ["PROPOSED", "DONE"]
    steps(hub)
    verify(endpoints, hub)


def test_an_event_whose_case_cannot_be_worked_out_is_not_released(
    endpoints: Endpoints, hub: Hub, item: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = hub.quarantine().desk()
    desk.release(item, ANNA)
    before = digests(endpoints)

    def overflow(*_: Any, **__: Any) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(Fold, "settle", overflow)
    with pytest.raises(PermanentError, match=r"cannot be worked out with this event \(OverflowError\)"):
        desk.release(item, BERND)
    assert digests(endpoints) == before


def test_who_sees_the_bytes_is_recorded_and_who_sees_the_reasons_is_not(
    endpoints: Endpoints, hub: Hub, item: int
) -> None:
    parts = hub.quarantine()
    assert parts.items.item(item)
    assert trail_of(endpoints, item) == []
    seen = parts.desk().read_bytes(item, "anna")
    assert seen["event"]["district_ags"] == "99999"
    assert trail_of(endpoints, item) == [("anna", "quarantine.view", "VIEWED")]
    with pytest.raises(ConfigurationError, match="no item 4711"):
        parts.desk().read_bytes(4711, "anna")


def test_no_value_of_a_case_reaches_the_audit_trail(endpoints: Endpoints, hub: Hub, item: int) -> None:
    desk = hub.quarantine().desk()
    for make in (by_fields(["case_reference=Akte-geheim", "district_ags=77777"]), by_fields(["occurred_on=geheim"])):
        with pytest.raises(MeilensteinError):
            desk.correct(item, make, ANNA)
    desk.correct(item, by_fields(["case_reference=Akte-geheim", "district_ags=14612"]), ANNA)
    kept = json.dumps(rows(endpoints, "select reason, object, actor, act from audit"))
    assert "geheim" not in kept
    assert "77777" not in kept


@pytest.mark.parametrize("act", ["REJECTED", "CORRECTED"])
def test_a_decision_about_an_item_ends_what_was_proposed_about_it(
    endpoints: Endpoints, hub: Hub, item: int, act: str
) -> None:
    desk = hub.quarantine().desk()
    assert desk.release(item, ANNA).outcome == "PROPOSED"
    done = ACTS[act](desk, item, BERND)
    assert (done.outcome, done.more["overtaken"]) == ("DONE", [1])
    assert done.line.endswith("; proposal 1 to release it is overtaken")
    assert rows(endpoints, "select state, closed_by from proposal") == [("OVERTAKEN", "bernd")]
    assert rows(endpoints, "select actor, act, object, outcome from audit order by seq offset 1")[0] == (
        "bernd", "proposal.overtake", "proposal:1", "DONE",
    )  # fmt: skip
    with pytest.raises(PermanentError, match="nothing was changed"):
        desk.release(item, BERND)
    refused = rows(endpoints, "select reason from audit where outcome = 'REFUSED'")
    assert refused == [(f"ITEM_{act}",)]


def test_an_export_with_values_holds_no_item_that_is_not_recorded(
    endpoints: Endpoints, hub: Hub, item: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Exporter._record

    def and_then_another_comes(self: Exporter, viewer: Decider, selection: Selection) -> Selection:
        bounded = record(self, viewer, selection)
        with Hub(endpoints) as other:
            send_bytes(endpoints, other, b"no event at all")
        return bounded

    monkeypatch.setattr(Exporter, "_record", and_then_another_comes)
    assert hub.quarantine().exporter().export(tmp_path / "a", Selection(), lines=True, viewer=ANNA) == 1
    assert rows(endpoints, "select object from audit where outcome = 'VIEWED'") == [(f"items:{item}-{item}",)]
    assert rows(endpoints, "select count(*) from quarantine_item") == [(2,)]
    nothing = Selection(code="CONFLICT")
    monkeypatch.setattr(Exporter, "_record", record)
    assert hub.quarantine().exporter().export(tmp_path / "b", nothing, lines=True, viewer=ANNA) == 0
