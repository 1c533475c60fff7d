"""The calendar of the truth against dates that were counted by hand with a printed calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from meilenstein.simulate.naive_calendar import easter, holidays, is_holiday, months_later, roll_over, werktage_later
from meilenstein.simulate.naive_law import Period, announced_on, decision_period, receipt_period


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (2000, "2000-04-23"),
        (2008, "2008-03-23"),
        (2011, "2011-04-24"),
        (2024, "2024-03-31"),
        (2025, "2025-04-20"),
        (2026, "2026-04-05"),
        (2027, "2027-03-28"),
    ],
)
def test_easter_is_when_the_printed_calendar_has_it(year: int, sunday: str) -> None:
    assert easter(year) == day(sunday)


def test_saxony_has_eleven_holidays_and_fronleichnam_is_none() -> None:
    names = [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03", "2026-10-31",
        "2026-11-18", "2026-12-25", "2026-12-26",
    ]  # fmt: skip
    assert holidays(2026) == {day(name) for name in names}
    assert not is_holiday(day("2026-06-04"))


@pytest.mark.parametrize(("year", "wednesday"), [(2023, "2023-11-22"), (2024, "2024-11-20"), (2025, "2025-11-19")])
def test_repentance_day_is_the_wednesday_before_23_november(year: int, wednesday: str) -> None:
    assert day(wednesday) in holidays(year)


@pytest.mark.parametrize(
    ("what", "start", "due"),
    [
        ("1 month", "2026-01-31", "2026-03-02"),  # no 31 February: 28 February 2026, a Saturday; Monday
        ("1 month", "2024-01-31", "2024-02-29"),  # leap day, a Thursday
        ("1 month", "2026-03-03", "2026-04-07"),  # 3 April is Good Friday; then Saturday, Easter Sunday and Monday
        ("3 months", "2026-07-31", "2026-11-02"),  # 31 October is a holiday and a Saturday; Sunday; Monday
        ("1 month", "2026-10-18", "2026-11-19"),  # 18 November is Buss- und Bettag
        ("3 months", "2025-09-25", "2025-12-29"),  # Christmas Day, Boxing Day, Saturday, Sunday
        ("4 months", "2025-10-31", "2026-03-02"),  # no 31 February
        ("2 weeks", "2026-04-23", "2026-05-07"),  # the same day of the week, 1 May in between does not matter
        ("2 weeks", "2026-04-17", "2026-05-04"),  # 1 May, a Friday; Monday
        ("3 Werktage", "2026-04-02", "2026-04-08"),  # Saturday counts: 4, 7, 8 April; Good Friday and Monday do not
        ("10 Werktage", "2026-12-17", "2026-12-31"),  # 18, 19, 21-24, 28-31 December
        ("1 week", "2025-12-18", "2025-12-29"),  # 25 December
    ],
)
def test_periods_end_on_the_day_counted_by_hand(what: str, start: str, due: str) -> None:
    number, unit = what.split()
    begun, count = day(start), int(number)
    if unit.startswith("month"):
        end = months_later(begun, count)
    elif unit.startswith("week"):
        end = begun + dt.timedelta(weeks=count)
    else:
        end = werktage_later(begun, count)
    assert roll_over(end) == day(due)


def test_a_suspension_leaves_out_the_days_after_the_request_up_to_the_set_date() -> None:
    period = decision_period(
        law="BQFG", regulated="NO", training="THIRD_STATE", route="REGULAR", complete=day("2025-10-06")
    )
    assert period is not None
    assert period.due == day("2026-01-06")
    period.suspend(day("2025-12-15"), day("2026-01-05"))  # 16 December to 5 January: 21 days
    assert (period.end, period.due) == (day("2026-01-27"), day("2026-01-27"))
    period.suspend(day("2025-12-20"), day("2026-01-02"))  # lies within: nothing more
    assert period.due == day("2026-01-27")


def test_an_extension_counts_once_in_time_with_a_reason_and_within_its_limit() -> None:
    european = {"law": "BQFG", "regulated": "YES", "training": "EU_EEA_CH", "route": "EU"}
    period = decision_period(**european, complete=day("2026-02-02"))
    assert period is not None
    assert period.due == day("2026-05-04")  # 2 May is a Saturday
    period.extend(day("2026-07-02"), day("2026-04-20"), "COMPLEX_MATTER")
    period.extend(day("2026-06-02"), day("2026-05-05"), "COMPLEX_MATTER")
    period.extend(day("2026-06-02"), day("2026-05-04"), "UNKNOWN")
    assert period.due == day("2026-05-04"), "too long, too late, without a reason"
    period.extend(day("2026-06-02"), day("2026-05-04"), "COMPLEX_MATTER")
    assert period.due == day("2026-06-02")
    period.extend(day("2026-06-12"), day("2026-05-20"), "COMPLEX_MATTER")
    assert period.due == day("2026-06-02"), "a second time"


def test_what_was_sent_counts_as_announced_on_the_fourth_day_and_before_2025_on_the_third() -> None:
    sent = {"announcement": "POSTED", "announced_on": None}
    assert announced_on({**sent, "dispatched_on": day("2024-12-31")}) == day("2025-01-03")
    assert announced_on({**sent, "dispatched_on": day("2025-01-01")}) == day("2025-01-05")
    handed = {"announcement": "HANDED_OVER", "dispatched_on": None, "announced_on": day("2026-02-03")}
    assert announced_on(handed) == day("2026-02-03")


def test_nursing_and_the_law_of_the_land_have_no_period_for_the_receipt() -> None:
    assert receipt_period("PFLAPRV", "REGULAR", day("2026-02-03")) is None
    assert receipt_period("SAECHS_BQFG", "FAST_TRACK_81A", day("2026-02-03")) is None
    fast = receipt_period("BQFG", "FAST_TRACK_81A", day("2026-02-03"))
    assert fast is not None
    assert fast.due == day("2026-02-17")


def test_an_act_that_was_not_in_force_gives_no_period() -> None:
    before = {"law": "MTAPRV", "regulated": "YES", "training": "THIRD_STATE", "route": "REGULAR"}
    assert decision_period(**before, complete=day("2022-12-31")) is None
    after = decision_period(**before, complete=day("2023-01-02"))
    assert after is not None
    assert after.due == day("2023-04-03")  # 2 April is a Sunday


def test_a_period_that_rolls_over_nothing_ends_on_its_day() -> None:
    permit = Period(clock="C20", start=day("2026-01-03"), end=months_later(day("2026-01-03"), 6), rolls=False)
    assert permit.due == day("2026-07-03")
    sunday = Period(clock="C20", start=day("2026-01-05"), end=day("2026-07-05"), rolls=False)
    assert sunday.due == day("2026-07-05")
