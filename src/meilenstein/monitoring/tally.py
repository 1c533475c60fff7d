"""How many records of each agency got which fate, counted once per batch, so that looking again costs what is new."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from meilenstein.store.levels import BatchLevel, Levels, agency_of

__all__ = ["FateTally"]

_RECORDS_AT_ONCE = 100_000
"""Records per query, about: well below a second."""

_MOST_WAITING = 20
"""Batches that wait for a schema and are counted in each reading, the oldest."""

_AGAIN = 10_000
"""Batches that were unfinished, or not there yet, are asked for again; so many at most, the newest."""


class FateTally:
    """Totals by (agency, fate); verdicts never change, so a batch that is done is counted for good."""

    def __init__(self, *, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._seen = 0
        self._again: Sequence[int] = ()
        self._to_count: deque[BatchLevel] = deque()
        self._done: Counter[tuple[str, str]] = Counter()
        self._open: dict[int, Mapping[tuple[str, str], int]] = {}
        self._waiting: Mapping[tuple[str, str], int] = {}
        self._whole = False

    def refresh(self, levels: Levels) -> Sequence[BatchLevel]:
        """Count what is new; return the unfinished batches.

        A call counts for about `seconds`; what it leaves, or what a cancelled query left, is for the next one. At the
        beginning there is the whole store to count.
        """
        deadline = self._monotonic() + self._seconds
        batches = levels.batches(after=self._seen, again=self._again)
        unfinished = [batch for batch in batches if batch.state != "DONE"]
        self._to_count.extend(batch for batch in batches if batch.state == "DONE")
        there = {batch.id for batch in batches}
        top = max([self._seen, *there])
        # A worker that took an id earlier may commit later, so an id that is missing may still appear.
        missing = {*self._again, *range(self._seen + 1, top + 1)} - there
        self._again = sorted(missing | {batch.id for batch in unfinished})[-_AGAIN:]
        self._seen = top
        while self._to_count and self._monotonic() < deadline:
            part = _first(self._to_count)
            self._done.update(_count(levels, part))
            for _ in part:
                self._to_count.popleft()
        self._count_unfinished(levels, unfinished, deadline)
        return unfinished

    def _count_unfinished(self, levels: Levels, unfinished: Sequence[BatchLevel], deadline: float) -> None:
        """Count an OPEN batch once: all its verdicts come at once. Of a WAITING one, some rows have theirs already."""
        found = {batch.id: batch for batch in unfinished if batch.state == "OPEN"}
        self._open = {number: counts for number, counts in self._open.items() if number in found}
        for number in found.keys() - self._open.keys():
            if self._monotonic() < deadline:
                self._open[number] = _count(levels, [found[number]])
        waiting = [batch for batch in unfinished if batch.state == "WAITING"]
        self._waiting = _count(levels, waiting[:_MOST_WAITING]) if waiting else {}
        self._whole = not self._to_count and len(self._open) == len(found)

    def totals(self) -> Mapping[tuple[str, str], int]:
        """Return the totals of the last refresh (fate PENDING: no verdict yet); nothing until all is counted."""
        if not self._whole:
            return {}
        totals = self._done.copy()
        for counts in (*self._open.values(), self._waiting):
            totals.update(counts)
        return totals


def _first(batches: Iterable[BatchLevel]) -> list[BatchLevel]:
    """Return the first batches, as many as one query should count."""
    part, records = [], 0
    for batch in batches:
        part.append(batch)
        records += batch.n
        if records >= _RECORDS_AT_ONCE:
            break
    return part


def _count(levels: Levels, batches: Iterable[BatchLevel]) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for topic, fate, records in levels.fates([batch.id for batch in batches]):
        counts[agency_of(topic), fate] += records
    return counts
