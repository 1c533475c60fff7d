"""One batch on its way from the broker to the journal, a chunk at a time.

A haul holds one chunk of records in memory, and what has to be known of each partition at the end: how far it was
read, which offsets hold no record for us, and the last record.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from meilenstein.decoding.decode import decode_records
from meilenstein.ingest.kafka_log import Poll
from meilenstein.ingest.lots import Pair
from meilenstein.ingest.overlap import Halt, check_overlap
from meilenstein.ingest.record_reader import LogRecord
from meilenstein.store.cursors import Cursor, CursorStore
from meilenstein.store.journal_row import JournalRow
from meilenstein.store.schema_book import SchemaBook

__all__ = ["FAULTS_IN_A_ROW", "DecoderFault", "FaultRuns", "Haul"]

FAULTS_IN_A_ROW = 20
"""So many records in a row that fail in the same unforeseen way are a fault of ours: the partition halts."""

_LONGEST_ID = 200
"""A longer event id is no UUID and will be refused; the index over event ids does not take it."""

_LAST_MILLISECOND = 253_402_300_799_999
_Found = tuple[int | None, str, str | None, str | None, str | None, str | None, str | None]
"""What decoding tells of a record: the columns of the journal from `schema_id` on."""


class DecoderFault(Exception):
    """From this offset on the records of a partition fail as if our decoder were broken."""

    def __init__(self, pair: Pair, offset: int) -> None:
        super().__init__(f"{pair[0]}-{pair[1]}: {FAULTS_IN_A_ROW} records in a row fail alike from offset {offset}")
        self.pair = pair
        self.offset = offset


class FaultRuns:
    """Counts unforeseen and alike decoding failures that follow each other in a partition."""

    def __init__(self) -> None:
        self._runs: dict[Pair, list[int]] = {}

    def add(self, rows: Sequence[JournalRow]) -> None:
        """Note rows, in reading order; raise DecoderFault where a run is long enough."""
        if not self._runs and not any(row.refusal_detail == "DECODE_FAILED" for row in rows):
            return
        for row in rows:
            pair = (row.topic, row.partition)
            if row.refusal_detail != "DECODE_FAILED":
                self._runs.pop(pair, None)
                continue
            run = self._runs.setdefault(pair, [])
            run.append(row.offset)
            if len(run) == FAULTS_IN_A_ROW:
                raise DecoderFault(pair, run[0])


@dataclass(slots=True)
class _Progress:
    """How far one partition has come."""

    cursor: Cursor
    position: int
    expected: int
    """The offset behind the last row."""
    last: JournalRow | None = None
    gaps: list[tuple[int, int]] = field(default_factory=list)

    def add(self, rows: Sequence[JournalRow]) -> None:
        """Note rows of this partition, in order."""
        self.last = rows[-1]
        if self.last.offset - self.expected + 1 != len(rows):
            for row in rows:
                self._reach(row.offset)
                self.expected = row.offset + 1
        self.expected = self.last.offset + 1

    def _reach(self, offset: int) -> None:
        if offset > self.expected:
            self.gaps.append((self.expected, offset - 1))

    def end(self) -> int:
        """Return where reading goes on, the offsets up to there noted as a gap."""
        reached = max(self.position, self.cursor.next_offset)
        self._reach(reached)
        return reached


class Haul:
    """The partitions of one batch. `checked` holds those whose log was found unchanged in this run."""

    def __init__(self, cursors: Mapping[Pair, Cursor], *, book: SchemaBook, checked: set[Pair]) -> None:
        self._progress = {
            pair: _Progress(cursor, cursor.next_offset, cursor.next_offset) for pair, cursor in cursors.items()
        }
        self._book = book
        self._checked = checked
        self._runs = FaultRuns()
        self.counts: Counter[str] = Counter()
        self.halts: dict[Pair, Halt] = {}

    def take(self, poll: Poll) -> list[JournalRow]:
        """Return the journal rows of the records that were read; raises DecoderFault."""
        fresh: list[tuple[Cursor, LogRecord]] = []
        for pair, records in poll.records.items():
            if pair in self.halts:
                continue
            progress = self._progress[pair]
            cursor = progress.cursor
            if pair not in self._checked:
                halt = check_overlap(cursor, records)
                if halt:
                    self.halts[pair] = halt
                    continue
                if records or poll.positions[pair] > cursor.next_offset:
                    self._checked.add(pair)
            progress.position = poll.positions[pair]
            fresh.extend((cursor, record) for record in records if record.offset >= cursor.next_offset)
        rows = _rows(fresh, self._book)
        self._runs.add(rows)
        by_pair: dict[Pair, list[JournalRow]] = {}
        for row in rows:
            by_pair.setdefault((row.topic, row.partition), []).append(row)
        for pair, own in by_pair.items():
            self._progress[pair].add(own)
        self.counts.update(Counter(row.decode_state.lower() for row in rows))
        self.counts["records"] += len(rows)
        return rows

    def advance(self, cursors: CursorStore) -> dict[Pair, int]:
        """Move the cursors behind what was written, note the gaps, and return where each partition stands now."""
        reached = {}
        for pair, progress in self._progress.items():
            if pair in self.halts:
                continue
            cursor, last = progress.cursor, progress.last
            reached[pair] = progress.end()
            for first, end in progress.gaps:
                cursors.add_gap(
                    topic_id=cursor.topic_id,
                    partition=cursor.partition,
                    first=first,
                    last=end,
                    reason="CONTROL_RECORDS",
                )
            cursors.advance(
                cursor,
                next_offset=reached[pair],
                last_offset=last.offset if last else None,
                last_sha256=hashlib.sha256(last.raw or b"").digest() if last else None,
            )
        return reached


def _rows(fresh: Sequence[tuple[Cursor, LogRecord]], book: SchemaBook) -> list[JournalRow]:
    """Return one journal row per record, in reading order."""
    decoded = decode_records([record.value for _, record in fresh], book.schema_of)
    found: list[_Found] = [(None, "PENDING", None, None, None, None, None)] * len(fresh)
    for group in decoded.groups:
        schema_id, name = group.schema_id, group.schema.name
        columns = zip(group.positions, group.column("publisher"), group.column("event_id"), strict=True)
        for position, publisher, event_id in columns:
            kept_id = event_id if len(event_id or "") <= _LONGEST_ID else None
            found[position] = (schema_id, "DECODED", None, None, name, publisher, kept_id)
    for refusal in decoded.refusals:
        reason, detail = refusal.reason, refusal.detail
        found[refusal.position] = (refusal.schema_id, "REFUSED", reason, detail, refusal.event_type, None, None)
    for pending in decoded.pending:
        found[pending.position] = (pending.schema_id, "PENDING", None, None, None, None, None)
    return [
        JournalRow(
            cursor.topic_id,
            cursor.partition,
            record.offset,
            cursor.topic,
            _instant(record.timestamp),
            record.key,
            record.headers,
            record.value,
            *values,
        )
        for (cursor, record), values in zip(fresh, found, strict=True)
    ]


def _instant(milliseconds: int | None) -> int | None:
    """Return Kafka's time stamp; None where there is none or it is no date (it decides nothing)."""
    if milliseconds is None or not 0 <= milliseconds <= _LAST_MILLISECOND:
        return None
    return milliseconds
