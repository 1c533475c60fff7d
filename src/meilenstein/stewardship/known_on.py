"""A case as it was known on an earlier day, from the store: what was received and decided by the end of that day.

The closure of files and the bulk identifiers are those of today, which hold everything that could link then; rules,
rights and program are those of today as well, so that what differs was brought by events, decisions or time alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.identity import Decision
from meilenstein.cases.known_on import Arrival, Comparison, Known, compare
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein.errors import ConfigurationError
from meilenstein.reconciliation.encoding import encode
from meilenstein.reconciliation.fold import Fold, decision_of
from meilenstein.store.cases import CaseStore, TickRow
from meilenstein.store.closures import ClosureStore
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionRow
from meilenstein.store.events import EventStore
from meilenstein.store.known_on import KnownOnStore

__all__ = ["KnownCase", "KnownOnDesk"]

_BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case then and now."""

    day: dt.date
    tick: Tick
    """In force at the end of that day."""
    tick_now: Tick
    compared: Comparison
    since: Sequence[Arrival]
    """What came since, in the order of its arrival: everything that could concern the case."""
    decided: Mapping[int, DecisionRow]
    """The decisions among it, by number."""


class KnownOnDesk:
    """Looks back at cases; writes nothing."""

    def __init__(self, connection: Connection, *, fold: Fold, clock: Callable[[], dt.datetime]) -> None:
        self._connection = connection
        self._store = KnownOnStore(connection)
        self._fold = fold
        self._clock = clock

    def look(self, file_ids: Sequence[int], day: dt.date) -> KnownCase:
        """Return the case that holds the files as known on `day`; ConfigurationError for a day nothing is known of."""
        until = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=_BERLIN)
        tick, tick_now = self._ticks(day, until)
        closure = ClosureStore(self._connection).of(file_ids, note=False)
        files = EventStore(self._connection).describe_files(closure.file_ids).values()
        names = {file.id: FileKey(*file.name) for file in files}
        rows = self._store.links(closure.file_ids)
        arrivals = [*self._events(closure.file_ids), *(_decided(row, names) for row in rows)]
        arrivals.sort(key=lambda one: one.at)
        before = [one for one in arrivals if one.at < until]
        known = Known(
            events=[one.event for one in before if one.event is not None],
            decisions=[one.decision for one in before if one.decision is not None],
            tick=tick,
            since=arrivals[len(before) :],
            tick_now=tick_now,
        )

        def fold(events: Sequence[Event], decisions: Sequence[Decision], on: Tick) -> Sequence[SettledCase]:
            return settle(
                events,
                directory=self._fold.directory,
                rules=self._fold.rules,
                tick=on,
                decisions=decisions,
                bulk=closure.bulk,
                encoder=encode,
            )

        return KnownCase(
            day=day,
            tick=tick,
            tick_now=tick_now,
            compared=compare(known, {names[file_id] for file_id in file_ids}, fold),
            since=known.since,
            decided={row.id: row for row in rows},
        )

    def _ticks(self, day: dt.date, until: dt.datetime) -> tuple[Tick, Tick]:
        if day > berlin_date(self._clock()):
            raise ConfigurationError(f"--as-known-on {day} lies ahead; leave it out to see what is known now")
        then, now = self._store.tick(until), CaseStore(self._connection).latest_tick()
        if then is None or now is None:
            first = self._store.first_tick()
            began = f"it began on {berlin_date(first)}" if first else "run `meilenstein up` first"
            raise ConfigurationError(f"--as-known-on {day}: this hub knew nothing yet; {began}")
        return _tick(then), _tick(now)

    def _events(self, file_ids: Iterable[int]) -> Iterator[Arrival]:
        self._fold.book.refresh(self._connection)
        rows = self._store.events(file_ids)
        bodies = self._fold.book.read_all([row.raw for row in rows])
        for row, (event_type, body) in zip(rows, bodies, strict=True):
            yield Arrival(at=row.known_at, event=Event.from_body(event_type, body, warnings=row.warnings))


def _tick(row: TickRow) -> Tick:
    return Tick(as_of=row.as_of, feed_health=row.feed_health)


def _decided(row: DecisionRow, names: Mapping[int, FileKey]) -> Arrival:
    return Arrival(at=row.decided_at, decision=decision_of(row, names))
