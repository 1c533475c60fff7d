"""What a report is about: one validation run, one Berlin day, or one month of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from meilenstein.errors import ConfigurationError

__all__ = ["TREND_SLOTS", "Kind", "Period", "day_period", "month_before", "month_period", "parse_month", "run_period"]

TREND_SLOTS = 14
"""Days, or runs, that a trend shows, the reported one included; a month shows its own days."""

_DAY = dt.timedelta(days=1)


class Kind(StrEnum):
    """What a report covers."""

    RUN = "run"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period in slots: days as `YYYY-MM-DD`, or numbers of runs, in order of time."""

    kind: Kind
    name: str
    """File name without ending, such as `day-2026-03-30`."""
    first: dt.date
    last: dt.date
    """First and last Berlin day; of a run, the day on which it began."""
    run: int | None = None
    current: tuple[str, ...]
    """What the report counts."""
    shown: tuple[str, ...]
    """What its trend shows."""
    earlier: tuple[str, ...]
    """What it is compared with."""

    @property
    def since(self) -> dt.datetime:
        """The first instant of all days that are read."""
        slots = [] if self.run is not None else [dt.date.fromisoformat(slot) for slot in (*self.shown, *self.earlier)]
        return _midnight(min([*slots, self.first]))

    @property
    def until(self) -> dt.datetime:
        """The first instant after the period."""
        return _midnight(self.last + _DAY)


def day_period(day: dt.date) -> Period:
    """Return one day, compared with the days before it."""
    shown = _days(day - (TREND_SLOTS - 1) * _DAY, day)
    return Period(
        kind=Kind.DAY,
        name=f"day-{day}",
        first=day,
        last=day,
        current=shown[-1:],
        shown=shown,
        earlier=shown[:-1],
    )


def month_period(first: dt.date, today: dt.date) -> Period:
    """Return the month that begins on `first`, up to today, compared with the month before it."""
    before = month_before(first)
    last = min(_next_month(first) - _DAY, today)
    shown = _days(first, last)
    return Period(
        kind=Kind.MONTH,
        name=f"month-{first:%Y-%m}",
        first=first,
        last=last,
        current=shown,
        shown=shown,
        earlier=_days(before, first - _DAY),
    )


def run_period(run: int, day: dt.date, known: tuple[str, ...]) -> Period:
    """Return one run, compared with those before it; `known` are the numbers of both, the run itself last."""
    return Period(
        kind=Kind.RUN,
        name=f"run-{run:06d}",
        first=day,
        last=day,
        run=run,
        current=(str(run),),
        shown=known,
        earlier=known[:-1],
    )


def parse_month(text: str) -> dt.date:
    """Return the first day of a month; anything but YYYY-MM is a ConfigurationError."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise ConfigurationError(f"{text!r} is no month; write YYYY-MM, for instance 2026-03") from None


def month_before(day: dt.date) -> dt.date:
    """Return the first day of the month before the one that `day` lies in."""
    return (day.replace(day=1) - _DAY).replace(day=1)


def _next_month(first: dt.date) -> dt.date:
    return (first + 31 * _DAY).replace(day=1)


def _days(first: dt.date, last: dt.date) -> tuple[str, ...]:
    return tuple(str(first + number * _DAY) for number in range((last - first).days + 1))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo("Europe/Berlin")).astimezone(dt.UTC)
