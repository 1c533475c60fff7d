"""Finding the rows on which a rule cannot be evaluated, by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["TooManyBroken", "isolate"]


class TooManyBroken(Exception):
    """A rule breaks on so many rows that the rule is at fault, not the rows."""


def isolate(
    evaluate: Callable[[Sequence[int]], Sequence[int] | None], keys: Sequence[int], *, most: int
) -> tuple[list[int], list[int]]:
    """Return the rows that violate the rule and those on which it breaks when run alone.

    `evaluate` runs the rule on some rows and returns those that violate it, or None if it could not be evaluated. More
    than `most` breaking rows, or all of several, raise TooManyBroken.
    """
    violating: list[int] = []
    breaking: list[int] = []
    pending = [list(keys)]
    while pending:
        part = pending.pop()
        found = evaluate(part)
        if found is not None:
            violating.extend(found)
        elif len(part) == 1:
            breaking.extend(part)
        else:
            middle = len(part) // 2
            pending += [part[middle:], part[:middle]]
        if len(breaking) > most:
            raise TooManyBroken
    if len(breaking) == len(keys) > 1:
        raise TooManyBroken
    return sorted(violating), sorted(breaking)
