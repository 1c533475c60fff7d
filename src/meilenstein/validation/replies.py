"""Answers to senders: one receipt per partition and batch, one message for everything not simply accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from meilenstein.store.journal import StoredRecord
from meilenstein.store.outbox import Message
from meilenstein.validation.rights import sender_of

__all__ = ["duplicate", "receipts", "rejection"]


def _message(record: StoredRecord, kind: str, content: Mapping[str, Any], decided_at: dt.datetime) -> Message:
    sender = sender_of(record.topic)
    value = {
        "kind": kind,
        "topic": record.topic,
        "partition": record.partition,
        "decided_at": decided_at.isoformat(),
        **content,
    }
    return Message(
        recipient=sender,
        topic=f"replies.{sender}",
        key=f"{record.topic}-{record.partition}",
        value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
        kind=kind,
    )


def receipts(accepted: Iterable[StoredRecord], *, batch: int, decided_at: dt.datetime) -> list[Message]:
    """Return one receipt per partition that names exactly the accepted offsets, as closed ranges."""
    partitions: dict[tuple[str, int], list[StoredRecord]] = {}
    for record in accepted:
        partitions.setdefault((record.topic, record.partition), []).append(record)
    return [
        _message(
            records[0],
            "RECEIPT",
            {"batch": batch, "accepted": _ranges(sorted(record.record_offset for record in records))},
            decided_at,
        )
        for _, records in sorted(partitions.items())
    ]


def _ranges(offsets: Sequence[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for offset in offsets:
        if ranges and ranges[-1][1] == offset - 1:
            ranges[-1][1] = offset
        else:
            ranges.append([offset, offset])
    return ranges


def rejection(
    record: StoredRecord,
    *,
    item: int,
    event: tuple[str | None, str | None],
    reasons: Sequence[Mapping[str, Any]],
    decided_at: dt.datetime,
) -> Message:
    """Return the rejection of one record; `event` is (event type, event id) as far as they could be read."""
    content = {
        "offset": record.record_offset,
        "item": item,
        "event_type": event[0],
        "event_id": event[1],
        "reasons": list(reasons),
    }
    return _message(record, "REJECTED", content, decided_at)


def duplicate(
    record: StoredRecord,
    *,
    event: tuple[str, str],
    first: tuple[str, int, int],
    decided_at: dt.datetime,
) -> Message:
    """Return the note that the event was accepted before, at `first` = (topic, partition, offset)."""
    content = {
        "offset": record.record_offset,
        "event_type": event[0],
        "event_id": event[1],
        "duplicate_of": {"topic": first[0], "partition": first[1], "offset": first[2]},
    }
    return _message(record, "DUPLICATE", content, decided_at)
