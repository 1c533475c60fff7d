from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from tests.unit.cases.world import ABH, FAR, HWK, WC, ZEFAS, codes, day, event, findings, retract, settled, view

from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.identity import Decision


def files(events: Iterable[Event], as_of: str = FAR, **options: Any) -> list[list[str]]:
    return [[str(file) for file in case.files] for case in settled(events, as_of, **options)]


def referral(target: str = HWK, **fields: Any) -> Event:
    values = {"referral_id": "R-1", "legal_basis": "STATUTORY_TASK", **fields}
    return event("ReferralSent", ZEFAS, "2026-03-02", target=target, **values)


def accepted(publisher: str = HWK, on: str = "2026-03-04", **fields: Any) -> Event:
    return event("ReferralAccepted", publisher, on, references=[(ZEFAS, "REFERRAL", "R-1")], **fields)


def application(file: str = "H-9", reference: str = "P-9", **fields: Any) -> Event:
    return event("ApplicationReceived", HWK, "2026-03-05", file=file, procedure_reference=reference, **fields)


def entry(publisher: str = ABH, on: str = "2026-05-04", reference: str = "P-9", **fields: Any) -> Event:
    return event("EntryReported", publisher, on, references=[(HWK, "PROCEDURE", reference)], **fields)


def names(publisher: str, other: tuple[str, str], on: str = "2026-03-02", **fields: Any) -> Event:
    """An event of one file that names another agency's file."""
    return event("InquiryReceived", publisher, on, references=[(other[0], "CASE", other[1])], **fields)


def proposed(events: Iterable[Event], as_of: str = FAR) -> list[tuple[str, str]]:
    return [(about, detail["reason"]) for about, detail in findings(settled(events, as_of), "LINK_PROPOSED")]


def test_the_named_target_of_a_referral_joins_by_naming_it() -> None:
    assert files([referral(), accepted()]) == [["hwk-dresden/H-9", "zefas/Z-1"]]


def test_somebody_else_who_names_a_referral_is_proposed_and_not_joined() -> None:
    events = [referral(), accepted(WC)]
    assert files(events) == [["wc-dresden/W-3"], ["zefas/Z-1"]]
    assert proposed(events) == [("link:REFERRAL:zefas/R-1", "NOT_NAMED_TARGET")]


def test_a_decline_never_links_and_yet_the_sender_learns_of_it() -> None:
    decline = event(
        "ReferralDeclined", HWK, "2026-03-04", file="contact-77", references=[(ZEFAS, "REFERRAL", "R-1")],
        decline_reason="NO_CAPACITY", subject_kind="ANONYMOUS",
    )  # fmt: skip
    (case,) = settled([referral(), decline])
    assert case.files == (FileKey(ZEFAS, "Z-1"),)
    assert view(case, HWK) is None
    seen = view(case, ZEFAS)
    assert seen is not None
    assert seen["referrals"] == [
        {
            "role": "SENDER",
            "referral": "R-1",
            "target": HWK,
            "state": "DECLINED",
            "answered_on": "2026-03-04",
            "decline_reason": "NO_CAPACITY",
        }
    ]


def test_a_decline_about_a_person_is_a_case_of_its_own() -> None:
    decline = event("ReferralDeclined", HWK, "2026-03-04", references=[(ZEFAS, "REFERRAL", "R-1")])
    assert files([referral(), decline]) == [["hwk-dresden/H-9"], ["zefas/Z-1"]]
    assert proposed([referral(), decline]) == []


def test_a_foreigners_office_joins_by_the_procedure_in_the_letter() -> None:
    assert files([application(), entry()]) == [["abh-dresden/A-4", "hwk-dresden/H-9"]]


def test_a_welcome_center_does_not_join_by_a_procedure() -> None:
    assert files([application(), entry(WC)]) == [["hwk-dresden/H-9"], ["wc-dresden/W-3"]]
    assert proposed([application(), entry(WC)]) == [("link:PROCEDURE:hwk-dresden/P-9", "MAY_NOT_CLAIM")]


def test_what_is_joined_by_another_way_needs_no_proposal() -> None:
    events = [referral(WC), accepted(WC), accepted(HWK), referral(HWK, referral_id="R-2"), application(), entry(WC)]
    answered = event("ReferralAccepted", HWK, "2026-03-06", references=[(ZEFAS, "REFERRAL", "R-2")])
    assert proposed([*events, answered]) == []


def test_an_unknown_reference_waits_and_is_proposed_after_the_parking_span() -> None:
    assert proposed([entry()], "2026-05-18") == []
    assert proposed([entry()], "2026-05-19") == [("link:PROCEDURE:hwk-dresden/P-9", "REFERENCE_UNKNOWN")]
    (case,) = settled([entry()], "2026-05-18")
    assert case.next_change_on == day("2026-05-19")


