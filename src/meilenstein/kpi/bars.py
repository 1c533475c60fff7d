"""Lying bars as numbers: rectangles in a picture of 100 by 100 that stretches, without any text in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["WIDTH", "Lying", "bar", "span"]

WIDTH = 100.0
"""Width of a picture, in units of the picture."""

_LEAST = 1.5
"""What is there is seen, however little it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """One rectangle; `part` names the colour."""

    part: str
    x: float
    width: float
    y: float = 15.0
    height: float = 70.0


def bar(value: int | None, most: int) -> Sequence[Lying]:
    """Return the bar of a count on a scale that ends at `most`; none for nothing."""
    if not value or not most:
        return []
    return [Lying(part="accepted", x=0.0, width=round(max(min(value / most, 1.0) * WIDTH, _LEAST), 2))]


def span(low: int, middle: int, high: int, most: int) -> Sequence[Lying]:
    """Return the middle half of durations and a mark at the median, on a scale that ends at `most` days."""
    scale = (WIDTH - _LEAST) / max(most, 1)
    return [
        Lying(part="accepted", x=round(low * scale, 2), width=round(max((high - low) * scale, _LEAST), 2)),
        Lying(part="quarantined", x=round(middle * scale, 2), width=_LEAST),
    ]
