"""Troubles of a record on its way: said twice, wrongly, late, by the wrong agency, or not readable at all.

Each function injects one defect into one case. The facts of the case stay whole: what is refused is a copy, sent before
the right record, as when a partner corrects a record and sends it again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from meilenstein.simulate import broken_bytes
from meilenstein.simulate.casebook import Casebook
from meilenstein.simulate.records import Body, Defect, Via, Weight
from meilenstein.simulate.refused_defects import variant

__all__ = ["DELIVERY_DEFECTS", "FORBIDDEN_SAYINGS"]


def duplicate(book: Casebook) -> None:
    """Send one record again, unchanged, from another installation."""
    first = book.rng.choice(book.records)
    again = replace(
        first,
        body=dict(first.facts),
        after=book.order(first.after[0] + dt.timedelta(hours=book.rng.randint(1, 72))),
        label=Defect.DUPLICATE,
        via=Via.SECOND,
    )
    book.records.append(again)


def conflict(book: Casebook) -> None:
    """Send the id of one record again with another date."""
    first = book.rng.choice(book.records)
    other = {
        **first.facts,
        "occurred_on": book.world.workdays.plus(first.facts["occurred_on"], -1),
        "occurred_at": None,
    }
    after = book.order(first.after[0] + dt.timedelta(hours=book.rng.randint(1, 72)))
    book.records.append(replace(first, body=other, after=after, label=Defect.CONFLICT, via=Via.SECOND))


def late(book: Casebook) -> None:
    """Let one fact be recorded only when it counts as late."""
    wanted = book.rng.choice(("ApplicationReceived", "ReceiptConfirmed", "ReferralAccepted"))
    record = book.latest(wanted)
    limit = book.world.offices.late_after_days(record.facts["publisher"])
    day = record.facts["occurred_on"] + dt.timedelta(days=limit + book.rng.randint(3, 20))
    moment = book.world.workdays.office_time(book.world.workdays.on_or_after(day), book.rng)
    book.records.remove(record)
    body = {**record.facts, "recorded_at": moment}
    book.records.append(replace(record, body=body, after=book.order(moment), label=Defect.LATE))


def out_of_order(book: Casebook) -> None:
    """Publish a later record of one sender before an earlier one; the facts are right."""
    counts = Counter(record.sender for record in book.records)
    sender = book.rng.choice([sender for sender, count in counts.items() if count > 1])
    first, *rest = [record for record in book.records if record.sender == sender]
    moved = book.rng.choice(rest)
    book.records.remove(moved)
    moment, number = first.after
    book.records.append(replace(moved, after=(moment, number - 1), label=Defect.OUT_OF_ORDER))


def retracted(book: Casebook) -> None:
    """Let a body confirm the receipt of a second, wrong day and then withdraw that."""
    right = book.latest("ReceiptConfirmed")
    wrong_body = {
        **right.facts,
        "event_id": book.new_id(),
        "occurred_on": book.world.workdays.plus(right.facts["occurred_on"], -1),
        "recorded_at": right.after[0] + dt.timedelta(minutes=5),
    }
    wrong = book.record(
        "ReceiptConfirmed", wrong_body, wrong_body["recorded_at"], label=Defect.RETRACTED, weight=Weight.VOID
    )
    day = book.world.workdays.plus(book.berlin_day(wrong.after[0]), book.rng.randint(1, 6))
    moment = book.world.workdays.office_time(day, book.rng)
    withdrawal = book.body(
        "EventRetracted",
        publisher=right.facts["publisher"],
        case_reference=right.facts["case_reference"],
        occurred_on=day,
        recorded_at=moment,
        corrects=wrong.event_id,
        correction_reason="ENTERED_TWICE",
    )
    book.records += [wrong, book.record("EventRetracted", withdrawal, moment, label=Defect.RETRACTED)]


def corrected(book: Casebook) -> None:
    """Let one date be wrong at first and be put right days later by a full event of the same type."""
    wanted = book.rng.choice(("ApplicationReceived", "DocumentsComplete", "DecisionIssued", "EntryReported"))
    right = book.latest(wanted)
    day = book.world.workdays.plus(book.berlin_day(right.after[0]), book.rng.randint(1, 5))
    moment = book.world.workdays.office_time(day, book.rng)
    correction = {
        **right.facts,
        "event_id": book.new_id(),
        "recorded_at": moment,
        "corrects": right.event_id,
        "correction_reason": book.rng.choice(("TYPING_ERROR", "WRONG_FACT")),
    }
    wrong_day = book.world.workdays.plus(right.facts["occurred_on"], -book.rng.randint(1, 3))
    book.records.remove(right)
    book.records += [
        replace(right, body={**right.facts, "occurred_on": wrong_day}, weight=Weight.VOID),
        book.record(wanted, correction, moment, label=Defect.CORRECTED),
    ]


def _foreigners_office_decides(book: Casebook, day: dt.date, moment: dt.datetime) -> Body:
    office = book.world.offices.foreigners_office(book.plan.district)
    number = book.new_number(office, "procedure")
    return book.body(
        "ApplicationReceived", publisher=office, case_reference=book.new_number(office, "file"), occurred_on=day,
        recorded_at=moment, procedure_reference=number, procedure_law="BQFG", regulated="NO",
        training_state_group="THIRD_STATE", application_channel="FOREIGNERS_OFFICE", application_kind="FIRST",
        legal_route="FAST_TRACK_81A", legal_basis="STATUTORY_TASK",
    )  # fmt: skip


def _service_desk_completes(book: Casebook, day: dt.date, moment: dt.datetime) -> Body:
    desk = book.world.offices.service_desk
    return book.body(
        "DocumentsComplete", publisher=desk, case_reference=book.new_number(desk, "file"), occurred_on=day,
        recorded_at=moment, procedure_reference=book.new_number(desk, "contact"), legal_basis="OTHER",
    )  # fmt: skip


def _body_speaks_for_another(book: Casebook, day: dt.date, moment: dt.datetime) -> Body:
    sender = book.world.offices.body(book.plan.profession.body, book.plan.district)
    publisher = book.world.offices.other_body(sender)
    body = book.body(
        "DocumentsComplete", publisher=publisher, case_reference=book.new_number(publisher, "file"), occurred_on=day,
        recorded_at=moment, procedure_reference=book.new_number(publisher, "procedure"), legal_basis="STATUTORY_TASK",
    )  # fmt: skip
    return {**body, "sent_by": sender, "source_system": book.world.offices.system(sender)}


FORBIDDEN_SAYINGS: Mapping[str, tuple[str, Callable[[Casebook, dt.date, dt.datetime], Body]]] = {
    "FOREIGNERS_OFFICE_SENDS_APPLICATION": ("ApplicationReceived", _foreigners_office_decides),
    "NO_AGREEMENT_WITH_PUBLISHER": ("DocumentsComplete", _body_speaks_for_another),
    "SERVICE_DESK_SENDS_COMPLETENESS": ("DocumentsComplete", _service_desk_completes),
}
"""Variants of WRONG_PUBLISHER: event type, and what writes the event that this agency must not send."""


def wrong_publisher(book: Casebook) -> None:
    """Add an event by an agency that may not say such a thing, or not for that publisher."""
    detail = variant(book, tuple(FORBIDDEN_SAYINGS))
    event_type, say = FORBIDDEN_SAYINGS[detail]
    moment = book.records[0].after[0] + dt.timedelta(minutes=3)
    body = say(book, book.berlin_day(moment), moment)
    book.records.append(
        book.record(event_type, body, moment, label=Defect.WRONG_PUBLISHER, detail=detail, via=Via.UNCHECKED)
    )


def broken(book: Casebook) -> None:
    """Send bytes that cannot be read before the right record."""
    detail = variant(book, tuple(broken_bytes.VARIANTS))
    _raw(book, Defect.BROKEN_BYTES, detail)


def unknown_schema(book: Casebook) -> None:
    """Send a record framed with an id that nobody registered before the right one."""
    _raw(book, Defect.UNKNOWN_SCHEMA, broken_bytes.UNREGISTERED)


def _raw(book: Casebook, label: Defect, detail: str) -> None:
    right = book.rng.choice(book.records)
    assert right.event_type is not None
    damaged = broken_bytes.damage(detail, right.event_type, right.facts, book.rng)
    book.records.append(
        replace(
            right,
            event_type=right.event_type if damaged.framed_by_publisher else None,
            body=None,
            raw=damaged.value,
            after=(right.after[0], right.after[1] - 1),
            label=label,
            detail=detail,
            via=Via.RAW,
        )
    )


DELIVERY_DEFECTS: Mapping[Defect, Callable[[Casebook], None]] = {
    Defect.DUPLICATE: duplicate,
    Defect.CONFLICT: conflict,
    Defect.LATE: late,
    Defect.OUT_OF_ORDER: out_of_order,
    Defect.RETRACTED: retracted,
    Defect.CORRECTED: corrected,
    Defect.WRONG_PUBLISHER: wrong_publisher,
    Defect.BROKEN_BYTES: broken,
    Defect.UNKNOWN_SCHEMA: unknown_schema,
}
"""What injects each of these defects into a case."""
