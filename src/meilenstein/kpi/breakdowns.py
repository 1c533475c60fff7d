"""Counts by breakdown, protected together: the regions of the Land, and whatever else the Land is broken down by.

A number of the Land stands beside the cells of all its breakdowns and fits every one of them. Where that is impossible,
the column is withheld in a breakdown, kept in those that come first; a breakdown may ask for a Land that is not small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.kpi.facts import UNKNOWN
from meilenstein.kpi.figures import Counted
from meilenstein.kpi.names import Names
from meilenstein.kpi.protection import Relation, least, rounded, settle

__all__ = ["LAND", "Breakdown", "Cells", "Group", "Protected", "Sums", "least_of", "protect", "regional_groups"]

BEZIRKE = ("CHEMNITZ", "DRESDEN", "LEIPZIG")
"""The former Direktionsbezirke."""

Group = tuple[str, str]
"""Level and key."""
Cell = tuple[Group, str]
"""Group and column."""
Cells = Mapping[Cell, int]
"""Published numbers."""

LAND: Group = ("LAND", "SN")
_SUMMED = ("LAND", "DIREKTIONSBEZIRK")
"""Levels whose every number is a total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The columns that are counted, and at most one that is the sum of some of them."""

    leaves: Sequence[str]
    total: str | None = None
    parts: Sequence[str] = ()

    @property
    def columns(self) -> Sequence[str]:
        """All columns."""
        return (*self.leaves, *([self.total] if self.total else []))

    def relations(self, group: Group) -> Iterator[Relation[Cell]]:
        """Yield the sum within one row."""
        if self.total is not None:
            yield Relation(total=(group, self.total), parts=tuple((group, part) for part in self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Another breakdown of what the Land counts."""

    level: str
    keys: Sequence[str]
    """All groups there may be: together they are the Land."""
    sums: Sums
    """Its columns, which the Land has too."""
    least: int = 0
    """A column of which the Land has less is left out."""

    @property
    def groups(self) -> Sequence[Group]:
        """Its groups."""
        return [(self.level, key) for key in self.keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """What may be published."""

    cells: Cells
    """A cell that is missing is withheld, or its Land is too small for it."""
    withheld: Sequence[str]
    """`<level>.<column>` of what would tell too much beside the Land."""
    added_up: bool
    """Whether totals are sums of what is published."""


def regional_groups(names: Names) -> Iterator[Group]:
    """Yield the Land, each former Direktionsbezirk with its districts, and what lies nowhere."""
    yield LAND
    for bezirk in BEZIRKE:
        yield "DIREKTIONSBEZIRK", bezirk
        yield from _inside(bezirk, names)
    yield "DISTRICT", UNKNOWN


def _inside(bezirk: str, names: Names) -> Iterator[Group]:
    yield from (("DISTRICT", key) for key in names.districts() if names.bezirk(key) == bezirk)


def least_of(cells: Cells, columns: Iterable[str], names: Names) -> Mapping[Group, int]:
    """Return for each group the least that columns can add up to in it, by the published cells that are no totals.

    A number of regions is the least of their districts, that of the Land the largest of what its breakdowns tell. What
    is withheld counts as nothing.
    """
    found = {group: 0 for group, _ in cells if group[0] not in _SUMMED}
    for column in columns:
        for group in found:
            found[group] += least([cells[group, column]] if (group, column) in cells else [])
    levels: Counter[str] = Counter()
    for (level, _), n in found.items():
        levels[level] += n
    for bezirk in BEZIRKE:
        found["DIREKTIONSBEZIRK", bezirk] = sum(found[group] for group in _inside(bezirk, names))
    found[LAND] = max(levels.values())
    return found


def protect(counts: Counted, sums: Sums, names: Names, others: Sequence[Breakdown] = ()) -> Protected:
    """Return what is published of counts by region (`REGION`), and by other breakdowns."""
    districts: list[Group] = [("DISTRICT", key) for key in (*names.districts(), UNKNOWN)]
    cells = {(group, column): counts["REGION", group[1], column] for group in districts for column in sums.leaves}
    relations = [*_regional(districts, sums, names)]
    small: set[tuple[str, str]] = set()
    for other in others:
        cells.update(
            {(g, column): counts[other.level, g[1], column] for g in other.groups for column in other.sums.leaves}
        )
        relations.extend(relation for group in other.groups for relation in other.sums.relations(group))
        for column in other.sums.columns:
            if _natural(counts, column, sums) < other.least:
                small.add((other.level, column))
            else:
                parts = tuple((group, column) for group in other.groups)
                relations.append(Relation(total=(LAND, column), parts=parts, optional=True))
    settled = settle(cells, relations)
    given_up = [(relation.parts[0][0][0], relation.total[1]) for relation in settled.given_up]
    hidden = small | set(given_up)
    return Protected(
        cells={cell: n for cell, n in settled.published.items() if (cell[0][0], cell[1]) not in hidden},
        withheld=[f"{level}.{column}" for level, column in given_up],
        added_up=settled.added_up,
    )


def _regional(districts: Sequence[Group], sums: Sums, names: Names) -> Iterator[Relation[Cell]]:
    """Yield the sums of districts, of the former Direktionsbezirke and of the Land."""
    for group in districts:
        yield from sums.relations(group)
    tops: list[Group] = [("DIREKTIONSBEZIRK", bezirk) for bezirk in BEZIRKE]
    for top in tops:
        yield from _added(top, list(_inside(top[1], names)), sums)
    yield from _added(LAND, [*tops, ("DISTRICT", UNKNOWN)], sums)


def _added(group: Group, inside: Sequence[Group], sums: Sums) -> Iterator[Relation[Cell]]:
    """Yield that each column of a group is the sum of that column inside it, and that its own sums hold."""
    for column in sums.columns:
        yield Relation(total=(group, column), parts=tuple((one, column) for one in inside))
    yield from sums.relations(group)


def _natural(counts: Counted, column: str, sums: Sums) -> int:
    """Return the rounded number of the Land."""
    columns = sums.parts if column == sums.total else (column,)
    return rounded(sum(n for (level, _, name), n in counts.items() if level == "REGION" and name in columns))
