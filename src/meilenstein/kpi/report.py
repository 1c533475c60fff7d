"""The figures of one month with what must be known about them, and the same as plain values for JSON."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein.kpi.columns import COLUMNS, TABLES, columns_of
from meilenstein.kpi.month import Month
from meilenstein.kpi.protection import BASE
from meilenstein.kpi.tables import Table
from meilenstein.kpi.variables import LEGAL

__all__ = ["FORMAT", "KpiReport", "as_json", "digest"]

FORMAT = 1
"""Version of the shape; it grows when a name changes its meaning or goes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiReport:
    """One month as it may be published."""

    month: Month
    known_at: dt.datetime
    """When the store was read: a fact that comes later changes the month."""
    program: str
    rule_version: str
    registry_version: str
    minimum: int
    """Least size of a group that shows durations."""
    tables: Mapping[str, Table]
    revision: int = 1
    """How often the figures of this month came out differently in the folder that holds them, the first included."""

    @property
    def name(self) -> str:
        """File name without ending."""
        return f"kpi-{self.month.name}"


def digest(report: KpiReport) -> str:
    """Return the SHA-256 of the figures: equal figures are one revision, whenever they are made."""
    figures = {"as_of": report.month.as_of, "minimum": report.minimum, "tables": _tables(report)}
    return hashlib.sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def as_json(report: KpiReport) -> dict[str, Any]:
    """Return the report as values that JSON has; `docs/reference/kpi.schema.json` describes them."""
    return {
        "format": FORMAT,
        "name": report.name,
        "month": report.month.name,
        "first": report.month.first,
        "last": report.month.last,
        "as_of": report.month.as_of,
        "provisional": report.month.provisional,
        "known_at": report.known_at.isoformat(),
        "revision": report.revision,
        "digest": digest(report),
        "version": report.program,
        "rules": report.rule_version,
        "registry": report.registry_version,
        "protection": {"base": BASE, "minimum": report.minimum},
        "tables": _tables(report),
        "legal_variables": [
            {
                "number": one.number,
                "name": {"de": one.name[0], "en": one.name[1]},
                "available": bool(one.found),
                "found": list(one.found),
                "note": {"de": one.note[0], "en": one.note[1]},
            }
            for one in LEGAL
        ],
    }


def _tables(report: KpiReport) -> dict[str, Any]:
    return {
        name: {
            "title": dict(TABLES[name]),
            "columns": [{"name": column, **COLUMNS[column]} for column in columns_of(name)],
            "rows": [dict(row) for row in table.rows],
            "withheld": list(table.withheld),
            "added_up": list(table.added_up),
        }
        for name, table in report.tables.items()
    }
