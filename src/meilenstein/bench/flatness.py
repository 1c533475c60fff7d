"""Does an event cost more when the store is full? The same small batches on a small store and on a large one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meilenstein.bench.events import EVENTS_PER_CASE, bench_events
from meilenstein.bench.lab import Lab
from meilenstein.bench.throughput import run_pipeline
from meilenstein.bench.writing import write_events
from meilenstein.bootstrap import Hub
from meilenstein.summary import STEPS

__all__ = ["measure_flatness"]

_BATCH = 2_000
_BATCHES = 10
_FAR_CASE = 1_000_000
"""New batches are of cases of their own, like the ones that fill the store."""


def measure_flatness(lab: Lab, *, small: int, large: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return what an event of new batches costs with `large` events stored, relative to `small` ones stored.

    The cost is the time the four steps take, one after the other in one process.
    """
    lab.renew_topics()
    lab.empty()
    costs = []
    stored = 0
    for size in (small, large):
        _fill(lab, stored, size - stored)
        stored = size
        say(f"  {size:,} events stored")
        costs.append(_cost(lab, first_case=_FAR_CASE + size))
        say(f"  {costs[-1]['seconds'] * 1e6:.0f} us an event, {costs[-1]['cpu'] * 1e6:.0f} us of CPU in the steps")
        stored += _BATCH * _BATCHES
    return {
        "flatness": round(costs[1]["seconds"] / costs[0]["seconds"], 3),
        "flatness_stored": [small, large],
        "flatness_us": [round(cost["seconds"] * 1e6) for cost in costs],
    }


def _fill(lab: Lab, stored: int, count: int) -> None:
    with Hub(lab.endpoints) as hub:
        events = bench_events(count, first_case=stored // EVENTS_PER_CASE + 1)
        write_events(events, transport=hub.transport, registry=hub.registry)
    run_pipeline(lab, count)


def _cost(lab: Lab, *, first_case: int) -> dict[str, float]:
    """Return mean seconds and CPU seconds an event of new batches; the first of them warms up and does not count."""
    seconds = cpu = 0.0
    for number in range(_BATCHES + 1):
        with Hub(lab.endpoints) as hub:
            events = bench_events(_BATCH, first_case=first_case + number * _BATCH)
            write_events(events, transport=hub.transport, registry=hub.registry)
        worker = lab.worker("once", STEPS)
        worker.go()
        told = worker.result()
        if number:
            seconds += sum(told["seconds"].values())
            cpu += told["cpu"]
    events_measured = _BATCH * _BATCHES
    return {"seconds": seconds / events_measured, "cpu": cpu / events_measured}
