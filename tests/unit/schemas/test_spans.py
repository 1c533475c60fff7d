"""Spans of days behave like the sets of days they stand for."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from meilenstein_schemas.spans import ALWAYS, common, contains, remaining, span

START = dt.date(2026, 1, 1)
DAYS = [START + dt.timedelta(days=number) for number in range(-1, 14)]
SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
        lambda pair: (START + dt.timedelta(days=min(pair)), START + dt.timedelta(days=max(pair)))
    ),
    max_size=4,
)


def days(spans):
    return {day for day in DAYS if contains(spans, day)}


@given(SPANS, SPANS)
def test_common_days_are_the_intersection(left, right):
    assert days(common(left, right)) == days(left) & days(right)


@given(SPANS, SPANS)
def test_remaining_days_are_the_difference(left, right):
    assert days(remaining(left, right)) == days(left) - days(right)


def test_without_an_end_a_span_goes_on_for_ever():
    assert contains([span(START, None)], dt.date.max)
    assert remaining([ALWAYS], [span(START, None)]) == [(dt.date.min, START - dt.timedelta(days=1))]
    assert remaining([ALWAYS], [ALWAYS]) == []
