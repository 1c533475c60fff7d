"""Random sets of events over a few agencies, files, identifiers and days, so that everything meets everything.

Hypothesis draws only a seed and a size: drawing each field of each event by itself would take a hundred times longer. A
smaller size gives a beginning of the same events, so failing cases still shrink.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, directory, event_id

from meilenstein.cases.events import ENVELOPE_FIELDS, Event
from meilenstein_schemas.contracts import load_contracts

__all__ = ["DAYS", "OWN_FIELDS", "any_fields", "event_sets", "random_events", "speakers"]

AGENCIES = (ZEFAS, HWK, WC, ABH, "hwk-leipzig")
BA, VISA, COURSES = "ba-sachsen", "bfaa", "course-provider-example"
COMMON = (
    "InquiryReceived", "ConsentGiven", "ConsentWithdrawn", "ReferralSent", "ReferralAccepted", "ReferralDeclined",
    "ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued", "EntryReported",
    "WelcomeCenterOnboardingStarted", "EventRetracted",
)  # fmt: skip
TYPES = (
    *COMMON, *COMMON, "ReferralReturned", "ApplicationForwarded",
    "AdditionalEvidenceRequested", "OtherProcedureStarted", "OtherProcedureEnded", "DeadlineExtended",
    "EquivalenceCheckWaived", "ApplicationWithdrawn", "CompensationChosen", "ExamTaken", "AppealFiled",
    "FastTrackAgreementConcluded", "ForeignersOfficeNotified", "EmployerInvited", "LabourAgencyConsentRequested",
    "LabourAgencyConsentGranted", "PreApprovalIssued", "VisaAppointmentRequested", "VisaAppointmentOffered",
    "VisaDataTransmitted", "VisaObjectionRaised", "ResidenceTitleIssued", "ResidenceTitleExtended",
    "CourseRegistered", "CourseNotHeld", "CourseStarted", "EmploymentEndedEarly", "EmploymentEndReported",
    "CaseTransferred", "CaseClosed", "CaseReopened", "DocumentsRequested", "DocumentsRequested", "LicenceGranted",
    "VisaDecided", "LabourAgencyConsentRefused",
)  # fmt: skip
START = dt.date(2026, 1, 1)
DAYS = st.integers(0, 90).map(lambda days: START + dt.timedelta(days=days))
FILES = ("1", "2")
PROCEDURES = ("P-1", "P-2")
REFERRALS = ("R-1", "R-2", "R-3")
REFERENCES = tuple(
    {"agency": agency, "kind": kind, "reference": name}
    for agency in AGENCIES
    for kind, pool in (("CASE", FILES), ("PROCEDURE", PROCEDURES), ("REFERRAL", REFERRALS), ("TITLE", ("T-1",)))
    if kind != "TITLE" or agency == ABH
    for name in pool
)
WITH_PROCEDURE = frozenset({
    "ApplicationReceived", "ReceiptConfirmed", "DocumentsComplete", "DecisionIssued", "ApplicationForwarded",
    "AdditionalEvidenceRequested", "OtherProcedureStarted", "OtherProcedureEnded", "DeadlineExtended",
    "EquivalenceCheckWaived", "ApplicationWithdrawn", "CompensationChosen", "ExamTaken", "AppealFiled",
    "DocumentsRequested", "LicenceGranted",
})  # fmt: skip
ITEMS = ("certificate", "curriculum", "made-up")
TITLES = ("T-1", "T-2", None)
NORMS = ("AUFENTHG_16D_3", "AUFENTHG_18A", "UNKNOWN")


def _day(rng: Random) -> dt.date:
    return START + dt.timedelta(days=rng.randrange(90))


def _maybe_day(rng: Random) -> dt.date | None:
    return _day(rng) if rng.random() < 0.5 else None


def _span(rng: Random) -> dict[str, Any]:
    return {"title_norm": rng.choice(NORMS), "title_reference": rng.choice(TITLES), "valid_until": _maybe_day(rng)}


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
        "procedure_law": rng.choice(["BQFG", "BQFG", "PFLAPRV", "OTHER"]),
        "regulated": rng.choice(["NO", "NO", "YES", "UNKNOWN"]),
        "training_state_group": rng.choice(["EU_EEA_CH", "UNKNOWN"]),
        "profession_kldb": rng.choice([None, "29301", "29302", "81302"]),
    },
    "ReceiptConfirmed": lambda rng: {
        "documents_complete": rng.choice(["YES", "NO", "UNKNOWN"]),
        "missing_items": rng.sample(ITEMS, k=rng.randrange(3)),
    },
    "DocumentsRequested": lambda rng: {
        "items": rng.sample(ITEMS, k=rng.randrange(3)),
        "due_on": _maybe_day(rng),
    },
    "DecisionIssued": lambda rng: {
        "outcome": rng.choice(["FULL_EQUIVALENCE", "COMPENSATION_REQUIRED", "NEGATIVE", "UNKNOWN"]),
        "announcement": rng.choice(["POSTED", "SERVED", "UNKNOWN"]),
        "dispatched_on": _maybe_day(rng),
        "announced_on": _maybe_day(rng),
        "remedies_instruction": rng.choice(["CORRECT", "MISSING", "UNKNOWN"]),
    },
    "ApplicationForwarded": lambda rng: {"target": rng.choice(AGENCIES)},
    "AdditionalEvidenceRequested": lambda rng: {"until_on": _maybe_day(rng), "items": rng.sample(ITEMS, k=1)},
    "OtherProcedureStarted": lambda _rng: {"other_procedure_kind": "QUALIFICATION_ANALYSIS"},
    "DeadlineExtended": lambda rng: {
        "new_end_on": _day(rng) + dt.timedelta(days=90),
        "notified_on": _maybe_day(rng),
        "extension_reason": rng.choice(["UNKNOWN", "OTHER"]),
    },
    "CompensationChosen": lambda rng: {"compensation_kind": rng.choice(["APTITUDE_TEST", "ADAPTATION_PERIOD"])},
    "AppealFiled": lambda rng: {"decision_event_id": rng.choice([None, event_id(str(rng.randrange(30)))])},
    "ForeignersOfficeNotified": lambda rng: {"received_on": _maybe_day(rng)},
    "EmployerInvited": lambda rng: {"trigger_event_id": rng.choice([None, event_id(str(rng.randrange(30)))])},
    "LabourAgencyConsentRequested": lambda rng: {"title_reference": rng.choice(TITLES)},
    "LabourAgencyConsentGranted": lambda rng: {
        "title_reference": rng.choice(TITLES),
        "valid_until": _maybe_day(rng),
    },
    "PreApprovalIssued": lambda rng: {"title_reference": rng.choice(TITLES)},
    "VisaDecided": lambda rng: {
        "title_reference": rng.choice(TITLES),
        "visa_result": rng.choice(["GRANTED", "REFUSED", "UNKNOWN"]),
        "title_norm": rng.choice(NORMS),
    },
    "VisaAppointmentOffered": lambda rng: {"appointment_on": _maybe_day(rng)},
    "VisaDataTransmitted": lambda rng: {"consent_case": rng.choice(["LISTED", "UNKNOWN"])},
    "ResidenceTitleIssued": _span,
    "ResidenceTitleExtended": _span,
    "CourseRegistered": lambda rng: {"course_kind": rng.choice(["VOCATIONAL_LANGUAGE", "UNKNOWN"])},
    "EmploymentEndedEarly": lambda rng: {"ended_on": _maybe_day(rng), "known_on": _maybe_day(rng)},
    "EmploymentEndReported": lambda rng: {
        "reporter": rng.choice(["EMPLOYER", "PERSON"]),
        "known_on": _maybe_day(rng),
        "reported_on": _maybe_day(rng),
    },
}


SPEAKERS = {
    "ReferralSent": (ZEFAS, ZEFAS, WC),
    "ConsentGiven": (ZEFAS, WC),
    "ConsentWithdrawn": (ZEFAS, WC),
    "EntryReported": (ABH, ABH, WC),
    "WelcomeCenterOnboardingStarted": (WC,),
    "LabourAgencyConsentGranted": (BA, BA, ABH),
    "LabourAgencyConsentRefused": (BA, BA, ABH),
    "VisaDecided": (VISA, VISA, ABH),
    **dict.fromkeys(("VisaAppointmentRequested", "VisaAppointmentOffered", "VisaDataTransmitted"), (VISA,)),
    **dict.fromkeys(("CourseRegistered", "CourseNotHeld", "CourseStarted"), (COURSES,)),
    **dict.fromkeys(
        (
            "FastTrackAgreementConcluded",
            "ForeignersOfficeNotified",
            "EmployerInvited",
            "PreApprovalIssued",
            "LabourAgencyConsentRequested",
            "VisaObjectionRaised",
            "ResidenceTitleIssued",
            "ResidenceTitleExtended",
            "EmploymentEndedEarly",
            "EmploymentEndReported",
            "CaseTransferred",
        ),
        (ABH,),
    ),
    **dict.fromkeys(WITH_PROCEDURE, (HWK, HWK, "hwk-leipzig")),
}


@cache
def speakers(event_type: str) -> Sequence[str]:
    """Agencies of these stories for which the event is to say, else all."""
    known = directory()
    pool = [*AGENCIES, *(key for key in sorted(known.agencies) if key not in AGENCIES)]
    authorities = [key for key in pool if known.rank(key, event_type, START) == "AUTHORITATIVE"]
    return [key for key in authorities if key in AGENCIES] or authorities[:2] or AGENCIES


def any_fields(rng: Random, event_type: str) -> dict[str, Any]:
    """Any values for the event type's own fields, as its contract allows."""
    fields = load_contracts()[event_type].schema["fields"]
    return {one["name"]: _any(rng, one["name"], one["type"]) for one in fields if one["name"] not in ENVELOPE_FIELDS}


