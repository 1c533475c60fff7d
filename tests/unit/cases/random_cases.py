"""Random sets of events over a few agencies, files, identifiers and days, so that everything meets everything.

Hypothesis draws only a seed and a size: drawing each field of each event by itself would take a hundred times longer. A
smaller size gives a beginning of the same events, so failing cases still shrink.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, event_id

from meilenstein.cases.events import Event

__all__ = ["DAYS", "event_sets", "random_events"]

AGENCIES = (ZEFAS, HWK, WC, ABH, "hwk-leipzig")
TYPES = (
    "InquiryReceived", "ConsentGiven", "ConsentWithdrawn", "ReferralSent", "ReferralAccepted", "ReferralDeclined",
    "ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued", "EntryReported",
    "WelcomeCenterOnboardingStarted", "EventRetracted",
)  # fmt: skip
START = dt.date(2026, 1, 1)
DAYS = st.integers(0, 90).map(lambda days: START + dt.timedelta(days=days))
FILES = ("1", "2")
PROCEDURES = ("P-1", "P-2")
REFERRALS = ("R-1", "R-2", "R-3")
REFERENCES = tuple(
    {"agency": agency, "kind": kind, "reference": name}
    for agency in AGENCIES
    for kind, pool in (("CASE", FILES), ("PROCEDURE", PROCEDURES), ("REFERRAL", REFERRALS))
    for name in pool
)
WITH_PROCEDURE = frozenset({"ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued"})


def _day(rng: Random) -> dt.date:
    return START + dt.timedelta(days=rng.randrange(90))


def _maybe_day(rng: Random) -> dt.date | None:
    return _day(rng) if rng.random() < 0.5 else None


OWN_FIELDS: Mapping[str, Callable[[Random], dict[str, Any]]] = {
    "ConsentGiven": lambda rng: {
        "purposes": rng.sample(["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"], k=rng.randrange(5)),
        "recipients": rng.sample(AGENCIES, k=rng.randrange(5)),
        "valid_from": _maybe_day(rng),
        "valid_until": _maybe_day(rng),
    },
    "ReferralSent": lambda rng: {
        "referral_id": rng.choice(REFERRALS),
        "target": rng.choice(AGENCIES),
        "reason": rng.choice(["UNKNOWN", "RECOGNITION"]),
    },
    "ApplicationReceived": lambda rng: {
        "procedure_law": rng.choice(["BQFG", "BQFG", "OTHER"]),
        "regulated": rng.choice(["NO", "NO", "YES", "UNKNOWN"]),
    },
    "DecisionIssued": lambda rng: {"outcome": rng.choice(["FULL_EQUIVALENCE", "NEGATIVE", "UNKNOWN"])},
}


SPEAKERS = {
    "ReferralSent": (ZEFAS, ZEFAS, WC),
    "ConsentGiven": (ZEFAS, WC),
    "ConsentWithdrawn": (ZEFAS, WC),
    "EntryReported": (ABH, ABH, WC),
    "WelcomeCenterOnboardingStarted": (WC,),
    **dict.fromkeys(WITH_PROCEDURE, (HWK, HWK, "hwk-leipzig")),
}


def _event(rng: Random, number: int, earlier: list[Event]) -> Event:
    event_type = rng.choice(TYPES)
    publisher = rng.choice(SPEAKERS.get(event_type, AGENCIES) if rng.random() < 0.85 else AGENCIES)
    references = rng.sample(REFERENCES, k=rng.randrange(3))
    sent = [event for event in earlier if event.event_type == "ReferralSent"]
    if event_type in {"ReferralAccepted", "ReferralDeclined"} and sent and rng.random() < 0.85:
        answered = rng.choice(sent)
        publisher = answered.facts["target"]
        name = answered.facts["referral_id"]
        references.append({"agency": answered.publisher, "kind": "REFERRAL", "reference": name})
    occurred_on = _day(rng)
    body: dict[str, Any] = {
        "event_id": event_id(str(number)),
        "publisher": publisher,
        "source_system": "test",
        "subject_kind": "ANONYMOUS" if rng.random() < 0.05 else "PERSON",
        "case_reference": FILES[rng.random() < 0.2],
        "case_number": "SN-1" if rng.random() < 0.08 else None,
        "references": references,
        "occurred_on": occurred_on,
        "recorded_at": None,
        "legal_route": rng.choice(["UNKNOWN", "REGULAR", "REGULAR", "FAST_TRACK_81A"]),
        "district_ags": rng.choice([None, "14612", "14713"]),
        "legal_basis": rng.choice(["UNKNOWN", "CONSENT", "CONSENT", "STATUTORY_TASK"]),
        "consent_id": rng.choice([None, "C-1", "C-1", "C-2"]),
        "test": rng.random() < 0.05,
        **OWN_FIELDS.get(event_type, lambda _rng: {})(rng),
    }
    if rng.random() < 0.5:
        recorded_on = occurred_on + dt.timedelta(days=rng.randrange(60))
        body["recorded_at"] = dt.datetime.combine(recorded_on, dt.time(23), tzinfo=dt.UTC)
    if event_type in WITH_PROCEDURE:
        body["procedure_reference"] = rng.choice([None, *PROCEDURES, *PROCEDURES * 2])
    if event_type == "EventRetracted" or rng.random() < 0.15:
        _correct(rng, body, event_type, earlier)
    return Event.from_body(event_type, body, warnings=["E-1"] if rng.random() < 0.1 else [])


def _correct(rng: Random, body: dict[str, Any], event_type: str, earlier: list[Event]) -> None:
    """Name an earlier event that may be corrected, or now and then one that may not or does not exist."""
    suitable = [event for event in earlier if event_type in {"EventRetracted", event.event_type}]
    if suitable and rng.random() < 0.85:
        target = rng.choice(suitable)
        body["publisher"] = target.publisher
        body["corrects"] = target.event_id
    else:
        body["corrects"] = event_id(str(rng.randrange(30)))


def random_events(seed: int, count: int) -> list[Event]:
    """The first `count` events of the random story `seed`."""
    rng = Random(seed)
    events: list[Event] = []
    for number in range(count):
        events.append(_event(rng, number, events))
    return events


def event_sets(max_size: int = 40) -> st.SearchStrategy[list[Event]]:
    """Sets of one to `max_size` events."""
    return st.builds(random_events, st.integers(0, 2**32), st.integers(1, max_size))
