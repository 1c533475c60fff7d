from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.world import HWK, WC, ZEFAS, codes, day, event, one

from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.reasons import REASONS
from meilenstein.cases.settle import SettledCase

DECIDING = {"C03", "C04", "C05", "C06", "C07", "C08", "C09"}


def application(on: str = "2026-03-02", **fields: Any) -> Event:
    values = {"procedure_reference": "P-9", "procedure_law": "BQFG", "regulated": "NO", **fields}
    return event("ApplicationReceived", HWK, on, **values)


def step(event_type: str, on: str, **fields: Any) -> Event:
    return event(event_type, HWK, on, procedure_reference="P-9", **fields)


def clock(case: SettledCase, name: str) -> Clock:
    (found,) = [clock for clock in case.clocks if clock.id == name]
    return found


def names(case: SettledCase) -> list[tuple[str, str]]:
    return [(clock.id, clock.state) for clock in case.clocks]


@pytest.mark.parametrize(
    ("as_of", "state", "finding"),
    [
        ("2026-03-02", "RUNNING", []),
        ("2026-03-25", "RUNNING", []),
        ("2026-03-26", "DUE", ["CLOCK_DUE"]),
        ("2026-04-02", "DUE", ["CLOCK_DUE"]),
        ("2026-04-03", "OVER", ["CLOCK_OVER"]),
    ],
)
def test_a_clock_runs_falls_due_a_week_before_its_end_and_is_over_the_day_after(
    as_of: str, state: str, finding: list[str]
) -> None:
    case = one([application()], as_of)
    found = clock(case, "C01")
    assert (found.state, found.due) == (state, day("2026-04-02"))
    assert codes(case) == finding


def test_the_next_change_is_the_next_day_on_which_a_clock_turns() -> None:
    events = [application()]
    assert one(events, "2026-03-02").next_change_on == day("2026-03-26")
    assert one(events, "2026-03-26").next_change_on == day("2026-04-03")
    assert one(events, "2026-04-03").next_change_on is None


def test_a_confirmation_stops_the_clock_and_time_changes_nothing_any_more() -> None:
    case = one([application(), step("ReceiptConfirmed", "2026-03-09")], "2026-03-10")
    found = clock(case, "C01")
    assert (found.state, found.stopped_on) == ("STOPPED", day("2026-03-09"))
    assert case.next_change_on is None
    assert codes(case) == []


def test_a_late_confirmation_stops_the_clock_as_well_and_says_how_late() -> None:
    case = one([application(), step("ReceiptConfirmed", "2026-04-07")])
    found = clock(case, "C01")
    assert found.state == "STOPPED"
    assert found.steps[-1] == {
        "de": "Eingang bestätigt am 07.04.2026, 5 Tage nach dem Ende.",
        "en": "Receipt confirmed on 2026-04-07, 5 days after the end.",
    }


def test_the_decision_clock_starts_at_complete_documents_and_not_at_receipt() -> None:
    case = one([application(), step("DocumentsComplete", "2026-03-31")], "2026-04-01")
    found = clock(case, "C03")
    assert (found.start, found.due, found.label) == (day("2026-03-31"), day("2026-06-30"), "MUST")
    assert found.paragraph == "BQFG § 6 Abs. 3"


def test_a_procedure_without_the_starting_fact_has_no_row() -> None:
    assert names(one([application()], "2026-03-03")) == [("C01", "RUNNING")]
    assert names(one([step("ReceiptConfirmed", "2026-03-09")])) == []


def test_a_decision_without_known_completeness_is_not_determinable() -> None:
    case = one([application(), step("ReceiptConfirmed", "2026-03-03"), step("DecisionIssued", "2026-04-01")])
    found = clock(case, "C03")
    assert (found.state, found.reason, found.due) == ("NOT_DETERMINABLE", "START_UNKNOWN", None)
    assert codes(case) == ["DECISION_BEFORE_COMPLETE"]