def test_only_who_could_be_linked_is_asked_about_an_unknown_reference() -> None:
    asked = {publisher: settled([entry(publisher)])[0].findings[0].publisher for publisher in (ABH, WC)}
    assert asked == {ABH: ABH, WC: None}


def test_files_that_name_each_other_join() -> None:
    one_side = [names(ZEFAS, (WC, "W-3"))]
    both = [*one_side, names(WC, (ZEFAS, "Z-1"))]
    assert files(both) == [["wc-dresden/W-3", "zefas/Z-1"]]
    lonely = [*one_side, event("InquiryReceived", WC, "2026-03-03")]
    assert files(lonely) == [["wc-dresden/W-3"], ["zefas/Z-1"]]
    assert proposed(lonely) == [("link:CASE:wc-dresden/W-3", "NOT_MUTUAL")]


def test_the_same_case_number_on_both_files_joins_them() -> None:
    carried = [event("InquiryReceived", agency, "2026-03-02", case_number="SN-1") for agency in (ZEFAS, WC, ABH)]
    assert files(carried) == [["abh-dresden/A-4", "wc-dresden/W-3", "zefas/Z-1"]]
    assert files([carried[0], event("InquiryReceived", WC, "2026-03-02", case_number="SN-2")]) == [
        ["wc-dresden/W-3"],
        ["zefas/Z-1"],
    ]


def test_a_steward_joins_what_no_reference_joins() -> None:
    events = [event("InquiryReceived", ZEFAS, "2026-03-02"), event("InquiryReceived", WC, "2026-03-02")]
    decision = Decision(
        decision_id=1, decided_on=day("2026-04-01"), left=FileKey(ZEFAS, "Z-1"), right=FileKey(WC, "W-3")
    )
    assert files(events, decisions=[decision]) == [["wc-dresden/W-3", "zefas/Z-1"]]
    elsewhere = Decision(
        decision_id=2, decided_on=day("2026-04-01"), left=FileKey(ZEFAS, "Z-8"), right=FileKey(WC, "W-3")
    )
    assert files(events, decisions=[elsewhere]) == [["wc-dresden/W-3"], ["zefas/Z-1"]]


@pytest.mark.parametrize("kind", ["MANDATE", "TITLE", "UNKNOWN"])
def test_other_kinds_of_reference_neither_link_nor_wait(kind: str) -> None:
    events = [application(), event("EntryReported", ABH, "2026-05-04", references=[(HWK, kind, "P-9")])]
    assert files(events) == [["abh-dresden/A-4"], ["hwk-dresden/H-9"]]
    assert proposed(events) == []


def test_naming_ones_own_identifier_as_a_reference_says_nothing() -> None:
    events = [application(), application("H-10", "P-10", references=[(HWK, "PROCEDURE", "P-9")])]
    assert files(events) == [["hwk-dresden/H-10"], ["hwk-dresden/H-9"]]
    assert proposed(events) == []


def test_an_informative_event_owns_no_procedure() -> None:
    events = [event("DecisionIssued", WC, "2026-03-05", procedure_reference="P-9"), entry(reference="P-9")]
    named = event("EntryReported", ABH, "2026-05-04", file="A-5", references=[(WC, "PROCEDURE", "P-9")])
    assert len(files([*events, named])) == 3


def test_two_files_of_one_agency_never_join_and_the_first_claim_wins() -> None:
    first, second = entry(file="A-4", on="2026-05-04"), entry(file="A-5", on="2026-05-06")
    events = [application(), first, second]
    assert files(events) == [["abh-dresden/A-4", "hwk-dresden/H-9"], ["abh-dresden/A-5"]]
    assert proposed(events) == [("link:PROCEDURE:hwk-dresden/P-9", "TWO_FILES_OF_ONE_AGENCY")]


def test_a_late_event_moves_a_link() -> None:
    later = entry(file="A-5", on="2026-05-06")
    assert files([application(), later]) == [["abh-dresden/A-5", "hwk-dresden/H-9"]]
    earlier = entry(file="A-4", on="2026-05-04")
    assert files([application(), later, earlier]) == [["abh-dresden/A-4", "hwk-dresden/H-9"], ["abh-dresden/A-5"]]


def test_a_referral_is_linked_before_a_procedure_whatever_their_dates() -> None:
    # A-4 claims P-9 early; A-5 is the target of a referral from a file joined with H-9. One case cannot hold both.
    events = [
        referral(HWK),
        accepted(HWK),
        application(),
        entry(file="A-4", on="2026-03-03"),
        event("ReferralSent", ZEFAS, "2026-06-01", target=ABH, referral_id="R-2", legal_basis="STATUTORY_TASK"),
        event("ReferralAccepted", ABH, "2026-06-03", file="A-5", references=[(ZEFAS, "REFERRAL", "R-2")]),
    ]
    assert files(events) == [["abh-dresden/A-4"], ["abh-dresden/A-5", "hwk-dresden/H-9", "zefas/Z-1"]]


