"""The derived tables as a whole: cleared, counted and digested, for `meilenstein rebuild`."""

from __future__ import annotations

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["TABLES", "DerivedStore"]

TABLES = ("event", "mention", "bulk_identifier", "case_member", "case_state", "finding", "clock")
"""Tables that can be derived from journal, verdicts, decisions, ticks and file ids."""


class DerivedStore:
    """All derived tables on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("derived")

    def busy(self) -> bool:
        """Say whether batches are unjudged or cases wait to be folded."""
        (busy,) = self._connection.execute(self._sql["busy"]).fetchone() or (True,)
        return bool(busy)

    def clear(self) -> None:
        """Empty every derived table."""
        self._connection.execute(self._sql["clear"])

    def retouch(self) -> None:
        """Let the next reconcile look at every file once more, and tell whatever came out different."""
        self._connection.execute(self._sql["retouch"])

    def cases(self) -> int:
        """Return the number of cases."""
        (count,) = self._connection.execute(self._sql["cases"]).fetchone() or (0,)
        return int(count)

    def digests(self) -> dict[str, tuple[int, str]]:
        """Return rows and SHA-256 of each derived table; case versions count changes and are left out."""
        found = {}
        for table in TABLES:
            count, digest = self._connection.execute(self._sql[table]).fetchone() or (0, "")
            found[table] = (int(count), str(digest))
        return found
