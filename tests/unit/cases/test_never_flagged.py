"""What is lawful and looks unusual: whole cases, from first contact to the end, without a single finding.

A rigid check of an order of steps would flag each of them.
"""

from __future__ import annotations

import pytest
from tests.unit.cases.recognition import COOK, application, lawful, step
from tests.unit.cases.world import ABH, HWK, WC, day, event, settled

from meilenstein.cases.events import Event

NUMBER = "SN-1"
KSV, ELSEWHERE, DESK, OTHER_ABH = "ksv-sachsen", "body-example-st", "transfer-desk-example", "abh-example-st"
AS_OF = "2027-06-30"
NURSE = {"procedure_law": "PFLAPRV", "regulated": "YES", "training_state_group": "THIRD_STATE",
         "profession_kldb": "81302"}  # fmt: skip


def entered(on: str, route: str = "UNKNOWN", publisher: str = ABH) -> Event:
    return event("EntryReported", publisher, on, district_ags="14612", legal_route=route, case_number=NUMBER)


def title(event_type: str, on: str, norm: str, until: str | None = None, publisher: str = ABH) -> Event:
    return event(
        event_type, publisher, on, title_reference="T-1", title_norm=norm, case_number=NUMBER,
        valid_from=day(on), valid_until=day(until) if until else None,
    )  # fmt: skip


def decided(on: str = "2026-05-04", outcome: str = "FULL_EQUIVALENCE") -> Event:
    return step("DecisionIssued", on, outcome=outcome, case_number=NUMBER)


def nursing(event_type: str, on: str, **fields: str | None) -> Event:
    return step(event_type, on, publisher=KSV, procedure="K-1", case_number=NUMBER, **fields)


def in_saxony(on: str = "2026-03-02") -> list[Event]:
    """A whole procedure at the Saxon body for nursing."""
    return [
        application(on, publisher=KSV, procedure="K-1", case_number=NUMBER, **NURSE),
        nursing("ReceiptConfirmed", "2026-03-09"),
        nursing("DocumentsComplete", "2026-03-16"),
        nursing("DecisionIssued", "2026-05-04", outcome="FULL_EQUIVALENCE", decision_object="LICENCE"),
    ]


