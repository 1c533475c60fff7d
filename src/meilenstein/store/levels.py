"""Levels of the store at one moment, for metrics, alarms and the view of one agency; nothing here changes a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = [
    "AUDIT",
    "CORRECTIONS",
    "BatchLevel",
    "Levels",
    "OutboxLevel",
    "PartitionLevel",
    "ProposalLevel",
    "QuarantineLevel",
    "agency_of",
]

CORRECTIONS = "hub"
"""Stands for an agency where stewards' corrections are read."""

AUDIT = "audit"
"""Recipient of the trail's heads; no agency."""


def agency_of(topic: str) -> str:
    """Return the agency whose topic this is."""
    return topic.partition(".")[2] if topic.startswith("milestones.") else CORRECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLevel:
    """How far a partition was drained, and when its last record was received, whatever happened to its log since."""

    topic: str
    partition: int
    topic_id: str
    next_offset: int
    halted_reason: str | None
    halted_at: dt.datetime | None
    received_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLevel:
    """A batch of the journal."""

    id: int
    n: int
    state: str
    drained_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLevel:
    """Open items of one agency."""

    agency: str
    count: int
    oldest: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLevel:
    """Unsent messages of one kind to one recipient."""

    recipient: str
    kind: str
    count: int
    oldest: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLevel:
    """A decision that waits for a second person."""

    id: int
    kind: str
    proposed_at: dt.datetime


class Levels:
    """Reads on one connection, outside of any other transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("levels")

    @contextmanager
    def reading(self, *, seconds: float) -> Iterator[None]:
        """Read inside, each statement for at most so long; afterwards no lock and no transaction is left."""
        self._connection.rollback()
        self._connection.execute("set transaction read only")
        self._connection.execute(self._sql["patience"], {"milliseconds": str(int(seconds * 1000))})
        try:
            yield
        finally:
            if not self._connection.closed:
                self._connection.rollback()

    def partitions(self) -> list[PartitionLevel]:
        """Return every partition that is drained."""
        with self._connection.cursor(row_factory=class_row(PartitionLevel)) as rows:
            return rows.execute(self._sql["partitions"]).fetchall()

    def batches(self, *, after: int, again: Sequence[int] = ()) -> list[BatchLevel]:
        """Return batches with an id above `after`, those in `again`, and all unfinished ones."""
        with self._connection.cursor(row_factory=class_row(BatchLevel)) as rows:
            return rows.execute(self._sql["batches"], {"after": after, "again": list(again)}).fetchall()

    def fates(self, batches: Sequence[int]) -> list[tuple[str, str, int]]:
        """Return (topic, fate, records) over these batches; the work grows with their size only."""
        return [(row[0], row[1], row[2]) for row in self._rows("fates", batches=list(batches))]

    def last_events(self, publishers: Collection[str]) -> dict[str, dt.datetime]:
        """Return when the last accepted event of each of these publishers was received, through whatever topic.

        The work grows with the number of their events: ask about few.
        """
        rows = self._rows("last_events", publishers=sorted(publishers)) if publishers else []
        return {row[0]: row[1] for row in rows}

    def quarantine(self) -> list[QuarantineLevel]:
        """Return the open items of each agency that has any."""
        return [
            QuarantineLevel(agency=agency_of(row[0]), count=row[1], oldest=row[2]) for row in self._rows("quarantine")
        ]

    def findings(self) -> list[tuple[str, str, int]]:
        """Return (code, severity, count) of the findings that no steward has decided as they stand."""
        return [(row[0], row[1], row[2]) for row in self._rows("findings")]

    def clocks(self) -> list[tuple[str, int]]:
        """Return (state, count)."""
        return [(row[0], row[1]) for row in self._rows("clocks")]

    def unsent(self) -> list[OutboxLevel]:
        """Return what the outbox holds."""
        return [OutboxLevel(recipient=row[0], kind=row[1], count=row[2], oldest=row[3]) for row in self._rows("unsent")]

    def proposals(self) -> list[ProposalLevel]:
        """Return the decisions that wait for a second person."""
        return [ProposalLevel(id=row[0], kind=row[1], proposed_at=row[2]) for row in self._rows("proposals")]

    def pending_agencies(self, *, before: dt.datetime, state: str = "WAITING") -> list[tuple[str, int, dt.datetime]]:
        """Return (agency, records, oldest) of records without a verdict since before then.

        WAITING: they wait for their schema; OPEN: nobody has judged them. Looks at the twenty oldest batches only.
        """
        rows = self._rows("pending_topics", before=before, state=state)
        return [(agency_of(row[0]), row[1], row[2]) for row in rows]

    def touched_agencies(self) -> list[str]:
        """Return the publishers of the thousand files that have waited longest to be folded."""
        return [row[0] for row in self._rows("touched")]

    def open_batches(self, *, before: dt.datetime) -> tuple[int, dt.datetime | None]:
        """Return how many batches have waited for their verdicts since before then, and the oldest time."""
        (row,) = self._rows("open_batches", before=before)
        return row[0], row[1]

    def _rows(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._sql[name], values).fetchall()