def test_a_decision_before_completeness_is_not_determinable_either() -> None:
    events = [application(), step("DecisionIssued", "2026-04-01"), step("DocumentsComplete", "2026-04-15")]
    found = clock(one(events), "C03")
    assert (found.state, found.reason) == ("NOT_DETERMINABLE", "STOP_BEFORE_START")


def test_a_confirmation_before_the_application_does_not_stop_but_a_later_one_does() -> None:
    early = step("ReceiptConfirmed", "2026-03-01")
    assert clock(one([application(), early]), "C01").reason == "STOP_BEFORE_START"
    both = clock(one([application(), early, step("ReceiptConfirmed", "2026-03-10")]), "C01")
    assert (both.state, both.stopped_on) == ("STOPPED", day("2026-03-10"))


@pytest.mark.parametrize(
    ("fields", "state", "reason", "paragraph"),
    [
        ({"regulated": "NO"}, "OVER", None, "BQFG § 6 Abs. 2"),
        ({"regulated": "YES"}, "OVER", None, "BQFG § 13 Abs. 2"),
        ({"regulated": "UNKNOWN"}, "OVER", None, "BQFG § 6 Abs. 2 oder § 13 Abs. 2"),
        ({"legal_route": "RECOGNITION_PARTNERSHIP_16D3"}, "OVER", None, "BQFG § 6 Abs. 2"),
        ({"procedure_law": "AEAPPRO"}, "OVER", None, "ÄApprO § 39 Abs. 5"),
        ({"procedure_law": "OTHER"}, "NOT_DETERMINABLE", "NO_CLOCK", None),
        ({"procedure_law": "PFLAPRV"}, "NOT_DETERMINABLE", "NO_CLOCK", None),
        ({"procedure_law": "UNKNOWN"}, "NOT_DETERMINABLE", "LAW_UNKNOWN", "BQFG § 6 Abs. 2"),
    ],
)
def test_the_table_decides_which_receipt_clock_applies(
    fields: dict[str, str], state: str, reason: str | None, paragraph: str | None
) -> None:
    found = clock(one([application(**fields)]), "C01")
    assert (found.state, found.reason, found.paragraph) == (state, reason, paragraph)


@pytest.mark.parametrize(
    ("fields", "name", "label", "due", "paragraph"),
    [
        ({"regulated": "NO"}, "C03", "MUST", "2026-06-30", "BQFG § 6 Abs. 3"),
        ({"regulated": "UNKNOWN"}, "C03", "MUST", "2026-06-30", "BQFG § 6 Abs. 3 oder § 13 Abs. 3"),
        ({"regulated": "YES"}, "C04", "MUST", "2026-06-30", "BQFG § 13 Abs. 3"),
        (
            {"regulated": "YES", "training_state_group": "EU_EEA_CH"},
            "C04", "MUST", "2026-06-30", "BQFG § 13 Abs. 3 und 4",
        ),
        ({"legal_route": "FAST_TRACK_81A"}, "C05", "SHALL_NORMALLY", "2026-06-01", "BQFG § 14a Abs. 3"),
        ({"procedure_law": "PFLAPRV"}, "C06", "MUST", "2026-07-31", "PflAPrV § 43 Abs. 3"),
        (
            {"procedure_law": "PFLAPRV", "training_state_group": "EU_EEA_CH"},
            "C06", "MUST", "2026-06-30", "PflAPrV § 43 Abs. 3, PflBG § 41 Abs. 1",
        ),
        (
            {"procedure_law": "PFLAPRV", "legal_route": "FAST_TRACK_81A", "training_state_group": "EU_EEA_CH"},
            "C06", "SHALL_NORMALLY", "2026-06-01", "PflAPrV § 43 Abs. 3, AufenthG § 81a",
        ),
        ({"procedure_law": "AEAPPRO"}, "C07", "MUST", "2026-06-30", "BÄO § 3 Abs. 2, ÄApprO § 39 Abs. 5"),
        (
            {"procedure_law": "AEAPPRO", "legal_route": "FAST_TRACK_81A"},
            "C07", "SHALL_NORMALLY", "2026-06-01", "ÄApprO § 39 Abs. 5, AufenthG § 81a",
        ),
        ({"procedure_law": "MTAPRV"}, "C08", "MUST", "2026-06-30", "MTAPrV"),
        (
            {"procedure_law": "MTAPRV", "legal_route": "FAST_TRACK_81A"},
            "C08", "MUST", "2026-06-01", "MTAPrV, AufenthG § 81a",
        ),
        ({"procedure_law": "SAECHS_BQFG"}, "C09", "MUST", "2026-06-30", "SächsBQFG, wie BQFG (nicht geprüft)"),
    ],
)  # fmt: skip
def test_law_route_profession_and_training_decide_which_decision_clock_runs(
    fields: dict[str, str], name: str, label: str, due: str, paragraph: str
) -> None:
    case = one([application(**fields), step("DocumentsComplete", "2026-03-31")], "2026-04-01")
    found = clock(case, name)
    assert (found.label, found.due, found.paragraph) == (label, day(due), paragraph)
    assert len([other for other in case.clocks if other.id in DECIDING]) == 1


