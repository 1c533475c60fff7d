"""One record as drain writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["JournalRow"]


class JournalRow(NamedTuple):
    """One record as drain writes it; a named tuple, because fifty thousand at a time are made."""

    topic_id: str
    partition: int
    offset: int
    topic: str
    record_time: int | None
    """Kafka's time stamp in milliseconds since 1970."""
    key: bytes | None
    headers: tuple[Sequence[str], Sequence[bytes | None]] | tuple[()]
    """Names and values; empty where the record has none."""
    raw: bytes | None
    schema_id: int | None
    decode_state: str
    refusal_code: str | None = None
    refusal_detail: str | None = None
    event_type: str | None = None
    publisher: str | None = None
    event_id: str | None = None
