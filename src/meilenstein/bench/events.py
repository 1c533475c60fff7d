"""The events that are measured: years of plain cases over six agencies, the same ones for the same numbers.

A case has the fourteen events of an ordinary recognition: inquiry, consent, referral, procedure, entry, settlement.
Cases begin at the rate of Saxony and overlap as they do there, so a case's events lie some 20,000 records apart.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meilenstein.simulate.example_case import complete_body

__all__ = ["EVENTS_PER_CASE", "EVENTS_PER_OPEN_CASE", "SENDERS", "BenchEvent", "bench_events", "open_cases"]

BODIES = ("hwk-dresden", "hwk-leipzig", "ihk-fosa")
DESK, OFFICE, WELCOME = "zefas", "abh-dresden", "wc-dresden"
SENDERS = (DESK, *BODIES, OFFICE, WELCOME)
"""Six agencies, hence six topics of one partition each."""

_FIRST_DAY = dt.date(2012, 1, 2)
_CASES_A_DAY = 4200 / 365
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "bench.meilenstein.org")


@dataclass(frozen=True, slots=True)
class BenchEvent:
    """One event with the agency that sends it."""

    sender: str
    event_type: str
    body: dict[str, Any]


_Facts = dict[str, Any]
_STORY: tuple[tuple[int, str, str], ...] = (
    (0, DESK, "InquiryReceived"),
    (0, DESK, "ConsentGiven"),
    (1, DESK, "ReferralSent"),
    (5, "body", "ReferralAccepted"),
    (8, "body", "ApplicationReceived"),
    (15, "body", "ReceiptConfirmed"),
    (16, "body", "DocumentsRequested"),
    (30, "body", "DocumentsComplete"),
    (80, "body", "DecisionIssued"),
    (105, OFFICE, "EntryReported"),
    (107, DESK, "ReferralSent"),
    (109, WELCOME, "ReferralAccepted"),
    (112, WELCOME, "WelcomeCenterOnboardingStarted"),
    (120, DESK, "ConsentWithdrawn"),
)
"""Days after the case began, who tells it, and what."""
EVENTS_PER_CASE = len(_STORY)
_LAGS = tuple(round(day * _CASES_A_DAY) for day, _, _ in _STORY)
EVENTS_PER_OPEN_CASE = 1 + next(place for place, (_, _, told) in enumerate(_STORY) if told == "DocumentsComplete")
_OPEN_FOR_DAYS = 200
"""How long ago the oldest open cases began: some decisions are due tonight, and for a good third of them overdue."""


def bench_events(count: int, *, first_case: int = 0) -> Iterator[BenchEvent]:
    """Yield `count` events in the order in which they happened, of cases numbered from `first_case` on."""
    cases = -(-count // EVENTS_PER_CASE)
    left = count
    numbers = Counter(dict.fromkeys(SENDERS, first_case * EVENTS_PER_CASE))
    for moment in range(cases + _LAGS[-1]):
        for place, lag in enumerate(_LAGS):
            if 0 <= moment - lag < cases and left:
                left -= 1
                case = first_case + moment - lag
                began_on = _FIRST_DAY + dt.timedelta(days=int(case / _CASES_A_DAY))
                yield _event(case, place, began_on, numbers)


def open_cases(count: int, *, as_of: dt.date) -> Iterator[BenchEvent]:
    """Yield the events of `count` cases whose documents are complete by `as_of` and whose decision is not known."""
    complete_after = _STORY[EVENTS_PER_OPEN_CASE - 1][0]
    numbers = Counter[str]()
    for case in range(count):
        began_on = as_of - dt.timedelta(days=complete_after + case * _OPEN_FOR_DAYS // count)
        for place in range(EVENTS_PER_OPEN_CASE):
            yield _event(case, place, began_on, numbers)


def _event(case: int, place: int, began_on: dt.date, numbers: Counter[str]) -> BenchEvent:
    day, teller, event_type = _STORY[place]
    body_agency = BODIES[case % len(BODIES)]
    sender = body_agency if teller == "body" else teller
    numbers[sender] += 1
    occurred_on = began_on + dt.timedelta(days=day)
    recorded_at = dt.datetime.combine(occurred_on, dt.time(11, place), tzinfo=dt.UTC)
    facts: _Facts = {
        "event_id": str(uuid.uuid5(_NAMESPACE, f"{began_on}/{case}/{place}")),
        "publisher": sender,
        "source_system": "Fachverfahren",
        "sequence": numbers[sender],
        "subject_kind": "PERSON",
        "case_reference": f"{sender[0].upper()}-{case:07d}",
        "occurred_on": occurred_on,
        "recorded_at": recorded_at,
        "published_at": recorded_at + dt.timedelta(minutes=1),
        "district_ags": "14612",
        "legal_route": "REGULAR",
    }
    facts.update(_facts(event_type, place, f"{case:07d}", body_agency))
    return BenchEvent(sender, event_type, complete_body(event_type, facts))


def _facts(event_type: str, place: int, number: str, body: str) -> _Facts:
    """Return what only this type tells."""
    consent = {"consent_id": f"C-{number}"}
    procedure = {"procedure_reference": f"P-{number}"}
    to_body = place < 10
    referral = f"R1-{number}" if to_body else f"R2-{number}"
    facts: dict[str, _Facts] = {
        "InquiryReceived": {"channel": "PHONE", "asker_role": "PERSON", "language": "en"},
        "ConsentGiven": {
            **consent,
            "form_version": "2025-1",
            "purposes": ["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"],
            "recipients": [DESK, body, WELCOME],
        },
        "ConsentWithdrawn": consent,
        "ReferralSent": {
            **consent,
            "legal_basis": "CONSENT",
            "referral_id": referral,
            "target": body if to_body else WELCOME,
            "reason": "RECOGNITION" if to_body else "SETTLEMENT",
        },
        "ReferralAccepted": {"references": [{"agency": DESK, "kind": "REFERRAL", "reference": referral}]},
        "ApplicationReceived": {
            **procedure,
            "procedure_law": "BQFG",
            "regulated": "NO",
            "training_state_group": "THIRD_STATE",
            "training_state": "VN",
            "profession_kldb": "26212",
            "application_channel": "PAPER",
            "application_kind": "FIRST",
        },
        "ReceiptConfirmed": {**procedure, "documents_complete": "NO", "missing_items": ["certificate-translation"]},
        "DocumentsRequested": {**procedure, "items": ["certificate-translation"]},
        "DocumentsComplete": procedure,
        "DecisionIssued": {
            **procedure,
            "outcome": "FULL_EQUIVALENCE",
            "announcement": "POSTED",
            "remedies_instruction": "CORRECT",
            "decision_object": "EQUIVALENCE",
            "differences": "NO",
        },
        "EntryReported": {"references": [{"agency": body, "kind": "PROCEDURE", "reference": f"P-{number}"}]},
    }
    return facts.get(event_type, {})
