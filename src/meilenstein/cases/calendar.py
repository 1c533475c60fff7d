"""Counting days as German administrative law does, with the holidays of Saxony.

Sources: VwVfG § 31(1) with BGB §§ 187(1), 188(2)-(3) for months; VwVfG § 31(3) for an end on a Saturday, Sunday or
holiday. Holidays: the nine national ones, Reformationstag (31 October) and Buß- und Bettag (the Wednesday before
23 November). Fronleichnam is a holiday in listed municipalities only and therefore not one here.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

__all__ = [
    "EARLIEST", "LATEST", "berlin_date", "due_on", "end_of", "holiday_name", "holidays_of", "is_werktag",
    "months_after", "next_working_day", "plus_days", "werktage_after",
]  # fmt: skip

EARLIEST = dt.date(1949, 5, 24)
LATEST = dt.date(2199, 12, 31)
"""Periods are counted between these days; a date outside them is no date of a procedure."""
_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@lru_cache(maxsize=1)
def _berlin() -> ZoneInfo:
    return ZoneInfo("Europe/Berlin")


def berlin_date(instant: dt.datetime) -> dt.date:
    """Return the calendar day in Berlin at an instant (aware); at the very ends of time the instant's own day."""
    try:
        return instant.astimezone(_berlin()).date()
    except OverflowError:
        return instant.date()


def plus_days(day: dt.date, days: int) -> dt.date:
    """Return the day `days` later, or the last day Python knows: `9999-12-31` is a usual way to write "unlimited"."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max


@lru_cache(maxsize=512)
def _names(year: int) -> Mapping[dt.date, tuple[str, str]]:
    german = holidays.country_holidays("DE", subdiv="SN", years=year, language="de")
    english = holidays.country_holidays("DE", subdiv="SN", years=year, language="en_US")
    return {day: (german[day], english[day]) for day in german}


@lru_cache(maxsize=512)
def holidays_of(year: int) -> frozenset[dt.date]:
    """Return the statutory holidays of Saxony in a year."""
    return frozenset(_names(year))


def holiday_name(day: dt.date) -> tuple[str, str] | None:
    """Return the German and English name of the holiday on `day`, or None."""
    return _names(day.year).get(day)


def is_werktag(day: dt.date, *, saturday: bool) -> bool:
    """Say whether `day` is a Werktag: no Sunday, no holiday, and no Saturday unless `saturday` counts it."""
    weekday = day.weekday()
    return weekday != _SUNDAY and (saturday or weekday != _SATURDAY) and day not in holidays_of(day.year)


def months_after(start: dt.date, months: int) -> dt.date:
    """Return the last day of a period of months whose first day is the day after the event on `start`.

    BGB § 188(2): the day with the same number; § 188(3): the last day of a month that has no such day.
    """
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    return dt.date(year, month, min(start.day, monthrange(year, month)[1]))


def werktage_after(start: dt.date, count: int, *, saturday: bool) -> dt.date:
    """Return the `count`-th Werktag after the event day, which does not count itself (BGB § 187(1))."""
    day = start
    while count:
        day += _DAY
        count -= is_werktag(day, saturday=saturday)
    return day


def next_working_day(day: dt.date) -> dt.date:
    """Return `day`, or the next day that is no Saturday, Sunday or holiday (VwVfG § 31(3))."""
    while not is_werktag(day, saturday=False):
        day += _DAY
    return day


def end_of(start: dt.date, length: int, unit: str, *, saturday: bool) -> dt.date:
    """Return the last day of `length` DAYS, WEEKS, MONTHS or WERKTAGE after the event on `start`, before any roll-over.

    The event day does not count (BGB § 187(1)): 1 week after a Monday ends on the next Monday (BGB § 188(2)).
    """
    if unit == "MONTHS":
        return months_after(start, length)
    if unit == "WERKTAGE":
        return werktage_after(start, length, saturday=saturday)
    return start + dt.timedelta(days=length * (7 if unit == "WEEKS" else 1))


@lru_cache(maxsize=65536)
def due_on(start: dt.date, length: int, unit: str, *, roll_over: bool, saturday: bool) -> dt.date:
    """Return the last day of a period after the event on `start`, moved to a working day where `roll_over` says so."""
    end = end_of(start, length, unit, saturday=saturday)
    return next_working_day(end) if roll_over else end
