"""Links between files as people look at them: what is proposed, what was decided. Read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.events import CaseFile, FileName
from meilenstein.store.queries import load_queries

__all__ = ["LinkRow", "LinkStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """Two files that may be, were made, or must not become one case."""

    left: str
    right: str
    """Each as agency/reference."""
    test: bool
    state: str
    """PROPOSED, JOINED or KEPT_APART."""
    about: str | None
    """PROPOSED: the identifier that speaks for it."""
    why: str
    """PROPOSED: the reason it was not linked; else what the people who decided gave as reason."""
    since: dt.date | None
    actor: str | None
    decided_at: dt.datetime | None


class LinkStore:
    """Links on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("links")

    def files(self, names: Iterable[FileName]) -> dict[FileName, CaseFile]:
        """Return the files that are known, by name; none is minted."""
        wanted = sorted(set(names))
        with self._connection.cursor(row_factory=class_row(CaseFile)) as rows:
            found = rows.execute(
                self._sql["files"],
                {
                    "publishers": [name[0] for name in wanted],
                    "references": [name[1] for name in wanted],
                    "tests": [name[2] for name in wanted],
                },
            )
            return {file.name: file for file in found}

    def proposed(self, *, agency: str | None, limit: int) -> list[LinkRow]:
        """Return links that wait for a decision, the newest first; `agency` takes part in all of them."""
        with self._connection.cursor(row_factory=class_row(LinkRow)) as rows:
            return rows.execute(self._sql["proposed"], {"agency": agency, "limit": limit}).fetchall()

    def decided(self, *, state: str | None, agency: str | None, limit: int) -> list[LinkRow]:
        """Return the newest decision about each pair, the newest first; `state` is JOINED, KEPT_APART or None."""
        with self._connection.cursor(row_factory=class_row(LinkRow)) as rows:
            return rows.execute(self._sql["decided"], {"state": state, "agency": agency, "limit": limit}).fetchall()