_TEXTS: Mapping[str, Sequence[str]] = {
    "procedure_reference": PROCEDURES,
    "title_reference": ("T-1", "T-2"),
    "referral_id": REFERRALS,
    "course_reference": ("K-1", "K-2"),
    "target": AGENCIES,
    "recommended_body": AGENCIES,
    "profession_kldb": ("26212", "81302"),
}


def _any(rng: Random, name: str, kind: Any) -> Any:
    if isinstance(kind, list):
        return None if rng.random() < 0.3 else _any(rng, name, next(one for one in kind if one != "null"))
    form = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    return _VALUES[form](rng, name, kind)


_VALUES: Mapping[str, Callable[[Random, str, Any], Any]] = {
    "string": lambda rng, name, _: (
        event_id(str(rng.randrange(30))) if name.endswith("_event_id") else rng.choice(_TEXTS.get(name, ("A", "B")))
    ),
    "int": lambda rng, _name, _kind: rng.randrange(1, 4),
    "boolean": lambda rng, _name, _kind: rng.random() < 0.5,
    "date": lambda rng, _name, _kind: _day(rng),
    "enum": lambda rng, _name, kind: rng.choice(kind["symbols"]),
    "array": lambda rng, name, kind: list(
        dict.fromkeys(_any(rng, name, kind["items"]) for _ in range(rng.randrange(3)))
    ),
}


