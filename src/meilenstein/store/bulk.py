"""Bulk jobs: work over many items that is done in small transactions and knows how far it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from meilenstein.store.database import Connection
from meilenstein.store.quarantine import Selection
from meilenstein.store.queries import load_queries

__all__ = ["REFUSED", "BulkJob", "BulkStore", "counts_line", "in_order"]

REFUSED = "refused:"
"""Before a code: how many items were refused for that reason."""

_COUNTS = ("selected", "decided", "unchanged", "decided_by_others", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """A job: what is done to which items, and how far it is. Its items and their age were bounded when it was made."""

    id: int
    kind: str
    """REVALIDATE, RELEASE or REJECT."""
    selection: Mapping[str, Any]
    """`code`, `agency`, `younger_than` (days) and `since` (the instant that followed from it)."""
    actor: str
    confirmed_by: str | None
    reason: str
    state: str
    first_item: int
    last_item: int
    next_item: int
    """Every item before this one is dealt with."""
    counts: Mapping[str, int]
    created_at: dt.datetime
    changed_at: dt.datetime

    @property
    def subject(self) -> str:
        """What proposals and the audit trail call the job."""
        return f"bulk:{self.id}"

    @property
    def progress(self) -> dict[str, int]:
        """What was done so far, in the order in which people read it."""
        return in_order(self.counts)

    def left(self) -> Selection:
        """Return the items that are still to be dealt with."""
        return Selection(
            code=self.selection.get("code"),
            agency=self.selection.get("agency"),
            since=dt.datetime.fromisoformat(self.selection["since"]),
            first=self.next_item,
            last=self.last_item,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the job as plain values."""
        plain = {name: getattr(self, name) for name in BulkJob.__slots__}
        return {**plain, "selection": dict(self.selection), "counts": self.progress}


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of a job in the order in which people read them; stores of JSON keep none."""
    return {name: counts[name] for name in sorted(counts, key=lambda name: (*_COUNTS, name).index(name))}


def counts_line(counts: Mapping[str, int]) -> str:
    """Return the counts of a job in one line, each code as it stands."""
    told = in_order(counts).items()
    return ", ".join(f"{count:,} {name if ':' in name else name.replace('_', ' ')}" for name, count in told)


class BulkStore:
    """Jobs on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("bulk")

    def unfinished(self, kind: str) -> list[BulkJob]:
        """Return the unfinished jobs of a kind, oldest first; until the transaction ends nobody can add one."""
        self._connection.execute(self._sql["lock_new"], {"kind": kind})
        with self._connection.cursor(row_factory=class_row(BulkJob)) as rows:
            return rows.execute(self._sql["unfinished"], {"kind": kind}).fetchall()

    def add(
        self,
        *,
        kind: str,
        selection: Mapping[str, Any],
        actor: str,
        reason: str,
        state: str,
        bounds: tuple[int, int, int],
    ) -> BulkJob:
        """Make a job over the items of `bounds` = (first, last, how many)."""
        first, last, count = bounds
        values = {"kind": kind, "actor": actor, "reason": reason, "state": state, "first_item": first}
        values |= {"last_item": last, "selection": Jsonb(dict(selection)), "counts": Jsonb({"selected": count})}
        (number,) = self._connection.execute(self._sql["add"], values).fetchone() or (0,)
        made = self.one(number)
        assert made is not None
        return made

    def one(self, job: int) -> BulkJob | None:
        """Return a job."""
        return self._one("one", job)

    def hold(self, job: int) -> BulkJob | None:
        """Lock a job until the transaction ends, and return it."""
        return self._one("hold", job)

    def _one(self, name: LiteralString, job: int) -> BulkJob | None:
        with self._connection.cursor(row_factory=class_row(BulkJob)) as rows:
            return rows.execute(self._sql[name], {"id": job}).fetchone()

    def newest(self, limit: int) -> list[BulkJob]:
        """Return the newest jobs, newest first."""
        with self._connection.cursor(row_factory=class_row(BulkJob)) as rows:
            return rows.execute(self._sql["list"], {"limit": limit}).fetchall()

    def note_refused(self, job: BulkJob, refused: Mapping[int, str]) -> None:
        """Note which items a job could not decide, and why, as codes."""
        if refused:
            values = {"job": job.id, "items": list(refused), "codes": list(refused.values())}
            self._connection.execute(self._sql["note_refused"], values)

    def refused(self, job: int, limit: int) -> list[tuple[int, str]]:
        """Return (item, code) of what a job could not decide, in the order of the items."""
        rows = self._connection.execute(self._sql["refused"], {"job": job, "limit": limit}).fetchall()
        return [(row[0], row[1]) for row in rows]

    def move(
        self,
        job: BulkJob,
        *,
        state: str,
        next_item: int | None = None,
        counts: Mapping[str, int] | None = None,
        confirmed_by: str | None = None,
    ) -> BulkJob:
        """Write how far a job is that the caller holds; what is left out stays."""
        moved = replace(
            job,
            state=state,
            next_item=job.next_item if next_item is None else next_item,
            counts=job.counts if counts is None else counts,
            confirmed_by=confirmed_by or job.confirmed_by,
        )
        names = ("id", "state", "next_item", "confirmed_by")
        values = {**{name: getattr(moved, name) for name in names}, "counts": Jsonb(dict(moved.counts))}
        self._connection.execute(self._sql["move"], values)
        return moved
