"""Reads all cases once, in one snapshot, and makes the figures of a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib.metadata import version

import orjson

from meilenstein.cases.calendar import berlin_date
from meilenstein.kpi.figures import Figures
from meilenstein.kpi.month import month_of
from meilenstein.kpi.report import KpiReport
from meilenstein.kpi.tables import tables_of
from meilenstein.reports.period import month_before
from meilenstein.store.database import Connection
from meilenstein.store.kpi import KpiStore
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Kpi"]


class Kpi:
    """Makes monthly figures on one connection; reads only."""

    def __init__(
        self,
        connection: Connection,
        *,
        directory: Directory,
        rules: RuleTable,
        minimum: int,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = KpiStore(connection)
        self._directory = directory
        self._rules = rules
        self._minimum = minimum
        self._clock = clock

    def month(self, first: dt.date | None = None) -> KpiReport:
        """Count the month that begins on `first`, by default the last one; a month to come is a ConfigurationError."""
        now = self._clock()
        today = berlin_date(now)
        figures = Figures(month_of(first or month_before(today), today), self._directory, self._rules)
        for state in self._store.states():
            figures.add(orjson.loads(state))
        return KpiReport(
            month=figures.month,
            known_at=now,
            program=version("meilenstein"),
            rule_version=self._rules.version,
            registry_version=self._directory.version,
            minimum=self._minimum,
            tables=tables_of(figures, self._directory, self._rules, self._minimum),
        )
