"""Troubles of referrals, links, corrections and statements: every record is accepted, and together they are a finding.

Each function turns one whole, clean case into one with exactly that trouble.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from meilenstein.simulate.casebook import Casebook, reference
from meilenstein.simulate.records import Defect, SimRecord, Weight

__all__ = ["CASE_DEFECTS", "add", "change", "cut_after", "drop", "swap"]

_PLACEHOLDER = "0000/00"


def swap(book: Casebook, record: SimRecord, **parts: Any) -> None:
    """Put a record with other parts in the place of `record`."""
    book.records[book.records.index(record)] = replace(record, **parts)


def change(book: Casebook, record: SimRecord, *, label: Defect | None, **facts: object) -> None:
    """Put a record with other facts in the place of `record`."""
    swap(book, record, body={**record.facts, **facts}, label=label)


def drop(book: Casebook, *event_types: str) -> None:
    """Leave out every record of some event types."""
    book.records = [record for record in book.records if record.event_type not in event_types]


def cut_after(book: Casebook, record: SimRecord) -> None:
    """Let nothing follow a record."""
    book.records = book.records[: book.records.index(record) + 1]


def add(
    book: Casebook, event_type: str, *, like: SimRecord, on: dt.date, label: Defect | None, **facts: object
) -> SimRecord:
    """Add an event of the publisher and file of `like`, entered during office hours of the day it became true."""
    day = book.world.workdays.on_or_after(on)
    moment = max(book.world.workdays.office_time(day, book.rng), like.after[0] + dt.timedelta(minutes=5))
    if book.berlin_day(moment) < on:
        moment = book.world.workdays.office_time(day, book.rng)
    values: dict[str, object] = {
        "publisher": like.facts["publisher"],
        "case_reference": like.facts["case_reference"],
        "legal_route": like.facts["legal_route"],
        "legal_basis": "STATUTORY_TASK",
        **facts,
    }
    body = book.body(event_type, occurred_on=on, recorded_at=moment, **values)  # type: ignore[arg-type]
    record = book.record(event_type, body, moment, label=label)
    book.records.append(record)
    return record


def referral_unanswered(book: Casebook) -> None:
    """Let nothing follow the referral."""
    sent = book.first("ReferralSent")
    cut_after(book, sent)
    change(book, sent, label=Defect.REFERRAL_UNANSWERED)


def referral_without_application(book: Casebook) -> None:
    """Let the body accept the referral, and no application follow."""
    accepted = book.first("ReferralAccepted")
    cut_after(book, accepted)
    change(book, book.first("ReferralSent"), label=Defect.REFERRAL_WITHOUT_APPLICATION)


def consent_missing(book: Casebook) -> None:
    """Let the consent that the referrals name not exist, or not cover referrals."""
    given = book.latest("ConsentGiven")
    if book.plan.ordinal % 2:
        purposes = [purpose for purpose in given.facts["purposes"] if purpose != "REFERRAL"]
        change(book, given, label=None, purposes=purposes)
    else:
        book.records.remove(given)
    for sent in [record for record in book.records if record.event_type == "ReferralSent"]:
        change(book, sent, label=Defect.CONSENT_MISSING)


def contradiction(book: Casebook) -> None:
    """Let the Welcome Center know another day of entry, or the service desk another outcome, than the authority."""
    if book.plan.ordinal % 2:
        _state_outcome(book, book.first("InquiryReceived"), "NEGATIVE", label=Defect.CONTRADICTION)
    else:
        center = book.latest("WelcomeCenterOnboardingStarted")
        entered = book.latest("EntryReported").facts["occurred_on"] - dt.timedelta(days=book.rng.randint(2, 9))
        told = add(book, "EntryReported", like=center, on=entered, label=Defect.CONTRADICTION)
        _enter_with(book, told, center)


def _enter_with(book: Casebook, told: SimRecord, other: SimRecord) -> None:
    """Let a record be entered soon after another one of its publisher."""
    moment = other.after[0] + dt.timedelta(minutes=20)
    body = {**told.facts, "recorded_at": moment}
    swap(book, told, body=body, after=(moment, told.after[1]), weight=Weight.REMARK)


def _state_outcome(book: Casebook, like: SimRecord, outcome: str, *, label: Defect) -> None:
    decision = book.first("DecisionIssued").facts
    claim = reference(decision["publisher"], "PROCEDURE", decision["procedure_reference"])
    told = add(
        book,
        "DecisionIssued",
        like=like,
        on=decision["occurred_on"],
        label=label,
        outcome=outcome,
        references=[claim],
        announcement="POSTED",
        remedies_instruction="UNKNOWN",
        legal_basis="CONSENT",
    )
    swap(book, told, weight=Weight.REMARK, joins=())


def three_publishers(book: Casebook) -> None:
    """Let service desk and Welcome Center each know an outcome of their own, while the body's is the valid one."""
    possible = ["PARTIAL_EQUIVALENCE", "NEGATIVE"]
    for like, outcome in zip(("InquiryReceived", "WelcomeCenterOnboardingStarted"), possible, strict=True):
        _state_outcome(book, book.first(like), outcome, label=Defect.THREE_PUBLISHERS)
    moment = book.first("WelcomeCenterOnboardingStarted").after[0] + dt.timedelta(minutes=30)
    told = book.records[-1]  # the Welcome Center hears of it when it opens its file
    swap(book, told, body={**told.facts, "recorded_at": moment}, after=(moment, told.after[1]))


