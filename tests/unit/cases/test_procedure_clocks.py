"""What starts and stops the clocks of a procedure beside receipt and completeness: forwarding, route, exam, appeal."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.world import ABH, HWK, ZEFAS, day, event, event_id, findings, one, settled, view

from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase

OTHER_BODY = "hwk-leipzig"


def application(on: str = "2026-03-02", publisher: str = HWK, **fields: Any) -> Event:
    values = {"procedure_reference": "P-9", "procedure_law": "BQFG", "regulated": "NO", **fields}
    return event("ApplicationReceived", publisher, on, **values)


def step(event_type: str, on: str, name: str | None = None, **fields: Any) -> Event:
    return event(event_type, HWK, on, procedure_reference="P-9", name=name, **fields)


def office(event_type: str, on: str, **fields: Any) -> Event:
    return event(event_type, ABH, on, references=[(HWK, "PROCEDURE", "P-9")], **fields)


def clock(case: SettledCase, name: str) -> Clock:
    (found,) = [clock for clock in case.clocks if clock.id == name]
    return found


def ids(case: SettledCase) -> list[str]:
    return [clock.id for clock in case.clocks]


@pytest.mark.parametrize("event_type", ["ApplicationForwarded", "ApplicationWithdrawn", "ProcedureClosedNoDecision"])
def test_forwarding_withdrawal_and_closing_stop_every_clock_of_the_procedure(event_type: str) -> None:
    events = [application(), step("DocumentsComplete", "2026-03-04"), step(event_type, "2026-03-09")]
    case = one(events)
    assert [(clock.id, clock.state, clock.stopped_on) for clock in case.clocks] == [
        ("C01", "STOPPED", day("2026-03-09")),
        ("C03", "STOPPED", day("2026-03-09")),
    ]
    assert case.findings == ()


def test_a_forwarded_application_without_complete_documents_has_no_decision_clock() -> None:
    assert ids(one([application(), step("ApplicationForwarded", "2026-03-09", target=OTHER_BODY)])) == ["C01"]


def test_the_target_of_the_forwarding_starts_afresh_and_joins_the_case() -> None:
    events = [
        application(),
        step("ApplicationForwarded", "2026-03-09", target=OTHER_BODY),
        application("2026-03-11", OTHER_BODY, procedure_reference="P-3", references=[(HWK, "PROCEDURE", "P-9")]),
    ]
    case = one(events, "2026-03-12")
    assert [(clock.about, clock.state, clock.due) for clock in case.clocks] == [
        ("procedure:hwk-dresden/P-9", "STOPPED", day("2026-04-02")),
        ("procedure:hwk-leipzig/P-3", "RUNNING", day("2026-04-13")),
    ]
    assert case.findings == ()


def test_a_body_to_which_nothing_was_forwarded_does_not_join_by_naming_the_procedure() -> None:
    events = [
        application(),
        step("ApplicationForwarded", "2026-03-09", target="ihk-fosa"),
        application("2026-03-11", OTHER_BODY, procedure_reference="P-3", references=[(HWK, "PROCEDURE", "P-9")]),
    ]
    cases = settled(events, "2026-03-12")
    assert len(cases) == 2
    assert [detail["reason"] for _, detail in findings(cases, "LINK_PROPOSED")] == ["MAY_NOT_CLAIM"]


def test_the_agreement_makes_the_whole_case_a_fast_track_from_then_on() -> None:
    events = [
        application(legal_route="REGULAR"),
        step("DocumentsComplete", "2026-03-31", legal_route="REGULAR"),
        office("FastTrackAgreementConcluded", "2026-03-20"),
    ]
    case = one(events, "2026-04-01")
    assert (clock(case, "C02").due, clock(case, "C05").due) == (day("2026-03-16"), day("2026-06-01"))
    assert clock(case, "C05").label == "SHALL_NORMALLY"


def test_what_ended_before_the_agreement_keeps_its_route() -> None:
    events = [
        application(legal_route="REGULAR"),
        step("ReceiptConfirmed", "2026-03-25"),
        step("DocumentsComplete", "2026-03-31"),
        office("FastTrackAgreementConcluded", "2026-04-10"),
    ]
    case = one(events, "2026-04-11")
    assert [(clock.id, clock.state) for clock in case.clocks] == [("C01", "STOPPED"), ("C05", "RUNNING")]


def test_a_retracted_agreement_gives_the_regular_period_back() -> None:
    agreed = office("FastTrackAgreementConcluded", "2026-03-20", name="agreed")
    gone = event("EventRetracted", ABH, "2026-04-01", corrects="agreed")
    keep = office("EntryReported", "2026-03-21")
    events = [application(legal_route="REGULAR"), step("DocumentsComplete", "2026-03-31"), agreed, keep]
    assert "C05" in ids(one(events))
    assert clock(one([*events, gone]), "C03").due == day("2026-06-30")


def test_a_waiver_takes_the_place_of_the_comparison_and_the_exam_period_begins() -> None:
    events = [
        application(procedure_law="PFLAPRV"),
        step("DocumentsComplete", "2026-03-04"),
        step("EquivalenceCheckWaived", "2026-03-16", declared_final="YES"),
    ]
    case = one(events, "2026-03-20")
    assert (clock(case, "C06").state, clock(case, "C06").stopped_on) == ("STOPPED", day("2026-03-16"))
    exam = clock(case, "C10")
    assert (exam.about, exam.start, exam.due) == ("procedure:hwk-dresden/P-9", day("2026-03-16"), day("2026-09-16"))


def test_a_doctors_decision_on_differences_has_four_months() -> None:
    events = [application(procedure_law="AEAPPRO"), step("DocumentsComplete", "2026-03-04")]
    assert clock(one(events, "2026-03-05"), "C07").due == day("2026-06-04")
    decided = step("DecisionIssued", "2026-07-01", decision_object="DIFFERENCES", outcome="COMPENSATION_REQUIRED")
    found = clock(one([*events, decided]), "C07")
    # 4 July is a Saturday.
    assert (found.due, found.state, found.paragraph) == (day("2026-07-06"), "STOPPED", "ÄApprO § 39 Abs. 5")


def imposed(**fields: Any) -> Event:
    values = {
        "outcome": "COMPENSATION_REQUIRED", "announcement": "SERVED", "announced_on": day("2026-03-18"),
        "remedies_instruction": "CORRECT", **fields,
    }  # fmt: skip
    return step("DecisionIssued", "2026-03-16", "d", **values)


def regulated(*others: Event) -> list[Event]:
    return [application(regulated="YES"), step("DocumentsComplete", "2026-03-04"), *others]


def test_the_exam_period_runs_from_the_applicants_choice() -> None:
    chosen = step("CompensationChosen", "2026-04-01", compensation_kind="APTITUDE_TEST")
    found = clock(one(regulated(imposed(), chosen), "2026-04-02"), "C10")
    assert (found.about, found.start, found.due) == (
        "procedure:hwk-dresden/P-9", day("2026-04-01"), day("2026-10-01"),
    )  # fmt: skip
    assert found.paragraph == "BQFG § 11 Abs. 4 Satz 1"


def test_without_a_choice_it_runs_from_access_to_a_decision_that_leaves_none() -> None:
    found = clock(one(regulated(imposed(measures=["APTITUDE_TEST"])), "2026-04-02"), "C10")
    assert (found.about, found.start, found.due) == (
        f"decision:hwk-dresden/{event_id('d')}", day("2026-03-18"), day("2026-09-18"),
    )  # fmt: skip
    assert found.paragraph == "BQFG § 11 Abs. 4 Satz 2"


@pytest.mark.parametrize("measures", [[], ["APTITUDE_TEST", "ADAPTATION_PERIOD"]])
def test_where_the_choice_is_open_and_not_known_the_exam_period_cannot_be_determined(measures: list[str]) -> None:
    found = clock(one(regulated(imposed(measures=measures)), "2026-04-02"), "C10")
    assert (found.state, found.reason, found.due) == ("NOT_DETERMINABLE", "CHOICE_UNKNOWN", None)


def test_a_chosen_course_has_no_exam_period() -> None:
    chosen = step("CompensationChosen", "2026-04-01", compensation_kind="ADAPTATION_PERIOD")
    assert "C10" not in ids(one(regulated(imposed(), chosen)))
    assert "C10" not in ids(one(regulated(imposed(measures=["ADAPTATION_PERIOD"]))))


@pytest.mark.parametrize("event_type", ["ExamTaken", "CompensationStarted", "CompensationCompleted"])
def test_the_exam_ends_its_period(event_type: str) -> None:
    chosen = step("CompensationChosen", "2026-04-01", compensation_kind="APTITUDE_TEST")
    found = clock(one(regulated(imposed(), chosen, step(event_type, "2026-08-03"))), "C10")
    assert (found.state, found.stopped_on) == ("STOPPED", day("2026-08-03"))


@pytest.mark.parametrize(("law", "paragraph"), [("PFLAPRV", "PflAPrV § 45"), ("AEAPPRO", "ÄApprO § 37")])
def test_in_nursing_and_medicine_it_runs_from_the_decision_on_differences(law: str, paragraph: str) -> None:
    events = [application(procedure_law=law, regulated="YES"), imposed(decision_object="DIFFERENCES")]
    found = clock(one(events, "2026-04-02"), "C10")
    assert (found.start, found.due) == (day("2026-03-16"), day("2026-09-16"))
    assert str(found.paragraph).startswith(paragraph)


def test_in_nursing_a_decision_that_leaves_only_courses_starts_no_time_for_an_exam() -> None:
    nursing = application(procedure_law="PFLAPRV", regulated="YES")
    assert "C10" not in ids(one([nursing, imposed(measures=["ADAPTATION_PERIOD"])], "2026-04-02"))
    both = imposed(measures=["ADAPTATION_PERIOD", "KNOWLEDGE_TEST"])
    assert clock(one([nursing, both], "2026-04-02"), "C10").due == day("2026-09-16")


@pytest.mark.parametrize(
    ("fields", "start", "due"),
    [
        ({"announcement": "SERVED", "announced_on": "2026-03-18"}, "2026-03-18", "2026-04-20"),
        ({"announcement": "HANDED_OVER", "announced_on": "2026-03-17"}, "2026-03-17", "2026-04-17"),
        ({"announcement": "POSTED", "dispatched_on": "2026-03-17"}, "2026-03-21", "2026-04-21"),
        ({"announcement": "ELECTRONIC", "dispatched_on": "2026-03-17"}, "2026-03-21", "2026-04-21"),
        (
            {"announcement": "POSTED", "dispatched_on": "2026-03-17", "announced_on": "2026-03-18"},
            "2026-03-21", "2026-04-21",
        ),
        (
            {"announcement": "POSTED", "dispatched_on": "2026-03-17", "announced_on": "2026-03-30"},
            "2026-03-30", "2026-04-30",
        ),
        ({"announcement": "POSTED", "announced_on": "2026-03-19"}, "2026-03-19", "2026-04-20"),
    ],
)  # fmt: skip
def test_the_appeal_runs_from_the_announcement_of_the_decision(fields: dict[str, str], start: str, due: str) -> None:
    values: dict[str, Any] = {name: day(text) if name.endswith("_on") else text for name, text in fields.items()}
    decided = step("DecisionIssued", "2026-03-16", "d", remedies_instruction="CORRECT", **values)
    found = clock(one([application(), decided], "2026-03-20"), "C24")
    assert (found.about, found.start, found.due) == (f"decision:hwk-dresden/{event_id('d')}", day(start), day(due))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"announcement": "UNKNOWN", "remedies_instruction": "CORRECT"}, "ANNOUNCEMENT_UNKNOWN"),
        ({"announcement": "SERVED", "remedies_instruction": "CORRECT"}, "ANNOUNCEMENT_UNKNOWN"),
        ({"announcement": "POSTED", "remedies_instruction": "CORRECT"}, "ANNOUNCEMENT_UNKNOWN"),
        ({"announcement": "POSTED", "dispatched_on": day("2026-03-17")}, "INSTRUCTION_UNKNOWN"),
    ],
)
def test_without_announcement_or_instruction_the_appeal_cannot_be_determined(
    fields: dict[str, Any], reason: str
) -> None:
    found = clock(one([application(), step("DecisionIssued", "2026-03-16", **fields)]), "C24")
    assert (found.state, found.reason) == ("NOT_DETERMINABLE", reason)


def test_a_decision_without_instruction_may_be_appealed_for_a_year() -> None:
    decided = imposed(remedies_instruction="MISSING")
    found = clock(one([application(), decided], "2026-03-20"), "C24")
    assert (found.due, found.paragraph) == (day("2027-03-18"), "VwGO § 58 Abs. 2")


def test_an_appeal_period_that_is_over_is_no_finding_and_says_nothing_of_finality() -> None:
    begun = [application(regulated="YES"), step("ReceiptConfirmed", "2026-03-03")]
    chosen = step("CompensationChosen", "2026-03-20", compensation_kind="ADAPTATION_PERIOD")
    case = one([*begun, step("DocumentsComplete", "2026-03-04"), imposed(), chosen])
    found = clock(case, "C24")
    assert found.state == "OVER"
    assert found.steps[-2]["de"] == "Ob der Bescheid bestandskräftig ist, sagt diese Frist nicht."
    assert case.findings == ()


def test_an_appeal_stops_the_period_of_the_decision_it_names() -> None:
    second = step(
        "DecisionIssued", "2026-03-20", "e", announcement="SERVED", announced_on=day("2026-03-23"),
        remedies_instruction="CORRECT",
    )  # fmt: skip
    appeal = step("AppealFiled", "2026-04-01", decision_event_id=event_id("d"))
    case = one([application(), imposed(), second, appeal], "2026-04-02")
    assert {clock.about: clock.state for clock in case.clocks if clock.id == "C24"} == {
        f"decision:hwk-dresden/{event_id('d')}": "STOPPED",
        f"decision:hwk-dresden/{event_id('e')}": "RUNNING",
    }


def test_an_appeal_before_the_decision_counts_as_announced_stops_its_period() -> None:
    posted = step(
        "DecisionIssued", "2026-05-16", announcement="POSTED", dispatched_on=day("2026-05-16"),
        remedies_instruction="CORRECT",
    )  # fmt: skip
    found = clock(one([application(), posted, step("AppealFiled", "2026-05-18")], "2026-06-02"), "C24")
    assert (found.state, found.start, found.due) == ("STOPPED", day("2026-05-20"), day("2026-06-22"))
    assert found.steps[-1]["de"].endswith("am 18.05.2026, 35 Tage vor dem Ende.")
    earlier = step("AppealFiled", "2026-05-15")
    assert clock(one([application(), posted, earlier], "2026-06-02"), "C24").state == "RUNNING"


def test_an_appeal_finds_its_decision_by_the_number_it_had_before_a_correction() -> None:
    corrected = step(
        "DecisionIssued", "2026-03-16", "f", announcement="SERVED", announced_on=day("2026-03-19"),
        remedies_instruction="CORRECT", corrects="d",
    )  # fmt: skip
    later = step("DecisionIssued", "2026-03-20", "e")
    appeal = step("AppealFiled", "2026-04-01", decision_event_id=event_id("d"))
    case = one([application(), imposed(), corrected, later, appeal], "2026-04-02")
    found = {clock.about: (clock.state, clock.start) for clock in case.clocks if clock.id == "C24"}
    assert found == {
        f"decision:hwk-dresden/{event_id('f')}": ("STOPPED", day("2026-03-19")),
        f"decision:hwk-dresden/{event_id('e')}": ("NOT_DETERMINABLE", None),
    }


def test_an_appeal_that_names_no_decision_is_against_the_latest_before_it() -> None:
    assert clock(one([application(), imposed(), step("AppealFiled", "2026-04-01")]), "C24").state == "STOPPED"


def test_the_clocks_of_a_decision_are_the_bodys_own_and_nobody_elses() -> None:
    case = one([application(), imposed(), office("EntryReported", "2026-04-20")])
    own = view(case, HWK)
    assert own is not None
    assert "C24" in [clock["id"] for clock in own["own"]["clocks"]]
    assert "C24" not in str(view(case, ABH))


def test_a_transfer_stops_what_the_releasing_body_had_running_and_nothing_else() -> None:
    events = [
        application(),
        step("DocumentsComplete", "2026-03-04"),
        event("CaseTransferred", HWK, "2026-03-10", target_land="BE"),
        office("FastTrackAgreementConcluded", "2026-01-05"),
        event("ForeignersOfficeNotified", ABH, "2026-03-09", received_on=day("2026-03-09")),
    ]
    states = {clock.id: clock.state for clock in one(events, "2026-03-11").clocks}
    assert states == {"C02": "STOPPED", "C05": "STOPPED", "C11": "DUE"}


def test_a_transfer_before_the_start_says_nothing() -> None:
    events = [application(), event("CaseTransferred", HWK, "2026-02-10")]
    assert clock(one(events, "2026-03-03"), "C01").state == "RUNNING"


def inquiry(on: str = "2026-03-02") -> Event:
    return event("InquiryReceived", ZEFAS, on, name="i")


def referral(on: str = "2026-03-04") -> Event:
    return event("ReferralSent", ZEFAS, on, referral_id="R-1", target=HWK, legal_basis="STATUTORY_TASK")


def test_a_referral_answers_the_inquiry_it_follows() -> None:
    case = one([inquiry(), referral()], "2026-03-05")
    found = clock(case, "S02")
    assert (found.about, found.state, found.label, found.due) == (
        f"inquiry:zefas/{event_id('i')}", "STOPPED", "SERVICE", day("2026-03-09"),
    )  # fmt: skip
    assert clock(one([inquiry(), referral("2026-03-01")], "2026-03-05"), "S02").state == "RUNNING"


def test_closing_the_case_ends_all_service_clocks_and_no_other() -> None:
    accepted = event("ReferralAccepted", HWK, "2026-03-30", references=[(ZEFAS, "REFERRAL", "R-1")], name="late")
    events = [inquiry(), referral(), accepted, application("2026-03-30"), event("CaseClosed", ZEFAS, "2026-03-05")]
    case = one(events, "2026-03-31")
    assert {clock.id: clock.state for clock in case.clocks} == {"S01": "STOPPED", "S02": "STOPPED", "C01": "RUNNING"}
    assert clock(case, "S01").stopped_on == day("2026-03-05")


def test_a_returned_referral_is_answered_and_no_longer_seen_by_its_target() -> None:
    names = [(ZEFAS, "REFERRAL", "R-1")]
    accepted = event("ReferralAccepted", HWK, "2026-03-06", references=names)
    returned = event("ReferralReturned", HWK, "2026-03-20", references=names, return_reason="NOT_COMPETENT")
    case = one([referral(), accepted, returned])
    assert clock(case, "S01").stopped_on == day("2026-03-06")
    assert (view(case, HWK) or {}).get("referrals") is None
    (sent,) = (view(case, ZEFAS) or {})["referrals"]
    assert (sent["state"], sent["answered_on"]) == ("RETURNED", "2026-03-20")
    alone = settled([referral(), returned])
    assert len(alone) == 2  # a return joins nothing
    assert [clock.state for case in alone for clock in case.clocks] == ["STOPPED"]