ONE_PROCEDURE = (
    "ApplicationReceived", "ApplicationReceived", "DocumentsComplete", "DocumentsComplete", "DeadlineExtended",
    "AdditionalEvidenceRequested", "AdditionalEvidenceRequested", "OtherProcedureStarted", "OtherProcedureEnded",
    "ReceiptConfirmed", "DocumentsRequested", "CaseClosed", "CaseReopened", "CaseTransferred",
)  # fmt: skip


def _of_one_procedure(rng: Random) -> dict[str, Any]:
    """What makes several events of a story meet in one procedure whose periods run."""
    return {
        "publisher": HWK, "subject_kind": "PERSON", "case_reference": "1", "procedure_reference": "P-1",
        "legal_route": rng.choice(["UNKNOWN", "REGULAR"]), "test": False, "procedure_law": "BQFG", "regulated": "NO",
    }  # fmt: skip


def _event(rng: Random, number: int, earlier: list[Event], whole: bool = False) -> Event:
    met = whole and rng.random() < 0.4
    anything = whole and rng.random() < 0.7
    event_type = rng.choice(ONE_PROCEDURE if met else sorted(load_contracts()) if anything else TYPES)
    usual = speakers(event_type) if whole else SPEAKERS.get(event_type, AGENCIES)
    publisher = rng.choice(usual if rng.random() < 0.85 else AGENCIES)
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
        **(any_fields(rng, event_type) if whole else {}),
        **OWN_FIELDS.get(event_type, lambda _rng: {})(rng),
    }
    if rng.random() < 0.5:
        recorded_on = occurred_on + dt.timedelta(days=rng.randrange(60))
        body["recorded_at"] = dt.datetime.combine(recorded_on, dt.time(23), tzinfo=dt.UTC)
    if event_type in WITH_PROCEDURE:
        body["procedure_reference"] = rng.choice([None, *PROCEDURES, *PROCEDURES * 2])
    if met:
        fits = {name for name in ("procedure_reference", "procedure_law", "regulated") if name in body}
        body.update(
            (name, value) for name, value in _of_one_procedure(rng).items() if name in ENVELOPE_FIELDS or name in fits
        )
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


def random_events(seed: int, count: int, whole: bool = False) -> list[Event]:
    """The first `count` events of the random story `seed`; `whole`: of every event type, with any values."""
    rng = Random(seed)
    events: list[Event] = []
    for number in range(count):
        events.append(_event(rng, number, events, whole))
    return events


def event_sets(max_size: int = 40, *, whole: bool = False) -> st.SearchStrategy[list[Event]]:
    """Sets of one to `max_size` events."""
    return st.builds(random_events, st.integers(0, 2**32), st.integers(1, max_size), st.just(whole))
