"""Findings beside what people decided about them. Read only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["DECIDE", "REOPEN", "FindingStore", "FindingView"]

DECIDE, REOPEN = "FINDING_DECIDE", "FINDING_REOPEN"
"""Kinds of the decisions about findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding and the newest decision about it.

    A decision is about the finding as it was: once the facts behind it change it is open again by itself.
    """

    number: str
    """By which people name it, for instance f-3a9c21e07b; the same as long as case, code and about are the same."""
    case_id: UUID | None
    """None: it is about a source or a publisher as a whole."""
    code: str
    about: str
    test: bool
    """Whether it is about a sandbox case; a decision about such a one says nothing about a real one."""
    severity: str
    since: dt.date | None
    detail: Mapping[str, Any]
    asked: str | None
    """The agency to which it was put as a question."""
    facts: str
    """Digest of severity, since and detail."""
    subject: str
    """What decisions about the finding as it is now name."""
    state: str
    """OPEN or DECIDED."""
    last_act: str | None
    outcome: str | None
    actor: str | None
    reason: str | None
    decided_at: dt.datetime | None


class FindingStore:
    """Findings on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("findings")

    def search(
        self,
        *,
        code: str | None = None,
        agency: str | None = None,
        severity: str | None = None,
        state: str | None = None,
        case_id: UUID | None = None,
        number: str = "",
        limit: int = 50,
    ) -> list[FindingView]:
        """Return findings, the newest first; `agency` has a file in their cases, or is asked about no case at all.

        `number` may be a beginning.
        """
        with self._connection.cursor(row_factory=class_row(FindingView)) as rows:
            return rows.execute(
                self._sql["search"],
                {
                    "code": code,
                    "agency": agency,
                    "severity": severity,
                    "state": state,
                    "case_id": case_id,
                    "number": number,
                    "limit": limit,
                },
            ).fetchall()

    def history(self, code: str, about: str, *, test: bool) -> list[dict[str, Any]]:
        """Return every decision about a finding of this name, also of the time when other facts were behind it."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["history"], {"code": code, "about": about, "test": test}).fetchall()
