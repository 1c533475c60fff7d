"""The example case that tutorial, demo and acceptance test share: one person, four agencies, seven steps.

A skilled worker asks ZEFAS for advice, is referred to the Chamber of Crafts, is recognised there, enters the country,
is referred to the Welcome Center, and finally withdraws the consent on which the agencies shared what they knew.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein_schemas.contracts import load_contracts

__all__ = ["EXAMPLE_DAYS", "ExampleStep", "complete_body", "example_case"]

EXAMPLE_DAYS = 120
"""Days from the first step to the last."""
ZEFAS, BODY, OFFICE, WELCOME = "zefas", "hwk-dresden", "abh-dresden", "wc-dresden"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "example-case.meilenstein.org")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleStep:
    """What happens at one point of the story."""

    number: int
    """From 1."""
    title: Mapping[str, str]
    """By language (`de`, `en`)."""
    events: tuple[tuple[str, str, dict[str, Any]], ...]
    """(sender, event type, body) in the order of sending; the bodies have every field of their contract."""


def complete_body(event_type: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with every field of the contract: the given ones, and the defaults of the others."""
    schema = load_contracts()[event_type].schema
    unknown = set(fields) - {field["name"] for field in schema["fields"]}
    if unknown:
        raise ValueError(f"{event_type} has no field {', '.join(sorted(unknown))}")
    return {
        field["name"]: fields[field["name"]] if field["name"] in fields else field["default"]
        for field in schema["fields"]
    }


class _Story:
    """Writes events of the case: what all have in common, and the day as a number of days after the start."""

    def __init__(self, start: dt.date) -> None:
        self._start = start
        self._number = 0

    def tell(
        self,
        event_type: str,
        publisher: str,
        case_reference: str,
        day: int,
        references: Sequence[tuple[str, str, str]] = (),
        **facts: Any,
    ) -> tuple[str, str, dict[str, Any]]:
        """Return one event of `publisher`, recorded at noon of the day it became true."""
        self._number += 1
        occurred_on = self._start + dt.timedelta(days=day)
        body = {
            "event_id": str(uuid.uuid5(_NAMESPACE, f"{self._start.isoformat()}/{self._number}")),
            "publisher": publisher,
            "source_system": "example",
            "subject_kind": "PERSON",
            "case_reference": case_reference,
            "references": [
                {"agency": agency, "kind": kind, "reference": reference} for agency, kind, reference in references
            ],
            "occurred_on": occurred_on,
            "recorded_at": dt.datetime.combine(occurred_on, dt.time(11, self._number), tzinfo=dt.UTC),
            "district_ags": "14612",
            "legal_route": "REGULAR",
            **facts,
        }
        return publisher, event_type, complete_body(event_type, body)


def example_case(start: dt.date) -> list[ExampleStep]:
    """Return the example case, beginning on `start`; the same day gives the same bodies and ids.

    References carry the day as well, so that cases of different days are different cases.
    """
    tell = _Story(start).tell
    mark = f"{start:%Y%m%d}"
    z, h, a, w, p = (f"{letter}-{mark}" for letter in "ZHAWP")
    c1, r1, r2 = f"C1-{mark}", f"R1-{mark}", f"R2-{mark}"
    consent: dict[str, Any] = {"consent_id": c1}
    based: dict[str, Any] = {"legal_basis": "CONSENT", **consent}
    return [
        _step(
            1,
            "Anfrage und Einwilligung",
            "Inquiry and consent",
            tell("InquiryReceived", ZEFAS, z, 0, channel="PHONE", asker_role="PERSON", language="en"),
            tell(
                "ConsentGiven", ZEFAS, z, 0, **consent, form_version="2025-1",
                purposes=["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"], recipients=[ZEFAS, BODY, WELCOME],
            ),
        ),
        _step(
            2,
            "Verweis an die Handwerkskammer",
            "Referral to the Chamber of Crafts",
            tell("ReferralSent", ZEFAS, z, 1, **based, referral_id=r1, target=BODY, reason="RECOGNITION"),
        ),
        _step(
            3,
            "Die Handwerkskammer nimmt an",
            "The Chamber accepts",
            tell("ReferralAccepted", BODY, h, 5, [(ZEFAS, "REFERRAL", r1)]),
        ),
        _step(
            4,
            "Das Anerkennungsverfahren",
            "The recognition procedure",
            tell(
                "ApplicationReceived", BODY, h, 8, procedure_reference=p, procedure_law="BQFG", regulated="NO",
                training_state_group="THIRD_STATE", training_state="VN", profession_kldb="26212",
                application_channel="PAPER", application_kind="FIRST",
            ),
            tell("ReceiptConfirmed", BODY, h, 15, procedure_reference=p, documents_complete="NO"),
            tell("DocumentsComplete", BODY, h, 30, procedure_reference=p),
            tell(
                "DecisionIssued", BODY, h, 80, procedure_reference=p, outcome="FULL_EQUIVALENCE",
                announcement="POSTED", dispatched_on=start + dt.timedelta(days=80), remedies_instruction="CORRECT",
                decision_object="EQUIVALENCE", differences="NO",
            ),
        ),
        _step(
            5,
            "Die Einreise",
            "The entry",
            tell("EntryReported", OFFICE, a, 105, [(BODY, "PROCEDURE", p)]),
        ),
        _step(
            6,
            "Verweis an das Welcome Center",
            "Referral to the Welcome Center",
            tell("ReferralSent", ZEFAS, z, 107, **based, referral_id=r2, target=WELCOME, reason="SETTLEMENT"),
            tell("ReferralAccepted", WELCOME, w, 109, [(ZEFAS, "REFERRAL", r2)]),
            tell("WelcomeCenterOnboardingStarted", WELCOME, w, 112),
        ),
        _step(
            7,
            "Widerruf der Einwilligung",
            "The consent is withdrawn",
            tell("ConsentWithdrawn", ZEFAS, z, EXAMPLE_DAYS, **consent),
        ),
    ]  # fmt: skip


def _step(number: int, german: str, english: str, *events: tuple[str, str, dict[str, Any]]) -> ExampleStep:
    return ExampleStep(number=number, title={"de": german, "en": english}, events=events)
