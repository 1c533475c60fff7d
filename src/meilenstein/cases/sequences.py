"""Numbers that a source gave out and that never came: which are missing, since when, and what to tell people.

A source is one system of one publisher in one epoch of its numbering. It numbers without gaps from 1 on, so a number
that is missing below one that came belongs to an event that is lost, or still on its way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from meilenstein.cases.calendar import plus_days, werktage_after

__all__ = ["NO_EPOCH", "Gap", "Source", "age_gaps", "gap_detail", "gap_words", "silent_since"]

NO_EPOCH = -1
"""Stands for the epoch of a source that gives none."""
_MOST_SHOWN = 20


class Source(NamedTuple):
    """What numbers by itself."""

    publisher: str
    source_system: str
    source_epoch: int

    @property
    def about(self) -> str:
        """How findings name it; all epochs of a system are one matter."""
        return f"source:{self.publisher}/{self.source_system}"


class Gap(NamedTuple):
    """Missing numbers, both ends included, and the day on which they were first found missing."""

    source: Source
    first: int
    last: int
    since: dt.date


def age_gaps(missing: Iterable[tuple[Source, int, int]], known: Iterable[Gap], day: dt.date) -> list[Gap]:
    """Return what is missing now, each number with the day since which it is: `day` where it was not known before.

    A gap that was partly filled keeps its age in what is left; one that grew is told in parts of one age each.
    """
    before: dict[Source, list[Gap]] = {}
    for gap in sorted(known):
        before.setdefault(gap.source, []).append(gap)
    found: list[Gap] = []
    for source, first, last in sorted(missing):
        rest = first  # what is before it is told already
        for gap in before.get(source, ()):
            if gap.last < rest or gap.first > last:
                continue
            if gap.first > rest:
                found.append(Gap(source, rest, gap.first - 1, day))
            found.append(Gap(source, max(rest, gap.first), min(last, gap.last), gap.since))
            rest = gap.last + 1
        if rest <= last:
            found.append(Gap(source, rest, last, day))
    return found


def gap_detail(gaps: Sequence[Gap]) -> dict[str, Any]:
    """Return the facts of a finding about the gaps of one system: the first of them, and how many there are."""
    shown = [
        {
            "epoch": None if gap.source.source_epoch == NO_EPOCH else gap.source.source_epoch,
            "first": gap.first,
            "last": gap.last,
            "since": gap.since,
        }
        for gap in sorted(gaps)[:_MOST_SHOWN]
    ]
    return {"missing": shown, "gaps": len(gaps), "events": sum(gap.last - gap.first + 1 for gap in gaps)}


def gap_words(detail: Mapping[str, Any]) -> dict[str, str]:
    """Return which numbers are missing, by language."""
    if detail.get("contiguous") is False:
        return {
            "de": "Die Nummern sind nicht fortlaufend; verlorene Meldungen lassen sich daran nicht erkennen.",
            "en": "The numbers are not contiguous; lost events cannot be told by them.",
        }
    parts = []
    for one in detail["missing"]:
        numbers = str(one["first"]) if one["first"] == one["last"] else f"{one['first']}-{one['last']}"
        parts.append(numbers if one["epoch"] is None else f"{numbers} ({one['epoch']})")
    more = detail["gaps"] - len(parts)
    german, english = ", ".join(parts), ", ".join(parts)
    if more:
        german, english = f"{german} und {more} weitere Bereiche", f"{english} and {more} more ranges"
    return {"de": f"Nummern: {german}.", "en": f"Numbers: {english}."}


def silent_since(last_on: dt.date, working_days: int) -> dt.date:
    """Return the first day on which an agency is silent: more working days after its last sign of life than usual."""
    return plus_days(werktage_after(last_on, working_days, saturday=False), 1)
