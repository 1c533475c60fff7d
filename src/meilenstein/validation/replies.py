"""Answers to senders: one receipt per partition and batch, one message for everything not simply accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from meilenstein.store.outbox import Message
from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation.rights import sender_of

__all__ = ["DECISIONS", "decided", "duplicate", "receipts", "rejection"]

DECISIONS: Mapping[str, Mapping[str, str]] = {
    "RELEASED": {
        "de": "Die Meldung wurde nach Prüfung durch die Datenpflege unverändert angenommen. Nichts zu tun.",
        "en": "The event was accepted unchanged after a data steward had looked at it. Nothing to do.",
    },
    "REVALIDATED": {
        "de": "Nach den heutigen Regeln verletzt die Meldung keine mehr; sie wurde unverändert angenommen. "
        "Nichts zu tun.",
        "en": "By today's rules the event breaks none any more; it was accepted unchanged. Nothing to do.",
    },
    "CORRECTED": {
        "de": "Die Datenpflege hat die Meldung berichtigt; die berichtigte Fassung ist angenommen. Die Angaben im "
        "eigenen System ebenso berichtigen; die Meldung nicht noch einmal senden.",
        "en": "A data steward corrected the event; the corrected version is accepted. Make the same changes in your "
        "own system; do not send the event again.",
    },
    "REJECTED": {
        "de": "Die Meldung wurde endgültig abgelehnt und bleibt ohne Wirkung. Ist die Tatsache richtig, die Meldung "
        "berichtigt erneut senden; sonst nichts zu tun.",
        "en": "The event was rejected for good and has no effect. If the fact is right, send the event again, "
        "corrected; otherwise nothing to do.",
    },
}
"""What was decided about a quarantined record, and what its publisher should do."""


def _message(topic: str, partition: int, kind: str, content: Mapping[str, Any], decided_at: dt.datetime) -> Message:
    sender = sender_of(topic)
    value = {
        "kind": kind,
        "topic": topic,
        "partition": partition,
        "decided_at": decided_at.isoformat(),
        **content,
    }
    return Message(
        recipient=sender,
        topic=f"replies.{sender}",
        key=f"{topic}-{partition}",
        value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
        kind=kind,
    )


def receipts(
    accepted: Mapping[tuple[str, int], Iterable[int]],
    *,
    batch: int,
    decided_at: dt.datetime,
    complete_to: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> list[Message]:
    """Return one receipt per (topic, partition) that names exactly the accepted offsets, as closed ranges.

    `complete_to` says by topic up to which number the sources in the batch have arrived without a gap.
    """
    return [
        _message(
            topic,
            partition,
            "RECEIPT",
            {
                "batch": batch,
                "accepted": _ranges(sorted(offsets)),
                **({"complete_to": complete_to[topic]} if complete_to and topic in complete_to else {}),
            },
            decided_at,
        )
        for (topic, partition), offsets in sorted(accepted.items())
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
    return _message(record.topic, record.partition, "REJECTED", content, decided_at)


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
    return _message(record.topic, record.partition, "DUPLICATE", content, decided_at)


def decided(
    place: tuple[str, int, int],
    *,
    words: str,
    item: int,
    event: tuple[str | None, str | None],
    changed: Sequence[Mapping[str, Any]] | None = None,
    reason: str,
    decided_at: dt.datetime,
) -> Message:
    """Return what a person decided about the quarantined record at `place` = (topic, partition, offset).

    `words` is a key of DECISIONS; `event` is (event type, event id) of the original as far as they could be read;
    `changed` holds field, was and now of a correction.
    """
    topic, partition, offset = place
    content: dict[str, Any] = {
        "decision": "RELEASED" if words == "REVALIDATED" else words,
        "offset": offset,
        "item": item,
        "event_type": event[0],
        "event_id": event[1],
        "text": dict(DECISIONS[words]),
        "reason": reason,
    }
    if changed is not None:
        content["changed"] = [dict(change) for change in changed]
    return _message(topic, partition, "DECIDED", content, decided_at)
