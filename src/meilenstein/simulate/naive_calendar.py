"""The calendar of the truth: the counting rules once more, short enough to be checked by reading.

It shares no code and no library with the calendar of the pipeline; holidays follow from the Easter formula. A day
counts from midnight to midnight in Berlin, and the day of an event never counts itself (BGB section 187(1)).
"""

from __future__ import annotations

import datetime as dt
from functools import cache

__all__ = ["easter", "holidays", "is_holiday", "months_later", "roll_over", "werktage_later"]

_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY, _WEDNESDAY = 5, 6, 2


def easter(year: int) -> dt.date:
    """Return Easter Sunday (the Gregorian computus as published in Nature, 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, more = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon_shift + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * more + 2 * quarter - epact - left) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """Return the eleven statutory holidays of Saxony: the nine national ones, 31 October and Buss- und Bettag."""
    sunday = easter(year)
    moving = [sunday + dt.timedelta(days=days) for days in (-2, 1, 39, 50)]
    fixed = [dt.date(year, *day) for day in ((1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26))]
    repentance = dt.date(year, 11, 22)
    while repentance.weekday() != _WEDNESDAY:  # the Wednesday before 23 November
        repentance -= _DAY
    return frozenset((*moving, *fixed, repentance))


def is_holiday(day: dt.date) -> bool:
    """Say whether a day is a statutory holiday in Saxony."""
    return day in holidays(day.year)


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the day with the same number so many months later, or the last day of a shorter month (BGB 188(2)-(3))."""
    years, month = divmod(day.month - 1 + months, 12)
    number = day.day
    while True:
        try:
            return dt.date(day.year + years, month + 1, number)
        except ValueError:
            number -= 1


def roll_over(day: dt.date) -> dt.date:
    """Return the day, or the next one that is no Saturday, Sunday or holiday (VwVfG section 31(3))."""
    while day.weekday() in {_SATURDAY, _SUNDAY} or is_holiday(day):
        day += _DAY
    return day


def werktage_later(day: dt.date, count: int, *, saturday: bool = True) -> dt.date:
    """Return the `count`-th Werktag after the day: no Sunday, no holiday, Saturdays only where they count."""
    while count:
        day += _DAY
        free = day.weekday() == _SUNDAY or is_holiday(day) or (day.weekday() == _SATURDAY and not saturday)
        count -= not free
    return day
