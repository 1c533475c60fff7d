"""What a validation report is made of: counts per day or run, open items, halts; never a value of a case.

Records are counted where they arrived: in the day on which their batch was drained, or in the run that judged them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg.rows import class_row

from meilenstein.cases.tick import SILENT
from meilenstein.store.database import Connection, snapshot
from meilenstein.store.journal import BATCH_BITS
from meilenstein.store.proposals import Proposal
from meilenstein.store.queries import load_queries

__all__ = [
    "CodeCount", "ExampleRow", "FateCount", "FindingCount", "HaltRow", "NowRows", "OpenCodeCount", "OpenCount",
    "ReportStore", "RuleCount", "RunRow", "Scope", "SeenRow", "VersionRow",
]  # fmt: skip

_EXAMPLES = 3
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Batches and the slot (a day, or a run's number) that each is counted in."""

    batches: Sequence[int]
    slots: Sequence[str]
    by_run: bool
    """Only rows that the run named by the slot judged, and those of its batch that wait."""

    def within(self, slots: set[str]) -> Scope:
        """Return the part that is counted in the given slots."""
        pairs = [pair for pair in zip(self.batches, self.slots, strict=True) if pair[1] in slots]
        return Scope(batches=[batch for batch, _ in pairs], slots=[slot for _, slot in pairs], by_run=self.by_run)

    def as_values(self) -> dict[str, Any]:
        """Return the parameters of the queries; the bounds let them read a range of journal ids."""
        return {
            "batches": list(self.batches),
            "slots": list(self.slots),
            "by_run": self.by_run,
            "first": min(self.batches) << BATCH_BITS,
            "last": (max(self.batches) + 1) << BATCH_BITS,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One validation run."""

    id: int
    batch_id: int
    started_at: dt.datetime
    finished_at: dt.datetime
    suite_version: str
    data_version: str
    evaluated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FateCount:
    """Records of one topic with one fate: ACCEPTED, DUPLICATE, QUARANTINED or PENDING."""

    slot: str
    topic: str
    fate: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCount:
    """Records of one topic with one reason code, or (`warning`) accepted although they break a rule."""

    slot: str
    code: str
    warning: bool
    topic: str
    n: int
    open: int
    """How many of them are still in quarantine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many records broke one rule, whatever became of them."""

    slot: str
    rule: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRow:
    """Where to look: a record with a reason. `event_id` is None unless it is a UUID."""

    code: str
    warning: bool
    topic: str
    partition: int
    record_offset: int
    event_type: str | None
    item: int | None
    event_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """Runs with one pair of versions."""

    suite_version: str
    data_version: str
    runs: int
    first_at: dt.datetime
    last_at: dt.datetime
    rules: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRow:
    """A partition that stands still."""

    topic: str
    partition: int
    reason: str
    detail: str | None
    halted_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """When a topic brought its last record; None if it never did."""

    topic: str
    last_at: dt.datetime | None
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCount:
    """Open quarantine items of one topic."""

    topic: str
    n: int
    oldest_at: dt.datetime
    oldest_item: int
    older_than_week: int
    older_than_day: int
    """Older than a day, but not than a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCodeCount:
    """Open quarantine items of one topic with one reason."""

    topic: str
    code: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """Open findings of one code."""

    code: str
    severity: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NowRows:
    """What is open at this moment, whatever period is reported on."""

    halted: Sequence[HaltRow]
    seen: Sequence[SeenRow]
    open: Sequence[OpenCount]
    open_codes: Sequence[OpenCodeCount]
    silent: Sequence[str]
    """Publishers of which the newest tick says that nothing was accepted for long."""
    waiting_batches: int
    waiting_since: dt.datetime | None
    findings: Sequence[FindingCount]
    links: int = 0
    """Of these findings: proposed links whose two files are known, which `links` decides."""
    proposals: Sequence[Proposal] = ()
    """What waits for a second person, the oldest first."""


class ReportStore:
    """Reads for reports on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("reports")

    def snapshot(self) -> AbstractContextManager[None]:
        """Make all reads inside see one state, so that sums agree while work goes on."""
        return snapshot(self._connection, "report")

    def run(self, run: int) -> RunRow | None:
        """Return one validation run, or None."""
        return next(iter(self._rows(RunRow, "run", {"run": run})), None)

    def newest_run(self) -> int | None:
        """Return the number of the newest run, or None before the first."""
        (newest,) = self._connection.execute(self._sql["newest_run"]).fetchone() or (None,)
        return None if newest is None else int(newest)

    def days(self, since: dt.datetime, until: dt.datetime) -> Scope:
        """Return the batches drained from `since` to before `until`, each in its Berlin day."""
        rows = self._connection.execute(self._sql["scope_of_days"], {"since": since, "until": until}).fetchall()
        return Scope(batches=[row[0] for row in rows], slots=[row[1] for row in rows], by_run=False)

    def runs(self, run: int, limit: int) -> tuple[Scope, Mapping[str, dt.datetime]]:
        """Return the scope of this run and those before it, at most `limit`, and when each began."""
        rows = self._connection.execute(self._sql["scope_of_runs"], {"run": run, "limit": limit}).fetchall()
        rows.reverse()
        scope = Scope(batches=[row[0] for row in rows], slots=[row[1] for row in rows], by_run=True)
        return scope, {row[1]: row[2] for row in rows}

    def fates(self, scope: Scope) -> list[FateCount]:
        """Return what became of the records."""
        return self._scoped(FateCount, "fates", scope)

    def codes(self, scope: Scope) -> list[CodeCount]:
        """Return the reasons of quarantine and the warnings."""
        return self._scoped(CodeCount, "codes", scope)

    def rules(self, scope: Scope, rules: Sequence[str]) -> list[RuleCount]:
        """Return how many records broke each of the given rules."""
        return self._scoped(RuleCount, "evaluated", scope, rules=list(rules))

    def examples(self, scope: Scope) -> list[ExampleRow]:
        """Return the newest few records of each reason."""
        return self._scoped(ExampleRow, "examples", scope, limit=_EXAMPLES)

    def versions(self, scope: Scope) -> list[VersionRow]:
        """Return the versions that the runs used, the oldest first."""
        return self._scoped(VersionRow, "versions", scope)

    def state_of(self, *, until: dt.datetime, now: dt.datetime) -> NowRows:
        """Return what is open at `now`; silence is measured at `until`."""
        ages = {"week_ago": now - dt.timedelta(days=7), "day_ago": now - dt.timedelta(days=1)}
        tick = self._connection.execute(self._sql["tick"], {"until": until}).fetchone()
        waiting = self._connection.execute(self._sql["waiting"]).fetchone() or (0, None)
        return NowRows(
            halted=self._rows(HaltRow, "halted", {}),
            seen=self._rows(SeenRow, "seen", {"until": until}),
            open=self._rows(OpenCount, "open", ages),
            open_codes=self._rows(OpenCodeCount, "open_codes", {}),
            silent=sorted(key for key, health in tick[1].items() if health == SILENT) if tick else (),
            waiting_batches=waiting[0],
            waiting_since=waiting[1],
            findings=self._rows(FindingCount, "findings", {}),
            links=(self._connection.execute(self._sql["links"]).fetchone() or (0,))[0],
            proposals=self._rows(Proposal, "proposals", {}),
        )

    def _scoped(self, shape: type[_Row], name: str, scope: Scope, **values: Any) -> list[_Row]:
        return self._rows(shape, name, {**scope.as_values(), **values}) if scope.batches else []

    def _rows(self, shape: type[_Row], name: str, values: Mapping[str, Any]) -> list[_Row]:
        with self._connection.cursor(row_factory=class_row(shape)) as rows:
            return rows.execute(self._sql[name], values).fetchall()
