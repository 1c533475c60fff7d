"""Which cases there are: when each begins, where, in which profession, and what is to go wrong in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from meilenstein.errors import ConfigurationError
from meilenstein.simulate import population
from meilenstein.simulate.population import Profession, pick
from meilenstein.simulate.rates import DefectRates
from meilenstein.simulate.records import Defect
from meilenstein.simulate.workdays import Workdays

__all__ = ["COMPLETE_CASE_DAYS", "RUN_UP_DAYS", "CasePlan", "Journey", "first_day", "plan_cases"]

RUN_UP_DAYS = 300
"""Cases begin up to this many days before the simulated months, so that procedures of every age are under way."""
COMPLETE_CASE_DAYS = 170
"""A brisk case certainly comes to its end within this many days."""
_DAYS_PER_MONTH = 30.44
_RECENT_DAYS, _RECENT_SHARE = 110, 0.2  # some more young cases: their clocks run
_LATEST_START = 4
"""Working days before the last day, so that at least the first record of every case is known."""


class Journey(StrEnum):
    """The way a case takes."""

    EMPLOYER = "EMPLOYER"
    ANONYMOUS = "ANONYMOUS"
    ADVICE = "ADVICE"
    """A person is advised and not referred."""
    REFERRED = "REFERRED"
    """Service desk, recognition body, foreigners' office, Welcome Center."""
    WELCOME_CENTER_FIRST = "WELCOME_CENTER_FIRST"
    DIRECT = "DIRECT"
    """An application without any referral."""


_JOURNEYS: Mapping[Journey, int] = {
    Journey.EMPLOYER: 5, Journey.ANONYMOUS: 4, Journey.ADVICE: 4,
    Journey.REFERRED: 59, Journey.WELCOME_CENTER_FIRST: 11, Journey.DIRECT: 17,
}  # fmt: skip
_NEEDS_NO_WHOLE_CASE = frozenset({
    Defect.DUPLICATE, Defect.CONFLICT, Defect.WRONG_PUBLISHER, Defect.RULE_VIOLATION, Defect.BROKEN_BYTES,
    Defect.UNKNOWN_SCHEMA,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlan:
    """What is settled about a case before its first event."""

    index: int
    """Position among all cases, in order of their start."""
    start: dt.date
    journey: Journey
    district: str
    profession: Profession
    state: str
    """Training state, ISO 3166-1 alpha-2."""
    from_eu: bool
    route: str
    brisk: bool
    """Every step happens, and soon: the case is over within COMPLETE_CASE_DAYS."""
    defect: Defect | None
    ordinal: int
    """The how-many-eth case with this defect, from 0; picks the variant."""


def first_day(*, until: dt.date, months: int) -> dt.date:
    """Return the first day on which a case may begin."""
    return until - dt.timedelta(days=round(months * _DAYS_PER_MONTH) + RUN_UP_DAYS)


def plan_cases(
    rng: Random, *, cases: int, until: dt.date, months: int, rates: DefectRates, workdays: Workdays
) -> list[CasePlan]:
    """Return the plans of all cases, oldest first. Fewer than one case or month raises ConfigurationError."""
    if cases < 1 or months < 1:
        raise ConfigurationError(f"cannot simulate {cases} cases in {months} months; both must be at least 1")
    first = first_day(until=until, months=months)
    all_days = workdays.between(first, workdays.plus(until, -_LATEST_START))
    recent_days = all_days[-round(len(all_days) * _RECENT_DAYS / (until - first).days) :]
    early_days = workdays.between(first, until - dt.timedelta(days=COMPLETE_CASE_DAYS))
    allotted = rates.allot(cases, rng)
    starts: list[tuple[dt.date, Defect | None, bool]] = []
    for number in range(cases):
        defect = allotted.get(number)
        brisk = defect is not None and defect not in _NEEDS_NO_WHOLE_CASE
        days = early_days if brisk else recent_days if rng.random() < _RECENT_SHARE else all_days
        starts.append((rng.choice(days), defect, brisk))
    starts.sort(key=lambda start: start[0])
    seen: Counter[Defect | None] = Counter()
    plans = []
    for index, (start, defect, brisk) in enumerate(starts):
        plans.append(_plan(rng, index=index, start=start, defect=defect, brisk=brisk, ordinal=seen[defect]))
        seen[defect] += 1
    return plans


def _plan(rng: Random, *, index: int, start: dt.date, defect: Defect | None, brisk: bool, ordinal: int) -> CasePlan:
    from_eu = not brisk and rng.random() < 0.15  # no entry is reported for freedom of movement
    route = "EU" if from_eu else pick(rng, population.ROUTES)
    journey = Journey.REFERRED if brisk else pick(rng, _JOURNEYS)
    if route == "FAST_TRACK_81A" and journey is Journey.ADVICE:
        journey = Journey.DIRECT
    return CasePlan(
        index=index,
        start=start,
        journey=journey,
        district=pick(rng, population.DISTRICTS),
        profession=pick(rng, population.PROFESSIONS),
        state=pick(rng, population.EU_STATES if from_eu else population.THIRD_STATES),
        from_eu=from_eu,
        route=route,
        brisk=brisk,
        defect=defect,
        ordinal=ordinal,
    )
