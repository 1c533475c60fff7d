"""One sane event of each type: what documentation shows, what tests start from, and what a rule must survive.

A rule that cannot be evaluated even on these is broken itself; a rule that breaks only on a received event is broken by
that event.
"""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from typing import Any

from meilenstein_schemas.contracts import load_contracts

__all__ = ["sane_body"]

_DAY = dt.date(2026, 3, 2)
_ENTERED = dt.datetime(2026, 3, 2, 10, 30, tzinfo=dt.UTC)
_HANDED_OVER = dt.datetime(2026, 3, 2, 10, 31, tzinfo=dt.UTC)

_ENVELOPE: dict[str, Any] = {
    "event_id": "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34",
    "publisher": "hwk-dresden",
    "source_system": "Fachverfahren",
    "subject_kind": "PERSON",
    "case_reference": "H-9",
    "occurred_on": _DAY,
    "recorded_at": _ENTERED,
    "published_at": _HANDED_OVER,
    "district_ags": "14612",
}
_REFERRAL = [{"agency": "zefas", "kind": "REFERRAL", "reference": "R-1"}]
_PROCEDURE = [{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"}]
_EARLIER = "7d0c1b9e-52aa-4f0e-8f53-0c7f4f1c2b11"
_BODY = {"procedure_reference": "P-9"}
_NURSING = {"publisher": "ksv-sachsen", "case_reference": "K-2", "procedure_reference": "P-2"}
_DOCTORS = {"publisher": "lds", "case_reference": "L-6"}
_OFFICE = {"publisher": "abh-dresden", "case_reference": "A-4"}
_OF_TITLE = [{"agency": "abh-dresden", "kind": "TITLE", "reference": "T-4"}]
_LABOUR = {"publisher": "ba-sachsen", "case_reference": "B-8", "references": _OF_TITLE}
_VISA = {"publisher": "bfaa", "case_reference": "V-1", "references": _OF_TITLE}
_TITLE = {
    **_OFFICE,
    "title_reference": "T-4",
    "title_norm": "AUFENTHG_18A",
    "valid_from": _DAY,
    "valid_until": _DAY + dt.timedelta(days=1460),
}
_COURSE = {
    "publisher": "course-provider-example",
    "case_reference": "BSK-9",
    "course_reference": "BSK-9/1",
    "course_kind": "VOCATIONAL_LANGUAGE",
    "language_level": "B2",
}
_OWN: dict[str, dict[str, Any]] = {
    "InquiryReceived": {
        "publisher": "zefas",
        "case_reference": "Z-1",
        "channel": "EMAIL",
        "asker_role": "PERSON",
        "language": "en",
    },
    "ConsentGiven": {
        "publisher": "zefas",
        "case_reference": "Z-1",
        "consent_id": "C-1",
        "purposes": ["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"],
        "recipients": ["zefas", "wc-dresden"],
        "valid_from": _DAY,
        "valid_until": _DAY + dt.timedelta(days=730),
        "form_version": "2026-01",
    },
    "ConsentWithdrawn": {"publisher": "zefas", "case_reference": "Z-1", "consent_id": "C-1"},
    "ReferralSent": {
        "publisher": "zefas",
        "case_reference": "Z-1",
        "referral_id": "R-1",
        "target": "hwk-dresden",
        "reason": "RECOGNITION",
        "legal_basis": "CONSENT",
        "consent_id": "C-1",
    },
    "ReferralAccepted": {"references": _REFERRAL},
    "ReferralDeclined": {"references": _REFERRAL, "decline_reason": "NOT_COMPETENT"},
    "ApplicationReceived": {
        "procedure_reference": "P-9",
        "procedure_law": "BQFG",
        "regulated": "NO",
        "training_state_group": "THIRD_STATE",
        "application_channel": "PAPER",
        "application_kind": "FIRST",
        "profession_kldb": "26212",
        "training_state": "IN",
    },
    "ReceiptConfirmed": {
        "procedure_reference": "P-9",
        "documents_complete": "NO",
        "missing_items": ["certificate-translation"],
    },
    "DocumentsRequested": {
        "procedure_reference": "P-9",
        "items": ["certificate-translation"],
        "due_on": _DAY + dt.timedelta(days=30),
    },
    "DocumentsComplete": {"procedure_reference": "P-9"},
    "DecisionIssued": {
        "procedure_reference": "P-9",
        "outcome": "FULL_EQUIVALENCE",
        "announcement": "POSTED",
        "dispatched_on": _DAY + dt.timedelta(days=1),
        "announced_on": _DAY + dt.timedelta(days=5),
        "remedies_instruction": "CORRECT",
        "decision_object": "EQUIVALENCE",
        "differences": "NO",
    },
    "EntryReported": {
        "publisher": "abh-dresden",
        "case_reference": "A-4",
        "references": _PROCEDURE,
    },
    "WelcomeCenterOnboardingStarted": {"publisher": "wc-dresden", "case_reference": "W-3", "services": ["housing"]},
    "QuickcheckCompleted": {
        "publisher": "info-portal",
        "subject_kind": "ANONYMOUS",
        "case_reference": "S-77",
        "district_ags": None,
        "session_reference": "S-77",
        "profession_kldb": "26212",
        "training_state": "IN",
    },
    "CounsellingCompleted": {
        "publisher": "ibas",
        "case_reference": "I-5",
        "counselling_topic": "RECOGNITION",
        "recommended_body": "hwk-dresden",
        "profession_kldb": "26212",
    },
    "ReferralReturned": {"references": _REFERRAL, "return_reason": "NOT_REACHED"},
    "FastTrackAgreementConcluded": {
        **_OFFICE,
        "legal_route": "FAST_TRACK_81A",
        "employer_reference": "AG-12",
        "mandate_reference": "V-3",
    },
    "EmployerInvited": {**_OFFICE, "trigger_event_id": _EARLIER},
    "ForeignersOfficeNotified": {
        **_OFFICE,
        "references": _PROCEDURE,
        "notified_of": "DECISION",
        "received_on": _DAY,
    },
    "ApplicationForwarded": {**_BODY, "target": "ihk-fosa", "forward_reason": "OTHER_PROFESSION"},
    "AdditionalEvidenceRequested": {
        **_BODY,
        "evidence_basis": "BQFG_5_4",
        "until_on": _DAY + dt.timedelta(days=30),
        "items": ["training-curriculum"],
    },
    "OtherProcedureStarted": {**_BODY, "other_procedure_kind": "QUALIFICATION_ANALYSIS"},
    "OtherProcedureEnded": {**_BODY, "other_procedure_kind": "QUALIFICATION_ANALYSIS"},
    "DeadlineExtended": {
        **_BODY,
        "new_end_on": _DAY + dt.timedelta(days=60),
        "extension_reason": "COMPLEX_MATTER",
        "notified_on": _DAY,
    },
    "EquivalenceCheckWaived": {**_NURSING, "declared_final": "YES", "informed_of_consequences": "YES"},
    "ApplicationWithdrawn": {**_BODY, "closing_reason": "WITHDRAWN_BY_APPLICANT"},
    "ProcedureClosedNoDecision": {**_BODY, "closing_reason": "DOCUMENTS_NOT_SUBMITTED"},
    "CompensationChosen": {**_NURSING, "compensation_kind": "KNOWLEDGE_TEST"},
    "CompensationStarted": {**_NURSING, "compensation_kind": "ADAPTATION_PERIOD", "provider_reference": "TR-2"},
    "CompensationCompleted": {**_NURSING, "compensation_kind": "ADAPTATION_PERIOD", "provider_reference": "TR-2"},
    "ExamTaken": {**_NURSING, "compensation_kind": "KNOWLEDGE_TEST", "passed": "YES", "attempt": 1},
    "LanguageExamRegistered": {**_DOCTORS, "language_level": "C1", "language_exam_kind": "PROFESSIONAL"},
    "LanguageExamPassed": {**_DOCTORS, "language_level": "C1", "language_exam_kind": "PROFESSIONAL"},
    "LanguageExamFailed": {**_DOCTORS, "language_level": "C1", "language_exam_kind": "PROFESSIONAL"},
    "LicenceGranted": {**_NURSING, "licence_kind": "PERMIT"},
    "AppealFiled": {**_BODY, "decision_event_id": _EARLIER, "appeal_kind": "OBJECTION"},
    "AppealDecided": {**_BODY, "decision_event_id": _EARLIER, "appeal_kind": "OBJECTION", "appeal_result": "UPHELD"},
    "QualificationConfirmed": {
        "publisher": "zab",
        "case_reference": "DAB-8",
        "two_year_training": "YES",
        "training_state": "IN",
    },
    "LabourAgencyConsentRequested": {
        **_OFFICE,
        "occurred_at": _ENTERED,
        "title_reference": "T-4",
        "consent_norm": "BESCHV_36",
    },
    "LabourAgencyInfoInsufficient": {
        **_LABOUR,
        "consent_norm": "BESCHV_36",
        "missing_information": ["EMPLOYER_ANSWER"],
    },
    "LabourAgencyConsentGranted": {
        **_LABOUR,
        "consent_norm": "BESCHV_36",
        "valid_from": _DAY,
        "valid_until": _DAY + dt.timedelta(days=1460),
    },
    "LabourAgencyConsentRefused": {**_LABOUR, "consent_norm": "BESCHV_36", "refusal_reason": "WORKING_CONDITIONS"},
    "PreApprovalIssued": {**_OFFICE, "title_reference": "T-4", "via_azr": "YES"},
    "VisaAppointmentRequested": _VISA,
    "VisaAppointmentOffered": {**_VISA, "appointment_on": _DAY + dt.timedelta(days=14)},
    "VisaApplicationComplete": {**_VISA, "title_norm": "AUFENTHG_18A"},
    "VisaDecided": {**_VISA, "visa_result": "GRANTED", "title_norm": "AUFENTHG_18A"},
    "VisaDataTransmitted": {**_VISA, "consent_case": "SECURITY_CHECK"},
    "VisaObjectionRaised": {**_OFFICE, "title_reference": "T-4", "consent_case": "SECURITY_CHECK"},
    "VisaCheckProlonged": {**_OFFICE, "title_reference": "T-4", "consent_case": "SECURITY_CHECK"},
    "WelcomeCenterOnboardingCompleted": {"publisher": "wc-dresden", "case_reference": "W-3", "services": ["housing"]},
    "ResidenceTitleApplied": {**_OFFICE, "title_reference": "T-4", "title_norm": "AUFENTHG_18A", "first_title": "YES"},
    "ResidenceTitleIssued": {**_TITLE, "first_title": "YES"},
    "ResidenceTitleExtended": {**_TITLE, "first_title": "NO"},
    "CourseEntitled": {
        "publisher": "bamf",
        "case_reference": "BSK-9",
        "course_kind": "VOCATIONAL_LANGUAGE",
        "language_level": "B2",
    },
    "CourseRegistered": _COURSE,
    "CourseStarted": _COURSE,
    "CourseDropped": _COURSE,
    "CourseCompleted": _COURSE,
    "CourseNotHeld": _COURSE,
    "CoursePlacementChanged": {**_COURSE, "provider_reference": "TR-7"},
    "EmploymentStarted": {**_OFFICE, "profession_kldb": "26212"},
    "EmploymentEndedEarly": {**_OFFICE, "ended_on": _DAY, "known_on": _DAY},
    "EmploymentEndReported": {
        **_OFFICE,
        "reporter": "EMPLOYER",
        "known_on": _DAY - dt.timedelta(days=7),
        "reported_on": _DAY,
    },
    "CaseTransferred": {
        **_OFFICE,
        "target_land": "ST",
        "target_district_ags": "15003",
        "target": "abh-example-st",
    },
    "CaseClosed": {"publisher": "zefas", "case_reference": "Z-1", "closing_reason": "COMPLETED"},
    "CaseReopened": {"publisher": "zefas", "case_reference": "Z-1", "reopening_reason": "FOLLOW_UP"},
    "EventRetracted": {"corrects": _EARLIER, "correction_reason": "ENTERED_TWICE"},
}


def sane_body(event_type: str) -> dict[str, Any]:
    """Return a fresh body of the event type that breaks no rule, with every field of its schema."""
    defaults = {
        field["name"]: field["default"] for field in load_contracts()[event_type].schema["fields"] if "default" in field
    }
    return deepcopy({**defaults, **_ENVELOPE, **_OWN[event_type]})
