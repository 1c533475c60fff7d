"""Months of plausible Saxony from a seed number."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from meilenstein.errors import ConfigurationError
from meilenstein.simulate.case_defects import CASE_DEFECTS
from meilenstein.simulate.casebook import Casebook, World
from meilenstein.simulate.delivery_defects import DELIVERY_DEFECTS
from meilenstein.simulate.journeys import write_case
from meilenstein.simulate.naive_law import load_spans
from meilenstein.simulate.offices import Offices, Registers
from meilenstein.simulate.plan import CasePlan, first_day, plan_cases
from meilenstein.simulate.procedure_defects import PROCEDURE_DEFECTS
from meilenstein.simulate.rates import LAWFUL, DefectRates
from meilenstein.simulate.records import SimRecord
from meilenstein.simulate.refused_defects import REFUSED_DEFECTS
from meilenstein.simulate.source_defects import lose_events, silent_agencies
from meilenstein.simulate.truth import Truth, tell_truth
from meilenstein.simulate.workdays import Workdays
from meilenstein_schemas.agencies import Directory

__all__ = ["DEFAULT_RATES", "Simulation", "simulate"]

DEFAULT_RATES = DefectRates()
_INJECT = {**DELIVERY_DEFECTS, **REFUSED_DEFECTS, **CASE_DEFECTS, **PROCEDURE_DEFECTS}
_NAMESPACE = uuid.UUID("5f0a6f0e-5b0b-5b8e-9c59-0d1f6a3a7c21")
_LOOK_AHEAD_DAYS = 400
_OFFSETS = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Records in publishing order, with what has to become of them."""

    seed: int
    cases: int
    until: dt.date
    months: int
    silent: tuple[str, ...]
    """Agencies from which nothing has come for long on the last day."""
    records: tuple[SimRecord, ...]
    truth: Truth

    def summary(self) -> dict[str, Any]:
        """Return the arguments and the counts, ready for JSON."""
        return {
            "seed": self.seed,
            "cases": self.cases,
            "until": self.until.isoformat(),
            "months": self.months,
            "silent": list(self.silent),
            "records": len(self.records) - self.truth.counts.get("LOST", 0),
            "senders": len({record.sender for record in self.records}),
            "fates": {kind.lower(): count for kind, count in self.truth.counts.items()},
            "reasons": dict(sorted(self.truth.reasons.items())),
            "labels": dict(sorted(self.truth.labels.items())),
            "findings": dict(sorted(Counter(finding.code for finding in self.truth.findings).items())),
            "event_types": dict(sorted(Counter(record.event_type for record in self.records if record.body).items())),
        }


_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


def simulate(
    *,
    seed: int,
    cases: int,
    until: dt.date,
    directory: Directory,
    months: int = 1,
    defects: DefectRates | None = DEFAULT_RATES,
    sources: bool = False,
) -> Simulation:
    """Return the milestones of `cases` cases as known at the end of `until`, which lies in the past.

    Cases begin in the `months` months before `until` and in the run-up of RUN_UP_DAYS before those, some more of them
    towards the end, so that procedures of every age are under way. `defects=None`: a Land in which nothing is wrong,
    and every lawful variant happens; corrections and retractions are among them. `sources`: some sources have troubles
    as a whole too, which concern the instance they are published to.
    The same arguments give identical records; other arguments share no event id and hardly ever a file number, so
    several simulations fit into one hub. `published_at`, `sequence` and `source_epoch` are left to the SDK.
    Impossible arguments raise ConfigurationError.
    """
    if not _EARLIEST <= until <= _LATEST:
        raise ConfigurationError(f"simulate: until {until} lies outside {_EARLIEST} to {_LATEST}")
    rates = defects or LAWFUL
    key = f"{seed}/{cases}/{until.isoformat()}/{months}/{rates}/{directory.version}"
    workdays = Workdays(first_day(until=until, months=max(months, 1)), until + dt.timedelta(days=_LOOK_AHEAD_DAYS))
    world = World(
        until=until,
        workdays=workdays,
        offices=Offices(directory, until),
        spans=load_spans(),
        registers=Registers(offset=int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % _OFFSETS),
        namespace=uuid.uuid5(_NAMESPACE, key),
    )
    plans = plan_cases(
        _random(key),
        cases=cases,
        until=until,
        months=months,
        rates=rates,
        workdays=workdays,
        served=world.offices.accompanied,
    )
    records = [record for plan in plans for record in _case(world, plan, _random(f"{key}/{plan.index}"))]
    records.sort(key=lambda record: record.after)
    silent: tuple[str, ...] = ()
    if sources:
        records, silent = lose_events(records, world.offices), silent_agencies(records, world.offices)
    return Simulation(
        seed=seed,
        cases=cases,
        until=until,
        months=months,
        silent=silent,
        records=tuple(records),
        truth=tell_truth(records, until=until, spans=world.spans, silent=silent),
    )


def _random(key: str) -> Random:
    return Random(key)  # noqa: S311 - has to give the same numbers again


def _case(world: World, plan: CasePlan, rng: Random) -> list[SimRecord]:
    book = Casebook(world=world, plan=plan, rng=rng)
    write_case(book)
    if plan.defect is not None:
        _INJECT[plan.defect](book)
    return book.records
