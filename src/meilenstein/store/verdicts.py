"""Verdicts, validation runs and quarantine items: what became of each journal row, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["QuarantineRow", "Run", "VerdictRow", "VerdictStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """The fate of one journal row: ACCEPTED, DUPLICATE (of a journal id) or QUARANTINED (with reason codes)."""

    journal_id: int
    fate: str
    codes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One validation run over one batch; `evaluated` counts the rules that were really evaluated."""

    batch_id: int
    started_at: dt.datetime
    finished_at: dt.datetime
    suite_version: str
    data_version: str
    evaluated: int
    counts: Mapping[str, int]
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """A quarantined record as a list shows it: where it came from and why, no value of a case."""

    id: int
    journal_id: int
    topic: str
    partition: int
    record_offset: int
    event_type: str | None
    publisher: str | None
    event_id: str | None
    codes: Sequence[str]
    state: str
    created_at: dt.datetime


class VerdictStore:
    """Verdicts on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("verdicts")

    def add_run(self, run: Run) -> int:
        """Write the run and return its id."""
        values = {name: getattr(run, name) for name in Run.__slots__}
        values.update(counts=Jsonb(dict(run.counts)), rules=Jsonb(dict(run.rules)))
        (run_id,) = self._connection.execute(self._sql["new_run"], values).fetchone() or (0,)
        return int(run_id)

    def add(self, verdicts: Sequence[VerdictRow], *, run_id: int, run: Run) -> None:
        """Write verdicts; a second verdict on a row is a unique violation."""
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy"]) as copy:
            copy.set_types(["int8", "text", "text[]", "text[]", "int8", "int8", "text", "text"])
            for row in verdicts:
                copy.write_row(
                    (
                        row.journal_id,
                        row.fate,
                        list(row.codes),
                        list(row.warnings),
                        row.duplicate_of,
                        run_id,
                        run.suite_version,
                        run.data_version,
                    )
                )

    def quarantine(self, items: Sequence[tuple[int, Sequence[str], Sequence[Mapping[str, Any]]]]) -> list[int]:
        """Open one item per (journal id, codes, reasons) and return the item ids in the same order."""
        ids: list[int] = []
        if not items:
            return ids
        rows = [
            {"journal_id": journal_id, "codes": list(codes), "reasons": Jsonb(list(reasons))}
            for journal_id, codes, reasons in items
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(self._sql["quarantine"], rows, returning=True)
            while True:
                ids.extend(row[0] for row in cursor.fetchall())
                if not cursor.nextset():
                    return ids

    def quarantine_list(
        self, *, state: str | None = "OPEN", code: str | None = None, agency: str | None = None, limit: int = 100
    ) -> list[QuarantineRow]:
        """Return the newest items, optionally of one state, reason code or agency (sender or publisher)."""
        values = {"state": state, "code": code, "agency": agency, "limit": limit}
        with self._connection.cursor(row_factory=class_row(QuarantineRow)) as rows:
            return rows.execute(self._sql["quarantine_list"], values).fetchall()

    def quarantine_item(self, item: int) -> dict[str, Any] | None:
        """Return one item with its reasons and the original bytes, or None."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["quarantine_item"], {"id": item}).fetchone()

    def runs(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest validation runs."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["runs"], {"limit": limit}).fetchall()
