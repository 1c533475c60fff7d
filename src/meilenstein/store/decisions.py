"""What people decided: append-only rows, of which the newest about a subject counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["LINK", "DecisionRow", "DecisionStore"]

LINK = "LINK"
"""Kind of the decisions about two files; `content` holds the verdict JOINED or KEPT_APART."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision as it was taken."""

    id: int
    kind: str
    about: str
    content: Mapping[str, Any]
    actor: str
    reason: str
    decided_at: dt.datetime
    proposal_id: int | None
    """The proposal that this decision confirmed, where a second person was needed."""
    left_file: int | None
    right_file: int | None
    """Links only: the two files, the smaller id first."""


class DecisionStore:
    """Decisions on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("decisions")

    def hold(self, subject: str) -> None:
        """Wait until nobody else decides about `subject`, and keep others out until the transaction ends."""
        self._connection.execute(self._sql["hold"], {"subject": subject})

    def add(
        self,
        *,
        kind: str,
        about: str,
        content: Mapping[str, Any],
        actor: str,
        reason: str,
        proposal_id: int | None = None,
        left_file: int | None = None,
        right_file: int | None = None,
    ) -> int:
        """Append a decision and return its number; numbers grow with time."""
        (number,) = self._connection.execute(
            self._sql["add"],
            {
                "kind": kind,
                "about": about,
                "content": Jsonb(dict(content)),
                "actor": actor,
                "reason": reason,
                "proposal_id": proposal_id,
                "left_file": left_file,
                "right_file": right_file,
            },
        ).fetchone() or (0,)
        return int(number)

    def latest(self, kinds: Sequence[str], abouts: Sequence[str]) -> Mapping[str, DecisionRow]:
        """Return the newest decision of these kinds about each of the subjects, by subject."""
        with self._connection.cursor(row_factory=class_row(DecisionRow)) as rows:
            found = rows.execute(self._sql["latest"], {"kinds": list(kinds), "abouts": list(abouts)})
            return {row.about: row for row in found}

    def links_among(self, file_ids: Iterable[int]) -> list[DecisionRow]:
        """Return the newest decision about each pair of the given files."""
        with self._connection.cursor(row_factory=class_row(DecisionRow)) as rows:
            return rows.execute(self._sql["links_among"], {"file_ids": sorted(file_ids)}).fetchall()

    def mention_links(self) -> None:
        """Note for every pair that was ever joined that its files hang together; what is noted stays."""
        self._connection.execute(self._sql["mention_links"])
