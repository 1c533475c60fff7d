"""Which clocks a case has and where they stand, worked out from its facts by plain code of its own.

Only what has a day is expected: a clock that nobody could determine is expected to be absent or undetermined. A stop
counts if it lies on or after the start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from meilenstein.simulate.naive_law import Period, Spans
from meilenstein.simulate.truth_facts import Facts

__all__ = ["ExpectedClock", "Wait", "expected_clocks"]

_DAY = dt.timedelta(days=1)
_FICTIONS = frozenset({"C12", "C13", "C16"})
_NEVER_AN_ALARM = frozenset({"C24"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedClock:
    """One clock as it has to stand at the end of a day."""

    id: str
    about: str
    start: dt.date
    due: dt.date | None
    """None while a suspension is open."""
    state: str
    stopped_on: dt.date | None
    due_soon_on: dt.date | None

    @property
    def finding(self) -> str | None:
        """The code of the finding it gives rise to, if any."""
        if self.id in _NEVER_AN_ALARM:
            return None
        return {"DUE": "CLOCK_DUE", "OVER": "CLOCK_OVER"}.get(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A period with what may end it."""

    name: str
    """Which wait it is; names the span of "due soon"."""
    about: str
    period: Period
    stops: Sequence[dt.date]


Source = Callable[[Facts, Spans], Iterator[Wait]]


def expected_clocks(facts: Facts, sources: Iterable[Source], spans: Spans, as_of: dt.date) -> list[ExpectedClock]:
    """Return the clocks of one case at the end of a day."""
    return [clock for source in sources for wait in source(facts, spans) if (clock := _stand(wait, spans, as_of))]


def _stand(wait: Wait, spans: Spans, as_of: dt.date) -> ExpectedClock | None:
    period = wait.period
    after = [day for day in wait.stops if day >= period.start]
    if wait.stops and not after:
        return None  # the stop lies before the start: nothing can be said
    stopped = min(after, default=None)
    due = None if period.open else period.due
    soon = None if due is None else due - _DAY * spans.due_within[period.clock, wait.name]
    return ExpectedClock(
        id=period.clock,
        about=wait.about,
        start=period.start,
        due=due,
        state=_state(period.clock, stopped, due, soon, as_of),
        stopped_on=stopped,
        due_soon_on=soon,
    )


def _state(clock: str, stopped: dt.date | None, due: dt.date | None, soon: dt.date | None, as_of: dt.date) -> str:
    if stopped is not None:
        return "STOPPED"
    if due is None or soon is None:
        return "PAUSED"
    if as_of > due:
        return "FICTION_ELAPSED" if clock in _FICTIONS else "OVER"
    return "DUE" if as_of >= soon else "RUNNING"
