"""Ticks: the day that folds take as today, moved on by the clocks run only, and which cases that touches."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from meilenstein.cases.calendar import berlin_date
from meilenstein.reconciliation.fold import Fold
from meilenstein.reconciliation.sources import Sources
from meilenstein.store.cases import CaseStore, TickRow
from meilenstein.store.database import Connection, retryable
from meilenstein.store.fold_turns import FoldTurns
from meilenstein.summary import Summary
from meilenstein_schemas.rhythms import Rhythms

__all__ = ["Clocks"]


class Clocks:
    """Append a tick for a day and touch the cases that it can change."""

    def __init__(
        self, *, connection: Connection, fold: Fold, rhythms: Rhythms, clock: Callable[[], dt.datetime]
    ) -> None:
        self._connection = connection
        self._cases = CaseStore(connection)
        self._fold = fold
        self._clock = clock
        self._sources = Sources(connection, rules=fold.rules, directory=fold.directory, rhythms=rhythms, clock=clock)

    def run(self, as_of: dt.date | None = None) -> Summary:
        """Move on to `as_of` (default today, Berlin); a day before the last tick keeps the last one."""
        began = time.monotonic()
        with retryable("clocks"):
            # A case that is folded by the last tick and not stored yet would be missed by this one.
            FoldTurns(self._connection).wait_until_alone()
            last = self._cases.latest_tick()
            day = max(as_of or berlin_date(self._clock()), last.as_of if last else dt.date.min)
            sources = self._sources.look(day)
            health = sources.health
            tick = TickRow(as_of=day, feed_health=health)
            files = 0
            if tick != last:
                self._cases.add_tick(tick)
                files = self._cases.touch_due(day)
                known = last.feed_health if last else {}
                changed = [key for key in {*health, *known} if health.get(key) != known.get(key)]
                files += self._cases.touch_waiting_on(changed, day)
            files += self._cases.touch_outdated(self._fold.version)
            self._connection.commit()
        counts = {"ticks": int(tick != last), "files_touched": files, "source_findings": sources.findings}
        return Summary(step="clocks", seconds=time.monotonic() - began, counts=counts)
