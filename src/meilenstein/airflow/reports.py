"""What the tasks of the report DAG call: write the files, and tell in one line of counts what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from meilenstein.airflow.faults import failing
from meilenstein.airflow.grid import show
from meilenstein.bootstrap import open_hub, utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.kpi.files import revised, write_kpi
from meilenstein.kpi.month import first_working_day
from meilenstein.reports.files import REPORTS_FOLDER, write_report
from meilenstein.reports.make import Reports
from meilenstein.reports.model import FeedState, ReportModel, Urgency
from meilenstein.reports.period import month_before
from meilenstein.settings import load_settings

__all__ = ["digest", "write_day_task", "write_kpi_task", "write_month_task"]

_DAY = dt.timedelta(days=1)
_MONTH_UNTIL = 7
"""A month's report that is missing, because nothing ran on the 1st, is made up for until this day."""

_TOLD = {
    "waiting": "without a verdict",
    "halted": "halted",
    "silent": "silent",
    "open": "open in quarantine",
    "older_than_week": "of them older than 7 days",
}


def write_day_task(clock: Callable[[], dt.datetime] = utc_now) -> dict[str, object]:
    """Write the report of yesterday (Berlin) and return what it counts."""
    yesterday = berlin_date(clock()) - _DAY
    return _written(lambda reports: reports.day(yesterday))


def write_month_task(clock: Callable[[], dt.datetime] = utc_now) -> dict[str, object] | None:
    """Write the report of the last month on the 1st, or until the 7th if it is missing; else return None."""
    today = berlin_date(clock())
    first = month_before(today)
    written = (_folder() / f"month-{first:%Y-%m}.json").exists()
    if today.day > _MONTH_UNTIL or (today.day > 1 and written):
        show("not due")
        return None
    return _written(lambda reports: reports.month(first))


def write_kpi_task(clock: Callable[[], dt.datetime] = utc_now) -> dict[str, object] | None:
    """Write the figures of the last month on the first working day, or a week after it if they are missing."""
    today = berlin_date(clock())
    first, due = month_before(today), first_working_day(today)
    written = (_folder() / f"kpi-{first:%Y-%m}.json").exists()
    if not due <= today <= due + _MONTH_UNTIL * _DAY or (today > due and written):
        show("not due")
        return None
    return _shielded("kpi", lambda: _written_kpi(first))


def _written_kpi(first: dt.date) -> dict[str, object]:
    settings = load_settings()
    with open_hub() as hub:
        made = revised(hub.kpi(settings.kpi_minimum).month(first), _folder())
    write_kpi(made, _folder())
    return {"name": made.name, "revision": made.revision}


def digest(told: Sequence[Mapping[str, object] | None]) -> str:
    """Show and return the line that stewards and operators read beside the grid."""
    return show(" | ".join(_line(one) for one in told if one))


def _line(told: Mapping[str, object]) -> str:
    if "revision" in told:
        return f"{told['name']}: written, revision {told['revision']}"
    parts = [f"{told['name']}: {told['arrived']:,} arrived, {told['quarantined']:,} quarantined"]
    parts.extend(f"{told[name]:,} {label}" for name, label in _TOLD.items() if told[name])
    return f"{', '.join(parts)}; to do: {told['to_do']}{' (urgent)' if told['urgent'] else ''}"


def _written(make: Callable[[Reports], ReportModel]) -> dict[str, object]:
    return _shielded("report", lambda: _written_report(make))


def _written_report(make: Callable[[Reports], ReportModel]) -> dict[str, object]:
    with open_hub() as hub:
        made = make(hub.reports())
    write_report(made, _folder())
    return _counts(made)


def _shielded(command: str, work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Do the work and show in one line what came of it; what fails for good fails in one line as well."""
    show("failed")  # until it did not
    with failing(command, see=f"meilenstein {command}"):
        counts = work()
    show(_line(counts))
    return counts


def _counts(made: ReportModel) -> dict[str, object]:
    states = [part.state for part in made.agencies]
    return {
        "name": made.period.name,
        "arrived": made.fates.arrived,
        "quarantined": made.fates.quarantined,
        "waiting": made.fates.waiting,
        "halted": states.count(FeedState.HALTED),
        "silent": states.count(FeedState.SILENT) + states.count(FeedState.QUIET),
        "open": made.open_items.total,
        "older_than_week": made.open_items.older_than_week,
        "to_do": len(made.actions),
        "urgent": made.urgency is Urgency.NOW,
    }


def _folder() -> Path:
    return load_settings().home / REPORTS_FOLDER
