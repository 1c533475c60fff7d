"""Reads for monthly figures: the states of all cases, one after another."""

from __future__ import annotations

from collections.abc import Iterator

from meilenstein.store.database import Connection, retryable
from meilenstein.store.queries import load_queries

__all__ = ["KpiStore"]

_PAGE = 500
"""States that are held at once: a few megabytes."""


class KpiStore:
    """Reads on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("kpi")

    def states(self) -> Iterator[bytes]:
        """Yield the state of every case, all as they were at one moment; memory does not grow with their number."""
        with retryable("kpi"):
            self._connection.rollback()
            self._connection.execute("set transaction isolation level repeatable read read only")
            with self._connection.cursor(name="kpi") as rows:
                rows.itersize = _PAGE
                for (state,) in rows.execute(self._sql["states"]):
                    yield bytes(state)
            self._connection.rollback()
