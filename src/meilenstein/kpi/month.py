"""The month that is counted, and the day as of which: days as ISO 8601 texts, which compare like days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from meilenstein.cases.calendar import next_working_day
from meilenstein.errors import ConfigurationError

__all__ = ["Month", "first_working_day", "month_of"]

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month, up to its last day or, while it lasts, up to today."""

    name: str
    """`YYYY-MM`."""
    first: str
    last: str
    as_of: str
    """What lies after this day is not looked at: the last day of the month, or today while it lasts."""

    @property
    def provisional(self) -> bool:
        """Whether the month is not over."""
        return self.as_of < self.last

    def holds(self, day: str | None) -> bool:
        """Say whether a day lies in the month."""
        return day is not None and self.first <= day <= self.as_of

    def knows(self, day: str | None) -> bool:
        """Say whether a day is not after the one as of which is counted."""
        return day is not None and day <= self.as_of


def month_of(first: dt.date, today: dt.date) -> Month:
    """Return the month that begins on `first`; one to come is a ConfigurationError."""
    if first > today:
        raise ConfigurationError(f"kpi: {first:%Y-%m} lies in the future; today is {today}")
    last = (first + 31 * _DAY).replace(day=1) - _DAY
    return Month(name=f"{first:%Y-%m}", first=str(first), last=str(last), as_of=str(min(last, today)))


def first_working_day(day: dt.date) -> dt.date:
    """Return the first day of the month of `day` that is no Saturday, Sunday or holiday."""
    return next_working_day(day.replace(day=1))
