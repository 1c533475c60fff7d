"""Events of every type: a simulated year in which nothing is wrong, so that all suites and rules have work."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from meilenstein.bench.events import BenchEvent
from meilenstein.simulate.simulation import simulate
from meilenstein_schemas.agencies import Directory

__all__ = ["mixed_events"]

_LEAST_EVENTS_PER_CASE = 8
_MONTHS = 12


def mixed_events(count: int, *, until: dt.date, directory: Directory) -> Iterator[BenchEvent]:
    """Yield the first `count` events of a clean year that ends with `until`, in the order of their recording."""
    cases = -(-count // _LEAST_EVENTS_PER_CASE)
    year = simulate(seed=1, cases=cases, until=until, directory=directory, months=_MONTHS, defects=None)
    numbers = Counter[tuple[str, str]]()
    for record in islice(year.records, count):
        body = dict(record.facts)
        source = (record.sender, body["source_system"])
        numbers[source] += 1
        body["sequence"] = numbers[source]
        body["published_at"] = body["recorded_at"] + dt.timedelta(minutes=1)
        assert record.event_type is not None
        yield BenchEvent(record.sender, record.event_type, body)
