"""Drain: move records from the broker into the journal, each exactly once.

The cursor rows are the ownership locks and the proof: rows and cursors are written in one transaction, and a cursor
moves only if it still stands where it was read. Decoding uses the local schema archive alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from meilenstein.collector import collector_paused
from meilenstein.errors import RetryableError
from meilenstein.ingest.haul import DecoderFault, Haul
from meilenstein.ingest.kafka_log import KafkaLog, Partition, UnreadablePartitionError
from meilenstein.ingest.lots import Pair, lots_of
from meilenstein.ingest.overlap import Halt, check_log
from meilenstein.store.cursors import Cursor, CursorStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.journal import JournalStore
from meilenstein.store.schema_book import SchemaBook
from meilenstein.summary import Summary

__all__ = ["BATCH_RECORDS", "Drain"]

BATCH_RECORDS = 55_000
"""A batch follows the lag: all that is there, up to about this many records."""

_UNEVEN = 1.2
"""By so much a batch may be larger, because partitions are not divided."""

_CHUNK_RECORDS = 5_000
"""So many records are held in memory at once, while the database takes those before them."""

_BATCH_SECONDS = 12.0
"""A batch that takes longer, because little comes, ends here: its cursors are held for others as well."""


class Drain:
    """One run: from the stored cursors to the high watermarks as they are at its start."""

    def __init__(
        self,
        *,
        connection: Connection,
        log: KafkaLog,
        book: SchemaBook,
        topics: Iterable[str],
        linked: Iterable[tuple[str, str]] = (),
        batch_records: int = BATCH_RECORDS,
    ) -> None:
        """`linked` are pairs of topics with events of the same agencies: see `lots_of`."""
        self._connection = connection
        self._cursors = CursorStore(connection)
        self._journal = JournalStore(connection)
        self._log = log
        self._book = book
        self._topics = tuple(topics)
        self._linked = tuple(linked)
        self._records = batch_records
        self._most = int(batch_records * _UNEVEN)
        self._checked: set[Pair] = set()
        self._counts: Counter[str] = Counter()
        self._stops: dict[Pair, Halt] = {}
        self._missing: tuple[str, ...] = ()

    def run(self) -> Summary:
        """Drain until the watermarks are reached, or other workers hold what is left."""
        began = time.monotonic()
        with retryable("drain"):
            self._book.refresh(self._connection)
            lagging = self._lagging()
            one_by_one = False
            while lagging:
                try:
                    with collector_paused():
                        lagging = self._batch(lagging, one_by_one=one_by_one)
                except UnreadablePartitionError as stuck:
                    self._connection.rollback()
                    one_by_one = True
                    if stuck.partition[0] != "*":
                        self._halt(stuck.partition, "UNREADABLE_LOG", f"the client cannot read on ({stuck.reason})")
                        lagging.pop(stuck.partition, None)
            for pair, halt in self._stops.items():
                self._halt(pair, halt.reason, halt.detail)
            halted = tuple(
                f"{cursor.topic}-{cursor.partition}: {cursor.halted_reason}"
                for cursor in self._cursors.known()
                if cursor.halted_reason
            )
            self._connection.rollback()
        return Summary(
            step="drain",
            seconds=time.monotonic() - began,
            counts=dict(self._counts),
            halted=halted,
            missing=self._missing,
        )

    def _lagging(self) -> dict[Pair, Partition]:
        """Return the partitions with records to read; begin to follow new ones, halt broken ones."""
        before = self._known()
        self._connection.commit()
        partitions = {(found.topic, found.partition): found for found in self._log.partitions(self._topics)}
        self._missing = tuple(sorted(set(self._topics) - {topic for topic, _ in partitions}))
        for pair, new in partitions.items():
            if pair not in before:
                self._cursors.add(topic=new.topic, partition=new.partition, topic_id=new.topic_id, start=new.start)
        self._connection.commit()
        lagging = {}
        for pair, cursor in self._known().items():
            found, earlier = partitions.get(pair), before.get(pair)
            if found is None or cursor.halted_reason:
                continue
            # Other workers move cursors while the broker is asked: a break must show before as well as after.
            halt = check_log(earlier, found) and check_log(cursor, found) if earlier else None
            if halt:
                self._halt(pair, halt.reason, halt.detail)
            elif found.end > cursor.next_offset:
                lagging[pair] = found
        return lagging

    def _known(self) -> dict[Pair, Cursor]:
        return {(cursor.topic, cursor.partition): cursor for cursor in self._cursors.known()}

    def _batch(self, lagging: dict[Pair, Partition], *, one_by_one: bool) -> dict[Pair, Partition]:
        """Read and write one batch in one transaction; return what is left to read."""
        lots = [list(lagging)[:1]] if one_by_one else self._lots(lagging)
        cursors, tried = self._lock(lots)
        left = {pair: found for pair, found in lagging.items() if pair in cursors or pair not in tried}
        cursors = {pair: cursor for pair, cursor in cursors.items() if cursor.next_offset < lagging[pair].end}
        if not cursors:
            self._connection.rollback()
            return {pair: found for pair, found in left.items() if pair not in tried}
        haul = Haul(cursors, book=self._book, checked=self._checked)
        try:
            self._fetch(haul, cursors, {pair: lagging[pair] for pair in cursors})
        except DecoderFault as fault:
            # What was written of this batch is taken back; it is read again up to where the run began.
            self._connection.rollback()
            self._stops[fault.pair] = Halt("DECODER_FAULT", str(fault))
            return {**lagging, fault.pair: replace(lagging[fault.pair], end=fault.offset)}
        reached = haul.advance(self._cursors)
        self._connection.commit()
        self._counts.update(haul.counts)
        for pair, halt in haul.halts.items():
            self._halt(pair, halt.reason, halt.detail)
        done = {pair for pair in cursors if pair in haul.halts or reached[pair] >= lagging[pair].end}
        return {pair: found for pair, found in left.items() if pair not in done}

    def _lots(self, lagging: Mapping[Pair, Partition]) -> list[list[Pair]]:
        known = self._known()
        # No batch takes more of one partition than fits into it, however far that one is behind.
        lags = {
            pair: min(max(found.end - known[pair].next_offset, 0), self._records) for pair, found in lagging.items()
        }
        return lots_of(lags, most=self._records, linked=self._linked)

    def _lock(self, lots: Iterable[Sequence[Pair]]) -> tuple[dict[Pair, Cursor], set[Pair]]:
        """Lock the first lot of which anything is free; return its cursors, and all pairs that were tried."""
        tried: set[Pair] = set()
        for lot in lots:
            tried.update(lot)
            cursors = {(cursor.topic, cursor.partition): cursor for cursor in self._cursors.lock(lot)}
            if cursors:
                return cursors, tried
        return {}, tried

    def _fetch(self, haul: Haul, cursors: dict[Pair, Cursor], lagging: dict[Pair, Partition]) -> None:
        """Read until the batch is full or everything was read; each chunk is on its way to the database at once."""
        positions = {pair: self._read_from(cursor, lagging[pair]) for pair, cursor in cursors.items()}
        ends = {pair: found.end for pair, found in lagging.items()}
        deadline = time.monotonic() + _BATCH_SECONDS
        with self._journal.batch() as writer:
            while positions and writer.rows < self._most and time.monotonic() < deadline:
                try:
                    poll = self._log.read(positions, ends, min(_CHUNK_RECORDS, self._most - writer.rows))
                except (UnreadablePartitionError, RetryableError):
                    if not writer.rows:
                        raise
                    break  # what came before is good; the next batch begins at the culprit
                writer.write(haul.take(poll))
                positions = {
                    pair: reached
                    for pair, reached in poll.positions.items()
                    if reached < ends[pair] and pair not in haul.halts
                }

    def _read_from(self, cursor: Cursor, found: Partition) -> int:
        """Begin one record early where the last drained record is still there, to see that it is still the same."""
        pair = (cursor.topic, cursor.partition)
        if pair in self._checked or cursor.last_offset is None or cursor.last_offset < found.start:
            return cursor.next_offset
        return cursor.last_offset

    def _halt(self, pair: Pair, reason: str, detail: str) -> None:
        self._cursors.halt(*pair, reason=reason, detail=detail)
        self._connection.commit()
        self._counts["halted"] += 1
