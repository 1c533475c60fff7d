"""How long the clock run of a night takes over many open cases, until nothing is left to fold and to send."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from meilenstein.bench.events import EVENTS_PER_OPEN_CASE, open_cases
from meilenstein.bench.lab import Lab
from meilenstein.bench.throughput import run_pipeline, work_off
from meilenstein.bench.writing import write_events
from meilenstein.bootstrap import Hub, utc_now
from meilenstein.cases.calendar import berlin_date

__all__ = ["measure_clock_run"]

Say = Callable[[str], None]


def measure_clock_run(lab: Lab, *, cases: int, say: Say) -> dict[str, Any]:
    """Return the seconds of an ordinary night, and of one after a change of the rules, which folds every case anew.

    Each runs from the tick to the moment at which two workers have nothing left to do.
    """
    lab.renew_topics()
    lab.empty()
    with Hub(lab.endpoints) as hub:
        today = berlin_date(utc_now())
        write_events(open_cases(cases, as_of=today), transport=hub.transport, registry=hub.registry)
    run_pipeline(lab, cases * EVENTS_PER_OPEN_CASE)
    say(f"  {cases:,} open cases")
    ordinary = _night(lab, today + dt.timedelta(days=1), say)
    lab.outdate_cases()
    all_anew = _night(lab, today + dt.timedelta(days=2), say)
    return {
        "clock_run": {
            "open_cases": cases,
            "events": cases * EVENTS_PER_OPEN_CASE,
            "ordinary_night": ordinary,
            "after_a_change_of_rules": all_anew,
        }
    }


def _night(lab: Lab, day: dt.date, say: Say) -> dict[str, Any]:
    began = time.monotonic()
    with Hub(lab.endpoints) as hub:
        hub.clocks(day)
    ticked = time.monotonic()
    told = work_off(lab)
    # The workers are started after the tick, so their start counts; waiting for their end does not.
    ended = max(one["last"] for one in told)
    counts = sum((Counter(one["counts"]) for one in told), Counter[str]())
    figures = {
        "seconds": round(ended - began, 1),
        "tick_seconds": round(ticked - began, 1),
        "files_folded": counts["reconcile.files"],
        "cases_changed": counts["reconcile.changed"],
    }
    say(f"  {figures['files_folded']:,} files folded in {figures['seconds']} s, {figures['tick_seconds']} s the tick")
    return figures
