"""Bars as numbers: where each one stands in its picture. Pictures stretch, so they hold bars only and no text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meilenstein.reports.model import Fates, TrendPoint

__all__ = ["BAR", "HEIGHT", "STEP", "Bar", "Panel", "course", "quarantined_panel", "stacked_panel"]

STEP, BAR, HEIGHT = 10.0, 7.0, 100.0
"""Width of a slot, width of its bar, height of a picture, in units of the picture."""

_GAP = 1.2
_LEAST = 2.0
"""What is there is seen, however few it is."""

_PARTS: Sequence[tuple[str, Callable[[Fates], int]]] = (
    ("accepted", lambda fates: fates.accepted),
    ("duplicate", lambda fates: fates.duplicate),
    ("quarantined", lambda fates: fates.quarantined),
    ("waiting", lambda fates: fates.waiting),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One rectangle; `part` names what it counts."""

    part: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture of bars with the number its height stands for."""

    bars: Sequence[Bar]
    most: int
    slots: int

    @property
    def width(self) -> float:
        """Width of the picture."""
        return self.slots * STEP


def stacked_panel(points: Sequence[TrendPoint]) -> Panel:
    """Return all records of each slot, one part upon the other."""
    most = max((point.fates.arrived for point in points), default=0)
    bars: list[Bar] = []
    for place, point in enumerate(points):
        top = HEIGHT
        for part, size in _PARTS:
            height = _height(size(point.fates), most)
            if height:
                top -= height
                bars.append(Bar(part=part, x=_x(place), y=round(max(top, 0.0), 2), height=_drawn(height)))
    return Panel(bars=bars, most=most, slots=len(points))


def quarantined_panel(points: Sequence[TrendPoint]) -> Panel:
    """Return the quarantined records alone, on a scale of their own."""
    return _single("quarantined", [point.fates.quarantined for point in points])


def course(counts: Sequence[int]) -> Panel:
    """Return the small picture beside an agency."""
    return _single("accepted", counts)


def _single(part: str, counts: Sequence[int]) -> Panel:
    most = max(counts, default=0)
    bars = []
    for place, count in enumerate(counts):
        height = _height(count, most)
        if height:
            bars.append(Bar(part=part, x=_x(place), y=round(HEIGHT - height, 2), height=round(height, 2)))
    return Panel(bars=bars, most=most, slots=len(counts))


def _height(count: int, most: int) -> float:
    return max(HEIGHT * count / most, _LEAST) if count else 0.0


def _drawn(height: float) -> float:
    """Leave a line of background between two parts: they are told apart without their colours."""
    return round(height - _GAP if height > 2 * _GAP else height / 2, 2)


def _x(place: int) -> float:
    return place * STEP + (STEP - BAR) / 2
