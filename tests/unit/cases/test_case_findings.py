"""Findings about a case as a whole and about referrals: raised, not by the lawful neighbour, gone with the fact."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.recognition import ABOUT, COOK, application, found, lawful, raised, step
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, codes, day, event, event_id, one, retract, settled

from meilenstein.cases.events import Event

ELSEWHERE = "hwk-leipzig"
NUMBER = "SN-1"
"""A case number that both bodies carry joins their files."""


def first(**fields: Any) -> Event:
    return application(case_number=NUMBER, **{"name": "first", **fields})


def second(on: str = "2026-03-20", **fields: Any) -> Event:
    values = {"publisher": ELSEWHERE, "procedure": "L-1", "case_number": NUMBER, "name": "second", **fields}
    return application(on, **values)


def elsewhere(event_type: str, on: str, **fields: Any) -> Event:
    return step(event_type, on, publisher=ELSEWHERE, procedure="L-1", **fields)


# PARALLEL_PROCEDURE


def test_two_open_procedures_for_one_profession_at_two_bodies_are_a_finding_of_the_case() -> None:
    finding = raised(one([first(), second()], "2026-03-21"), "PARALLEL_PROCEDURE")
    assert (finding.about, finding.severity, finding.since) == ("case:hwk-dresden/H-9", "W", day("2026-03-20"))
    assert finding.detail["procedures"] == [[ABOUT, "procedure:hwk-leipzig/L-1"]]
    assert finding.publisher is None, "the question would tell a body of the other procedure"


@pytest.mark.parametrize(
    "ended",
    [
        step("DecisionIssued", "2026-03-19", outcome="NEGATIVE"),
        step("ApplicationWithdrawn", "2026-03-20"),
        step("ProcedureClosedNoDecision", "2026-03-12"),
        step("ApplicationForwarded", "2026-03-12", target="ihk-fosa"),
        event("CaseTransferred", HWK, "2026-03-19"),
        event("CaseClosed", HWK, "2026-03-19"),
    ],
    ids=lambda one: one.event_type,
)
def test_what_had_ended_when_the_other_began_is_not_parallel(ended: Event) -> None:
    assert found(one([first(), second(), ended], "2026-04-01"), "PARALLEL_PROCEDURE") == []


def test_it_makes_no_difference_which_of_the_two_had_ended() -> None:
    ended = elsewhere("ApplicationWithdrawn", "2026-03-20")
    cases = [first(), second("2026-03-02"), ended]
    assert found(one(cases), "PARALLEL_PROCEDURE") != []
    later = application("2026-03-20", case_number=NUMBER)
    assert found(one([later, second("2026-03-02"), ended]), "PARALLEL_PROCEDURE") == []


def test_two_that_were_once_open_together_stay_a_finding_when_one_has_ended() -> None:
    later = step("ApplicationWithdrawn", "2026-03-25")
    assert found(one([first(), second(), later]), "PARALLEL_PROCEDURE") != []


def test_a_forwarding_between_the_two_bodies_explains_both() -> None:
    forwarded = step("ApplicationForwarded", "2026-03-25", target=ELSEWHERE)
    assert found(one([first(), second(), forwarded]), "PARALLEL_PROCEDURE") == []
    to_others = step("ApplicationForwarded", "2026-03-25", target="ihk-fosa")
    assert found(one([first(), second(), to_others]), "PARALLEL_PROCEDURE") != []


@pytest.mark.parametrize(
    ("one_side", "other_side", "same"),
    [
        ({}, {}, True),
        ({"profession_kldb": "29301"}, {"profession_kldb": "29302"}, True),
        ({"profession_kldb": "29301"}, {"profession_kldb": "29402"}, False),
        ({"profession_kldb": "81302"}, {"profession_kldb": "81301", "procedure_law": "SAECHS_BQFG"}, False),
        ({"profession_kldb": COOK}, {"profession_kldb": COOK, "procedure_law": "OTHER"}, True),
        ({"profession_kldb": None}, {"profession_kldb": COOK}, False),
        ({"profession_kldb": None}, {"profession_kldb": None}, False),
        (
            {"profession_kldb": None, "procedure_law": "PFLAPRV"},
            {"profession_kldb": None, "procedure_law": "PFLAPRV"},
            True,
        ),
    ],
)
def test_one_profession_is_one_code_or_one_group_under_one_law(
    one_side: dict[str, Any], other_side: dict[str, Any], same: bool
) -> None:
    case = one([first(**one_side), second(**other_side)], "2026-03-21")
    assert ("PARALLEL_PROCEDURE" in codes(case)) is same


def test_two_procedures_at_one_body_and_a_retracted_one_are_not_parallel() -> None:
    both = [first(), application("2026-03-20", procedure="P-10")]
    assert found(one(both), "PARALLEL_PROCEDURE") == []
    cases = settled([first(), second(), retract("second", ELSEWHERE, "2026-03-21")])
    assert "PARALLEL_PROCEDURE" not in [code for case in cases for code in codes(case)]


# SECOND_REQUEST_SAME_ITEM


def asked(on: str, *items: str, **fields: Any) -> Event:
    return step("DocumentsRequested", on, items=list(items), **fields)


OTHER_PROFESSION = {"profession_kldb": "81302"}


def test_two_bodies_that_ask_for_one_item_are_a_finding_of_the_case() -> None:
    events = [first(), asked("2026-03-09", "a", "b"), second(**OTHER_PROFESSION)]
    events.append(elsewhere("ReceiptConfirmed", "2026-03-25", missing_items=["b", "c"]))
    finding = raised(one(events, "2026-04-01"), "SECOND_REQUEST_SAME_ITEM")
    assert (finding.about, finding.severity, finding.since) == ("case:hwk-dresden/H-9", "W", day("2026-03-25"))
    assert finding.detail["items"] == [{"item": "b", "bodies": [HWK, ELSEWHERE], "on": day("2026-03-25")}]
    assert finding.publisher is None


def test_one_body_that_asks_twice_and_two_that_ask_for_different_items_are_none() -> None:
    assert codes(one([first(), asked("2026-03-09", "a"), asked("2026-03-20", "a")], "2026-03-22")) == []
    events = [first(), asked("2026-03-09", "a"), second(**OTHER_PROFESSION)]
    events.append(elsewhere("DocumentsRequested", "2026-03-25", items=["b"]))
    assert codes(one(events, "2026-03-25")) == []


def test_a_body_that_let_the_matter_go_before_does_not_count() -> None:
    forwarded = step("ApplicationForwarded", "2026-03-12", target=ELSEWHERE)
    again = elsewhere("DocumentsRequested", "2026-03-25", items=["a"])
    assert codes(one([first(), asked("2026-03-09", "a"), forwarded, second(), again], "2026-03-30")) == []


def test_a_corrected_request_clears_it() -> None:
    events = [first(), asked("2026-03-09", "a", name="x"), second(**OTHER_PROFESSION)]
    events.append(elsewhere("DocumentsRequested", "2026-03-25", items=["a"]))
    assert "SECOND_REQUEST_SAME_ITEM" in codes(one(events))
    assert "SECOND_REQUEST_SAME_ITEM" not in codes(one([*events, asked("2026-03-09", "b", corrects="x")]))


# REFERRAL_WITHOUT_APPLICATION: accepted on 3 March, 60 days end on 2 May


def referred(*others: Event, target: str = HWK, **fields: Any) -> list[Event]:
    values = {"reason": "RECOGNITION", "legal_basis": "STATUTORY_TASK", **fields}
    return [
        event("ReferralSent", ZEFAS, "2026-03-02", referral_id="R-1", target=target, **values),
        event("ReferralAccepted", target, "2026-03-03", references=[(ZEFAS, "REFERRAL", "R-1")], name="accepted"),
        *others,
    ]


@pytest.mark.parametrize(("as_of", "raised_then"), [("2026-05-02", False), ("2026-05-03", True)])
def test_an_accepted_referral_without_application_is_looked_at_after_sixty_days(as_of: str, raised_then: bool) -> None:
    case = one(referred(), as_of)
    assert codes(case) == (["REFERRAL_WITHOUT_APPLICATION"] if raised_then else [])
    if raised_then:
        finding = raised(case, "REFERRAL_WITHOUT_APPLICATION")
        assert (finding.about, finding.severity, finding.publisher) == ("referral:zefas/R-1", "I", HWK)
        assert finding.since == day("2026-05-03")
    else:
        assert case.next_change_on == day("2026-05-03")


@pytest.mark.parametrize(
    "others",
    [
        [application("2026-04-20")],
        [application("2026-02-20")],
        [step("ReceiptConfirmed", "2026-04-20")],
        [event("ReferralReturned", HWK, "2026-04-20", references=[(ZEFAS, "REFERRAL", "R-1")])],
        [event("CaseClosed", ZEFAS, "2026-04-20")],
        [event("CaseTransferred", HWK, "2026-04-20")],
        [retract("accepted", HWK, "2026-03-04")],
    ],
    ids=["applied", "had applied", "known procedure", "returned", "closed", "transferred", "retracted"],
)
def test_an_application_an_answer_or_an_end_settles_it(others: list[Event]) -> None:
    cases = settled(referred(*others), "2026-05-10")
    assert "REFERRAL_WITHOUT_APPLICATION" not in [code for case in cases for code in codes(case)]


@pytest.mark.parametrize("reason", ["LANGUAGE", "COUNSELLING", "SETTLEMENT"])
def test_a_referral_for_something_else_expects_no_application(reason: str) -> None:
    assert codes(one(referred(reason=reason), "2026-05-10")) == []


def test_a_referral_to_a_welcome_center_expects_no_application() -> None:
    assert codes(one(referred(target=WC), "2026-05-10")) == []


# VISA_WITHOUT_PRE_APPROVAL

VISA = "bfaa"


def visa(event_type: str = "VisaAppointmentRequested", on: str = "2026-04-01", **fields: Any) -> Event:
    values = {"references": [(ABH, "TITLE", "T-1")], "case_number": NUMBER, "legal_route": "FAST_TRACK_81A", **fields}
    return event(event_type, VISA, on, **values)


def title(event_type: str, on: str, **fields: Any) -> Event:
    return event(event_type, ABH, on, **{"title_reference": "T-1", "case_number": NUMBER, **fields})


def test_a_fast_track_visa_without_pre_approval_is_told_to_stewards_alone() -> None:
    finding = raised(one([visa(), visa("VisaDecided", "2026-05-04")]), "VISA_WITHOUT_PRE_APPROVAL")
    assert (finding.about, finding.severity, finding.since) == ("title:abh-dresden/T-1", "I", day("2026-04-01"))
    assert finding.detail["milestones"] == ["VisaAppointmentRequested", "VisaDecided"]
    assert finding.publisher is None


def test_the_agreement_on_the_fast_track_counts_where_the_visa_office_does_not_say() -> None:
    agreed = event("FastTrackAgreementConcluded", ABH, "2026-03-01", case_number=NUMBER)
    assert "VISA_WITHOUT_PRE_APPROVAL" in codes(one([agreed, visa(legal_route="UNKNOWN")]))


@pytest.mark.parametrize(
    "events",
    [
        [visa(), title("PreApprovalIssued", "2026-03-20")],
        [visa(), title("PreApprovalIssued", "2026-04-20")],
        [visa(legal_route="REGULAR")],
        [visa(legal_route="UNKNOWN")],
        [title("ResidenceTitleIssued", "2026-05-04", legal_route="FAST_TRACK_81A")],
        [visa("VisaDataTransmitted")],
    ],
    ids=["before", "known later", "regular", "route unknown", "no visa", "data transmitted"],
)
def test_a_known_pre_approval_and_other_routes_raise_nothing(events: list[Event]) -> None:
    assert "VISA_WITHOUT_PRE_APPROVAL" not in codes(one(events, "2026-05-05"))


def test_it_comes_back_when_the_pre_approval_is_retracted() -> None:
    events = [visa(), title("PreApprovalIssued", "2026-03-20", name="approved"), retract("approved", ABH)]
    assert "VISA_WITHOUT_PRE_APPROVAL" in [code for case in settled(events) for code in codes(case)]


# FOLLOW_UP_OR_WRONG_CASE


def closed(publisher: str = HWK, on: str = "2026-05-04", **fields: Any) -> Event:
    return event("CaseClosed", publisher, on, closing_reason="COMPLETED", **fields)


def reopened(publisher: str = HWK, on: str = "2026-06-01") -> Event:
    return event("CaseReopened", publisher, on, reopening_reason="FOLLOW_UP")


DECIDED = step("DecisionIssued", "2026-04-20", outcome="NEGATIVE")


def test_a_step_after_the_closing_is_follow_up_or_wrong_case() -> None:
    again = application("2026-06-08", procedure="P-10", application_kind="FOLLOW_UP", name="again")
    finding = raised(one(lawful(DECIDED, closed(), again), "2026-06-09"), "FOLLOW_UP_OR_WRONG_CASE")
    assert (finding.about, finding.severity, finding.since) == ("case:hwk-dresden/H-9", "W", day("2026-06-08"))
    assert finding.publisher == HWK
    (late,) = finding.detail["milestones"]
    assert (late["event"], late["type"]) == (event_id("again"), "ApplicationReceived")
    assert (late["on"], late["closed_on"]) == (day("2026-06-08"), day("2026-05-04"))


@pytest.mark.parametrize(
    "others",
    [
        [],
        [step("CompensationChosen", "2026-05-04")],
        [step("CompensationChosen", "2026-04-28")],
        [step("AppealFiled", "2026-05-11")],
        [event("ConsentWithdrawn", ZEFAS, "2026-06-08", consent_id="C-1")],
        [reopened(), application("2026-06-08", procedure="P-10")],
        [reopened(on="2026-06-09"), application("2026-06-08", procedure="P-10")],
        [application("2026-06-08", procedure="P-10", name="x"), retract("x", HWK, "2026-06-09")],
    ],
    ids=["nothing", "same day", "late addition", "appeal", "consent", "reopened", "reopened after", "retracted"],
)
def test_late_additions_appeals_and_reopened_cases_are_none(others: list[Event]) -> None:
    cases = settled(lawful(DECIDED, closed(), *others), "2026-06-10")
    assert "FOLLOW_UP_OR_WRONG_CASE" not in [code for case in cases for code in codes(case)]


def test_a_second_closing_counts_again() -> None:
    events = lawful(DECIDED, closed(), reopened(), closed(on="2026-06-15"), step("ExamTaken", "2026-06-20"))
    assert "FOLLOW_UP_OR_WRONG_CASE" in codes(one(events))


def test_an_agency_closes_its_own_file_and_only_the_holder_the_case() -> None:
    begun = [
        event("ReferralSent", ZEFAS, "2026-02-27", referral_id="R-1", target=HWK, legal_basis="STATUTORY_TASK"),
        event("ReferralAccepted", HWK, "2026-03-02", references=[(ZEFAS, "REFERRAL", "R-1")]),
        event("ReferralSent", ZEFAS, "2026-02-27", referral_id="R-2", target=WC, legal_basis="STATUTORY_TASK"),
        event("ReferralAccepted", WC, "2026-03-02", references=[(ZEFAS, "REFERRAL", "R-2")]),
    ]
    by_center = one([*begun, *lawful(DECIDED), closed(WC, "2026-03-10")])
    assert found(by_center, "FOLLOW_UP_OR_WRONG_CASE") == []
    by_desk = one([*begun, *lawful(DECIDED), closed(ZEFAS, "2026-03-10")])
    finding = raised(by_desk, "FOLLOW_UP_OR_WRONG_CASE")
    assert finding.publisher is None, "the question would tell the body what another agency did"
    assert [milestone["type"] for milestone in finding.detail["milestones"]] == ["DocumentsComplete", "DecisionIssued"]
    reopened_by_desk = one([*begun, *lawful(DECIDED), closed(ZEFAS, "2026-03-10"), reopened(ZEFAS, "2026-03-16")])
    assert found(reopened_by_desk, "FOLLOW_UP_OR_WRONG_CASE") == []
