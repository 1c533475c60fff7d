"""The outbox: messages to partners, written in the transaction that decided them, sent later, at least once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["Message", "Outbox", "Unsent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for one recipient's topic."""

    recipient: str
    topic: str
    key: str
    value: bytes
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A message that waits to be sent."""

    id: int
    topic: str
    key: str
    value: bytes
    kind: str


class Outbox:
    """The outbox on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("outbox")

    def add(self, messages: Sequence[Message]) -> None:
        """Append messages; their order is the order of sending per recipient."""
        if not messages:
            return
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy"]) as copy:
            copy.set_types(["text", "text", "text", "bytea", "text"])
            for message in messages:
                copy.write_row((message.recipient, message.topic, message.key, message.value, message.kind))

    def waiting(self) -> list[tuple[str, str]]:
        """Return (recipient, topic) of everything that is unsent, each pair once."""
        return sorted((row[0], row[1]) for row in self._connection.execute(self._sql["waiting"]))

    def hold(self, recipient: str) -> bool:
        """Become the only sender to a recipient until the transaction ends; False if somebody else is."""
        (got,) = self._connection.execute(self._sql["hold"], {"recipient": recipient}).fetchone() or (False,)
        return bool(got)

    def unsent(self, recipient: str, limit: int) -> list[Unsent]:
        """Return the oldest unsent messages of a recipient."""
        with self._connection.cursor(row_factory=class_row(Unsent)) as rows:
            return rows.execute(self._sql["unsent"], {"recipient": recipient, "limit": limit}).fetchall()

    def mark(self, ids: Sequence[int]) -> None:
        """Note that these messages were acknowledged by the broker."""
        self._connection.execute(self._sql["mark"], {"ids": list(ids)})

    def forget(self, *, case_days: int, reply_days: int) -> int:
        """Delete case news and replies that were sent longer ago than that; return how many."""
        values = {"case_days": case_days, "reply_days": reply_days}
        return self._connection.execute(self._sql["forget"], values).rowcount
