"""Bad input never guesses its way in: each kind of it has its reason or finding, in one table.

A reason keeps the event out; what is merely reported is accepted as it was said.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.unit.cases.recognition import lawful, step
from tests.unit.cases.world import codes, event, one, settled
from tests.unit.expectations.examples import changed

from meilenstein.cases.events import Event
from meilenstein_expectations import check

REFUSED = [
    # unknown codes
    ("ApplicationReceived", {"profession_kldb": "99999"}, "RULE:AR-004"),
    ("ApplicationReceived", {"training_state": "ZZ"}, "RULE:AR-006"),
    ("LanguageExamPassed", {"language_level": "UNKNOWN"}, "RULE:LP-001"),
    ("DecisionIssued", {"outcome": "UNKNOWN"}, "RULE:DI-002"),
    ("DeadlineExtended", {"extension_reason": "UNKNOWN"}, "RULE:DE-005"),
    ("ReferralSent", {"legal_basis": "UNKNOWN"}, "RULE:RS-004"),
    # dates out of range, in the future, in the wrong order
    ("DocumentsComplete", {"occurred_on": "1899-12-31"}, "RULE:E-014"),
    ("DocumentsComplete", {"occurred_on": "9999-12-31"}, "RULE:E-028"),
    ("DocumentsComplete", {"occurred_on": "2026-03-03", "published_at": "2026-03-02T10:00:00+00:00"}, "FUTURE_FACT"),
    (
        "DocumentsComplete",
        {"occurred_on": "2026-03-03", "recorded_at": "2026-03-02T10:00:00+00:00"},
        "OCCURRED_AFTER_RECORDED",
    ),
    ("DeadlineExtended", {"new_end_on": "9999-12-31"}, "RULE:DE-004"),
    ("AdditionalEvidenceRequested", {"until_on": "1900-01-01"}, "RULE:AE-005"),
    ("DocumentsRequested", {"due_on": "0001-01-01"}, "RULE:DR-005"),
    ("ConsentGiven", {"valid_until": "9999-12-31"}, "RULE:CG-008"),
    ("DecisionIssued", {"dispatched_on": "2026-03-01"}, "RULE:DI-003"),
    # impossible districts: none, one that was dissolved, one of 8 digits, one of another Land than named
    ("ApplicationReceived", {"district_ags": "14999"}, "RULE:E-008"),
    ("ApplicationReceived", {"district_ags": "14715"}, "RULE:E-008"),
    ("ApplicationReceived", {"district_ags": "14612000"}, "RULE:E-008"),
    ("CaseTransferred", {"target_land": "BY", "target_district_ags": "15003"}, "RULE:CT-003"),
    # text where a code belongs
    ("ApplicationReceived", {"profession_kldb": "Koch"}, "RULE:AR-004"),
    ("ApplicationReceived", {"training_state": "Indien"}, "RULE:AR-005"),
    ("ApplicationReceived", {"district_ags": "Dresden"}, "RULE:E-008"),
    ("DocumentsRequested", {"items": ["Zeugnis, beglaubigt"]}, "RULE:DR-003"),
    ("ReceiptConfirmed", {"missing_items": ["Diplom"]}, "RULE:RC-002"),
    ("ConsentGiven", {"recipients": ["Handwerkskammer Dresden"]}, "RULE:CG-005"),
    ("InquiryReceived", {"language": "Arabisch"}, "RULE:IR-001"),
    # NFD, zero-width, direction marks, non-breaking spaces, control characters in references
    ("DocumentsComplete", {"procedure_reference": "Pru\u0308fung-9"}, "RULE:E-021"),
    ("DocumentsComplete", {"procedure_reference": "P-9\u200b"}, "RULE:E-020"),
    ("DocumentsComplete", {"procedure_reference": "P\u00a09"}, "RULE:E-020"),
    ("DocumentsComplete", {"procedure_reference": "P\u202e9"}, "RULE:E-020"),
    ("DocumentsComplete", {"case_reference": "H\u20099"}, "RULE:E-020"),
    ("DocumentsComplete", {"case_reference": "H-9\t"}, "RULE:E-020"),
    # case numbers: not of the form, and mistyped
    ("DocumentsComplete", {"case_number": "SN 1"}, "RULE:E-006"),
    ("DocumentsComplete", {"case_number": "23C-FHJ-KLMP"}, "RULE:E-029"),
    # what must never be there
    ("DocumentsComplete", {"procedure_reference": "051124123456"}, "FORBIDDEN_CONTENT"),
]
REPORTED = [
    ("ApplicationReceived", {"procedure_law": "UNKNOWN"}, "RULE:AR-002", "warning"),
    ("DocumentsRequested", {"items": ["stamp-of-the-mayor"]}, "RULE:DR-006", "info"),
    ("ReceiptConfirmed", {"missing_items": ["stamp-of-the-mayor"]}, "RULE:RC-004", "info"),
    ("ApplicationReceived", {"district_ags": "15003"}, "RULE:E-009", "info"),
]


def found(event_type: str, changes: dict[str, Any]) -> dict[str, str]:
    return {violation.code: violation.severity for violation in check(event_type, changed(event_type, changes))}


@pytest.mark.parametrize(("event_type", "changes", "reason"), REFUSED)
def test_bad_input_is_kept_out_with_its_reason(event_type: str, changes: dict[str, Any], reason: str) -> None:
    assert found(event_type, changes).get(reason) == "critical", found(event_type, changes)


@pytest.mark.parametrize(("event_type", "changes", "code", "severity"), REPORTED)
def test_what_may_be_right_is_accepted_and_reported(
    event_type: str, changes: dict[str, Any], code: str, severity: str
) -> None:
    assert found(event_type, changes) == {code: severity}


@pytest.mark.parametrize(
    ("events", "code"),
    [
        (lawful(step("DecisionIssued", "2026-04-20", outcome="PARTIAL_ACCESS")), "OUTCOME_NOT_POSSIBLE"),
        ([step("DocumentsComplete", "2026-03-01"), step("ApplicationReceived", "2026-03-02")], "ORDER_IMPOSSIBLE"),
        ([event("InquiryReceived", "zefas", "2026-03-02", warnings=["E-018"])], "RULE:E-018"),
        (
            [event("InquiryReceived", "zefas", "2026-01-02", recorded_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))],
            "LATE_REPORT",
        ),
        ([event("DocumentsComplete", "hwk-dresden", "2026-03-02", corrects="nobody")], "CORRECTION_TARGET_UNKNOWN"),
        ([event("InquiryReceived", "zefas", "2026-03-02", references=[("wc-dresden", "CASE", "?")])], "LINK_PROPOSED"),
    ],
)
def test_what_single_events_cannot_show_is_a_finding_of_the_case(events: list[Event], code: str) -> None:
    assert code in codes(one(events))


def test_dates_at_the_edge_of_the_calendar_stop_no_fold() -> None:
    for on in ("0001-01-01", "9999-12-31"):
        events = [
            *lawful(
                step("AdditionalEvidenceRequested", on, until_on=dt.date.max, items=["diploma"]),
                step("OtherProcedureStarted", on),
                step("DeadlineExtended", on, new_end_on=dt.date.max, notified_on=dt.date.max),
                step("DocumentsRequested", on, items=["diploma"], due_on=dt.date.min),
            ),
            event("CaseClosed", "hwk-dresden", on),
        ]
        for as_of in ("0001-01-01", "2026-07-01", "9999-12-31"):
            assert settled(events, as_of)
