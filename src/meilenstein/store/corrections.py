"""Corrected events in the journal: rows of a topic that no broker has, with a cursor of its own like any other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from meilenstein.store.cursors import CursorStore
from meilenstein.store.database import Connection
from meilenstein.store.journal import BATCH_BITS, JournalStore
from meilenstein.store.journal_row import JournalRow

__all__ = ["CORRECTIONS_TOPIC", "HUB", "CorrectedEvent", "CorrectionLog"]

CORRECTIONS_TOPIC = "hub.corrections"
HUB = "hub"
"""Topic id of the corrections; Kafka's topic ids are longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedEvent:
    """An event that a steward sets beside an original."""

    item: int
    raw: bytes
    schema_id: int
    event_type: str
    publisher: str
    event_id: str


class CorrectionLog:
    """The corrections on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors = CursorStore(connection)

    def append(self, event: CorrectedEvent) -> int:
        """Write the event as a batch of its own, open for validate, and return its journal id.

        Others who append wait until the transaction ends.
        """
        self._cursors.add(topic=CORRECTIONS_TOPIC, partition=0, topic_id=HUB, start=0)
        cursor = self._cursors.hold(CORRECTIONS_TOPIC, 0)
        assert cursor is not None, "the row was inserted, or was there"
        offset = cursor.next_offset
        batch = JournalStore(self._connection).append([_row(event, offset)])
        digest = hashlib.sha256(event.raw).digest()
        self._cursors.advance(cursor, next_offset=offset + 1, last_offset=offset, last_sha256=digest)
        return batch << BATCH_BITS


def _row(event: CorrectedEvent, offset: int) -> JournalRow:
    return JournalRow(
        topic_id=HUB,
        partition=0,
        offset=offset,
        topic=CORRECTIONS_TOPIC,
        record_time=None,
        key=str(event.item).encode(),
        headers=(),
        raw=event.raw,
        schema_id=event.schema_id,
        decode_state="DECODED",
        event_type=event.event_type,
        publisher=event.publisher,
        event_id=event.event_id,
    )
