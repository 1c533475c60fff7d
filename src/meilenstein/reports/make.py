"""Read the store in one snapshot and make the report of a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from importlib.metadata import version

from meilenstein.cases.calendar import berlin_date
from meilenstein.errors import ConfigurationError
from meilenstein.operations.balance import Balance
from meilenstein.reports.build import Known, Rows, build_report
from meilenstein.reports.model import ReportModel
from meilenstein.reports.period import TREND_SLOTS, Period, day_period, month_period, run_period
from meilenstein.store.database import Connection
from meilenstein.store.reports import NowRows, ReportStore, RunRow, Scope
from meilenstein_expectations import load_suites
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Reports"]

_LARGEST = 2**63 - 1
"""The largest number that PostgreSQL can give a run."""


class Reports:
    """Makes reports on one connection; reads only."""

    def __init__(
        self,
        connection: Connection,
        *,
        directory: Directory,
        rules: RuleTable,
        balance: Callable[[], Balance],
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = ReportStore(connection)
        self._known = Known(directory=directory, suites=load_suites(), texts=rules, program=version("meilenstein"))
        self._balance = balance
        self._clock = clock

    def day(self, day: dt.date | None = None) -> ReportModel:
        """Report on a Berlin day, by default today; a day to come is a ConfigurationError."""
        now = self._clock()
        today = berlin_date(now)
        if day and day > today:
            raise ConfigurationError(f"report: {day} lies in the future; today is {today}")
        period = day_period(day or today)
        return self._make(period, now)

    def month(self, first: dt.date) -> ReportModel:
        """Report on the month that begins on `first`, up to today; a month to come is a ConfigurationError."""
        now = self._clock()
        today = berlin_date(now)
        if first > today:
            raise ConfigurationError(f"report: {first:%Y-%m} lies in the future; today is {today}")
        return self._make(month_period(first, today), now)

    def run(self, run: int) -> ReportModel:
        """Report on one validation run; an unknown one is a ConfigurationError."""
        now = self._clock()
        with self._store.snapshot():
            found = self._store.run(run) if 0 < run <= _LARGEST else None
            newest = self._store.newest_run()
        if found is None:
            there = f"the newest is {newest}" if newest else "nothing has been validated yet"
            raise ConfigurationError(f"report: there is no validation run {run}; {there}")
        return self._make(found, now)

    def _make(self, about: Period | RunRow, now: dt.datetime) -> ReportModel:
        balance = self._balance()
        with self._store.snapshot():
            starts: Mapping[str, dt.datetime] = {}
            if isinstance(about, Period):
                period, until = about, min(about.until, now)
                scope = self._store.days(period.since, period.until)
            else:
                scope, starts = self._store.runs(about.id, TREND_SLOTS)
                period, until = (
                    run_period(about.id, berlin_date(about.started_at), tuple(scope.slots)),
                    about.finished_at,
                )
            rows = self._rows(period, scope, starts, balance, self._store.state_of(until=until, now=now))
        return build_report(period, rows, self._known, now)

    def _rows(
        self, period: Period, scope: Scope, starts: Mapping[str, dt.datetime], balance: Balance, now: NowRows
    ) -> Rows:
        current = scope.within(set(period.current))
        noted = [rule.id for rule in self._known.suites.rules.values() if rule.severity == "info"]
        return Rows(
            fates=self._store.fates(scope),
            codes=self._store.codes(scope),
            rules=self._store.rules(current, noted),
            examples=self._store.examples(current),
            versions=self._store.versions(current),
            now=now,
            starts=starts,
            conserved=balance.conserved,
            partitions=len(balance.partitions),
        )
