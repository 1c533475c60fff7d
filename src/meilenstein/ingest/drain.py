"""Drain: move records from the broker into the journal, each exactly once.

The cursor rows are the ownership locks and the proof: rows and cursors are written in one transaction, and a cursor
moves only if it still stands where it was read. Decoding uses the local schema archive alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from meilenstein.ingest.kafka_log import KafkaLog, Partition, Poll, UnreadablePartitionError
from meilenstein.ingest.overlap import Halt, check_log, check_overlap
from meilenstein.store.cursors import Cursor, CursorStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.journal import JournalRow, JournalStore
from meilenstein.store.schema_book import SchemaBook
from meilenstein.summary import Summary
from meilenstein_connectors.batch import decode_batch

__all__ = ["BATCH_RECORDS", "Drain"]

BATCH_RECORDS = 50_000
"""A batch follows the lag: all that is there, up to this many records."""

_FAULTS_IN_A_ROW = 20
"""So many records in a row that fail in the same unforeseen way are a fault of ours: the partition halts."""

_LONGEST_ID = 200
"""A longer event id is no UUID and will be refused; the index over event ids does not take it."""

_Pair = tuple[str, int]


class Drain:
    """One run: from the stored cursors to the high watermarks as they are at its start."""

    def __init__(
        self,
        *,
        connection: Connection,
        log: KafkaLog,
        book: SchemaBook,
        topics: Iterable[str],
        batch_records: int = BATCH_RECORDS,
    ) -> None:
        self._connection = connection
        self._cursors = CursorStore(connection)
        self._journal = JournalStore(connection)
        self._log = log
        self._book = book
        self._topics = tuple(topics)
        self._batch_records = batch_records
        self._checked: set[_Pair] = set()
        self._counts: Counter[str] = Counter()
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
                    lagging = self._batch(lagging, one_by_one=one_by_one)
                except UnreadablePartitionError as stuck:
                    self._connection.rollback()
                    one_by_one = True
                    if stuck.partition[0] != "*":
                        self._halt(stuck.partition, "UNREADABLE_LOG", f"the client cannot read on ({stuck.reason})")
                        lagging.pop(stuck.partition, None)
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

    def _lagging(self) -> dict[_Pair, Partition]:
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

    def _known(self) -> dict[_Pair, Cursor]:
        return {(cursor.topic, cursor.partition): cursor for cursor in self._cursors.known()}

    def _batch(self, lagging: dict[_Pair, Partition], *, one_by_one: bool) -> dict[_Pair, Partition]:
        """Read and write one batch in one transaction; return what is left to read."""
        wanted = list(lagging)[:1] if one_by_one else list(lagging)
        cursors = {(cursor.topic, cursor.partition): cursor for cursor in self._cursors.lock(wanted)}
        left = {pair: found for pair, found in lagging.items() if pair in cursors or pair not in wanted}
        cursors = {pair: cursor for pair, cursor in cursors.items() if cursor.next_offset < lagging[pair].end}
        if not cursors:
            self._connection.rollback()
            return {pair: found for pair, found in left.items() if pair not in wanted}
        poll = self._log.read(
            {pair: self._read_from(cursor, lagging[pair]) for pair, cursor in cursors.items()},
            {pair: lagging[pair].end for pair in cursors},
            self._batch_records,
        )
        halts = self._write(cursors, poll)
        self._connection.commit()
        for pair, halt in halts.items():
            self._halt(pair, halt.reason, halt.detail)
        done = {pair for pair in cursors if pair in halts or poll.positions[pair] >= lagging[pair].end}
        return {pair: found for pair, found in left.items() if pair not in done}

    def _read_from(self, cursor: Cursor, found: Partition) -> int:
        """Begin one record early where the last drained record is still there, to see that it is still the same."""
        pair = (cursor.topic, cursor.partition)
        if pair in self._checked or cursor.last_offset is None or cursor.last_offset < found.start:
            return cursor.next_offset
        return cursor.last_offset

    def _write(self, cursors: dict[_Pair, Cursor], poll: Poll) -> dict[_Pair, Halt]:
        halts: dict[_Pair, Halt] = {}
        fresh: list[tuple[Cursor, Any]] = []
        for pair, cursor in cursors.items():
            records = poll.records[pair]
            halt = None if pair in self._checked else check_overlap(cursor, records)
            if halt:
                halts[pair] = halt
                continue
            if records or poll.positions[pair] > cursor.next_offset:
                self._checked.add(pair)
            fresh.extend((cursor, record) for record in records if record.offset >= cursor.next_offset)
        rows = self._decode(fresh)
        faults = _faults(rows)
        kept = [row for row in rows if row.offset < faults.get((row.topic, row.partition), row.offset + 1)]
        if kept:
            self._journal.append(kept)
        by_pair: dict[_Pair, list[JournalRow]] = {pair: [] for pair in cursors}
        for row in kept:
            by_pair[row.topic, row.partition].append(row)
        for pair, cursor in cursors.items():
            if pair not in halts:
                self._advance(cursor, by_pair[pair], poll, faults.get(pair))
        for pair, offset in faults.items():
            halts[pair] = Halt("DECODER_FAULT", f"{_FAULTS_IN_A_ROW} records in a row fail alike from offset {offset}")
        self._counts.update(row.decode_state.lower() for row in kept)
        self._counts["records"] += len(kept)
        return halts

    def _decode(self, fresh: Sequence[tuple[Cursor, Any]]) -> list[JournalRow]:
        """Return one journal row per record, in reading order."""
        decoded = decode_batch([record.value for _, record in fresh], self._book.schema_of)
        found: list[dict[str, Any]] = [{} for _ in fresh]
        for group in decoded.groups:
            columns = zip(group.positions, group.column("publisher"), group.column("event_id"), strict=True)
            for position, publisher, event_id in columns:
                found[position] = {
                    "decode_state": "DECODED",
                    "schema_id": group.schema_id,
                    "event_type": group.schema.name,
                    "publisher": publisher,
                    "event_id": event_id if len(event_id or "") <= _LONGEST_ID else None,
                }
        for refusal in decoded.refusals:
            found[refusal.position] = {
                "decode_state": "REFUSED",
                "schema_id": refusal.schema_id,
                "event_type": refusal.event_type,
                "refusal_code": refusal.reason,
                "refusal_detail": refusal.detail,
            }
        for pending in decoded.pending:
            found[pending.position] = {"decode_state": "PENDING", "schema_id": pending.schema_id}
        return [
            JournalRow(
                topic_id=cursor.topic_id,
                partition=cursor.partition,
                offset=record.offset,
                topic=cursor.topic,
                record_time=_instant(record.timestamp),
                key=record.key,
                headers=[(name.replace("\x00", "\N{REPLACEMENT CHARACTER}"), value) for name, value in record.headers],
                raw=record.value,
                **values,
            )
            for (cursor, record), values in zip(fresh, found, strict=True)
        ]

    def _advance(self, cursor: Cursor, rows: Sequence[JournalRow], poll: Poll, fault: int | None) -> None:
        """Move the cursor behind what was written, and note offsets in between that hold no record for us."""
        reached = fault if fault is not None else poll.positions[cursor.topic, cursor.partition]
        reached = max(reached, cursor.next_offset)
        expected = cursor.next_offset
        for offset in [*(row.offset for row in rows), reached]:
            if offset > expected:
                self._cursors.add_gap(
                    topic_id=cursor.topic_id,
                    partition=cursor.partition,
                    first=expected,
                    last=offset - 1,
                    reason="CONTROL_RECORDS",
                )
            expected = offset + 1
        last = rows[-1] if rows else None
        self._cursors.advance(
            cursor,
            next_offset=reached,
            last_offset=last.offset if last else None,
            last_sha256=hashlib.sha256(last.raw or b"").digest() if last else None,
        )

    def _halt(self, pair: _Pair, reason: str, detail: str) -> None:
        self._cursors.halt(*pair, reason=reason, detail=detail)
        self._connection.commit()
        self._counts["halted"] += 1


def _faults(rows: Sequence[JournalRow]) -> dict[_Pair, int]:
    """Return, per partition, the offset at which a run of unforeseen and alike decoding failures begins."""
    runs: dict[_Pair, list[int]] = {}
    faults: dict[_Pair, int] = {}
    for row in rows:
        pair = (row.topic, row.partition)
        run = runs.setdefault(pair, [])
        if row.refusal_detail != "DECODE_FAILED":
            run.clear()
            continue
        run.append(row.offset)
        if len(run) >= _FAULTS_IN_A_ROW:
            faults.setdefault(pair, run[0])
    return faults


def _instant(milliseconds: int | None) -> dt.datetime | None:
    """Return Kafka's time stamp; None where there is none or it is no date (it decides nothing)."""
    if milliseconds is None or milliseconds < 0:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
