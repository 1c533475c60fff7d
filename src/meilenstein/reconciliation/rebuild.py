"""Rebuild: derive events and cases anew from journal, verdicts, decisions and ticks, and compare with what is there."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from meilenstein.errors import RetryableError
from meilenstein.reconciliation.fold import Fold
from meilenstein.reconciliation.reconcile import Reconcile
from meilenstein.store.database import Connection, snapshot
from meilenstein.store.decisions import DecisionStore
from meilenstein.store.derived import DerivedStore
from meilenstein.store.events import EventStore
from meilenstein.store.filing import Filing, file_events
from meilenstein.store.fold_turns import FoldTurns

__all__ = ["Rebuild", "RebuildReport"]

_EVENTS_A_ROUND = 10_000
_FILES_A_ROUND = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild found: the digests of each derived table before and after."""

    seconds: float
    events: int
    cases: int
    differing: tuple[str, ...]
    """Derived tables that came out different; empty means byte for byte the same."""
    kept: bool
    """Whether the rebuilt tables replaced the stored ones."""


class Rebuild:
    """Derive everything again in one transaction."""

    def __init__(
        self,
        *,
        connection: Connection,
        fold: Fold,
        clock: Callable[[], dt.datetime],
        progress: Callable[[str, int], None] = lambda _phase, _done: None,
    ) -> None:
        self._connection = connection
        self._fold = fold
        self._clock = clock
        self._progress = progress
        self._derived = DerivedStore(connection)
        self._events = EventStore(connection)

    def run(self, *, keep: bool) -> RebuildReport:
        """Rebuild; `keep=False` (verify) rolls everything back and only reports.

        Raises RetryableError while events are still being worked on: there is nothing to compare with then.
        """
        began = time.monotonic()
        # What other workers commit meanwhile is theirs to fold, and stays touched.
        with snapshot(self._connection, "rebuild", read_only=False):
            if not FoldTurns(self._connection).alone() or self._derived.busy():
                raise RetryableError("rebuild: events are still being worked on; run `meilenstein run --once` first")
            self._fold.book.refresh(self._connection)
            before = self._derived.digests()
            self._derived.clear()
            events = self._file_events()
            self._fold_cases()
            after = self._derived.digests()
            cases = self._derived.cases()
            if keep:
                self._connection.commit()
        differing = tuple(name for name in before if before[name] != after[name])
        return RebuildReport(
            seconds=time.monotonic() - began, events=events, cases=cases, differing=differing, kept=keep
        )

    def _file_events(self) -> int:
        count = 0
        for rows in self._events.accepted(size=_EVENTS_A_ROUND):
            read = self._fold.book.read_all([row[1] for row in rows])
            filings = [
                Filing(journal_id=journal_id, received_at=received_at, event_type=event_type, body=body)
                for (journal_id, _, _, received_at), (event_type, body) in zip(rows, read, strict=True)
            ]
            file_events(filings, self._events)
            count += len(filings)
            self._progress("events", count)
        DecisionStore(self._connection).mention_links()
        self._derived.retouch()
        return count

    def _fold_cases(self) -> None:
        reconcile = Reconcile(connection=self._connection, fold=self._fold, clock=self._clock, emit=False)
        left = self._events.file_ids()
        done: set[int] = set()
        while left:
            # Files that hang together are folded together, so those of later rounds may be done already.
            done |= reconcile.fold_files(left[:_FILES_A_ROUND])
            left = [file_id for file_id in left[_FILES_A_ROUND:] if file_id not in done]
            self._progress("files", len(done))