@pytest.mark.parametrize(
    ("fields", "name", "reason"),
    [
        ({"procedure_law": "OTHER"}, "C03", "NO_CLOCK"),
        ({"procedure_law": "UNKNOWN"}, "C03", "LAW_UNKNOWN"),
        ({"procedure_law": "SAECHS_BQFG", "legal_route": "FAST_TRACK_81A"}, "C09", "NO_CLOCK"),
    ],
)
def test_where_no_row_applies_the_clock_says_why(fields: dict[str, str], name: str, reason: str) -> None:
    case = one([application(**fields), step("DocumentsComplete", "2026-03-31")])
    found = clock(case, name)
    assert (found.state, found.reason, found.due) == ("NOT_DETERMINABLE", reason, None)
    assert found.steps[-1] == REASONS[reason]


def test_a_fast_track_that_is_said_later_is_the_route_of_what_still_runs() -> None:
    events = [application(legal_route="REGULAR"), step("DocumentsComplete", "2026-03-31", legal_route="FAST_TRACK_81A")]
    assert (clock(one(events), "C05").due, clock(one(events), "C02").due) == (day("2026-06-01"), day("2026-03-16"))


@pytest.mark.parametrize(("on", "state"), [("2012-03-31", "NOT_APPLICABLE"), ("2012-04-01", "OVER")])
def test_the_law_must_be_in_force_on_the_day_of_the_start(on: str, state: str) -> None:
    assert clock(one([application(on)]), "C01").state == state


def test_an_impossible_date_stops_no_fold() -> None:
    found = clock(one([application("9999-12-31")]), "C01")
    assert (found.state, found.reason) == ("NOT_DETERMINABLE", "DATE_OUT_OF_RANGE")


def test_silence_of_a_dead_feed_is_not_silence_of_an_authority() -> None:
    silent = one([application()], health={HWK: "SILENT"})
    found = clock(silent, "C01")
    assert (found.state, found.reason, found.due) == ("NOT_DETERMINABLE", "FEED_SILENT", day("2026-04-02"))
    assert found.stop_publisher == HWK
    assert codes(silent) == []
    assert clock(one([application()], health={ZEFAS: "SILENT", HWK: "LIVE"}), "C01").state == "OVER"


def test_feed_health_matters_only_when_the_period_is_over() -> None:
    running = one([application()], "2026-03-27", health={HWK: "SILENT"})
    assert clock(running, "C01").state == "DUE"
    assert running.state == one([application()], "2026-03-27").state


def test_clocks_run_per_procedure() -> None:
    other = event(
        "ApplicationReceived", HWK, "2026-05-04", procedure_reference="P-10", procedure_law="BQFG", regulated="NO"
    )
    case = one([application(), other, step("ReceiptConfirmed", "2026-03-09")], "2026-05-05")
    assert [(clock.about, clock.state) for clock in case.clocks] == [
        ("procedure:hwk-dresden/P-10", "RUNNING"),
        ("procedure:hwk-dresden/P-9", "STOPPED"),
    ]


