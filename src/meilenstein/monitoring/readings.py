"""What metrics and health are made of: one reading of the store, one of the broker, one of Airflow."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from meilenstein.monitoring.tally import FateTally
from meilenstein.store.alarms import AlarmStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.levels import BatchLevel, Levels, OutboxLevel, PartitionLevel, ProposalLevel, QuarantineLevel
from meilenstein.store.step_runs import StepRow, StepRunStore

__all__ = ["AirflowLevels", "BrokerLevels", "Readings", "StoreLevels", "StoreReader", "lag_of"]

_QUERY_SECONDS = 5.0
_SLOW_EVERY = 30.0
"""Seconds between two readings of what grows with the number of cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLevels:
    """Levels of the store; what could not be read in time is missing, and its name counts in `failures`."""

    now: dt.datetime
    partitions: Sequence[PartitionLevel] = ()
    fates: Mapping[tuple[str, str], int] = field(default_factory=dict)
    batches: Sequence[BatchLevel] = ()
    quarantine: Sequence[QuarantineLevel] = ()
    findings: Sequence[tuple[str, str, int]] = ()
    clocks: Sequence[tuple[str, int]] = ()
    unsent: Sequence[OutboxLevel] = ()
    proposals: Sequence[ProposalLevel] = ()
    steps: Sequence[StepRow] = ()
    alarms: Mapping[str, int] | None = None
    alarm_messages: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerLevels:
    """End offset of every partition that is drained, by (topic, partition), and its start offset."""

    ends: Mapping[tuple[str, int], int]
    starts: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowLevels:
    """Runs of the last 24 hours by (DAG, state), and when each DAG last succeeded."""

    runs: Mapping[tuple[str, str], int]
    succeeded_at: Mapping[str, dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """All that is known now. None: not readable, or not set up (see `ages`)."""

    store: StoreLevels | None
    broker: BrokerLevels | None
    airflow: AirflowLevels | None
    ages: Mapping[str, float]
    """Age of each reading in seconds, by source; sources that are not set up are absent."""

    def parts(self) -> Mapping[str, bool]:
        """Say of each source that is set up whether it could be read."""
        values: dict[str, Any] = {"store": self.store, "kafka": self.broker, "airflow": self.airflow}
        return {name: values[name] is not None for name in self.ages}


class StoreReader:
    """Reads the store on one connection, each part in a time of its own.

    Verdicts are counted for `count_seconds` in each reading; until all are, `fates` is empty.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        clock: Callable[[], dt.datetime],
        monotonic: Callable[[], float],
        *,
        count_seconds: float = 2.0,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._monotonic = monotonic
        self._tally = FateTally(seconds=count_seconds, monotonic=monotonic)
        self._failures: Counter[str] = Counter()
        self._slow: dict[str, Any] = {}
        self._slow_at: float | None = None

    def read(self) -> StoreLevels:
        """Return the levels; RetryableError if the store does not answer at all."""
        with retryable("the reading of levels"):
            connection = self._connect()
            levels, alarms = Levels(connection), AlarmStore(connection)
            parts: dict[str, Callable[[], Any]] = {
                "partitions": levels.partitions,
                "batches": lambda: self._tally.refresh(levels),
                "quarantine": levels.quarantine,
                "unsent": levels.unsent,
                "proposals": levels.proposals,
                "steps": StepRunStore(connection).known,
                "alarms": alarms.counts,
                "alarm_messages": alarms.unsent,
            }
            values = self._values(levels, parts)
            if self._slow_at is None or self._monotonic() - self._slow_at >= _SLOW_EVERY:
                self._slow = self._values(levels, {"findings": levels.findings, "clocks": levels.clocks})
                self._slow_at = self._monotonic()
        if "batches" in values:
            values["fates"] = self._tally.totals()
        return StoreLevels(now=self._clock(), **values, **self._slow, failures=dict(self._failures))

    def _values(self, levels: Levels, parts: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, read in parts.items():
            try:
                with levels.reading(seconds=_QUERY_SECONDS):
                    found[name] = read()
            except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
                self._failures[name] += 1
        return found


def lag_of(store: StoreLevels, broker: BrokerLevels, *, halted: bool) -> dict[tuple[str, int], int]:
    """Return the records that wait in each partition; halted partitions only where they are asked for."""
    known = {(row.topic, row.partition): row for row in store.partitions}
    lag = {}
    for pair, end in broker.ends.items():
        row = known.get(pair)
        if row is None or halted or not row.halted_reason:
            lag[pair] = max(0, end - (row.next_offset if row else broker.starts[pair]))
    return lag
