"""Which cases there are: when each begins, where, in which profession, and what is to go wrong in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from meilenstein.errors import ConfigurationError
from meilenstein.simulate import population
from meilenstein.simulate.needs import NEEDS, Need
from meilenstein.simulate.population import Profession, pick
from meilenstein.simulate.rates import DefectRates
from meilenstein.simulate.records import Defect
from meilenstein.simulate.workdays import Workdays

__all__ = [
    "COMPLETE_CASE_DAYS",
    "RUN_UP_DAYS",
    "WITHOUT_RECOGNITION_FIRST",
    "CasePlan",
    "Contact",
    "first_day",
    "plan_cases",
]

RUN_UP_DAYS = 330
"""Cases begin up to this many days before the simulated months, so that procedures of every age are under way."""
COMPLETE_CASE_DAYS = 200
"""A brisk case certainly comes to its end within this many days."""
_DAYS_PER_MONTH = 30.44
_RECENT_DAYS, _RECENT_SHARE = 110, 0.2  # some more young cases: their clocks run
_LATEST_START = 4
"""Working days before the last day, so that at least the first record of every case is known."""


class Contact(StrEnum):
    """How a case begins."""

    EMPLOYER = "EMPLOYER"
    ANONYMOUS = "ANONYMOUS"
    QUICKCHECK = "QUICKCHECK"
    """Somebody anonymous tries the check of the info portal."""
    ADVICE = "ADVICE"
    """A person is advised and not referred."""
    REFERRED = "REFERRED"
    """The service desk refers a person on."""
    WELCOME_CENTER_FIRST = "WELCOME_CENTER_FIRST"
    ADVICE_CENTRE_FIRST = "ADVICE_CENTRE_FIRST"
    DIRECT = "DIRECT"
    """No referral: an application, or a matter of the foreigners' office."""


_CONTACTS: Mapping[Contact, int] = {
    Contact.EMPLOYER: 4, Contact.ANONYMOUS: 3, Contact.QUICKCHECK: 3, Contact.ADVICE: 4, Contact.REFERRED: 44,
    Contact.WELCOME_CENTER_FIRST: 10, Contact.ADVICE_CENTRE_FIRST: 8, Contact.DIRECT: 24,
}  # fmt: skip
WITHOUT_RECOGNITION_FIRST = frozenset({"RECOGNITION_PARTNERSHIP_16D3", "EXPERIENCE_19C2"})
"""Routes on which nobody applies for recognition before the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlan:
    """What is settled about a case before its first event."""

    index: int
    """Position among all cases, in order of their start."""
    start: dt.date
    contact: Contact
    district: str
    profession: Profession
    state: str
    """Training state, ISO 3166-1 alpha-2."""
    from_eu: bool
    """Trained in the EU, the EEA or Switzerland."""
    route: str
    resident: bool
    """Lives in Saxony already, or may move freely: no visa, no entry."""
    brisk: bool
    """Every step happens, and soon: the case is over within COMPLETE_CASE_DAYS."""
    defect: Defect | None
    features: frozenset[str]
    """What has to happen in a brisk case beside the ordinary steps."""
    ordinal: int
    """The how-many-eth case with this defect, from 0; picks the variant."""


def first_day(*, until: dt.date, months: int) -> dt.date:
    """Return the first day on which a case may begin."""
    return until - dt.timedelta(days=round(months * _DAYS_PER_MONTH) + RUN_UP_DAYS)


def plan_cases(
    rng: Random,
    *,
    cases: int,
    until: dt.date,
    months: int,
    rates: DefectRates,
    workdays: Workdays,
    served: Collection[str],
) -> list[CasePlan]:
    """Return the plans of all cases, oldest first; `served` are the districts with a Welcome Center.

    Fewer than one case or month raises ConfigurationError.
    """
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
        brisk = defect is not None and NEEDS[defect].whole
        days = early_days if brisk else recent_days if rng.random() < _RECENT_SHARE else all_days
        starts.append((rng.choice(days), defect, brisk))
    starts.sort(key=lambda start: start[0])
    seen: Counter[Defect | None] = Counter()
    districts = population.DISTRICTS
    accompanied = {ags: share for ags, share in districts.items() if ags in served}
    plans = []
    for index, (start, defect, brisk) in enumerate(starts):
        where = pick(rng, accompanied if brisk else districts)
        plans.append(_plan(rng, index=index, start=start, district=where, defect=defect, ordinal=seen[defect]))
        seen[defect] += 1
    return plans


def _plan(rng: Random, *, index: int, start: dt.date, district: str, defect: Defect | None, ordinal: int) -> CasePlan:
    need = NEEDS[defect] if defect is not None and NEEDS[defect].whole else None
    brisk = need is not None
    route = rng.choice(need.routes) if need else pick(rng, population.ROUTES)
    from_eu = need.eu if need else route == "EU"
    profession = pick(rng, _professions(need, route))
    contact = Contact.REFERRED if brisk else pick(rng, _CONTACTS)
    if route == "FAST_TRACK_81A" and contact is Contact.ADVICE:
        contact = Contact.DIRECT
    return CasePlan(
        index=index,
        start=start,
        contact=contact,
        district=district,
        profession=profession,
        state=pick(rng, population.EU_STATES if from_eu else population.THIRD_STATES),
        from_eu=from_eu,
        route=route,
        resident=route in {"EU", "UNKNOWN"} or (not brisk and route == "REGULAR" and rng.random() < 0.35),
        brisk=brisk,
        defect=defect,
        features=need.features if need else frozenset(),
        ordinal=ordinal,
    )


def _professions(need: Need | None, route: str) -> Mapping[Profession, int]:
    """Return the professions that a case may be about, with their shares."""
    every = population.PROFESSIONS
    if need is None:
        return {one: share for one, share in every.items() if route != "FAST_TRACK_81A" or one.law != "SAECHS_BQFG"}
    return {
        one: share
        for one, share in every.items()
        if (not need.laws or one.law in need.laws) and need.regulated in {None, one.regulated}
    }
