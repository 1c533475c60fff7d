"""Cursors: how far each Kafka partition has been drained, and the proof that the log is still the same one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.errors import RetryableError
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["Cursor", "CursorMovedError", "CursorStore"]


class CursorMovedError(RetryableError):
    """Another worker advanced this cursor first; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The state of one partition; offsets count records from 0."""

    topic: str
    partition: int
    topic_id: str
    start_offset: int
    next_offset: int
    last_offset: int | None
    last_sha256: bytes | None
    halted_reason: str | None
    halted_detail: str | None
    halted_at: dt.datetime | None


class CursorStore:
    """Cursor rows on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("cursor")

    def known(self) -> list[Cursor]:
        """Return all cursors, halted ones included, by topic and partition."""
        with self._connection.cursor(row_factory=class_row(Cursor)) as rows:
            return rows.execute(self._sql["known"]).fetchall()

    def add(self, *, topic: str, partition: int, topic_id: str, start: int) -> None:
        """Begin to follow a partition at `start`; a known partition stays as it is."""
        self._connection.execute(
            self._sql["add"], {"topic": topic, "partition": partition, "topic_id": topic_id, "start": start}
        )

    def lock(self, partitions: Iterable[tuple[str, int]]) -> list[Cursor]:
        """Lock and return those of the given cursors that no other worker holds and that are not halted."""
        wanted = sorted(partitions)
        with self._connection.cursor(row_factory=class_row(Cursor)) as rows:
            return rows.execute(
                self._sql["lock"],
                {"topics": [topic for topic, _ in wanted], "partitions": [partition for _, partition in wanted]},
            ).fetchall()

    def hold(self, topic: str, partition: int) -> Cursor | None:
        """Wait for the cursor, lock it and return it, halted or not; None if the partition is not known."""
        with self._connection.cursor(row_factory=class_row(Cursor)) as rows:
            return rows.execute(self._sql["hold"], {"topic": topic, "partition": partition}).fetchone()

    def advance(self, cursor: Cursor, *, next_offset: int, last_offset: int | None, last_sha256: bytes | None) -> None:
        """Move a cursor on, if it still stands where the caller read it; otherwise raise CursorMovedError."""
        done = self._connection.execute(
            self._sql["advance"],
            {
                "topic": cursor.topic,
                "partition": cursor.partition,
                "topic_id": cursor.topic_id,
                "expected": cursor.next_offset,
                "next": next_offset,
                "last": last_offset,
                "sha256": last_sha256,
            },
        )
        if done.rowcount != 1:
            raise CursorMovedError(
                f"{cursor.topic}-{cursor.partition} was advanced by another worker; nothing was written"
            )

    def halt(self, topic: str, partition: int, *, reason: str, detail: str) -> None:
        """Stop draining a partition until a person resumes it; the reason says what was found."""
        self._connection.execute(
            self._sql["halt"], {"topic": topic, "partition": partition, "reason": reason, "detail": detail}
        )

    def add_gap(self, *, topic_id: str, partition: int, first: int, last: int, reason: str) -> None:
        """Record that the offsets `first` to `last` hold no record for us."""
        self._connection.execute(
            self._sql["add_gap"],
            {"topic_id": topic_id, "partition": partition, "first": first, "last": last, "reason": reason},
        )

    def resume(self, cursor: Cursor, *, next_offset: int) -> None:
        """Let a halted partition go on at `next_offset`; what lies before it must be recorded as a gap."""
        values = {"topic": cursor.topic, "partition": cursor.partition, "next": next_offset}
        if self._connection.execute(self._sql["resume"], values).rowcount != 1:
            raise CursorMovedError(f"{cursor.topic}-{cursor.partition} is not halted any more; nothing was changed")

    def retire(self, cursor: Cursor) -> None:
        """Keep the cursor for the balance only: its topic does not exist any more."""
        self._connection.execute(self._sql["retire"], {"topic": cursor.topic, "partition": cursor.partition})
