"""What recipients were told, recipient by recipient."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from psycopg.rows import class_row

from meilenstein.store.cases import Feed
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["FeedStore"]


class FeedStore:
    """Feed rows on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("feeds")

    def of_recipient(self, recipient: str) -> dict[str, Feed]:
        """Return what the recipient was told, by the key it knows the case by."""
        with self._connection.cursor(row_factory=class_row(Feed)) as rows:
            found = rows.execute(self._sql["of_recipient"], {"recipient": recipient})
            return {str(feed.key): feed for feed in found}

    def touch_cases(self, case_ids: Iterable[UUID]) -> None:
        """Let the next reconcile fold these cases and tell of them again where it must."""
        self._connection.execute(self._sql["touch_cases"], {"case_ids": list(case_ids)})
