"""What one clock runs for, as the table looks at it: from when, until what, and which facets decide on the row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from meilenstein.cases.events import Event
from meilenstein.cases.explain import Step
from meilenstein.cases.ledger import Extension, Pause

__all__ = ["Facets", "Ground", "Run", "Stop", "days_of", "stop_of"]

Facets = tuple[tuple[str, str], ...]
"""Facet and value, in a fixed order for each period: a key of what was looked up before."""


class Stop(NamedTuple):
    """A fact that ends the waiting."""

    event_type: str
    day: dt.date
    told_as: str = ""
    """Name of another day than that of the event, for the explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One wait or span of one thing."""

    period: str
    """A name of `clock_lint.PERIODS`."""
    about: str
    owner: str
    """The agency whose clock it is: it sees it as its own."""
    stop_publisher: str | None
    """The agency that would report the stop, where it is known."""
    facets: Facets
    start_event: str
    """The event type that starts it, or a name of another day than that of the event."""
    start: dt.date | None
    stops: Sequence[Stop] = ()
    stops_from: dt.date | None = None
    """First day on which a stop counts, where it may lie before the start."""
    unknown: str | None = None
    """Why there is no start: a key of `reasons.REASONS`."""
    lead: tuple[Step, ...] = ()
    """Lines on how the start was found."""
    pauses: Sequence[Pause] = ()
    extensions: Sequence[Extension] = ()
    until: dt.date | None = None
    """The end that was granted, for spans of which the law says only the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the whole case says about all its clocks."""

    fast_track_on: dt.date | None = None
    """Day of the first agreement on the fast track."""
    transferred: Mapping[str, Sequence[dt.date]] = field(default_factory=dict)
    """Days on which an agency handed the case over, by agency."""
    closed: Sequence[dt.date] = ()
    """Days on which the case was closed."""

    @classmethod
    def of(cls, events: Iterable[Event]) -> Ground:
        """Return what the authoritative facts about the case itself (canonical order) say."""
        agreed: dt.date | None = None
        transferred: dict[str, list[dt.date]] = {}
        closed = []
        for event in events:
            if event.event_type == "FastTrackAgreementConcluded":
                agreed = agreed or event.occurred_on
            elif event.event_type == "CaseTransferred":
                transferred.setdefault(event.publisher, []).append(event.occurred_on)
            elif event.event_type == "CaseClosed":
                closed.append(event.occurred_on)
        return cls(fast_track_on=agreed, transferred=transferred, closed=tuple(closed))

    def handed_over(self, owner: str) -> list[Stop]:
        """Return the stops of everything that this agency released."""
        return [Stop("CaseTransferred", day) for day in self.transferred.get(owner, ())]

    def ended(self, owner: str) -> list[Stop]:
        """Return the stops of what is only a service: the release, and the closing of the case."""
        return [*self.handed_over(owner), *(Stop("CaseClosed", day) for day in self.closed)]


def days_of(events: Iterable[Event]) -> list[Stop]:
    """Return events as stops."""
    return [Stop(event.event_type, event.occurred_on) for event in events]


def stop_of(stops: Iterable[Stop], start: dt.date) -> Stop | None:
    """Return the first stop on or after the start."""
    return min(
        (stop for stop in stops if stop.day >= start), key=lambda stop: (stop.day, stop.event_type), default=None
    )
