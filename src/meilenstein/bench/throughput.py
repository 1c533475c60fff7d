"""Events a second: of the fixed script, of each step by itself, and of all steps at once in two workers."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from meilenstein.bench.lab import TOPICS, Lab
from meilenstein.bootstrap import Hub
from meilenstein.errors import PermanentError
from meilenstein.operations.lag import read_work
from meilenstein.summary import STEPS

__all__ = ["PIPELINE", "measure_baseline", "measure_pipeline", "measure_steps", "run_pipeline", "work_off"]

PIPELINE = (STEPS, STEPS)
"""The processes of `pipeline`, by their steps: two workers that are alike, one for each core."""

_BASELINE = Path(__file__).with_name("baseline.py")
_LONGEST = 1800.0
_LOOK = 0.25

Say = Callable[[str], None]


def measure_baseline(lab: Lab, name: str, *, times: int, say: Say) -> dict[str, Any]:
    """Return the rate of the fixed script, `poll` or `decode`."""
    endpoints = lab.endpoints
    rates, cpus = [], []
    for _ in range(times):
        told = lab.run(str(_BASELINE), endpoints.bootstrap_servers, endpoints.registry_url, name, *TOPICS)
        rates.append(told["records"] / told["seconds"])
        cpus.append(told["cpu"] / told["records"] * 1e6)
        say(f"  {name}: {rates[-1]:,.0f}/s, {cpus[-1]:.1f} us of CPU an event")
    return {name: round(statistics.median(rates)), "cpu_us": {name: {"client": round(statistics.median(cpus), 1)}}}


def measure_steps(lab: Lab, names: Sequence[str], records: int, *, times: int, say: Say) -> dict[str, Any]:
    """Return the rate of each step by itself, each in a fresh process on the outcome of the step before.

    The store is emptied before each repetition. Steps that are not asked for but come earlier run unmeasured.
    """
    last = max(STEPS.index(name) for name in names)
    rates: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    peak: list[float] = []
    for _ in range(times):
        lab.empty()
        for name in STEPS[: last + 1]:
            told, used = _alone(lab, name, records)
            if name in rates:
                rates[name].append(records / told["seconds"][name])
                cpu[name].append(used)
                say(f"  {name}: {rates[name][-1]:,.0f}/s, us of CPU an event: {used}, peak {told['rss_mb']:.0f} MB")
            if name == "drain":
                peak.append(told["rss_mb"])
    figures: dict[str, Any] = {name: round(statistics.median(found)) for name, found in rates.items()}
    if "drain" in names:
        figures["rss_mb"] = statistics.median(peak)
    figures["cpu_us"] = {name: _median_of(found) for name, found in cpu.items()}
    return figures


def _alone(lab: Lab, name: str, records: int) -> tuple[dict[str, Any], dict[str, float]]:
    worker, before = lab.worker("once", [name]), lab.part_cpu()
    worker.go()
    told = worker.result()
    return told, _per_event(told["cpu"], before, lab.part_cpu(), records)


def _per_event(
    client: float, before: Mapping[str, float], after: Mapping[str, float], records: int
) -> dict[str, float]:
    used = {"client": client, **{part: after[part] - before.get(part, 0.0) for part in sorted(after)}}
    return {part: round(seconds / records * 1e6, 1) for part, seconds in used.items()}


def _median_of(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {part: round(statistics.median(one.get(part, 0.0) for one in found), 1) for part in found[0]}


def measure_pipeline(
    lab: Lab, records: int, *, times: int, say: Say, name: str = "pipeline", topics: Sequence[str] = TOPICS
) -> dict[str, Any]:
    """Return the rate of all steps at once, from the first drain to the last reply, in the processes of PIPELINE."""
    rates, peaks, cpus = [], [], []
    for _ in range(times):
        lab.empty()
        seconds, told, used = run_pipeline(lab, records, topics)
        rates.append(records / seconds)
        peaks.append(sum(one["rss_mb"] for one in told))
        cpus.append(used)
        say(f"  {name}: {rates[-1]:,.0f}/s in {seconds:.1f} s, us of CPU an event: {used}, {peaks[-1]:.0f} MB")
    return {
        name: round(statistics.median(rates)),
        f"{name}_processes": [" + ".join(steps) for steps in PIPELINE],
        f"rss_{name}_mb": round(statistics.median(peaks)),
        "cpu_us": {name: _median_of(cpus)},
    }


def run_pipeline(
    lab: Lab, records: int, topics: Sequence[str] = TOPICS
) -> tuple[float, list[dict[str, Any]], dict[str, float]]:
    """Take in the `records` that wait; return seconds, what each process tells, and CPU an event."""
    before = lab.part_cpu()
    told = work_off(lab, topics)
    used = _per_event(sum(one["cpu"] for one in told), before, lab.part_cpu(), records)
    counts = sum((Counter(one["counts"]) for one in told), Counter[str]())
    if counts["drain.records"] != records or counts["validate.accepted"] != records:
        raise PermanentError(f"bench: {records} events were written, but the pipeline counts {dict(counts)}")
    begins = [one["first"] for one in told if one["first"] is not None]
    return max(one["last"] for one in told) - min(begins), told, used


def work_off(lab: Lab, topics: Sequence[str] = TOPICS) -> list[dict[str, Any]]:
    """Run the processes of PIPELINE until nothing waits; return what each of them tells."""
    workers = [lab.worker("follow", steps) for steps in PIPELINE]
    for worker in workers:
        worker.go()
    _wait_until_done(lab, topics)
    return [worker.result() for worker in workers]


def _wait_until_done(lab: Lab, topics: Sequence[str]) -> None:
    deadline = time.monotonic() + _LONGEST
    with Hub(lab.endpoints) as hub:
        while read_work(hub.log(), hub.connection("lag"), topics):
            if time.monotonic() > deadline:
                raise PermanentError(f"bench: the pipeline was not done after {_LONGEST:.0f} s")
            time.sleep(_LOOK)
