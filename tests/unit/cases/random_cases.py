"""Random sets of events over a few agencies, files, identifiers and days, so that everything meets everything."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, event_id

from meilenstein.cases.events import Event

__all__ = ["DAYS", "event_sets"]

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
    (agency, kind, name)
    for agency in AGENCIES
    for kind, pool in (("CASE", FILES), ("PROCEDURE", PROCEDURES), ("REFERRAL", REFERRALS))
    for name in pool
)
OWN_FIELDS = {
    "ConsentGiven": {
        "purposes": st.lists(st.sampled_from(["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"]), max_size=4),
        "recipients": st.lists(st.sampled_from(AGENCIES), max_size=4),
        "valid_from": st.none() | DAYS,
        "valid_until": st.none() | DAYS,
    },
    "ReferralSent": {
        "referral_id": st.sampled_from(REFERRALS),
        "target": st.sampled_from(AGENCIES),
        "reason": st.sampled_from(["UNKNOWN", "RECOGNITION"]),
    },
    "ApplicationReceived": {
        "procedure_law": st.sampled_from(["BQFG", "BQFG", "OTHER"]),
        "regulated": st.sampled_from(["NO", "NO", "YES", "UNKNOWN"]),
    },
    "DecisionIssued": {"outcome": st.sampled_from(["FULL_EQUIVALENCE", "NEGATIVE", "UNKNOWN"])},
}  # fmt: skip
WITH_PROCEDURE = frozenset({"ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued"})


@st.composite
def _event(draw: st.DrawFn, number: int) -> Event:
    event_type = draw(st.sampled_from(TYPES))
    agency = draw(st.sampled_from(AGENCIES))
    occurred_on = draw(DAYS)
    body = {
        "event_id": event_id(str(number)),
        "publisher": agency,
        "source_system": "test",
        "subject_kind": draw(st.sampled_from(["PERSON"] * 9 + ["ANONYMOUS"])),
        "case_reference": draw(st.sampled_from(FILES)),
        "case_number": draw(st.sampled_from([None] * 12 + ["SN-1"])),
        "references": [
            {"agency": owner, "kind": kind, "reference": name}
            for owner, kind, name in draw(st.lists(st.sampled_from(REFERENCES), max_size=3))
        ],
        "occurred_on": occurred_on,
        "recorded_at": draw(
            st.none()
            | st.integers(0, 60).map(
                lambda days: dt.datetime.combine(occurred_on, dt.time(23), tzinfo=dt.UTC) + dt.timedelta(days=days)
            )
        ),
        "legal_route": draw(st.sampled_from(["UNKNOWN", "REGULAR", "FAST_TRACK_81A"])),
        "district_ags": draw(st.sampled_from([None, "14612", "14713"])),
        "legal_basis": draw(st.sampled_from(["UNKNOWN", "CONSENT", "STATUTORY_TASK"])),
        "consent_id": draw(st.sampled_from([None, "C-1", "C-2"])),
        "test": draw(st.sampled_from([False] * 9 + [True])),
        **{name: draw(values) for name, values in OWN_FIELDS.get(event_type, {}).items()},
    }
    if event_type in WITH_PROCEDURE:
        body["procedure_reference"] = draw(st.sampled_from([None, *PROCEDURES, *PROCEDURES]))
    if event_type == "EventRetracted" or draw(st.integers(0, 5)) == 0:
        body["corrects"] = draw(st.integers(0, 11).map(lambda other: event_id(str(other))))
    return Event.from_body(event_type, body, warnings=draw(st.lists(st.sampled_from(["E-1", "E-2"]), max_size=1)))


@st.composite
def event_sets(draw: st.DrawFn, max_size: int = 24) -> list[Event]:
    """Events with distinct ids per publisher; a publisher may correct its own ones, or what does not exist."""
    count = draw(st.integers(1, max_size))
    return [draw(_event(number)) for number in range(count)]
