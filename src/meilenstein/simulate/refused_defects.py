"""Reports that a rule refuses: incomplete, with free text for codes, in wrong characters, with impossible dates.

Avro takes each of them, and exactly one critical rule does not. The facts of the case stay whole: what is refused comes
before the right record, as when a partner corrects a record and sends it again.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from meilenstein.simulate.case_defects import swap
from meilenstein.simulate.casebook import Casebook, reference
from meilenstein.simulate.records import Body, Defect, SimRecord, Via

__all__ = ["DOUBTFUL", "REFUSED", "REFUSED_DEFECTS", "variant"]

Spoil = Callable[[Body], Body]
_ABOUT_DAYS = frozenset({Defect.IMPOSSIBLE_DATE})
_FAR_AHEAD = dt.date(2099, 6, 1)


def variant(book: Casebook, variants: tuple[str, ...]) -> str:
    """Return the variant whose turn it is."""
    return variants[book.plan.ordinal % len(variants)]


def _with(**facts: object) -> Spoil:
    return lambda body: {**body, **facts}


def _too_many_references(body: Body) -> Body:
    mandates = [reference("body-example", "MANDATE", f"M-{number}") for number in range(21)]
    return {**body, "references": [*body["references"], *mandates]}


def _after_recorded(body: Body) -> Body:
    return {**body, "recorded_at": body["recorded_at"] - dt.timedelta(days=40), "occurred_at": None}


def _others_register_number(body: Body) -> Body:
    register = reference("wc-sachsen-anhalt", "MANDATE", "160412345678")
    return {**body, "references": [*body["references"], register]}


REFUSED: Mapping[Defect, Mapping[str, Spoil]] = {
    Defect.RULE_VIOLATION: {
        "CASE_REFERENCE_EMPTY": _with(case_reference=""),
        "REFERENCES_TOO_MANY": _too_many_references,
        "EVENT_ID_NOT_LOWER_CASE": lambda body: {**body, "event_id": body["event_id"].upper()},
        "CONSENT_EMPTY": _with(consent_id=""),
        "CORRECTS_ITSELF": lambda body: {**body, "corrects": body["event_id"], "correction_reason": "OTHER"},
        "CASE_NUMBER_MISTYPED": _with(case_number="7K3-Q9X-F2MC"),
    },
    Defect.IMPOSSIBLE_DATE: {
        "OCCURRED_AFTER_RECORDED": _after_recorded,
        "FUTURE_FACT": _with(occurred_on=_FAR_AHEAD, occurred_at=None, recorded_at=None),
        "LONG_AGO": _with(occurred_on=dt.date(1926, 3, 2), occurred_at=None),  # 2026, mistyped
    },
    Defect.FORBIDDEN_NUMBER: {
        "CASE_REFERENCE": _with(case_reference="160412345678"),
        "OTHERS_REFERENCE": _others_register_number,
    },
    Defect.FREE_TEXT_IN_CODE: {
        "DISTRICT_BY_NAME": _with(district_ags="Dresden"),
        "DISTRICT_WITH_FOOTNOTE": _with(district_ags="14612.9"),  # a footnote's number glued to it
        "PUBLISHER_BY_NAME": _with(publisher="Auslandszentralregister", sent_by=None),
    },
    Defect.WRONG_CHARACTERS: {
        "DECOMPOSED_LETTERS": lambda body: {
            **body,
            "case_reference": unicodedata.normalize("NFD", f"{body['case_reference']} Lößnitz"),
        },
        "ZERO_WIDTH": lambda body: {**body, "case_reference": f"{body['case_reference']}\u200b"},
        "NO_BREAK_SPACE": lambda body: {**body, "case_reference": f"AZ\u00a0{body['case_reference']}"},
    },
}
"""What each variant does to any event."""
_INCOMPLETE: Mapping[str, tuple[str, Spoil]] = {
    "APPLICATION_WITHOUT_NUMBER": ("ApplicationReceived", _with(procedure_reference=None)),
    "REFERRAL_WITHOUT_TARGET": ("ReferralSent", _with(target=None)),
    "ANSWER_WITHOUT_REFERRAL": ("ReferralAccepted", _with(references=[])),
    "CONSENT_WITHOUT_RECIPIENT": ("ConsentGiven", _with(recipients=[])),
}
"""By variant: which event lacks what."""
DOUBTFUL: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "ER-001": ("EntryReported", {"district_ags": None}),
    "DI-006": ("DecisionIssued", {"announcement": "UNKNOWN"}),
    "BR-003": ("LabourAgencyConsentRequested", {"occurred_at": None}),
    "TA-002": ("ResidenceTitleApplied", {"title_norm": "UNKNOWN"}),
    "IR-002": ("InquiryReceived", {"channel": "UNKNOWN"}),
}
"""By rule that asks and does not refuse: which event lacks what."""


def refuse(book: Casebook) -> None:
    """Send an event first with a mistake that a critical rule refuses, then as it should be."""
    assert book.plan.defect is not None
    spoils = REFUSED[book.plan.defect]
    right = book.rng.choice(_without_other_days(book.records) if book.plan.defect in _ABOUT_DAYS else book.records)
    detail = variant(book, tuple(spoils))
    _before(book, right, body=spoils[detail](right.facts), detail=detail)


def _without_other_days(records: Sequence[SimRecord]) -> Sequence[SimRecord]:
    """Return the events that name no day beside their own, which a wrong one would contradict."""
    plain = [
        record
        for record in records
        if not any(type(value) is dt.date for name, value in record.facts.items() if name != "occurred_on")
    ]
    return plain or records


def incomplete(book: Casebook) -> None:
    """The same, with a field missing that the event cannot do without."""
    detail = variant(book, tuple(_INCOMPLETE))
    event_type, spoil = _INCOMPLETE[detail]
    right = book.first(event_type)
    _before(book, right, body=spoil(right.facts), detail=detail)


def _before(book: Casebook, right: SimRecord, *, body: Body, detail: str) -> None:
    wrong = replace(
        right,
        body=body,
        after=(right.after[0], right.after[1] - 1),
        label=book.plan.defect,
        detail=detail,
        via=Via.UNCHECKED,
    )
    book.records.append(wrong)


def doubtful(book: Casebook) -> None:
    """Let one event lack a field that should be there: it is accepted, and its publisher is asked."""
    detail = variant(book, tuple(DOUBTFUL))
    event_type, facts = DOUBTFUL[detail]
    right = book.latest(event_type)
    swap(book, right, body={**right.facts, **facts}, label=Defect.DOUBTFUL_REPORT, detail=detail)


REFUSED_DEFECTS: Mapping[Defect, Callable[[Casebook], None]] = {
    **dict.fromkeys(REFUSED, refuse),
    Defect.INCOMPLETE_REPORT: incomplete,
    Defect.DOUBTFUL_REPORT: doubtful,
}
"""What injects each of these defects into a case."""
