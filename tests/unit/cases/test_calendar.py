"""Periods counted by hand. Each row names why its end is where it is.

Sources: BGB §§ 187(1), 188(2), 188(3); VwVfG § 31(3). Easter Sunday is 31 March 2024 and 20 April 2025; Buß- und Bettag
is the Wednesday before 23 November.
"""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.cases.world import day

from meilenstein.cases.calendar import berlin_date, due_on, holidays_of, is_werktag, plus_days


@pytest.mark.parametrize(
    ("start", "months", "end", "why"),
    [
        ("2025-03-10", 1, "2025-04-10", "same number, Thursday: § 188(2); 11 April is the first day after the period"),
        ("2025-01-31", 1, "2025-02-28", "February has no 31st: last day, Friday, § 188(3)"),
        ("2024-01-31", 1, "2024-02-29", "leap year: last day, Thursday"),
        ("2024-02-29", 1, "2024-04-02", "29 March is Good Friday, then weekend and Easter Monday"),
        ("2025-03-21", 1, "2025-04-22", "21 April is Easter Monday"),
        ("2025-04-01", 1, "2025-05-02", "1 May"),
        ("2025-04-29", 1, "2025-05-30", "29 May is Ascension Day; the Friday after it is a working day"),
        ("2025-05-09", 1, "2025-06-10", "9 June is Whit Monday"),
        ("2025-05-19", 1, "2025-06-19", "Fronleichnam is no holiday of the whole Land"),
        ("2025-05-14", 1, "2025-06-16", "14 June is a Saturday"),
        ("2025-05-15", 1, "2025-06-16", "15 June is a Sunday"),
        ("2025-07-03", 3, "2025-10-06", "3 October is a Friday, then the weekend"),
        ("2024-07-31", 3, "2024-11-01", "31 October is Reformationstag; 1 November is no holiday in Saxony"),
        ("2025-07-31", 3, "2025-11-03", "31 October is a Friday, then the weekend"),
        ("2025-08-19", 3, "2025-11-20", "19 November 2025 is Buß- und Bettag"),
        ("2022-10-16", 1, "2022-11-17", "16 November 2022 is Buß- und Bettag: 23 November is a Wednesday itself"),
        ("2022-10-23", 1, "2022-11-23", "that Wednesday is none"),
        ("2025-10-31", 1, "2025-12-01", "November has no 31st, and 30 November is a Sunday"),
        ("2025-11-30", 3, "2026-03-02", "February has no 30th, and 28 February is a Saturday"),
        ("2025-11-25", 1, "2025-12-29", "Christmas, then the weekend"),
        ("2025-12-31", 1, "2026-02-02", "over the turn of the year to a Saturday"),
        ("2023-11-30", 3, "2024-02-29", "the last day of February in a leap year is a Thursday"),
    ],
)
def test_a_period_of_months_ends_where_it_ends_by_hand(start: str, months: int, end: str, why: str) -> None:
    assert due_on(day(start), months, "MONTHS", roll_over=True, saturday=True) == day(end), why


@pytest.mark.parametrize(
    ("start", "saturday", "end", "why"),
    [
        ("2025-03-03", True, "2025-03-14", "4-8 March are five Werktage with the Saturday, 10-14 March five more"),
        ("2025-03-03", False, "2025-03-17", "without Saturdays the tenth is the Monday after"),
        ("2025-03-04", True, "2025-03-17", "the tenth is Saturday 15 March, moved to Monday"),
        ("2025-04-10", True, "2025-04-24", "Good Friday, Easter Sunday and Easter Monday do not count"),
        ("2025-11-10", True, "2025-11-24", "19 November does not count; the tenth is Saturday 22 November, moved"),
    ],
)
def test_ten_werktage_end_where_they_end_by_hand(start: str, saturday: bool, end: str, why: str) -> None:
    assert due_on(day(start), 10, "WERKTAGE", roll_over=True, saturday=saturday) == day(end), why


def test_without_roll_over_the_end_stays_on_a_holiday() -> None:
    assert due_on(day("2025-03-21"), 1, "MONTHS", roll_over=False, saturday=True) == day("2025-04-21")


def test_saxony_has_eleven_holidays_and_no_others() -> None:
    names = [
        "2025-01-01", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-10-03",
        "2025-10-31", "2025-11-19", "2025-12-25", "2025-12-26",
    ]  # fmt: skip
    assert sorted(holidays_of(2025)) == [day(name) for name in names]


def test_a_saturday_is_a_werktag_only_where_the_setting_says_so() -> None:
    saturday = day("2025-03-08")
    assert is_werktag(saturday, saturday=True)
    assert not is_werktag(saturday, saturday=False)
    assert not is_werktag(day("2025-03-09"), saturday=True)


@pytest.mark.parametrize(
    ("instant", "berlin"),
    [
        ("2026-03-28T23:30:00", "2026-03-29"),
        ("2026-03-29T21:59:00", "2026-03-29"),
        ("2026-03-29T22:00:00", "2026-03-30"),
    ],
)
def test_the_berlin_day_follows_summer_time(instant: str, berlin: str) -> None:
    moment = dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert berlin_date(moment) == day(berlin)


def test_an_instant_at_the_end_of_time_has_a_day_all_the_same() -> None:
    assert berlin_date(dt.datetime.max.replace(tzinfo=dt.UTC)) == dt.date.max


def test_days_are_added_up_to_the_last_one_there_is() -> None:
    assert plus_days(day("9999-12-31"), 1) == dt.date.max
    assert plus_days(day("2026-02-28"), 1) == day("2026-03-01")
