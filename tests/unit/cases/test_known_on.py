"""What changed since a day: each difference with what brought it, found by letting the later arrivals come again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, day, directory, event, retract, rules

from meilenstein.cases import known_on
from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.identity import JOINED, KEPT_APART, Decision
from meilenstein.cases.known_on import Arrival, Change, Comparison, Known, compare
from meilenstein.cases.settle import SettledCase, Tick, settle

START = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
H = FileKey(HWK, "H-9")


def fold(events: Sequence[Event], decisions: Sequence[Decision], tick: Tick) -> list[SettledCase]:
    return settle(events, directory=directory(), rules=rules(), tick=tick, decisions=decisions)


def looked_back(
    before: Sequence[Event], after: Sequence[Event | Decision], then: str = "2026-03-20", now: str = "2026-03-20",
    anchors: Sequence[FileKey] = (H,), decisions: Sequence[Decision] = (),
) -> Comparison:  # fmt: skip
    since = [
        Arrival(at=START + dt.timedelta(hours=number), event=one)
        if isinstance(one, Event)
        else Arrival(at=START + dt.timedelta(hours=number), decision=one)
        for number, one in enumerate(after)
    ]
    known = Known(
        events=before, decisions=decisions, tick=Tick(as_of=day(then)), since=since, tick_now=Tick(as_of=day(now))
    )
    return compare(known, anchors, fold)


def by_fact(found: Comparison) -> dict[tuple[str, str, str], Change]:
    return {tuple(change.fact): change for change in found.changes}  # type: ignore[misc]


def procedure(event_type: str, on: str, **fields: object) -> Event:
    return event(event_type, HWK, on, procedure_reference="P-9", legal_route="REGULAR", **fields)


APPLIED = procedure("ApplicationReceived", "2026-03-02", name="applied", procedure_law="BQFG", regulated="NO")
COMPLETE = procedure("DocumentsComplete", "2026-03-10", name="complete")
DECIDED = procedure("DecisionIssued", "2026-03-16", name="decided", outcome="FULL_EQUIVALENCE")
P, C01, C03 = "procedure:hwk-dresden/P-9", "clock:C01:procedure:hwk-dresden/P-9", "clock:C03:procedure:hwk-dresden/P-9"


def test_nothing_changed_where_nothing_came() -> None:
    found = looked_back([APPLIED, COMPLETE], [])
    assert found.changes == ()
    assert [case.state for case in found.then] == [case.state for case in found.now]


def test_each_value_names_the_event_that_brought_it() -> None:
    changes = by_fact(looked_back([APPLIED], [COMPLETE, DECIDED]))
    seen = {key: (one.old, one.new, [cause.event for cause in one.causes]) for key, one in changes.items()}
    assert seen["PROCEDURE", P, "complete_on"] == (None, "2026-03-10", [COMPLETE])
    assert seen["PROCEDURE", P, "outcome"] == (None, "FULL_EQUIVALENCE", [DECIDED])
    assert seen["CLOCK", C03, "due"] == (None, "2026-06-10", [COMPLETE])
    assert seen["CLOCK", C03, "state"] == (None, "STOPPED", [DECIDED])
    assert seen["CLOCK", C03, "stopped_on"] == (None, "2026-03-16", [DECIDED])
    assert ("CLOCK", C01, "due") not in seen


def test_a_late_event_moves_a_last_day_and_a_correction_moves_it_again() -> None:
    corrected = procedure("DocumentsComplete", "2026-03-12", name="again", corrects="complete")
    changes = by_fact(looked_back([APPLIED, COMPLETE], [corrected]))
    due = changes["CLOCK", C03, "due"]
    assert (due.old, due.new, [cause.event for cause in due.causes]) == ("2026-06-10", "2026-06-12", [corrected])
    changes = by_fact(looked_back([APPLIED, COMPLETE, corrected], [retract("again", HWK)]))
    assert (changes["CLOCK", C03, "due"].old, changes["CLOCK", C03, "due"].new) == ("2026-06-12", "2026-06-10")


def test_of_several_changes_of_a_value_the_one_from_which_on_it_stands_is_named() -> None:
    withdrawn = retract("decided", HWK, name="withdrawn")
    again = procedure("DecisionIssued", "2026-03-16", name="decided again", outcome="FULL_EQUIVALENCE")
    found = by_fact(looked_back([APPLIED, COMPLETE], [DECIDED, withdrawn, again]))
    assert [cause.event for cause in found["CLOCK", C03, "state"].causes] == [again]
    # There and back is no change at all.
    assert looked_back([APPLIED, COMPLETE], [DECIDED, withdrawn]).changes == ()


def test_what_no_event_brought_time_brought() -> None:
    confirmed = procedure("ReceiptConfirmed", "2026-04-30", name="confirmed")
    found = looked_back([APPLIED, COMPLETE], [], then="2026-03-20", now="2026-06-30")
    over = by_fact(found)["CLOCK", C03, "state"]
    assert (over.old, over.new, over.causes) == ("RUNNING", "OVER", ())
    assert by_fact(found)["FINDING", f"CLOCK_OVER {C03}", "open"].new == "OPEN"
    both = by_fact(looked_back([APPLIED, COMPLETE], [confirmed], then="2026-03-20", now="2026-06-30"))
    assert [cause.event for cause in both["CLOCK", C01, "state"].causes] == [confirmed]
    assert both["CLOCK", C03, "state"].causes == ()


def test_a_merge_is_told_with_the_event_or_the_decision_that_made_it() -> None:
    entry = event("EntryReported", ABH, "2026-03-18", references=[(HWK, "PROCEDURE", "P-9")])
    found = looked_back([APPLIED], [COMPLETE, entry])
    files = by_fact(found)["FILES", "case", "together"]
    assert (files.old, files.new) == ([["hwk-dresden/H-9"]], [["abh-dresden/A-4", "hwk-dresden/H-9"]])
    assert [cause.event for cause in files.causes] == [entry]
    inquiry = event("InquiryReceived", ZEFAS, "2026-03-01")
    pair = {"left": FileKey(ZEFAS, "Z-1"), "right": H, "decided_on": day("2026-03-21")}
    join, part = Decision(decision_id=1, **pair), Decision(decision_id=2, verdict=KEPT_APART, **pair)
    assert join.verdict == JOINED
    found = looked_back([APPLIED, inquiry], [join], anchors=[H, FileKey(ZEFAS, "Z-1")])
    files = by_fact(found)["FILES", "case", "together"]
    assert (files.old, files.new) == ([["hwk-dresden/H-9"], ["zefas/Z-1"]], [["hwk-dresden/H-9", "zefas/Z-1"]])
    assert [cause.decision for cause in files.causes] == [join]
    assert looked_back([APPLIED, inquiry], [part], decisions=[join]).changes[0].causes[0].decision == part
    assert len(found.then) == 2 and len(found.now) == 1


def test_a_case_that_was_not_known_yet_is_all_new() -> None:
    found = looked_back([], [APPLIED])
    assert found.then == ()
    assert {change.old for change in found.changes} == {None}
    assert all([cause.event for cause in change.causes] == [APPLIED] for change in found.changes)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_where_very_much_arrived_a_few_are_named_together(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(known_on, "MOST_STEPS", steps)
    others = [event("InquiryReceived", WC, f"2026-03-0{number}", file=f"W-{number}") for number in range(1, 6)]
    found = by_fact(looked_back([APPLIED], [*others[:4], COMPLETE, others[4]]))
    causes = [cause.event for cause in found["CLOCK", C03, "due"].causes]
    assert COMPLETE in causes and len(causes) == -(-6 // steps)
