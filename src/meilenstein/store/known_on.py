"""When what a case is folded from became known: events by their receipt or release, decisions about links, ticks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.store.array_text import numbers
from meilenstein.store.cases import TickRow
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionRow
from meilenstein.store.queries import load_queries

__all__ = ["KnownEvent", "KnownOnStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An accepted event as bytes, and since when it counts."""

    raw: bytes
    warnings: Sequence[str]
    """Rules that it was accepted against."""
    known_at: dt.datetime
    """When it was received; where it was refused at first, when a decision released it."""


class KnownOnStore:
    """Reads on one connection; writes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("known_on")

    def events(self, file_ids: Iterable[int]) -> list[KnownEvent]:
        """Return the accepted events of the files, in the order in which they became known."""
        with self._connection.cursor(row_factory=class_row(KnownEvent)) as rows:
            return rows.execute(self._sql["events"], {"file_ids": numbers(file_ids)}).fetchall()

    def links(self, file_ids: Iterable[int]) -> list[DecisionRow]:
        """Return every decision about two of the files, the oldest first."""
        with self._connection.cursor(row_factory=class_row(DecisionRow)) as rows:
            return rows.execute(self._sql["links"], {"file_ids": numbers(file_ids)}).fetchall()

    def tick(self, until: dt.datetime) -> TickRow | None:
        """Return the last tick before an instant."""
        with self._connection.cursor(row_factory=class_row(TickRow)) as rows:
            return rows.execute(self._sql["tick"], {"until": until}).fetchone()

    def first_tick(self) -> dt.datetime | None:
        """Return when the first tick was written."""
        first: dt.datetime | None
        (first,) = self._connection.execute(self._sql["first_tick"]).fetchone() or (None,)
        return first
