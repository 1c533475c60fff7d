"""Protection of small cells: what is published of a count, and of totals beside the cells they are the sum of.

Every count is published as the nearest multiple of 3, always the same one: who reads 6 knows that it was 5, 6 or 7, and
who reads 0 that it was 0 or 1. That is the *class* of the count, and nothing published with it may narrow it.

Totals are not sums of published cells: they are rounded from the true total on their own, as official statistics do, so
they are right by 1 and seldom add up (525 + 312 + 51 + 3 + 21 + 9 + 27 = 948 beside a total of 945). At the very edge
that would tell too much: two cells of 0 with a total of 3 are two cells of 1. So a total keeps a distance from the sum
of its published parts: with n parts, of which m are not 0, it is at least that sum - (m - 1) and at most that sum +
(n - 1); where the rounded total lies outside, the nearest multiple of 3 inside is published. Then every part can still
have every value of its class, and so can the total, whoever knows this rule.

Proof for the upper edge, the lower being alike: let S be the sum of the published parts. A part is lowest in its class
if the others make up for it: at most S - p + (n - 1) of them. The total is at least T - 1; a part of the class
[p - 1, p + 1] can be p - 1 if T - 1 <= (p - 1) + S - p + (n - 1), so T <= S + n - 1.

A total of several breakdowns at once (of a row and of a column, of districts and of bodies) has to fit them all. Where
no multiple of 3 does, one may pass the distance by 1 on one side: every part then keeps at least two values of its
class. A breakdown that does not even go with that is withheld, and if it cannot be withheld, all totals of the table
are the sums of what is published of their parts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = [
    "BASE", "Relation", "Settled", "class_of", "fits", "least", "rounded", "settle", "total_beside",
]  # fmt: skip

BASE = 3
"""Counts are published as multiples of it."""

Cell = TypeVar("Cell", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Generic[Cell]):
    """One cell is the sum of others."""

    total: Cell
    parts: tuple[Cell, ...]
    optional: bool = False
    """Whether its parts may be withheld where they and the total do not go together."""


def rounded(count: int) -> int:
    """Return the multiple of 3 next to a count, which is never negative; there is always exactly one."""
    return (count + 1) // BASE * BASE


def class_of(published: int) -> range:
    """Return every count that is published like this."""
    return range(max(0, published - 1), published + 2)


def _bounds(parts: Sequence[int], spared: int) -> tuple[int, int]:
    """Return the lowest and the highest total beside published parts, kept this far from what their classes allow."""
    total, held = sum(parts), sum(1 for part in parts if part)
    return (total - held + spared if held else 0), total + len(parts) - spared


def fits(total: int, parts: Sequence[int]) -> bool:
    """Say whether a published total leaves every published part, and itself, its whole class."""
    lowest, highest = _bounds(parts, 1)
    return lowest <= total <= highest if total else not any(parts)


def _nearly(total: int, breakdowns: Iterable[Sequence[int]]) -> bool:
    """Say whether a total leaves every part of each breakdown two values, and pushes no two of them opposite ways."""
    pushed = set()
    for parts in breakdowns:
        lowest, highest = _bounds(parts, 0)
        if not (lowest <= total <= highest if total else not any(parts)):
            return False
        if not fits(total, parts):
            pushed.add(total == highest)
    return len(pushed) < 2


def total_beside(count: int, *breakdowns: Sequence[int]) -> int | None:
    """Return what is published of a true total beside its published parts, in one or more breakdowns.

    It is the multiple of 3 nearest to the count that fits all of them, or nearly so where none does; None where neither
    is to be had. Beside a single breakdown one always fits: the sum of its parts.
    """
    natural = rounded(count)
    steps = sorted((BASE * step for step in range(-_REACH, _REACH + 1)), key=lambda step: (abs(step), step))
    near = [natural + step for step in steps if natural + step >= 0]
    for total in near:
        if all(fits(total, parts) for parts in breakdowns):
            return total
    if len(breakdowns) == 1:
        return sum(breakdowns[0])
    return next((total for total in near if _nearly(total, breakdowns)), None)


_REACH = 4
"""How many steps from the rounded total are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Generic[Cell]):
    """What is published of cells and totals."""

    published: Mapping[Cell, int]
    given_up: Sequence[Relation[Cell]]
    """Relations whose parts must not be published beside their total."""
    added_up: bool = False
    """Whether every total is the sum of its published parts, because no other ones go together."""


def settle(counts: Mapping[Cell, int], relations: Sequence[Relation[Cell]]) -> Settled[Cell]:
    """Return what is published of cells and of their totals.

    `counts` are the true cells that are no totals. `relations` come in order: parts before what they are parts of. A
    total of several relations (a row, a column, another breakdown) fits all of them; where that is impossible, optional
    ones are given up, the first ones kept. Should even the others have no total in common, each total is the sum of its
    published cells, which tells nothing more than the cells do.
    """
    true, published = dict(counts), {cell: rounded(count) for cell, count in counts.items()}
    given_up: list[Relation[Cell]] = []
    for cell, breakdowns in _by_total(relations).items():
        true[cell] = sum(true[part] for part in breakdowns[0].parts)
        kept = [one for one in breakdowns if not one.optional]
        for one in breakdowns:
            if one.optional:
                fitting = _total(true[cell], [*kept, one], published) is not None
                (kept if fitting else given_up).append(one)
        total = _total(true[cell], kept, published)
        if total is None:
            return _added_up(counts, relations)
        published[cell] = total
    return Settled(published=published, given_up=given_up)


def _total(count: int, relations: Iterable[Relation[Cell]], published: Mapping[Cell, int]) -> int | None:
    return total_beside(count, *([published[part] for part in relation.parts] for relation in relations))


def _by_total(relations: Iterable[Relation[Cell]]) -> dict[Cell, list[Relation[Cell]]]:
    """Return the relations of each total, a total after all its parts."""
    found: dict[Cell, list[Relation[Cell]]] = {}
    for relation in relations:
        earlier = found.pop(relation.total, [])
        found[relation.total] = [*earlier, relation]
    return found


def _added_up(counts: Mapping[Cell, int], relations: Iterable[Relation[Cell]]) -> Settled[Cell]:
    published = {cell: rounded(count) for cell, count in counts.items()}
    given_up: list[Relation[Cell]] = []
    for cell, breakdowns in _by_total(relations).items():
        published[cell] = sum(published[part] for part in breakdowns[0].parts)
        given_up.extend(
            one
            for one in breakdowns
            if one.optional and not fits(published[cell], [published[part] for part in one.parts])
        )
    return Settled(published=published, given_up=given_up, added_up=True)


def least(parts: Iterable[int]) -> int:
    """Return the least that published cells, none of them a total, can add up to.

    The number of a total says less: it may have been moved away from the true one.
    """
    return sum(class_of(part)[0] for part in parts)
