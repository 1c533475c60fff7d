"""The journal: every record that was read, exactly as it came, in batches that are id ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Copy
from psycopg.rows import class_row

from meilenstein.store.copy_format import END, START
from meilenstein.store.copy_rows import JournalPacker
from meilenstein.store.database import Connection
from meilenstein.store.journal_row import JournalRow
from meilenstein.store.queries import load_queries
from meilenstein.store.stored_rows import Origin, StoredRecord, StoredRows

__all__ = ["BATCH_BITS", "Backlog", "Batch", "BatchWriter", "JournalStore"]

BATCH_BITS = 24
"""A journal id is `batch << BATCH_BITS` plus the record's place in the batch."""

_ROWS_AT_ONCE = 4096
"""Rows whose bytes come in one value, which must stay far below the gigabyte that a value can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A claimed batch: `n` journal rows, of which some may have their verdict already."""

    id: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is left to do in the store."""

    open_batches: int
    touched: bool
    unsent: bool

    def __bool__(self) -> bool:
        return bool(self.open_batches or self.touched or self.unsent)


class BatchWriter:
    """Writes the rows of one batch into a COPY that stays open between the parts."""

    def __init__(self, connection: Connection, sql: Mapping[str, Any], stream: ExitStack) -> None:
        self._connection = connection
        self._sql = sql
        self._stream = stream
        self._packer: JournalPacker | None = None
        self._copy: Copy | None = None
        self.id = 0
        self.rows = 0

    def write(self, rows: Sequence[JournalRow]) -> None:
        """Hand over the next rows; the database takes them while the caller goes on."""
        if not rows:
            return
        if self._copy is None or self._packer is None:
            # A worker that froze in the middle gives its cursors free after this time, like one that froze elsewhere.
            self._connection.execute(self._sql["impatience"])
            (self.id,) = self._connection.execute(self._sql["new_batch"]).fetchone() or (0,)
            cursor = self._stream.enter_context(self._connection.cursor())
            self._copy = self._stream.enter_context(cursor.copy(self._sql["copy"]))
            self._packer = JournalPacker(self.id << BATCH_BITS)
            self._copy.write(START)
        self._copy.write(self._packer.pack(rows))
        self.rows += len(rows)

    def end(self) -> None:
        """Close the stream."""
        if self._copy is not None:
            self._copy.write(END)


class JournalStore:
    """Journal and batches on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("journal")

    @contextmanager
    def batch(self) -> Iterator[BatchWriter]:
        """Write one new batch part by part; nothing else can be done on the connection meanwhile.

        A writer that is given no row makes no batch.
        """
        with ExitStack() as stream:
            writer = BatchWriter(self._connection, self._sql, stream)
            yield writer
            writer.end()
        if writer.rows:
            self._connection.execute(self._sql["add_batch"], {"id": writer.id, "n": writer.rows})

    def append(self, rows: Sequence[JournalRow]) -> int:
        """Write the rows as one new batch and return its id; `rows` must not be empty."""
        with self.batch() as writer:
            writer.write(rows)
        return writer.id

    def claim(self, state: str, *, seen: Iterable[int] = ()) -> Batch | None:
        """Lock the oldest batch in `state` (OPEN or WAITING) that nobody holds and that is not in `seen`."""
        # Others skip a claimed batch, so a worker that judges it slowly, or froze, holds up nothing else.
        self._connection.execute(self._sql["patience"])
        with self._connection.cursor(row_factory=class_row(Batch)) as rows:
            return rows.execute(self._sql["claim"], {"state": state, "seen": list(seen)}).fetchone()

    def unjudged(self, batch: Batch) -> tuple[StoredRows, list[StoredRecord]]:
        """Return the rows of a batch that have no verdict yet: those that drain did not refuse, and those it did.

        Refused ones come in journal order and without their bytes.
        """
        readable, first, end = StoredRows(), batch.id << BATCH_BITS, (batch.id + 1) << BATCH_BITS
        # In binary: as text, each byte of the records would take two.
        with self._connection.cursor(binary=True) as found:
            for start in range(first, first + batch.n, _ROWS_AT_ONCE):
                bounds = {"first": start, "end": min(start + _ROWS_AT_ONCE, end)}
                for *origin, ids, offsets, sizes, raw in found.execute(self._sql["unjudged"], bounds):
                    readable.extend(Origin(*origin), ids, offsets, sizes, raw)
        with self._connection.cursor(row_factory=class_row(StoredRecord)) as rows:
            refused = rows.execute(self._sql["unjudged_refused"], {"first": first, "end": end}).fetchall()
        return readable, refused

    def finish(self, batch: Batch, state: str) -> None:
        """Set what is to happen to the batch: WAITING (pending rows are left) or DONE."""
        self._connection.execute(self._sql["finish"], {"id": batch.id, "state": state})

    def backlog(self) -> Backlog:
        """Return what validate, reconcile and feedback have left to do."""
        row = self._connection.execute(self._sql["backlog"]).fetchone() or (0, False, False)
        return Backlog(open_batches=row[0], touched=row[1], unsent=row[2])
