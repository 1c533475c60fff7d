"""Troubles of recognition procedures and of the way to the visa, one function each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from meilenstein.simulate.case_defects import add, change, cut_after, drop
from meilenstein.simulate.casebook import Casebook
from meilenstein.simulate.naive_calendar import months_later, roll_over
from meilenstein.simulate.naive_law import decision_period
from meilenstein.simulate.records import Defect, SimRecord

__all__ = ["PROCEDURE_DEFECTS"]

_DAY = dt.timedelta(days=1)


def _procedure(book: Casebook) -> dict[str, object]:
    return {"procedure_reference": book.first("ApplicationReceived").facts["procedure_reference"]}


def _period_end(book: Casebook) -> dt.date:
    """Return the end of the period for the decision, before any roll-over."""
    applied = book.first("ApplicationReceived").facts
    period = decision_period(
        law=applied["procedure_law"],
        regulated=applied["regulated"],
        training=applied["training_state_group"],
        route=applied["legal_route"],
        complete=book.latest("DocumentsComplete").facts["occurred_on"],
    )
    assert period is not None
    return period.end


def _late_decision(book: Casebook, day: dt.date) -> SimRecord:
    """Let the body decide only on a later day; what would have followed the decision is not known."""
    decision = book.first("DecisionIssued")
    cut_after(book, decision)
    book.records.remove(decision)
    day = book.world.workdays.on_or_before(day)
    sent = decision.facts["dispatched_on"] is not None
    names = ("outcome", "announcement", "remedies_instruction", "decision_object", "differences")
    return add(
        book,
        "DecisionIssued",
        like=decision,
        on=day,
        label=None,
        dispatched_on=day if sent else None,
        announced_on=None if sent else day,
        **{name: decision.facts[name] for name in names},
        **_procedure(book),
    )


def decision_before_complete(book: Casebook) -> None:
    """Let the body decide without ever having reported complete documents."""
    drop(book, "DocumentsComplete")
    change(book, book.latest("DecisionIssued"), label=Defect.DECISION_BEFORE_COMPLETE)


def order_impossible(book: Casebook) -> None:
    """Let the receipt be confirmed before the application arrived."""
    applied = book.latest("ApplicationReceived")
    day = book.world.workdays.plus(applied.facts["occurred_on"], -book.rng.randint(1, 3))
    change(book, book.latest("ReceiptConfirmed"), label=Defect.ORDER_IMPOSSIBLE, occurred_on=day)


def _extend(book: Casebook, on: dt.date, new_end: dt.date, label: Defect | None) -> None:
    complete = book.latest("DocumentsComplete")
    day = book.world.workdays.on_or_before(on)
    add(
        book,
        "DeadlineExtended",
        like=complete,
        on=day,
        label=label,
        new_end_on=new_end,
        notified_on=day,
        extension_reason="COMPLEX_MATTER",
        **_procedure(book),
    )


def second_extension(book: Casebook) -> None:
    """Let the body extend twice, each time before the end."""
    end = _period_end(book)
    first, second = months_later(end, 1), months_later(end, 2)
    _late_decision(book, first - _DAY * 5)
    _extend(book, end - _DAY * 10, first, None)
    _extend(book, first - _DAY * 10, second, Defect.SECOND_EXTENSION)


def late_extension(book: Casebook) -> None:
    """Let the body tell of the extension when the period is over; the decision comes still later."""
    end = roll_over(_period_end(book))
    told = book.world.workdays.plus(end, 3)
    _late_decision(book, told + _DAY * 10)
    _extend(book, told, months_later(end, 1), Defect.LATE_EXTENSION)


def extension_too_long(book: Casebook) -> None:
    """Let the body extend by two months what the law lets it extend by one: the diploma is from the EU."""
    end = _period_end(book)
    _late_decision(book, end - _DAY * 4)
    _extend(book, end - _DAY * 10, months_later(end, 2), Defect.EXTENSION_TOO_LONG)


def pause_open(book: Casebook) -> None:
    """Let the body ask for evidence, or begin another procedure, and never be heard of again."""
    complete = book.latest("DocumentsComplete")
    cut_after(book, complete)
    day = book.world.workdays.plus(complete.facts["occurred_on"], 5)
    if book.plan.ordinal % 2:
        add(book, "OtherProcedureStarted", like=complete, on=day, label=Defect.PAUSE_OPEN,
            other_procedure_kind="QUALIFICATION_ANALYSIS", **_procedure(book))  # fmt: skip
    else:
        regulated = book.first("ApplicationReceived").facts["regulated"] == "YES"
        add(book, "AdditionalEvidenceRequested", like=complete, on=day, label=Defect.PAUSE_OPEN,
            evidence_basis="BQFG_12_4" if regulated else "BQFG_5_4", until_on=day + _DAY * 21,
            items=["subject-hours"], **_procedure(book))  # fmt: skip


def outcome_not_possible(book: Casebook) -> None:
    """Let the outcome be one that the kind of profession does not have, or a refusal although nothing was compared."""
    decision = book.latest("DecisionIssued")
    if book.first("ApplicationReceived").facts["procedure_law"] == "PFLAPRV":
        complete = book.latest("DocumentsComplete")
        day = min(book.world.workdays.plus(complete.facts["occurred_on"], 2), decision.facts["occurred_on"])
        facts = {"declared_final": "YES", "informed_of_consequences": "YES", **_procedure(book)}
        add(book, "EquivalenceCheckWaived", like=complete, on=day, label=None, **facts)
        change(book, decision, label=Defect.OUTCOME_NOT_POSSIBLE, outcome="NEGATIVE", differences="YES")
        return
    regulated = book.first("ApplicationReceived").facts["regulated"] == "YES"
    outcome = "PARTIAL_EQUIVALENCE" if regulated else book.rng.choice(("COMPENSATION_REQUIRED", "PARTIAL_ACCESS"))
    change(book, decision, label=Defect.OUTCOME_NOT_POSSIBLE, outcome=outcome, differences="YES")


def licence_unregulated(book: Casebook) -> None:
    """Let a licence be granted for a profession that needs none."""
    decision = book.latest("DecisionIssued")
    day = book.world.workdays.plus(decision.facts["occurred_on"], 3)
    add(book, "LicenceGranted", like=decision, on=day, label=Defect.LICENCE_UNREGULATED, licence_kind="PERMIT",
        **_procedure(book))  # fmt: skip


def complete_with_open_items(book: Casebook) -> None:
    """Let the body ask for a document after it said that all were there."""
    complete = book.latest("DocumentsComplete")
    decided = book.latest("DecisionIssued").facts["occurred_on"]
    day = min(book.world.workdays.plus(complete.facts["occurred_on"], 3), decided)
    add(book, "DocumentsRequested", like=complete, on=day, label=Defect.COMPLETE_WITH_OPEN_ITEMS,
        items=["certificate-of-good-standing"], due_on=day + _DAY * 30, **_procedure(book))  # fmt: skip


def _apply_elsewhere(book: Casebook, on: dt.date, *, label: Defect | None, end: bool, **facts: object) -> SimRecord:
    """Let another body have an application as well; the service desk knows of it, so it is one case."""
    applied = book.first("ApplicationReceived")
    other = book.world.offices.other_body(applied.publisher or "")
    desk = book.first("ReferralSent")
    referral = book.new_number(desk.publisher or "", "referral")
    like = replace(applied, body={**applied.facts, "publisher": other, "case_reference": book.file(other)})
    day = book.world.workdays.plus(on, 1)
    consent = {"consent_id": desk.facts["consent_id"], "legal_basis": "CONSENT"}
    add(book, "ReferralSent", like=desk, on=on, label=None, referral_id=referral, target=other, reason="RECOGNITION",
        **consent)  # fmt: skip
    claim = {"agency": desk.publisher, "kind": "REFERRAL", "reference": referral}
    add(book, "ReferralAccepted", like=like, on=on, label=None, references=[claim])
    number = {"procedure_reference": book.new_number(other, "procedure")}
    names = ("procedure_law", "regulated", "training_state_group", "training_state", "profession_kldb")
    same = {name: applied.facts[name] for name in names}
    told = add(book, "ApplicationReceived", like=like, on=day, label=label, application_channel="PAPER",
               application_kind="FIRST", **{**same, **facts}, **number)  # fmt: skip
    confirmed = book.world.workdays.plus(day, 5)
    add(book, "ReceiptConfirmed", like=like, on=confirmed, label=None, documents_complete="NO",
        missing_items=["original-of-diploma"], **number)  # fmt: skip
    if end:
        withdrawn = book.world.workdays.plus(day, 60)
        add(book, "ApplicationWithdrawn", like=like, on=withdrawn, label=None,
            closing_reason="WITHDRAWN_BY_APPLICANT", **number)  # fmt: skip
    return told


def second_application(book: Casebook) -> None:
    """Let the applicant apply at a second body, having declared that there is no other procedure."""
    received = book.first("ApplicationReceived").facts["occurred_on"]
    _apply_elsewhere(book, book.world.workdays.plus(received, 3), label=Defect.SECOND_APPLICATION, end=True)


def not_forwarded(book: Casebook) -> None:
    """Let the body that is not competent keep the application that came to it first."""
    received = book.first("ApplicationReceived").facts["occurred_on"]
    _apply_elsewhere(book, book.world.workdays.plus(received, -2), label=Defect.NOT_FORWARDED, end=False)


def second_request_same_item(book: Casebook) -> None:
    """Let two bodies ask for the same document; the second procedure is for another profession, which is lawful."""
    asked = book.latest("DocumentsRequested").facts
    other = "43412" if not book.first("ApplicationReceived").facts["profession_kldb"].startswith("434") else "29302"
    told = _apply_elsewhere(book, asked["occurred_on"], label=None, end=True, profession_kldb=other)
    day = book.world.workdays.plus(told.facts["occurred_on"], 2)
    like = replace(told, body=dict(told.facts))
    add(book, "DocumentsRequested", like=like, on=day, label=Defect.SECOND_REQUEST_SAME_ITEM,
        items=[asked["items"][0]], due_on=day + _DAY * 30,
        procedure_reference=told.facts["procedure_reference"])  # fmt: skip


_STOPS = (
    "ReceiptConfirmed", "DecisionIssued", "EmployerInvited", "VisaAppointmentOffered", "VisaDecided",
    "ReferralAccepted", "ReferralSent", "CourseStarted", "EmploymentEndReported",
)  # fmt: skip
"""Each of them ends a period; from the fast track, where all of them occur."""


def clock_over(book: Casebook) -> None:
    """Let what ends a period not happen, and nothing after it."""
    missing = book.first(_STOPS[book.plan.ordinal % len(_STOPS)])
    last = book.records[book.records.index(missing) - 1]
    cut_after(book, last)
    change(book, last, label=Defect.CLOCK_OVER)


def transitional_law(book: Casebook) -> None:
    """Let the procedure be one of 2022 that names an act of 2023: no period of that act can be counted."""
    applied = book.first("ApplicationReceived")
    procedure = [record for record in book.records if record.publisher == applied.publisher]
    shift = dt.timedelta(weeks=(applied.facts["occurred_on"] - dt.date(2022, 3, 1)).days // 7)
    book.records = [_earlier(record, shift) for record in procedure if record.event_type != "ReferralAccepted"]
    complete = book.latest("DocumentsComplete")
    cut_after(book, complete)
    change(book, complete, label=Defect.TRANSITIONAL_LAW)


def _earlier(record: SimRecord, shift: dt.timedelta) -> SimRecord:
    moment = record.after[0] - shift
    facts = {name: value - shift if type(value) is dt.date else value for name, value in record.facts.items()}
    return replace(record, body={**facts, "recorded_at": moment}, after=(moment, record.after[1]), joins=())


def orphan_decision(book: Casebook) -> None:
    """Let the body report its decision and never the application."""
    drop(book, "ApplicationReceived")
    change(book, book.latest("DecisionIssued"), label=Defect.ORPHAN_DECISION)


def visa_without_pre_approval(book: Casebook) -> None:
    """Let the original of the pre-approval be lost: the visa office goes on, and nobody here has seen one."""
    drop(book, "PreApprovalIssued")
    change(book, book.latest("VisaDecided"), label=Defect.VISA_WITHOUT_PRE_APPROVAL)


PROCEDURE_DEFECTS: Mapping[Defect, Callable[[Casebook], None]] = {
    Defect.DECISION_BEFORE_COMPLETE: decision_before_complete,
    Defect.ORDER_IMPOSSIBLE: order_impossible,
    Defect.SECOND_EXTENSION: second_extension,
    Defect.LATE_EXTENSION: late_extension,
    Defect.EXTENSION_TOO_LONG: extension_too_long,
    Defect.PAUSE_OPEN: pause_open,
    Defect.OUTCOME_NOT_POSSIBLE: outcome_not_possible,
    Defect.LICENCE_UNREGULATED: licence_unregulated,
    Defect.COMPLETE_WITH_OPEN_ITEMS: complete_with_open_items,
    Defect.SECOND_REQUEST_SAME_ITEM: second_request_same_item,
    Defect.SECOND_APPLICATION: second_application,
    Defect.NOT_FORWARDED: not_forwarded,
    Defect.CLOCK_OVER: clock_over,
    Defect.TRANSITIONAL_LAW: transitional_law,
    Defect.ORPHAN_DECISION: orphan_decision,
    Defect.VISA_WITHOUT_PRE_APPROVAL: visa_without_pre_approval,
}
"""What injects each of these defects into a case."""