def link_proposed(book: Casebook) -> None:
    """Let an office name another's number although the rules do not let it join by that."""
    decision = book.latest("DecisionIssued").facts
    if book.plan.ordinal % 2:  # a Welcome Center that nobody referred to has no right to join by a procedure
        claim = reference(decision["publisher"], "PROCEDURE", decision["procedure_reference"])
    else:  # a file number joins only when both sides name each other
        claim = reference(decision["publisher"], "CASE", decision["case_reference"])
    book.records.remove(book.latest("ReferralSent"))
    book.records.remove(book.latest("ReferralAccepted"))
    _name(book, book.latest("WelcomeCenterOnboardingStarted"), claim)


def _name(book: Casebook, record: SimRecord, claim: dict[str, str], *, label: Defect = Defect.LINK_PROPOSED) -> None:
    swap(book, record, body={**record.facts, "references": [claim]}, label=label, joins=())


def registered_twice(book: Casebook) -> None:
    """Let the body have a second file of the same person, with the same steps; the office names numbers of both."""
    decision = book.latest("DecisionIssued")
    body = decision.publisher or ""
    file, number = book.new_number(body, "file"), book.new_number(body, "procedure")
    for record in [one for one in book.records if one.publisher == body and one.facts.get("procedure_reference")]:
        copied = {
            **record.facts,
            "event_id": book.new_id(),
            "case_reference": file,
            "procedure_reference": number,
        }
        moment = record.after[0] + dt.timedelta(minutes=2)
        copied["recorded_at"] = moment
        book.records.append(book.record(record.event_type or "", copied, moment))
    office = book.latest("ResidenceTitleIssued")
    claim = reference(body, "PROCEDURE", number)
    told = add(
        book,
        "EmploymentStarted",
        like=office,
        on=office.facts["occurred_on"],
        label=Defect.REGISTERED_TWICE,
        references=[claim],
    )
    swap(book, told, joins=())


def placeholder_number(book: Casebook) -> None:
    """Let the office name the body's procedure by a stopgap that stands in many of its files."""
    body = book.latest("DecisionIssued").publisher or ""
    title = book.latest("ResidenceTitleApplied")
    book.records = [
        record
        if record.publisher != title.publisher
        else replace(record, body={**record.facts, "references": []}, joins=())
        for record in book.records
    ]
    _name(book, book.latest("ResidenceTitleApplied"), reference(body, "PROCEDURE", _PLACEHOLDER),
          label=Defect.PLACEHOLDER_NUMBER)  # fmt: skip


def correction_target_unknown(book: Casebook) -> None:
    """Let the body withdraw an event that it never sent."""
    decision = book.latest("DecisionIssued")
    day = book.berlin_day(decision.after[0])
    facts = {"corrects": str(uuid.UUID(int=book.rng.getrandbits(128), version=4)), "correction_reason": "WRONG_CASE"}
    told = add(book, "EventRetracted", like=decision, on=day, label=Defect.CORRECTION_TARGET_UNKNOWN, **facts)
    swap(book, told, weight=Weight.VOID)


def fork(book: Casebook) -> None:
    """Let two colleagues correct the same date, each in their own way."""
    target = book.latest("DecisionIssued")
    for number in (1, 2):
        day = book.world.workdays.plus(book.berlin_day(target.after[0]), number)
        moment = book.world.workdays.office_time(day, book.rng)
        body = {
            **target.facts,
            "event_id": book.new_id(),
            "occurred_on": book.world.workdays.plus(target.facts["occurred_on"], -number),
            "recorded_at": moment,
            "corrects": target.event_id,
            "correction_reason": "TYPING_ERROR",
        }
        record = book.record("DecisionIssued", body, moment, label=Defect.FORK, weight=Weight.VOID)
        book.records.append(record)


def follow_up_or_wrong_case(book: Casebook) -> None:
    """Let the Welcome Center go on, or the labour agency be asked, after the case was closed."""
    closed = book.latest("CaseClosed")
    last = book.latest("WelcomeCenterOnboardingCompleted")
    day = book.world.workdays.plus(book.berlin_day(closed.after[0]), book.rng.randint(2, 8))
    add(
        book,
        "WelcomeCenterOnboardingCompleted",
        like=last,
        on=day,
        label=Defect.FOLLOW_UP_OR_WRONG_CASE,
        services=list(last.facts["services"]),
    )


CASE_DEFECTS: Mapping[Defect, Callable[[Casebook], None]] = {
    Defect.REFERRAL_UNANSWERED: referral_unanswered,
    Defect.REFERRAL_WITHOUT_APPLICATION: referral_without_application,
    Defect.CONSENT_MISSING: consent_missing,
    Defect.CONTRADICTION: contradiction,
    Defect.THREE_PUBLISHERS: three_publishers,
    Defect.LINK_PROPOSED: link_proposed,
    Defect.REGISTERED_TWICE: registered_twice,
    Defect.PLACEHOLDER_NUMBER: placeholder_number,
    Defect.CORRECTION_TARGET_UNKNOWN: correction_target_unknown,
    Defect.FORK: fork,
    Defect.FOLLOW_UP_OR_WRONG_CASE: follow_up_or_wrong_case,
}
"""What injects each of these defects into a case."""
