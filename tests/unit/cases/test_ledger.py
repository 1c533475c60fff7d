"""Suspension and extension of a period, by hand. 2 March 2026 is a Monday; 15 April 2026 a Wednesday."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.cases.world import HWK, day, event, event_id, one

from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.explain import entry_step
from meilenstein.cases.ledger import Extension, Pause, Terms, balance, reckon
from meilenstein.cases.settle import SettledCase

TERMS = Terms(pausable=True, extendable=True, extension_months=None, includes_first_day=False, roll_over=True)


def pause(since: str, until: str | None) -> Pause:
    return Pause(since=day(since), until=day(until) if until else None, basis="BQFG_5_4")


def extension(new_end: str | None, notified: str, reason: str = "COMPLEX_MATTER") -> Extension:
    return Extension(new_end=day(new_end) if new_end else None, notified_on=day(notified), reason=reason)


def reckoned(*facts: Pause | Extension, terms: Terms = TERMS) -> list[tuple[str, str | None, int]]:
    """The end after each fact, why it has no effect, and its days, for a period from 15 January to 15 April 2026."""
    pauses = [fact for fact in facts if isinstance(fact, Pause)]
    extensions = [fact for fact in facts if isinstance(fact, Extension)]
    ledger = reckon(day("2026-01-15"), day("2026-04-15"), pauses, extensions, terms)
    return [(str(entry.new), entry.refused, entry.days) for entry in ledger.entries]


def test_the_days_after_the_first_up_to_and_with_the_last_are_not_counted() -> None:
    assert reckoned(pause("2026-03-02", "2026-03-16")) == [("2026-04-29", None, 14)]
    assert reckoned(pause("2026-03-02", "2026-03-03")) == [("2026-04-16", None, 1)]


def test_the_first_day_is_suspended_too_where_the_setting_says_so() -> None:
    terms = Terms(pausable=True, extendable=True, extension_months=None, includes_first_day=True, roll_over=True)
    assert reckoned(pause("2026-03-02", "2026-03-16"), terms=terms) == [("2026-04-30", None, 15)]


def test_days_that_two_suspensions_share_are_suspended_once() -> None:
    assert reckoned(pause("2026-03-02", "2026-03-16"), pause("2026-03-09", "2026-03-23")) == [
        ("2026-04-29", None, 14),
        ("2026-05-06", None, 7),
    ]
    assert reckoned(pause("2026-03-02", "2026-03-16"), pause("2026-03-04", "2026-03-10")) == [
        ("2026-04-29", None, 14),
        ("2026-04-29", "ALREADY_SUSPENDED", 0),
    ]
    assert reckoned(pause("2026-03-02", "2026-03-09"), pause("2026-03-09", "2026-03-16"))[-1][0] == "2026-04-29"


def test_days_before_the_start_are_no_suspension() -> None:
    assert reckoned(pause("2026-01-05", "2026-01-20")) == [("2026-04-20", None, 5)]
    assert reckoned(pause("2026-01-05", "2026-01-15")) == [("2026-04-15", "BEFORE_THE_START", 0)]


def test_a_suspension_after_the_end_has_no_effect_and_one_on_the_last_day_has() -> None:
    assert reckoned(pause("2026-04-16", "2026-05-04")) == [("2026-04-15", "AFTER_THE_END", 0)]
    assert reckoned(pause("2026-04-15", "2026-05-04")) == [("2026-05-04", None, 19)]


def test_a_suspension_between_a_saturday_end_and_the_monday_it_moves_to_ends_the_period_no_earlier_than_itself() -> (
    None
):
    ledger = reckon(day("2026-02-02"), day("2026-05-02"), [pause("2026-05-03", "2026-05-08")], [], TERMS)
    assert ledger.end == day("2026-05-08")


@pytest.mark.parametrize(
    ("facts", "ends"),
    [
        ([extension("2026-05-15", "2026-04-15")], [("2026-05-15", None)]),
        ([extension("2026-05-15", "2026-04-16")], [("2026-04-15", "LATE_EXTENSION")]),
        ([extension("2026-05-15", "2026-04-01", "UNKNOWN")], [("2026-04-15", "NO_REASON")]),
        ([extension(None, "2026-04-01")], [("2026-04-15", "NO_NEW_END")]),
        ([extension("2026-04-15", "2026-04-01")], [("2026-04-15", "NOT_LATER")]),
        (
            [extension("2026-05-15", "2026-04-01"), extension("2026-06-15", "2026-05-04")],
            [("2026-05-15", None), ("2026-05-15", "SECOND_EXTENSION")],
        ),
        (
            [extension("2026-05-15", "2026-04-01", "UNKNOWN"), extension("2026-06-15", "2026-04-02")],
            [("2026-04-15", "NO_REASON"), ("2026-06-15", None)],
        ),
        (
            [pause("2026-03-02", "2026-03-16"), extension("2026-06-01", "2026-04-29")],
            [("2026-04-29", None), ("2026-06-01", None)],
        ),
        (
            [extension("2026-05-15", "2026-04-01"), pause("2026-05-04", "2026-05-11")],
            [("2026-05-15", None), ("2026-05-22", None)],
        ),
    ],
)
def test_an_extension_counts_once_with_a_reason_and_in_time(
    facts: list[Pause | Extension], ends: list[tuple[str, str | None]]
) -> None:
    assert [line[:2] for line in reckoned(*facts)] == ends


def test_an_extension_of_a_month_is_measured_from_the_end_that_stood() -> None:
    month = Terms(pausable=True, extendable=True, extension_months=1, includes_first_day=False, roll_over=True)
    assert reckoned(extension("2026-05-15", "2026-04-15"), terms=month) == [("2026-05-15", None, 30)]
    assert reckoned(extension("2026-05-16", "2026-04-15"), terms=month) == [("2026-04-15", "EXTENSION_TOO_LONG", 0)]
    moved = reckoned(pause("2026-03-02", "2026-03-16"), extension("2026-05-29", "2026-04-15"), terms=month)
    assert moved[-1] == ("2026-05-29", None, 30)


def test_a_suspension_without_a_known_end_leaves_the_end_open_and_what_follows_without_effect() -> None:
    facts = (pause("2026-03-02", None), pause("2026-03-09", "2026-03-16"), extension("2026-06-01", "2026-03-20"))
    assert reckoned(*facts) == [
        ("None", None, 0),
        ("None", "WHILE_SUSPENDED", 0),
        ("None", "WHILE_SUSPENDED", 0),
    ]
    *_, last = reckon(day("2026-01-15"), day("2026-04-15"), facts[:2], facts[2:], TERMS).entries
    assert [entry_step(last)[language].split(": ", 1)[1] for language in ("de", "en")] == [
        "ohne Wirkung, die Frist ist schon gehemmt, und das Ende der Hemmung ist nicht bekannt; das Ende bleibt offen.",
        "without effect, the period is suspended already, with no known end; the end stays open.",
    ]


def test_where_the_law_knows_neither_nothing_changes() -> None:
    none = Terms(pausable=False, extendable=False, extension_months=None, includes_first_day=False, roll_over=True)
    facts = (pause("2026-03-02", "2026-03-16"), extension("2026-06-01", "2026-03-20"))
    assert [line[1] for line in reckoned(*facts, terms=none)] == ["NOT_PAUSABLE", "NOT_EXTENDABLE"]


def test_impossible_dates_change_nothing_and_break_nothing() -> None:
    facts = (pause("2026-03-02", "9999-12-31"), pause("9999-12-31", None), extension("9999-12-31", "2026-03-20"))
    assert [line[1] for line in reckoned(*facts)] == ["DATE_OUT_OF_RANGE", "DATE_OUT_OF_RANGE", "DATE_OUT_OF_RANGE"]
    assert reckoned(pause("2026-03-16", "2026-03-02")) == [("2026-04-15", "ENDS_BEFORE_IT_BEGINS", 0)]


@pytest.mark.parametrize(
    ("on", "elapsed", "paused", "remaining"),
    [
        ("2026-01-15", 0, 0, 90),
        ("2026-03-02", 46, 0, 44),
        ("2026-03-09", 46, 7, 44),
        ("2026-03-16", 46, 14, 44),
        ("2026-03-17", 47, 14, 43),
        ("2026-04-29", 90, 14, 0),
        ("2026-05-04", 95, 14, 0),
    ],
)
def test_elapsed_suspended_and_remaining_days_add_up(on: str, elapsed: int, paused: int, remaining: int) -> None:
    start, due = day("2026-01-15"), day("2026-04-29")
    entries = reckon(start, day("2026-04-15"), [pause("2026-03-02", "2026-03-16")], [], TERMS).entries
    found = balance(start, due, entries, day(on))
    assert (found.elapsed, found.paused, found.remaining) == (elapsed, paused, remaining)


def procedure(*others: Event, **fields: Any) -> list[Event]:
    values = {"procedure_law": "BQFG", "regulated": "NO", **fields}
    return [
        event("ApplicationReceived", HWK, "2026-01-12", procedure_reference="P-9", **values),
        event("DocumentsComplete", HWK, "2026-01-15", procedure_reference="P-9"),
        *others,
    ]


def step(event_type: str, on: str, name: str | None = None, **fields: Any) -> Event:
    return event(event_type, HWK, on, procedure_reference="P-9", name=name, **fields)


def decision_clock(case: SettledCase) -> Clock:
    (found,) = [clock for clock in case.clocks if clock.id in {"C03", "C04"}]
    return found


def evidence(on: str, until: str | None, name: str = "e") -> Event:
    until_on = day(until) if until else None
    return step("AdditionalEvidenceRequested", on, name, evidence_basis="BQFG_5_4", until_on=until_on)


def extended(on: str, new_end: str, name: str = "x", notified: str | None = None) -> Event:
    return step(
        "DeadlineExtended", on, name, new_end_on=day(new_end), extension_reason="EXPERT_OPINION",
        notified_on=day(notified) if notified else None,
    )  # fmt: skip


def test_a_request_for_evidence_suspends_the_decision_until_the_date_it_sets_and_says_so() -> None:
    found = decision_clock(one(procedure(evidence("2026-03-02", "2026-03-16")), "2026-03-03"))
    assert (found.due, found.state) == (day("2026-04-29"), "RUNNING")
    assert found.steps[2] == {
        "de": "Hemmung vom 03.03.2026 bis 16.03.2026, 14 Tage zählen nicht mit (Nachforderung, BQFG § 5 Abs. 4; BGB "
        f"§ 209 entsprechend) [Meldung {event_id('e')}]: Ende 15.04.2026 -> 29.04.2026.",
        "en": "Suspension from 2026-03-03 until 2026-03-16, 14 days do not count (request for evidence, BQFG section "
        f"5(4); BGB section 209 by analogy) [event {event_id('e')}]: end 2026-04-15 -> 2026-04-29.",
    }


def test_a_request_without_a_date_suspends_nothing() -> None:
    found = decision_clock(one(procedure(evidence("2026-03-02", None)), "2026-03-03"))
    assert (found.due, found.ledger) == (day("2026-04-15"), ())


def test_another_procedure_suspends_until_its_end_and_leaves_the_end_open_until_then() -> None:
    begun = step("OtherProcedureStarted", "2026-03-02", other_procedure_kind="QUALIFICATION_ANALYSIS")
    open_one = one(procedure(begun), "2026-05-04")
    found = decision_clock(open_one)
    assert (found.state, found.reason, found.due) == ("PAUSED", "SUSPENDED", None)
    assert open_one.next_change_on == day("2026-06-01"), "time alone makes it the finding PAUSE_OPEN"
    ended = step("OtherProcedureEnded", "2026-03-30", other_procedure_kind="QUALIFICATION_ANALYSIS")
    found = decision_clock(one(procedure(begun, ended), "2026-05-04"))
    assert (found.state, found.due) == ("DUE", day("2026-05-13"))  # 28 days


def test_the_end_of_one_procedure_does_not_end_a_later_one_of_the_same_kind() -> None:
    events = [
        step("OtherProcedureStarted", "2026-03-02", "a"),
        step("OtherProcedureEnded", "2026-03-09", "b"),
        step("OtherProcedureStarted", "2026-03-16", "c"),
    ]
    found = decision_clock(one(procedure(*events), "2026-03-20"))
    assert [(entry.days, entry.new) for entry in found.ledger] == [(7, day("2026-04-22")), (0, None)]


def test_a_late_and_a_second_extension_stay_in_the_ledger_with_the_reason() -> None:
    late = decision_clock(one(procedure(extended("2026-04-16", "2026-05-15"))))
    assert (late.due, late.ledger[0].refused) == (day("2026-04-15"), "LATE_EXTENSION")
    assert "ohne Wirkung, sie wurde erst nach dem Ende mitgeteilt; das Ende bleibt 15.04.2026." in late.steps[2]["de"]
    events = [extended("2026-04-01", "2026-05-15"), extended("2026-05-04", "2026-06-15", "y")]
    twice = decision_clock(one(procedure(*events)))
    assert (twice.due, [entry.refused for entry in twice.ledger]) == (day("2026-05-15"), [None, "SECOND_EXTENSION"])


def test_the_day_of_notification_counts_and_not_the_day_the_extension_was_decided() -> None:
    found = decision_clock(one(procedure(extended("2026-04-10", "2026-05-15", notified="2026-04-16"))))
    assert found.ledger[0].refused == "LATE_EXTENSION"


def test_a_diploma_of_the_union_is_extended_by_a_month_at_most() -> None:
    union = {"regulated": "YES", "training_state_group": "EU_EEA_CH"}
    long = decision_clock(one(procedure(extended("2026-04-01", "2026-05-18"), **union)))
    assert (long.id, long.due, long.ledger[0].refused) == ("C04", day("2026-04-15"), "EXTENSION_TOO_LONG")
    short = decision_clock(one(procedure(extended("2026-04-01", "2026-05-15"), **union)))
    assert short.due == day("2026-05-15")


def test_what_comes_after_the_decision_is_no_part_of_the_ledger() -> None:
    decided = step("DecisionIssued", "2026-03-20")
    found = decision_clock(one(procedure(decided, evidence("2026-03-23", "2026-04-20"))))
    assert (found.state, found.due, found.ledger) == ("STOPPED", day("2026-04-15"), ())


def test_a_corrected_request_is_reckoned_anew_and_a_retracted_one_is_gone() -> None:
    other_date = step(
        "AdditionalEvidenceRequested", "2026-03-02", "f", evidence_basis="BQFG_5_4", until_on=day("2026-03-09"),
        corrects="e",
    )  # fmt: skip
    events = procedure(evidence("2026-03-02", "2026-03-16"), other_date)
    assert decision_clock(one(events)).due == day("2026-04-22")
    gone = event("EventRetracted", HWK, "2026-03-10", corrects="f")
    assert decision_clock(one([*events, gone])).due == day("2026-04-29")


def test_the_ledger_stands_in_the_state_and_in_no_view() -> None:
    case = one(procedure(evidence("2026-03-02", "2026-03-16")), "2026-03-03")
    state = json.loads(case.state)
    (line,) = next(clock["ledger"] for clock in state["clocks"] if clock["id"] == "C03")
    assert line == {
        "kind": "PAUSE", "since": "2026-03-02", "until": "2026-03-16", "basis": "BQFG_5_4", "days": 14,
        "old": "2026-04-15", "new": "2026-04-29", "event": event_id("e"),
    }  # fmt: skip
    assert all(b"ledger" not in view for view in case.views.values())