def test_the_explanation_names_each_day_and_paragraph_in_both_languages() -> None:
    found = clock(one([application("2025-03-21")], "2025-03-22"), "C01")
    assert [step["de"] for step in found.steps] == [
        "Antrag eingegangen am 21.03.2025; dieser Tag zählt nicht mit (BGB § 187 Abs. 1).",
        "Dauer 1 Monat (BQFG § 6 Abs. 2; BQFG 2012-04-01): bis 21.04.2025 (Tag mit derselben Zahl, BGB § 188 Abs. 2).",
        "21.04.2025: Ostermontag, daher der nächste Werktag (VwVfG § 31 Abs. 3).",
        "Die Frist endet mit Ablauf von Dienstag, 22.04.2025.",
    ]
    assert [step["en"] for step in found.steps] == [
        "Application received on 2025-03-21; that day does not count (BGB section 187(1)).",
        (
            "Length 1 month (BQFG section 6(2); BQFG 2012-04-01): until 2025-04-21 "
            "(the day with the same number, BGB section 188(2))."
        ),
        "2025-04-21: Easter Monday, therefore the next working day (VwVfG section 31(3)).",
        "The period ends at the end of Tuesday, 2025-04-22.",
    ]


def test_a_shorter_month_is_explained_by_its_own_paragraph() -> None:
    found = clock(one([application("2025-01-31")], "2025-02-01"), "C01")
    assert "letzter Tag des Monats, der keinen 31. hat, BGB § 188 Abs. 3" in found.steps[1]["de"]


def test_a_period_that_is_over_says_that_no_stop_is_known_here_and_names_no_day() -> None:
    found = clock(one([application()]), "C01")
    assert found.steps[-1] == {
        "de": "Die Frist ist vorbei; ein Ende ist hier nicht bekannt.",
        "en": "The period has ended; no stop is known here.",
    }


def referral(**fields: Any) -> Event:
    return event("ReferralSent", ZEFAS, "2025-03-03", legal_basis="STATUTORY_TASK", referral_id="R-1", **fields)


def answer(event_type: str, on: str, publisher: str = WC) -> Event:
    return event(event_type, publisher, on, references=[(ZEFAS, "REFERRAL", "R-1")])


def test_the_referral_clock_is_a_service_target_of_ten_werktage_without_a_paragraph() -> None:
    case = one([referral(target=WC)], "2025-03-04")
    found = clock(case, "S01")
    assert (found.label, found.paragraph, found.due) == ("SERVICE", None, day("2025-03-14"))
    assert found.stop_publisher == WC
    assert "Serviceziel, keine gesetzliche Frist" in found.steps[1]["de"]
    assert case.next_change_on == day("2025-03-11")


@pytest.mark.parametrize("event_type", ["ReferralAccepted", "ReferralDeclined"])
def test_either_answer_of_the_target_stops_the_referral_clock(event_type: str) -> None:
    from tests.unit.cases.world import settled

    cases = settled([referral(target=WC), answer(event_type, "2025-03-06")])
    (found,) = [clock for case in cases for clock in case.clocks]
    assert (found.state, found.stopped_on) == ("STOPPED", day("2025-03-06"))


def test_an_answer_of_somebody_else_stops_nothing() -> None:
    from tests.unit.cases.world import settled

    cases = settled([referral(target=WC), answer("ReferralAccepted", "2025-03-06", HWK)])
    assert [clock.state for case in cases for clock in case.clocks] == ["OVER"]


def test_an_unanswered_referral_is_a_finding_once_the_service_target_has_passed() -> None:
    assert codes(one([referral(target=WC)], "2025-03-14")) == ["CLOCK_DUE"]
    case = one([referral(target=WC)], "2025-03-15")
    assert codes(case) == ["CLOCK_OVER", "REFERRAL_UNANSWERED"]
    assert case.findings[1].about == "referral:zefas/R-1"
    assert case.findings[1].publisher == WC
