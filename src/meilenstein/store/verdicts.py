"""Verdicts and validation runs: what became of each journal row, and why; what did not pass becomes an item."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from meilenstein.store.copy_format import END, INT8, NULL, START, TEXT, pack_array, pack_text
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["Run", "VerdictRow", "VerdictStore"]

_HEAD = struct.Struct(">hiq").pack
"""Number of columns, and the journal id with its size."""


@lru_cache(maxsize=1024)
def _words(fate: str, codes: tuple[str, ...], warnings: tuple[str, ...]) -> bytes:
    lists = [pack_array(TEXT, [word.encode() for word in words]) for words in (codes, warnings)]
    return b"".join((pack_text(fate), *lists))


class VerdictRow(NamedTuple):
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

    def add(self, accepted: Sequence[int], others: Iterable[VerdictRow], *, run_id: int, run: Run) -> None:
        """Write the verdicts: ACCEPTED without warnings on the journal ids `accepted`, and what the others say.

        A second verdict on a row is a unique violation.
        """
        shared = INT8(8, run_id) + pack_text(run.suite_version) + pack_text(run.data_version)
        plain = _words("ACCEPTED", (), ()) + NULL + shared
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy"]) as copy:
            copy.write(START)
            # In the order of the ids, so that the key's index grows at its end.
            copy.write(b"".join([_HEAD(8, 8, journal_id) + plain for journal_id in sorted(accepted)]))
            for row in others:
                of = NULL if row.duplicate_of is None else INT8(8, row.duplicate_of)
                words = _words(row.fate, tuple(row.codes), tuple(row.warnings))
                copy.write(_HEAD(8, 8, row.journal_id) + words + of + shared)
            copy.write(END)

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
