"""Proposals: decisions that wait for a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["STATES", "Proposal", "ProposalStore"]

STATES = ("OPEN", "CONFIRMED", "WITHDRAWN", "OVERTAKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to decide; `content` is all that a second person agrees to."""

    id: int
    kind: str
    about: str
    content: Mapping[str, Any]
    actor: str
    reason: str
    proposed_at: dt.datetime
    state: str
    closed_by: str | None
    closed_at: dt.datetime | None
    files: str | None = None
    """Links in a list only: what the two files are called. The proposal itself names them by number."""
    pair: Sequence[str] | None = None
    """The same, one by one."""
    test: bool = False
    """Whether these are sandbox files."""


class ProposalStore:
    """Proposals on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("proposals")

    def lock(self, kind: str, about: str) -> None:
        """Wait until nobody else proposes or confirms this; until the transaction ends nobody else can."""
        self._connection.execute(self._sql["lock"], {"kind": kind, "about": about})

    def open(self, kind: str, about: str) -> Proposal | None:
        """Return the open proposal about this; there is at most one."""
        return self._one("open", {"kind": kind, "about": about})

    def one(self, proposal_id: int) -> Proposal | None:
        """Return and lock a proposal."""
        return self._one("one", {"id": proposal_id})

    def confirmed(self, kind: str, about: str) -> Proposal | None:
        """Return the proposal about this that was confirmed last."""
        return self._one("confirmed", {"kind": kind, "about": about})

    def list(self, *, state: str | None, limit: int) -> list[Proposal]:
        """Return the newest proposals, newest first."""
        with self._connection.cursor(row_factory=class_row(Proposal)) as rows:
            return rows.execute(self._sql["list"], {"state": state, "limit": limit}).fetchall()

    def waiting(self, about: str) -> Sequence[Proposal]:
        """Return the open proposals about this, oldest first, without locking them."""
        with self._connection.cursor(row_factory=class_row(Proposal)) as rows:
            return rows.execute(self._sql["waiting"], {"about": about}).fetchall()

    def add(self, *, kind: str, about: str, content: Mapping[str, Any], actor: str, reason: str) -> Proposal:
        """Make a proposal; `content` holds plain JSON values."""
        values = {"kind": kind, "about": about, "content": Jsonb(dict(content)), "actor": actor, "reason": reason}
        made = self._one("add", values)
        assert made is not None
        return made

    def close(self, proposal_id: int, *, state: str, actor: str) -> bool:
        """End an open proposal; False if it is not open any more."""
        values = {"id": proposal_id, "state": state, "actor": actor}
        return self._connection.execute(self._sql["close"], values).rowcount == 1

    def overtake(self, kinds: Collection[str], about: str, *, actor: str) -> tuple[int, ...]:
        """End every open proposal of these kinds about this; return their numbers."""
        values = {"kinds": sorted(kinds), "about": about, "actor": actor}
        return tuple(sorted(row[0] for row in self._connection.execute(self._sql["overtake"], values)))

    def _one(self, name: LiteralString, values: Mapping[str, Any]) -> Proposal | None:
        with self._connection.cursor(row_factory=class_row(Proposal)) as rows:
            return rows.execute(self._sql[name], values).fetchone()
