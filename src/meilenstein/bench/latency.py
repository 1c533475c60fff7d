"""Seconds from publishing one event to its receipt on the replies topic."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bench.events import BenchEvent, bench_events
from meilenstein.bench.lab import Lab
from meilenstein.bench.writing import write_events
from meilenstein.bootstrap import Hub
from meilenstein.dag_names import PIPELINE
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import home_of
from meilenstein.errors import PermanentError

__all__ = ["measure_airflow", "measure_follow"]


_FIRST_WITHIN = 180.0
_WITHIN = 60.0
_PAUSES = (0.31, 0.53, 0.71, 0.97)
"""Between one answer and the next event, so that no rhythm of the pipeline is met always at the same beat."""

Say = Callable[[str], None]


def measure_follow(lab: Lab, *, events: int, say: Say) -> dict[str, Any]:
    """Return the latency with `meilenstein run --follow`."""
    with _following(lab):
        return {"latency_follow": _measure(lab, events, first_case=2_000_000, say=say)}


def measure_airflow(lab: Lab, *, events: int, say: Say) -> dict[str, Any]:
    """Return the latency through Airflow; the instance must run it."""
    password = Credentials.read(home_of(lab.settings)).airflow_admin
    client = AirflowClient(lab.endpoints.airflow_url or "", username="admin", password=password)
    client.wait_for_dags([PIPELINE], 120.0)
    return {"latency_airflow": _measure(lab, events, first_case=3_000_000, say=say)}


@contextmanager
def _following(lab: Lab) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "meilenstein", "run", "--follow"],
        env=lab.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _measure(lab: Lab, events: int, *, first_case: int, say: Say) -> dict[str, Any]:
    """Publish events one by one, each after the answer to the one before; the first answer is not counted."""
    found: list[float] = []
    with Hub(lab.endpoints) as hub:
        for number, event in enumerate(bench_events(events + 1, first_case=first_case)):
            reader = hub.transport.reader(f"replies.{event.sender}", hub.transport.bounds(f"replies.{event.sender}")[1])
            try:
                took = _answer_time(hub, event, reader, _WITHIN if number else _FIRST_WITHIN)
            finally:
                reader.close()
            if number:
                found.append(took)
            time.sleep(_PAUSES[number % len(_PAUSES)])
    found.sort()
    p50, p95 = statistics.median(found), found[min(len(found) - 1, round(0.95 * (len(found) - 1)))]
    say(f"  p50 {p50:.2f} s, p95 {p95:.2f} s, longest {found[-1]:.2f} s, {len(found)} events")
    return {"p50": round(p50, 3), "p95": round(p95, 3), "max": round(found[-1], 3), "events": len(found)}


def _answer_time(hub: Hub, event: BenchEvent, reader: Any, within: float) -> float:
    topic = f"milestones.{event.sender}"
    offset = hub.transport.bounds(topic)[1]
    write_events([event], transport=hub.transport, registry=hub.registry)
    published = time.monotonic()
    while time.monotonic() - published < within:
        for record in reader.read(0.05):
            reply = json.loads(record.value or b"{}")
            ranges = reply.get("accepted", []) if reply.get("topic") == topic else []
            if any(first <= offset <= last for first, last in ranges):
                return time.monotonic() - published
    raise PermanentError(f"bench: no receipt for an event on {topic} within {within:.0f} s")
