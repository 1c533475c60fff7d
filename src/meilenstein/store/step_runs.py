"""How the steps went: one row per step, for people and monitoring; no step reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["StepOutcome", "StepRow", "StepRunStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """One run of a step as it is noted; `runs` also counts idle runs before it that were not worth a row."""

    step: str
    run_id: str
    started_at: dt.datetime
    finished_at: dt.datetime
    seconds: float
    error: str | None = None
    """Class of the error; None for success."""
    counts: Mapping[str, int]
    waits: Mapping[str, int]
    missing: Sequence[str] = ()
    runs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """The last run of a step (counts, waits and missing: of the last success), and since when it has failed."""

    step: str
    run_id: str
    started_at: dt.datetime
    finished_at: dt.datetime
    seconds: float
    ok: bool
    error: str | None
    counts: Mapping[str, int]
    waits: Mapping[str, int]
    missing: Sequence[str]
    failing_since: dt.datetime | None
    success_started_at: dt.datetime | None
    success_finished_at: dt.datetime | None
    runs: int
    failures: int


class StepRunStore:
    """Step runs on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("step_runs")

    def note(self, outcome: StepOutcome) -> None:
        """Write the run. The commit does not wait for the disk: a crash may lose the last rows, never damage them."""
        values = {name: getattr(outcome, name) for name in StepOutcome.__slots__}
        values.update(
            ok=outcome.error is None,
            idle=outcome.error is None and not any(outcome.counts.values()),
            counts=Jsonb(dict(outcome.counts)),
            waits=Jsonb(dict(outcome.waits)),
            missing=list(outcome.missing),
        )
        self._connection.execute(self._sql["quick"])
        self._connection.execute(self._sql["note"], values)

    def known(self) -> list[StepRow]:
        """Return every step that ever ran."""
        with self._connection.cursor(row_factory=class_row(StepRow)) as rows:
            return rows.execute(self._sql["known"]).fetchall()
