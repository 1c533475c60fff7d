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
    },
    "EntryReported": {
        "publisher": "abh-dresden",
        "case_reference": "A-4",
        "references": [{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"}],
    },
    "WelcomeCenterOnboardingStarted": {"publisher": "wc-dresden", "case_reference": "W-3", "services": ["housing"]},
    "EventRetracted": {"corrects": "7d0c1b9e-52aa-4f0e-8f53-0c7f4f1c2b11", "correction_reason": "ENTERED_TWICE"},
}


def sane_body(event_type: str) -> dict[str, Any]:
    """Return a fresh body of the event type that breaks no rule, with every field of its schema."""
    defaults = {
        field["name"]: field["default"] for field in load_contracts()[event_type].schema["fields"] if "default" in field
    }
    return deepcopy({**defaults, **_ENVELOPE, **_OWN[event_type]})