PARTNERSHIP = "RECOGNITION_PARTNERSHIP_16D3"
CASES: dict[str, list[Event]] = {
    "application after entry in a recognition partnership": [
        entered("2026-02-16", PARTNERSHIP),
        title("ResidenceTitleIssued", "2026-02-18", "AUFENTHG_16D_3", "2027-02-18"),
        title("ResidenceTitleExtended", "2027-01-18", "AUFENTHG_16D_3", "2028-02-18"),
        *lawful(decided(), legal_route=PARTNERSHIP),
    ],
    "application after entry of a citizen of the EU": [
        entered("2025-09-01", "EU"),
        *lawful(decided(), legal_route="EU", training_state_group="EU_EEA_CH"),
    ],
    "application of somebody who has lived here for years": [
        entered("2019-05-02"),
        *lawful(decided(), legal_route="REGULAR"),
    ],
    "unregulated profession without any recognition": [
        entered("2026-02-16"),
        title("ResidenceTitleIssued", "2026-02-18", "AUFENTHG_18A", "2030-02-18"),
        event("EmploymentStarted", ABH, "2026-03-02", profession_kldb=COOK, case_number=NUMBER),
    ],
    "application without a referral": lawful(decided(outcome="PARTIAL_EQUIVALENCE")),
    "nursing: the comparison was waived, an exam taken instead": [
        *in_saxony()[:3],
        nursing("EquivalenceCheckWaived", "2026-03-20", declared_final="YES", informed_of_consequences="YES"),
        nursing("CompensationChosen", "2026-03-20", compensation_kind="KNOWLEDGE_TEST"),
        nursing("ExamTaken", "2026-06-15", compensation_kind="KNOWLEDGE_TEST", passed="YES"),
        nursing("DecisionIssued", "2026-06-22", outcome="FULL_EQUIVALENCE", decision_object="LICENCE"),
        nursing("LicenceGranted", "2026-06-22", licence_kind="PERMIT"),
    ],
    "transfer from another Land, both procedures open for a while": [
        application("2026-01-12", publisher=ELSEWHERE, procedure="ST-1", case_number=NUMBER, **NURSE),
        step("ReceiptConfirmed", "2026-01-19", publisher=ELSEWHERE, procedure="ST-1", missing_items=["certificate"]),
        event("CaseTransferred", ELSEWHERE, "2026-03-02", target=KSV, target_land="SN", case_number=NUMBER),
        *in_saxony(),
        nursing("DocumentsRequested", "2026-03-12", items=["certificate"]),
    ],
    "transfer by the desk of another Land while the body there had not ended its procedure": [
        application("2026-01-12", publisher=ELSEWHERE, procedure="ST-1", case_number=NUMBER, **NURSE),
        step("ReceiptConfirmed", "2026-01-19", publisher=ELSEWHERE, procedure="ST-1", case_number=NUMBER),
        event("CaseTransferred", DESK, "2026-02-27", target=KSV, target_land="SN", case_number=NUMBER),
        *in_saxony(),
    ],
    "transfer of the residence to another Land": [
        entered("2026-02-16", publisher=OTHER_ABH),
        event("CaseTransferred", OTHER_ABH, "2026-04-01", target=ABH, target_land="SN", case_number=NUMBER),
        title("ResidenceTitleIssued", "2026-04-20", "AUFENTHG_18A", "2030-04-20"),
        *lawful(decided()),
    ],
    "decision of another Land, continued here with the licence": [
        step("DecisionIssued", "2026-01-12", publisher=ELSEWHERE, procedure="ST-1", case_number=NUMBER,
             outcome="COMPENSATION_REQUIRED", measures=["ADAPTATION_PERIOD"]),
        event("CaseTransferred", DESK, "2026-02-27", target=KSV, target_land="SN", case_number=NUMBER),
        nursing("CompensationCompleted", "2026-05-04", compensation_kind="ADAPTATION_PERIOD"),
        nursing("DecisionIssued", "2026-05-11", outcome="FULL_EQUIVALENCE", decision_object="LICENCE"),
        nursing("LicenceGranted", "2026-05-11", licence_kind="PERMIT"),
    ],
    "decision of another Land that only its transfer desk passes on": [
        event("DecisionIssued", DESK, "2026-01-12", outcome="COMPENSATION_REQUIRED", case_number=NUMBER,
              references=[(ELSEWHERE, "PROCEDURE", "ST-1")]),
        event("CaseTransferred", DESK, "2026-02-27", target=KSV, target_land="SN", case_number=NUMBER),
        *in_saxony(),
    ],
}  # fmt: skip


@pytest.mark.parametrize("events", CASES.values(), ids=CASES.keys())
def test_lawful_variants_have_no_finding_at_all(events: list[Event]) -> None:
    cases = settled(_joined(events), AS_OF)
    assert len(cases) == 1
    assert [(finding.code, finding.about, finding.detail) for case in cases for finding in case.findings] == []


def _joined(events: list[Event]) -> list[Event]:
    """The files of one person share a case number."""
    return [one if one.case_number else one._replace(case_number=NUMBER) for one in events]


PROCEDURE_THERE, FILE_THERE = (ELSEWHERE, "PROCEDURE", "ST-1"), (ELSEWHERE, "CASE", "ST-A")


def elsewhere(event_type: str, on: str, **fields: object) -> Event:
    return step(event_type, on, publisher=ELSEWHERE, procedure="ST-1", file="ST-A", **fields)


def here(event_type: str, on: str, **fields: object) -> Event:
    return step(event_type, on, publisher=KSV, procedure="K-1", **fields)


