"""Durations: which groups show them, and what they show.

How often a clock stopped is not published: mostly another table counts the same ends, and two numbers of one thing that
are protected on their own would tell more than each. A group shows durations where its clock stopped often enough *and*
the published parts of that other number tell by themselves that it is large enough. Then that they are shown tells
nothing of the cells, and that they are not shown tells only which clock ran; otherwise nothing is ever shown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein.kpi.breakdowns import LAND, Cells, Group, least_of
from meilenstein.kpi.columns import DECIDED
from meilenstein.kpi.figures import Durations
from meilenstein.kpi.names import Names
from meilenstein_schemas.rules import RuleTable

__all__ = ["durations_of", "quantile", "share_of", "spans"]

_ORDER = ("LAND", "DIREKTIONSBEZIRK", "DISTRICT", "AGENCY", "TRAINING", "ROUTE")
_STEPS = (20, 10, 5)
"""Into how many steps a share may be divided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    """What another table publishes of what ends a clock."""

    columns: tuple[str, ...]
    agency: str
    """The level there that AGENCY is here."""
    table: str = "procedures"


_RECEIPTS = _Ends(columns=("receipts_confirmed",), agency="BODY")
_DECISIONS = _Ends(columns=DECIDED, agency="BODY")
_ENDS: Mapping[str, _Ends] = {
    **dict.fromkeys(("C01", "C02"), _RECEIPTS),
    **dict.fromkeys(("C03", "C04", "C05", "C06", "C07", "C08", "C09"), _DECISIONS),
    "C17": _Ends(columns=("applications",), agency="BODY"),
    "S01": _Ends(columns=("accepted", "declined", "returned"), agency="TARGET", table="referrals"),
    "S02": _Ends(columns=("sent",), agency="SENDER", table="referrals"),
}
"""By clock; the others are ended by what no table counts."""


class _Shown:
    """Decides group by group; what is shown uses the minimum up, so that clocks together need it as often."""

    def __init__(self, published: Mapping[str, Cells], names: Names, rules: RuleTable, minimum: int) -> None:
        self._least = {ends: least_of(published[ends.table], ends.columns, names) for ends in set(_ENDS.values())}
        self._routes = _routes(rules)
        self._minimum = minimum
        self._used: Counter[tuple[_Ends, Group, str]] = Counter()

    def allows(self, clock: str, group: Group, ended: int) -> bool:
        """Say whether a group of a clock that stopped so often may be shown."""
        if ended < self._minimum:
            return False
        ends = _ENDS.get(clock)
        if ends is None:
            return True
        level, key = group
        own = (ends.agency if level == "AGENCY" else level, key)
        bounds = [(ends, own, level)]
        route = self._routes.get(clock)
        if route is not None and own != ("ROUTE", route):
            bounds.append((ends, ("ROUTE", route), level))
        if any(
            self._least[ends].get(one, 0) < self._minimum * (self._used[ends, one, at] + 1) for _, one, at in bounds
        ):
            return False
        self._used.update(bounds)
        return True


def durations_of(
    true: Mapping[str, Mapping[Group, Durations]],
    published: Mapping[str, Cells],
    *,
    names: Names,
    rules: RuleTable,
    minimum: int,
) -> Iterator[tuple[str, Group, Durations]]:
    """Yield each clock and group whose durations are shown, in order.

    `published` are the cells of the tables procedures and referrals; `true` is by breakdown, `REGION` by district.
    """
    shown = _Shown(published, names, rules, minimum)
    for clock, cells in sorted(true.items()):
        merged = _merged(cells, names)
        for group in sorted(merged, key=lambda one: (_ORDER.index(one[0]), one[1])):
            if shown.allows(clock, group, merged[group].days.total()):
                yield clock, group, merged[group]


def _merged(true: Mapping[Group, Durations], names: Names) -> Mapping[Group, Durations]:
    """Return the durations of each group, those of regions merged from their districts."""
    merged: dict[Group, Durations] = {}
    for (breakdown, key), found in true.items():
        groups = [(breakdown, key)]
        if breakdown == "REGION":
            bezirk = names.bezirk(key)
            groups = [LAND, ("DISTRICT", key), *([("DIREKTIONSBEZIRK", bezirk)] if bezirk else [])]
        for group in groups:
            sum_ = merged.setdefault(group, Durations())
            sum_.days.update(found.days)
            sum_.within += found.within
    return merged


def _routes(rules: RuleTable) -> Mapping[str, str]:
    """Return the legal route of each clock that runs on one only."""
    found: dict[str, set[str]] = {}
    for rule in rules.clocks:
        found.setdefault(rule.id, set()).update(rule.when.get("legal_route", {"", "any"}))
    return {clock: next(iter(routes)) for clock, routes in found.items() if len(routes) == 1}


def spans(found: Durations, minimum: int) -> Mapping[str, Any]:
    """Return the columns of durations that are shown."""
    return {
        "share_within": share_of(found.within, found.days.total(), minimum),
        "days_q1": quantile(found.days, 0.25),
        "days_median": quantile(found.days, 0.5),
        "days_q3": quantile(found.days, 0.75),
    }


def share_of(within: int, ended: int, minimum: int) -> float:
    """Return a share to the nearest 0.05, 0.1 or 0.2, the finest that is not finer than one of the minimum.

    So every share that is ever published is possible for every group that has the minimum; to the nearest 0.05, a share
    of 0.95 would tell of a group of 10 to 14 that it is 14.
    """
    step = next(step for step in _STEPS if step <= minimum)
    return (2 * within * step + ended) // (2 * ended) / step


def quantile(days: Counter[int], share: float) -> int:
    """Return a quantile in whole days, between two neighbours by the distance to them; halves go up."""
    place = (days.total() - 1) * share
    lower, upper = _at(days, math.floor(place)), _at(days, math.ceil(place))
    return math.floor(lower + (upper - lower) * (place - math.floor(place)) + 0.5)


def _at(days: Counter[int], place: int) -> int:
    """Return the value at a place of the sorted values, counted from 0."""
    for value in sorted(days):
        place -= days[value]
        if place < 0:
            return value
    raise ValueError("there is no value at this place")
