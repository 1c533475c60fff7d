"""How much work waits: records behind the cursors, and what lies unfinished in the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meilenstein.ingest.kafka_log import KafkaLog
from meilenstein.store.cursors import CursorStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.journal import Backlog, JournalStore

__all__ = ["Work", "read_work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Waiting work at one moment. Halted partitions do not count: they wait for a person."""

    lag: int
    """Records that were published but not drained."""
    ends: int
    """Sum of the ends of all logs: grows with each record, whoever drains meanwhile."""
    backlog: Backlog

    def __bool__(self) -> bool:
        return self.lag > 0 or bool(self.backlog)

    def grew_since(self, earlier: Work) -> bool:
        """Say whether records were published since."""
        return self.ends > earlier.ends


def read_work(log: KafkaLog, connection: Connection, topics: Iterable[str]) -> Work:
    """Look at broker and store without changing anything."""
    with retryable("lag"):
        cursors = {(cursor.topic, cursor.partition): cursor for cursor in CursorStore(connection).known()}
        backlog = JournalStore(connection).backlog()
        connection.rollback()
    lag = ends = 0
    for found in log.partitions(topics):
        cursor = cursors.get((found.topic, found.partition))
        if cursor is None or not cursor.halted_reason:
            lag += max(0, found.end - (cursor.next_offset if cursor else found.start))
            ends += found.end
    return Work(lag=lag, ends=ends, backlog=backlog)
