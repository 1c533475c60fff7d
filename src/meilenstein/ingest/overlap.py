"""Is this still the log that was drained before? The checks that halt a partition instead of skipping over a break."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein.ingest.kafka_log import Partition
from meilenstein.store.cursors import Cursor

__all__ = ["Halt", "check_log", "check_overlap"]


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a partition must stand still until a person has looked."""

    reason: str
    detail: str


def check_log(cursor: Cursor, found: Partition) -> Halt | None:
    """Compare what the cursor knows with what the broker says of the partition."""
    if cursor.topic_id != found.topic_id:
        return Halt("TOPIC_RECREATED", "the topic was deleted and created again; its offsets mean something else now")
    if cursor.next_offset > found.end:
        return Halt("LOG_TRUNCATED", f"the log ends at {found.end}, but was read up to {cursor.next_offset} before")
    if cursor.next_offset < found.start:
        lost = found.start - cursor.next_offset
        return Halt(
            "RECORDS_LOST", f"{lost} records were deleted before they were read; the log begins at {found.start}"
        )
    return None


def check_overlap(cursor: Cursor, records: Sequence[Any]) -> Halt | None:
    """Compare the last record that was drained with what now stands at its offset, where it was read again."""
    again = next((record for record in records if record.offset == cursor.last_offset), None)
    if again is None:
        return None  # expired in the meantime, or nothing was drained yet
    if hashlib.sha256(again.value or b"").digest() != cursor.last_sha256:
        return Halt("LOG_CHANGED", f"the record at offset {cursor.last_offset} is not the one that was read before")
    return None
