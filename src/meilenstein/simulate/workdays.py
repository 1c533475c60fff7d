"""Days and hours on which Saxon offices work, so that simulated dates look like an office's."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from random import Random
from zoneinfo import ZoneInfo

from meilenstein.simulate.naive_calendar import holidays

__all__ = ["BERLIN", "Workdays", "end_of_day"]

BERLIN = ZoneInfo("Europe/Berlin")
_SATURDAY = 5
_OPENS, _CLOSES = 8 * 3600, 17 * 3600


class Workdays:
    """Monday to Friday without Saxon holidays, for the days between `first` and `last`, both included.

    Beyond `last` the last working day is returned: callers only look as far as they said.
    """

    def __init__(self, first: dt.date, last: dt.date) -> None:
        closed = {day for year in range(first.year, last.year + 1) for day in holidays(year)}
        span = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
        self._days = [day for day in span if day.weekday() < _SATURDAY and day not in closed]

    def on_or_after(self, day: dt.date) -> dt.date:
        """Return the first working day that is not before `day`."""
        return self._at(bisect_left(self._days, day))

    def on_or_before(self, day: dt.date) -> dt.date:
        """Return the last working day that is not after `day`."""
        return self._at(bisect_right(self._days, day) - 1)

    def plus(self, day: dt.date, count: int) -> dt.date:
        """Return the `count`-th working day after `day`; a negative count goes back."""
        if count < 0:
            return self._at(bisect_left(self._days, day) + count)
        return self._at(bisect_right(self._days, day) + count - 1) if count else self.on_or_after(day)

    def between(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """Return the working days from `first` to `last`, both included."""
        return self._days[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def office_time(self, day: dt.date, rng: Random) -> dt.datetime:
        """Return an instant (UTC) within office hours of `day`."""
        local = dt.datetime.combine(day, dt.time(), BERLIN) + dt.timedelta(seconds=rng.randrange(_OPENS, _CLOSES))
        return local.astimezone(dt.UTC)

    def _at(self, position: int) -> dt.date:
        return self._days[min(max(position, 0), len(self._days) - 1)]


def end_of_day(day: dt.date) -> dt.datetime:
    """Return the last second of `day` in Berlin, in UTC."""
    return dt.datetime.combine(day, dt.time(23, 59, 59), BERLIN).astimezone(dt.UTC)
