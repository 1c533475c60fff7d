"""The journal: every record that was read, exactly as it came, in batches that are id ranges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["BATCH_BITS", "Backlog", "Batch", "JournalRow", "JournalStore", "StoredRecord"]

BATCH_BITS = 24
"""A journal id is `batch << BATCH_BITS` plus the record's place in the batch."""

_COPY_TYPES = (
    "int8", "text", "int4", "int8", "text", "timestamptz", "bytea", "text[]", "bytea[]", "bytea", "int8",
    "text", "text", "text", "text", "text", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One record as drain writes it."""

    topic_id: str
    partition: int
    offset: int
    topic: str
    record_time: dt.datetime | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    raw: bytes | None
    schema_id: int | None
    decode_state: str
    refusal_code: str | None = None
    refusal_detail: str | None = None
    event_type: str | None = None
    publisher: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One record as validate reads it back."""

    id: int
    topic: str
    topic_id: str
    partition: int
    record_offset: int
    raw: bytes | None
    schema_id: int | None
    decode_state: str
    refusal_code: str | None
    refusal_detail: str | None
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A claimed batch: `n` journal rows, of which some may have their verdict already."""

    id: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is left to do in the store."""

    open_batches: int
    waiting_batches: int
    touched: bool
    unsent: bool

    def __bool__(self) -> bool:
        return bool(self.open_batches or self.touched or self.unsent)


class JournalStore:
    """Journal and batches on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("journal")

    def append(self, rows: Sequence[JournalRow]) -> int:
        """Write the rows as one new batch and return its id; `rows` must not be empty."""
        (batch,) = self._connection.execute(self._sql["new_batch"]).fetchone() or (0,)
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy"]) as copy:
            copy.set_types(_COPY_TYPES)
            for place, row in enumerate(rows):
                copy.write_row(
                    (
                        (batch << BATCH_BITS) + place,
                        row.topic_id,
                        row.partition,
                        row.offset,
                        row.topic,
                        row.record_time,
                        row.key,
                        [name for name, _ in row.headers] or None,
                        [value for _, value in row.headers] or None,
                        row.raw,
                        row.schema_id,
                        row.decode_state,
                        row.refusal_code,
                        row.refusal_detail,
                        row.event_type,
                        row.publisher,
                        row.event_id,
                    )
                )
        self._connection.execute(self._sql["add_batch"], {"id": batch, "n": len(rows)})
        return int(batch)

    def claim(self, state: str, *, seen: Iterable[int] = ()) -> Batch | None:
        """Lock the oldest batch in `state` (OPEN or WAITING) that nobody holds and that is not in `seen`."""
        # Others skip a claimed batch, so a worker that judges it slowly, or froze, holds up nothing else.
        self._connection.execute(self._sql["patience"])
        with self._connection.cursor(row_factory=class_row(Batch)) as rows:
            return rows.execute(self._sql["claim"], {"state": state, "seen": list(seen)}).fetchone()

    def unjudged(self, batch: Batch) -> list[StoredRecord]:
        """Return the rows of a batch that have no verdict yet, in journal order."""
        bounds = {"first": batch.id << BATCH_BITS, "last": (batch.id + 1) << BATCH_BITS}
        with self._connection.cursor(row_factory=class_row(StoredRecord)) as rows:
            return rows.execute(self._sql["unjudged"], bounds).fetchall()

    def finish(self, batch: Batch, state: str) -> None:
        """Set what is to happen to the batch: WAITING (pending rows are left) or DONE."""
        self._connection.execute(self._sql["finish"], {"id": batch.id, "state": state})

    def backlog(self) -> Backlog:
        """Return what validate, reconcile and feedback have left to do."""
        row = self._connection.execute(self._sql["backlog"]).fetchone() or (0, 0, False, False)
        return Backlog(open_batches=row[0], waiting_batches=row[1], touched=row[2], unsent=row[3])
