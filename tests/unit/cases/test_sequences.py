"""Missing numbers keep the day on which they were first missing, however the gap around them changes."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from meilenstein.cases.sequences import NO_EPOCH, Gap, Source, age_gaps, gap_detail, gap_words, silent_since

A, B = Source("hwk-dresden", "FV", NO_EPOCH), Source("hwk-dresden", "FV", 2)
MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ([(3, 7)], [(3, 7, MONDAY)]),
        ([(3, 3), (5, 7)], [(3, 3, MONDAY), (5, 7, MONDAY)]),
        ([(1, 9)], [(1, 2, TUESDAY), (3, 7, MONDAY), (8, 9, TUESDAY)]),
        ([(9, 9)], [(9, 9, TUESDAY)]),
        ([], []),
    ],
)
def test_what_was_missing_before_keeps_its_age(
    missing: list[tuple[int, int]], expected: list[tuple[int, int, dt.date]]
) -> None:
    found = age_gaps([(A, *gap) for gap in missing], [Gap(A, 3, 7, MONDAY), Gap(B, 1, 99, MONDAY)], TUESDAY)
    assert found == [Gap(A, *gap) for gap in expected]


def test_every_missing_number_is_told_once_with_its_own_age() -> None:
    draw = random.Random(3)
    age: dict[int, dt.date] = {}
    known: list[Gap] = []
    for number in range(200):
        day = MONDAY + dt.timedelta(days=number)
        now = {one for one in range(60) if draw.random() < 0.4}
        age = {one: age.get(one, day) for one in now}
        ranges = [(one, one) for one in sorted(now)]
        joined: list[tuple[int, int]] = []
        for first, last in ranges:
            joined[-1:] = (
                [(joined[-1][0], last)] if joined and joined[-1][1] == first - 1 else [*joined[-1:], (first, last)]
            )
        known = age_gaps([(A, *one) for one in joined], known, day)
        told = [(one, gap.since) for gap in known for one in range(gap.first, gap.last + 1)]
        assert dict(told) == age
        assert len(told) == len(age)


def test_the_words_name_the_numbers_and_the_epoch_if_there_is_one() -> None:
    detail = gap_detail([Gap(B, 5, 5, MONDAY), Gap(A, 4711, 4713, MONDAY)])
    assert detail["missing"][0] == {"epoch": None, "first": 4711, "last": 4713, "since": MONDAY}
    assert (detail["gaps"], detail["events"]) == (2, 4)
    assert gap_words(detail) == {"de": "Nummern: 4711-4713, 5 (2).", "en": "Numbers: 4711-4713, 5 (2)."}


def test_many_gaps_are_counted_and_not_all_listed() -> None:
    detail = gap_detail([Gap(A, 2 * one, 2 * one, MONDAY) for one in range(1, 31)])
    assert (len(detail["missing"]), detail["gaps"], detail["events"]) == (20, 30, 30)
    assert gap_words(detail)["en"].endswith("38, 40 and 10 more ranges.")
    assert "not contiguous" in gap_words({"contiguous": False})["en"]


@pytest.mark.parametrize(
    ("last", "days", "silent"),
    [
        ("2026-03-02", 5, "2026-03-10"),  # Monday to Monday, and the day after
        ("2026-03-06", 1, "2026-03-10"),  # Friday: Monday is the first working day
        ("2026-04-01", 2, "2026-04-08"),  # Easter: 2 and 7 April
        ("2026-11-17", 1, "2026-11-20"),  # Buß- und Bettag on the 18th
    ],
)
def test_an_agency_is_silent_after_the_working_days_of_its_rhythm(last: str, days: int, silent: str) -> None:
    assert silent_since(dt.date.fromisoformat(last), days) == dt.date.fromisoformat(silent)
