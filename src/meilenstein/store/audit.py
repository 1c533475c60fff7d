"""The audit table: insert-only, one chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["AuditRow", "AuditStore"]

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry as it is stored; `subject` is the column `object`, `digest` is hex."""

    seq: int
    prev_hash: bytes
    hash: bytes
    at: dt.datetime
    actor: str
    act: str
    subject: str
    outcome: str
    reason: str
    digest: str | None


class AuditStore:
    """The audit table on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("audit")

    def lock(self) -> None:
        """Wait until no other transaction appends; until this one ends no other can, so numbers follow commits."""
        self._connection.execute(self._sql["lock"])

    def head(self) -> tuple[int, bytes] | None:
        """Return number and hash of the newest entry; None if there is none."""
        found = self._connection.execute(self._sql["head"]).fetchone()
        return (found[0], bytes(found[1])) if found else None

    def add(self, row: AuditRow) -> None:
        """Append an entry; the lock must be held."""
        self._connection.execute(self._sql["add"], asdict(row))

    def all(self) -> Iterator[AuditRow]:
        """Yield every entry in order, page by page, as of one moment; ends with the transaction."""
        with self._connection.cursor("audit_export", row_factory=class_row(AuditRow)) as rows:
            rows.itersize = _PAGE
            yield from rows.execute(self._sql["all"])

    def latest(self, *, actor: str | None, act: str | None, limit: int) -> list[AuditRow]:
        """Return the newest entries, newest first; `act` may name a group of acts ("quarantine")."""
        values = {"actor": actor, "act": act, "acts": _group(act), "limit": limit}
        with self._connection.cursor(row_factory=class_row(AuditRow)) as rows:
            return rows.execute(self._sql["latest"], values).fetchall()


def _group(act: str | None) -> str | None:
    """Return the pattern of every act of a group."""
    return None if act is None else act.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + ".%"
