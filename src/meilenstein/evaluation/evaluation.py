"""Months with known truth, run through the pipeline or straight into its core, and compared."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meilenstein.bench.lab import free_port_base, open_lab
from meilenstein.embedded.home import Home
from meilenstein.evaluation.fold_way import fold_month
from meilenstein.evaluation.observation import Observation
from meilenstein.evaluation.pipeline_way import Instance
from meilenstein.evaluation.score import Score
from meilenstein.settings import Settings
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.rules import load_rules

__all__ = ["Evaluation", "last_day"]

_FIRST_DAY = dt.date(2026, 8, 14)
_STEP = dt.timedelta(days=23)
_SHOWN = 20

Way = Callable[[Simulation], Observation]


def last_day(seed: int) -> dt.date:
    """Return the last day of a seed's months: 23 days earlier with each, so that twenty of them see every season."""
    return _FIRST_DAY - _STEP * ((seed - 1) % 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One run: for each seed a month with troubles and a clean one. `work` is a folder that it may fill."""

    settings: Settings
    seeds: Sequence[int]
    cases: int
    in_memory: bool
    work: Path
    say: Callable[[str], None]

    def run(self) -> tuple[Score, dict[str, Any]]:
        """Return the score and the figures of all months."""
        score, directory = Score(), load_directory()
        began = time.monotonic()
        with self._way(directory) as way:
            for number, seed in enumerate(self.seeds, start=1):
                for clean in (False, True):
                    self._month(score, way, directory, seed, clean=clean)
                self.say(f"seed {seed} ({number} of {len(self.seeds)}): {len(score.differences):,} differences so far")
        for line in score.differences[:_SHOWN]:
            self.say(f"  {line}")
        figures = {
            **score.result(),
            "through": "FOLD" if self.in_memory else "PIPELINE",
            "seeds": len(self.seeds),
            "seconds": round(time.monotonic() - began),
        }
        return score, figures

    def _month(self, score: Score, way: Way, directory: Directory, seed: int, *, clean: bool) -> None:
        until = last_day(seed)
        if clean:
            month = simulate(seed=seed, cases=self.cases, until=until, directory=directory, defects=None)
        else:
            month = simulate(seed=seed, cases=self.cases, until=until, directory=directory, sources=not self.in_memory)
        score.add(month, way(month), clean=clean)

    @contextmanager
    def _way(self, directory: Directory) -> Iterator[Way]:
        if self.in_memory:
            rules = load_rules()
            yield lambda month: fold_month(month, directory=directory, rules=rules)
            return
        settings = self.settings.model_copy(update={"home": self.work / "home", "port_base": free_port_base()})
        # Made by this very run, or refused: whatever is removed below belongs to nobody else.
        Home(settings.home).create()
        try:
            self.say("starting Kafka, registry and PostgreSQL")
            with open_lab(settings) as lab:
                yield Instance(lab.endpoints).run
        finally:
            shutil.rmtree(settings.home, ignore_errors=True)