HANDED_OVER = event("CaseTransferred", ELSEWHERE, "2026-03-01", file="ST-A", target=KSV, target_land="SN")
BEGUN_THERE = [
    application("2026-01-12", publisher=ELSEWHERE, procedure="ST-1", file="ST-A", **NURSE),
    elsewhere("ReceiptConfirmed", "2026-01-19"),
]
DECIDED_THERE = elsewhere(
    "DecisionIssued", "2026-02-12", outcome="COMPENSATION_REQUIRED", measures=["ADAPTATION_PERIOD"]
)
LICENSED_HERE = here("DecisionIssued", "2026-05-11", outcome="FULL_EQUIVALENCE", decision_object="LICENCE")
FROM_A_LETTER: dict[str, list[Event]] = {
    "transferred, and the body here names the procedure": [
        *BEGUN_THERE, HANDED_OVER,
        application("2026-03-02", publisher=KSV, procedure="K-1", references=[PROCEDURE_THERE], **NURSE),
        here("ReceiptConfirmed", "2026-03-09"),
    ],
    "transferred, and the body here names the file": [
        *BEGUN_THERE, HANDED_OVER,
        application("2026-03-02", publisher=KSV, procedure="K-1", references=[FILE_THERE], **NURSE),
        here("ReceiptConfirmed", "2026-03-09"),
    ],
    "decided there, and the body here names the decision's procedure": [
        *BEGUN_THERE, elsewhere("DocumentsComplete", "2026-01-19"), DECIDED_THERE,
        here("CompensationCompleted", "2026-05-04", compensation_kind="ADAPTATION_PERIOD",
             references=[PROCEDURE_THERE]),
        LICENSED_HERE,
    ],
    "decided there, of which nothing is known here but its name": [
        here("CompensationCompleted", "2026-05-04", compensation_kind="ADAPTATION_PERIOD",
             references=[PROCEDURE_THERE]),
        LICENSED_HERE,
    ],
}  # fmt: skip


@pytest.mark.parametrize("events", FROM_A_LETTER.values(), ids=FROM_A_LETTER.keys())
def test_what_another_land_began_goes_on_here_by_the_references_of_its_letters(events: list[Event]) -> None:
    cases = settled(events, AS_OF)
    assert len(cases) == 1
    assert [finding.code for case in cases for finding in case.findings] == []


def test_a_decision_elsewhere_with_the_same_case_number_explains_one_without_application_here() -> None:
    numbered = [one._replace(case_number=NUMBER) for one in (DECIDED_THERE, LICENSED_HERE)]
    (case,) = settled(numbered, AS_OF)
    assert case.findings == ()
    (alone,) = settled([LICENSED_HERE], AS_OF)
    assert [finding.code for finding in alone.findings] == ["DECISION_BEFORE_COMPLETE", "ORPHAN_DECISION"]


def test_a_waiver_before_the_decision_needs_no_complete_documents() -> None:
    begun = in_saxony()[:2]
    waived = nursing("EquivalenceCheckWaived", "2026-03-20", declared_final="YES", informed_of_consequences="YES")
    licensed = nursing("DecisionIssued", "2026-06-22", outcome="FULL_EQUIVALENCE", decision_object="LICENCE")
    exam = nursing("ExamTaken", "2026-06-15", compensation_kind="KNOWLEDGE_TEST", passed="YES")
    (case,) = settled([*begun, waived, exam, licensed], AS_OF)
    assert case.findings == ()
    (case,) = settled([*begun, licensed._replace(occurred_on=day("2026-03-19")), waived, exam], AS_OF)
    assert [finding.code for finding in case.findings] == ["DECISION_BEFORE_COMPLETE"]


def test_an_office_of_another_district_goes_on_with_a_file_that_was_transferred_to_it() -> None:
    begun = event("EntryReported", OTHER_ABH, "2026-02-16", file="AS", district_ags="14612")
    released = event("CaseTransferred", OTHER_ABH, "2026-04-01", file="AS", target=ABH, target_land="SN")
    named = event(
        "ResidenceTitleIssued", ABH, "2026-04-20", title_reference="T-1", title_norm="AUFENTHG_18A",
        valid_from=day("2026-04-20"), valid_until=day("2030-04-20"), references=[(OTHER_ABH, "CASE", "AS")],
    )  # fmt: skip
    (case,) = settled([begun, released, named], AS_OF)
    assert case.findings == ()
    for not_for_us in (released._replace(facts={**released.facts, "target": "abh-leipzig"}), begun):
        cases = settled([begun, not_for_us, named], AS_OF)
        assert [finding.code for case in cases for finding in case.findings] == ["LINK_PROPOSED"]


def test_welcome_center_and_body_without_each_other_are_two_lawful_cases() -> None:
    onboarding = [
        event("WelcomeCenterOnboardingStarted", WC, "2026-03-02"),
        event("WelcomeCenterOnboardingCompleted", WC, "2026-03-09"),
    ]
    cases = settled([*onboarding, *lawful(step("DecisionIssued", "2026-05-04", outcome="NEGATIVE"))], AS_OF)
    assert [case.files[0].publisher for case in cases] == [HWK, WC]
    assert [case.findings for case in cases] == [(), ()]
