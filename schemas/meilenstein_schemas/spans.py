"""Spans of days, both ends included: what they have in common, and what is left of one without the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

__all__ = ["ALWAYS", "Span", "common", "contains", "remaining", "span"]

Span = tuple[dt.date, dt.date]
"""First and last day; `date.max` where there is no end."""

ALWAYS: Span = (dt.date.min, dt.date.max)
_DAY = dt.timedelta(days=1)


def span(first: dt.date, last: dt.date | None) -> Span:
    """Return the span of a row in force from `first` until `last` (None: for ever)."""
    return first, last or dt.date.max


def contains(spans: Iterable[Span], day: dt.date) -> bool:
    """Say whether any of the spans contains the day."""
    return any(first <= day <= last for first, last in spans)


def common(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """Return the days that lie in both sets of spans."""
    others = list(right)
    met = [(max(a[0], b[0]), min(a[1], b[1])) for a in left for b in others]
    return sorted(one for one in met if one[0] <= one[1])


def remaining(spans: Iterable[Span], without: Iterable[Span]) -> list[Span]:
    """Return the days of `spans` that lie in none of `without`."""
    left = list(spans)
    for first, last in without:
        left = [piece for one in left for piece in _cut(one, first, last)]
    return sorted(left)


def _cut(one: Span, first: dt.date, last: dt.date) -> list[Span]:
    if last < one[0] or one[1] < first:
        return [one]
    pieces = []
    if one[0] < first:
        pieces.append((one[0], first - _DAY))
    if last < one[1]:
        pieces.append((last + _DAY, one[1]))
    return pieces
