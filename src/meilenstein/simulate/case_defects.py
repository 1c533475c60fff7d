"""Troubles of a case: every record is accepted, and together they are a finding.

Each function turns one whole, clean case into one with exactly that trouble.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from meilenstein.simulate.casebook import Casebook, reference
from meilenstein.simulate.records import Defect, SimRecord

__all__ = ["CASE_DEFECTS"]


def _change(book: Casebook, record: SimRecord, *, label: Defect | None, **facts: object) -> None:
    """Put a record with other facts in the place of `record`."""
    book.records[book.records.index(record)] = replace(record, body={**record.facts, **facts}, label=label)


def _first(book: Casebook, event_type: str) -> SimRecord:
    return next(record for record in book.records if record.event_type == event_type)


def referral_unanswered(book: Casebook) -> None:
    """Let nothing follow the referral."""
    sent = _first(book, "ReferralSent")
    book.records = book.records[: book.records.index(sent) + 1]
    _change(book, sent, label=Defect.REFERRAL_UNANSWERED)


def decision_before_complete(book: Casebook) -> None:
    """Let the body decide without ever having reported complete documents."""
    book.records.remove(book.latest("DocumentsComplete"))
    _change(book, book.latest("DecisionIssued"), label=Defect.DECISION_BEFORE_COMPLETE)


def order_impossible(book: Casebook) -> None:
    """Let the receipt be confirmed before the application arrived."""
    applied = book.latest("ApplicationReceived")
    day = book.world.workdays.plus(applied.facts["occurred_on"], -book.rng.randint(1, 3))
    _change(book, book.latest("ReceiptConfirmed"), label=Defect.ORDER_IMPOSSIBLE, occurred_on=day)


def contradiction(book: Casebook) -> None:
    """Let the Welcome Center report the entry for another day than the foreigners' office."""
    entry = book.latest("EntryReported")
    center = book.latest("WelcomeCenterOnboardingStarted")
    moment = center.after[0] + dt.timedelta(minutes=20)
    body = book.body(
        "EntryReported",
        publisher=center.facts["publisher"],
        case_reference=center.facts["case_reference"],
        occurred_on=entry.facts["occurred_on"] - dt.timedelta(days=book.rng.randint(2, 9)),
        recorded_at=moment,
        legal_route=book.plan.route,
    )
    book.records.append(book.record("EntryReported", body, moment, label=Defect.CONTRADICTION))


def consent_missing(book: Casebook) -> None:
    """Let the consent that the referrals name not exist, or not cover referrals."""
    given = book.latest("ConsentGiven")
    if book.plan.ordinal % 2:
        purposes = [purpose for purpose in given.facts["purposes"] if purpose != "REFERRAL"]
        _change(book, given, label=None, purposes=purposes)
    else:
        book.records.remove(given)
    for sent in [record for record in book.records if record.event_type == "ReferralSent"]:
        _change(book, sent, label=Defect.CONSENT_MISSING)


def link_proposed(book: Casebook) -> None:
    """Let an office name another's number although the rules do not let it join by that."""
    decision = book.latest("DecisionIssued")
    body = decision.facts["publisher"]
    if book.plan.ordinal % 2:  # a Welcome Center that nobody referred to has no right to join by a procedure
        claim = reference(body, "PROCEDURE", decision.facts["procedure_reference"])
        book.records.remove(book.latest("ReferralSent"))
        book.records.remove(book.latest("ReferralAccepted"))
        _change(book, book.latest("WelcomeCenterOnboardingStarted"), label=Defect.LINK_PROPOSED, references=[claim])
    else:  # a file number joins only when both sides name each other
        claim = reference(body, "CASE", decision.facts["case_reference"])
        _change(book, book.latest("EntryReported"), label=Defect.LINK_PROPOSED, references=[claim])


def correction_target_unknown(book: Casebook) -> None:
    """Let the body withdraw an event that it never sent."""
    decision = book.latest("DecisionIssued")
    moment = decision.after[0] + dt.timedelta(minutes=30)
    body = book.body(
        "EventRetracted",
        publisher=decision.facts["publisher"],
        case_reference=decision.facts["case_reference"],
        occurred_on=book.berlin_day(moment),
        recorded_at=moment,
        corrects=str(uuid.UUID(int=book.rng.getrandbits(128), version=4)),
        correction_reason="WRONG_CASE",
    )
    book.records.append(book.record("EventRetracted", body, moment, label=Defect.CORRECTION_TARGET_UNKNOWN))


def fork(book: Casebook) -> None:
    """Let two colleagues correct the same date, each in their own way."""
    target = book.latest("DecisionIssued")
    for number in (1, 2):
        moment = target.after[0] + dt.timedelta(days=number, minutes=number)
        body = {
            **target.facts,
            "event_id": book.new_id(),
            "occurred_on": target.facts["occurred_on"] - dt.timedelta(days=number),
            "recorded_at": moment,
            "corrects": target.event_id,
            "correction_reason": "TYPING_ERROR",
        }
        book.records.append(book.record("DecisionIssued", body, moment, label=Defect.FORK))


CASE_DEFECTS: Mapping[Defect, Callable[[Casebook], None]] = {
    Defect.REFERRAL_UNANSWERED: referral_unanswered,
    Defect.DECISION_BEFORE_COMPLETE: decision_before_complete,
    Defect.ORDER_IMPOSSIBLE: order_impossible,
    Defect.CONTRADICTION: contradiction,
    Defect.CONSENT_MISSING: consent_missing,
    Defect.LINK_PROPOSED: link_proposed,
    Defect.CORRECTION_TARGET_UNKNOWN: correction_target_unknown,
    Defect.FORK: fork,
}
"""What injects each of these defects into a case."""