def test_more_than_twenty_five_references_are_no_person() -> None:
    def bulk(count: int) -> Sequence[Event]:
        sent = [
            event(
                "ReferralSent", ZEFAS, "2026-03-02", target=WC, referral_id=f"R-{number}", legal_basis="STATUTORY_TASK"
            )
            for number in range(count)
        ]
        return [*sent, event("ReferralAccepted", WC, "2026-03-04", references=[(ZEFAS, "REFERRAL", "R-0")])]

    # The file itself is one reference, the answering file another: 23 + 2 = 25 is the most.
    assert len(files(bulk(23))) == 1
    body = event("ReferralAccepted", HWK, "2026-03-05", references=[(ZEFAS, "REFERRAL", "R-99")])
    one_more = event("ReferralSent", ZEFAS, "2026-03-02", target=HWK, referral_id="R-99")
    assert len(files([*bulk(22), one_more, body])) == 2
    assert len(files(bulk(24))) == 2
    assert proposed(bulk(24)) == [("link:REFERRAL:zefas/R-0", "TOO_MANY_REFERENCES")]


def test_links_made_by_withdrawn_events_vanish() -> None:
    claim = entry(name="claim")
    assert len(files([application(), claim])) == 1
    assert files([application(), claim, retract("claim", ABH)]) == [["abh-dresden/A-4"], ["hwk-dresden/H-9"]]


def test_a_claim_on_a_withdrawn_procedure_waits_again() -> None:
    events = [application(name="p"), entry(), retract("p", HWK)]
    assert files(events) == [["abh-dresden/A-4"], ["hwk-dresden/H-9"]]
    assert proposed(events) == [("link:PROCEDURE:hwk-dresden/P-9", "REFERENCE_UNKNOWN")]


def test_sandbox_events_form_cases_of_their_own() -> None:
    events = [application(), entry(test=True), application(test=True, name="sandbox")]
    cases = settled(events)
    assert [[(file.publisher, file.test) for file in case.files] for case in cases] == [
        [(ABH, True), (HWK, True)],
        [(HWK, False)],
    ]
    assert (view(cases[0], ABH) or {})["test"] is True
    assert "test" not in (view(cases[1], HWK) or {})


@pytest.mark.parametrize("kind", ["EMPLOYER", "ANONYMOUS", "UNKNOWN"])
def test_only_persons_make_cases(kind: str) -> None:
    assert files([application(subject_kind=kind), entry()]) == [["abh-dresden/A-4"]]


@pytest.mark.parametrize("kind", ["EMPLOYER", "ANONYMOUS"])
def test_the_info_portal_joins_nobody_whatever_it_names(kind: str) -> None:
    named = [(ZEFAS, "CASE", "Z-1"), (HWK, "PROCEDURE", "P-9")]
    portal = [
        event(name, "info-portal", "2026-03-01", subject_kind=kind, file="I-1", case_number="SN-1", references=named)
        for name in ("QuickcheckCompleted", "InquiryReceived")
    ]
    inquiry = event(
        "InquiryReceived", ZEFAS, "2026-03-02", case_number="SN-1", references=[("info-portal", "CASE", "I-1")]
    )
    assert files([*portal, inquiry, application()]) == [["hwk-dresden/H-9"], ["zefas/Z-1"]]
    assert files(portal) == []
    (case, _) = settled([*portal, inquiry, application()])
    assert "info-portal" not in case.views


def test_a_procedure_in_two_files_of_a_body_joins_neither_of_them() -> None:
    events = [application("H-9"), application("H-10"), entry()]
    assert files(events) == [["abh-dresden/A-4", "hwk-dresden/H-10"], ["hwk-dresden/H-9"]]
    assert proposed(events) == [("link:PROCEDURE:hwk-dresden/P-9", "TWO_FILES_OF_ONE_AGENCY")]


def test_every_order_of_arrival_gives_the_same_links() -> None:
    events = [
        application(),
        entry(file="A-5", on="2026-05-06"),
        entry(file="A-4"),
        referral(),
        accepted(),
        accepted(WC),
    ]
    results = {tuple((case.files, case.state) for case in settled(order)) for order in itertools.permutations(events)}
    assert len(results) == 1


def test_a_case_without_doubts_has_no_findings() -> None:
    (case,) = settled([referral(), accepted(), application(), entry()], "2026-03-06")
    assert codes(case) == []


def test_files_that_name_each_other_against_a_guard_are_proposed_once() -> None:
    events = [
        names(ZEFAS, (WC, "W-3")),
        names(WC, (ZEFAS, "Z-1"), on="2026-03-05"),
        names(ZEFAS, (WC, "W-3"), on="2026-03-03", file="Z-2"),
        names(WC, (ZEFAS, "Z-2"), on="2026-03-04"),
    ]
    assert files(events) == [["wc-dresden/W-3", "zefas/Z-2"], ["zefas/Z-1"]]
    assert proposed(events) == [("link:CASE:zefas/Z-1", "TWO_FILES_OF_ONE_AGENCY")]
