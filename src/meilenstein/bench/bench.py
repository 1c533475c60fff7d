"""The bench from beginning to end: start an instance, write the events, measure what is asked for."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from meilenstein.bench.clock_run import measure_clock_run
from meilenstein.bench.events import SENDERS, bench_events
from meilenstein.bench.flatness import measure_flatness
from meilenstein.bench.lab import Lab, free_port_base, open_lab
from meilenstein.bench.latency import measure_airflow, measure_follow
from meilenstein.bench.mixture import mixed_events
from meilenstein.bench.peers import measure_peers
from meilenstein.bench.targets import judge_figures
from meilenstein.bench.throughput import measure_baseline, measure_pipeline, measure_steps
from meilenstein.bench.writing import write_events
from meilenstein.bootstrap import Hub
from meilenstein.decoding.decode import has_fast_path
from meilenstein.embedded.home import Home
from meilenstein.errors import ConfigurationError
from meilenstein.settings import Settings
from meilenstein.summary import STEPS

__all__ = ["MEASURES", "Bench"]

BASELINES = ("poll", "decode")
MEASURES = (
    *BASELINES,
    *STEPS,
    "pipeline",
    "pipeline-mixed",
    "flatness",
    "clock-run",
    "latency-follow",
    "latency-airflow",
)
"""What can be measured, in the order in which it is."""

_REPETITIONS = 3
_QUICK = 10_000
"""Fewer events are for trying out: one repetition."""
_MIXED_EVENTS = 100_000
_MIXED_UNTIL = dt.date(2026, 6, 30)
_OPEN_CASES = 100_000
_LATENCY_EVENTS = 40
_AIRFLOW_EVENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the bench. `only` names the measures (empty: all); `work` is a folder that it may fill."""

    settings: Settings
    events: int
    only: Sequence[str]
    peers: bool
    work: Path
    say: Callable[[str], None]

    def run(self) -> dict[str, Any]:
        """Return all figures; what was asked for and cannot be measured raises."""
        unknown = sorted(set(self.only) - set(MEASURES))
        if unknown:
            raise ConfigurationError(f"bench: --only knows no {unknown[0]!r}; choose from {', '.join(MEASURES)}")
        wanted = [name for name in MEASURES if not self.only or name in self.only]
        began = time.monotonic()
        settings = self.settings.model_copy(update={"home": self.work / "home", "port_base": free_port_base()})
        # Made by this very run, or refused: whatever is removed below belongs to nobody else.
        Home(settings.home).create()
        figures: dict[str, Any] = {"machine": _machine(), "fast_path": has_fast_path()}
        try:
            self._measure(settings, wanted, figures)
        finally:
            shutil.rmtree(settings.home, ignore_errors=True)
        figures["seconds"] = round(time.monotonic() - began)
        figures["targets"] = judge_figures(figures)
        for name, told in figures["targets"].items():
            self.say(f"{'met    ' if told['met'] else 'NOT MET'} {name}: {told['found']} ({told['goal']})")
        return figures

    def _measure(self, settings: Settings, wanted: Sequence[str], figures: dict[str, Any]) -> None:
        if set(wanted) - {"latency-airflow"} or self.peers:
            with ExitStack() as stack:
                self.say("starting Kafka, registry and PostgreSQL")
                lab = stack.enter_context(open_lab(settings))
                self._throughput(lab, wanted, figures)
                self._others(lab, wanted, figures)
        if "latency-airflow" in wanted:
            self.say("latency through Airflow")
            with open_lab(settings, airflow=True) as lab:
                _merge(figures, measure_airflow(lab, events=_AIRFLOW_EVENTS, say=self.say))

    def _throughput(self, lab: Lab, wanted: Sequence[str], figures: dict[str, Any]) -> None:
        times = _REPETITIONS if self.events >= _QUICK else 1
        steps = [name for name in STEPS if name in wanted]
        baselines = [name for name in BASELINES if name in wanted]
        if not (steps or baselines or "pipeline" in wanted or self.peers):
            return
        _merge(figures, self._write(lab), {"repetitions": times})
        for name in baselines:
            self.say(f"{name}: kafka-python{' and fastavro' if name == 'decode' else ''}, no code of the product")
            _merge(figures, measure_baseline(lab, name, times=times, say=self.say))
        if steps:
            self.say(f"one by one: {', '.join(steps)}")
            _merge(figures, measure_steps(lab, steps, self.events, times=times, say=self.say))
        if "pipeline" in wanted:
            self.say("all steps at once, in two workers that are alike")
            _merge(figures, measure_pipeline(lab, self.events, times=times, say=self.say))
        if self.peers:
            self.say("the same records with other programs")
            _merge(figures, measure_peers(lab, self.events, work=self.work, times=times, say=self.say))

    def _mixed(self, lab: Lab, figures: dict[str, Any]) -> None:
        records, times = min(self.events, _MIXED_EVENTS), _REPETITIONS if self.events >= _QUICK else 1
        self.say(f"writing {records:,} events of all types")
        lab.renew_topics()
        with Hub(lab.endpoints) as hub:
            events = list(mixed_events(records, until=_MIXED_UNTIL, directory=hub.directory))
            senders = sorted({event.sender for event in events})
            write_events(events, transport=hub.transport, registry=hub.registry, senders=senders)
        topics = [f"milestones.{sender}" for sender in senders]
        told = measure_pipeline(lab, records, times=times, say=self.say, name="pipeline_mixed", topics=topics)
        types = len({event.event_type for event in events})
        _merge(figures, told, {"mixed": {"events": records, "types": types, "partitions": len(topics)}})

    def _others(self, lab: Lab, wanted: Sequence[str], figures: dict[str, Any]) -> None:
        if "pipeline-mixed" in wanted:
            self._mixed(lab, figures)
        if "flatness" in wanted:
            self.say("flatness")
            small, large = self.events // 6, self.events * 5 // 3
            _merge(figures, measure_flatness(lab, small=small, large=large, say=self.say))
        if "clock-run" in wanted:
            cases = min(self.events // 3, _OPEN_CASES)
            self.say(f"a night of {cases:,} open cases")
            _merge(figures, measure_clock_run(lab, cases=cases, say=self.say))
        if "latency-follow" in wanted:
            self.say("latency with `run --follow`")
            _merge(figures, measure_follow(lab, events=_LATENCY_EVENTS, say=self.say))

    def _write(self, lab: Lab) -> dict[str, Any]:
        self.say(f"writing {self.events:,} events")
        with Hub(lab.endpoints) as hub:
            written = write_events(bench_events(self.events), transport=hub.transport, registry=hub.registry)
        size = {"value": round(written.value_bytes, 1), "headers_and_key": round(written.header_bytes, 1)}
        self.say(f"  {size['value']} bytes a record, and {size['headers_and_key']} bytes of headers and key")
        return {"events": written.records, "partitions": len(SENDERS), "bytes_per_record": size}


def _merge(figures: dict[str, Any], *found: Mapping[str, Any]) -> None:
    for one in found:
        figures.setdefault("cpu_us", {}).update(one.get("cpu_us", {}))
        figures.update({name: value for name, value in one.items() if name != "cpu_us"})


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total >> 20,
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
    }
