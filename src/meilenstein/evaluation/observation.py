"""What was found out about a simulated month, by whatever way, in the terms of its truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from meilenstein.cases.clocks import NOT_APPLICABLE, NOT_DETERMINABLE
from meilenstein.simulate.truth_cases import File, name_of

__all__ = ["UNDETERMINED", "FoundClock", "FoundFinding", "Observation", "case_named"]

UNDETERMINED = (NOT_APPLICABLE, NOT_DETERMINABLE)
"""States of a clock that claim nothing."""


class FoundFinding(NamedTuple):
    """One finding: the case it is about in the terms of the truth, its code, and what it names."""

    case: str
    code: str
    about: str


class FoundClock(NamedTuple):
    """Where one clock stands."""

    start: dt.date | None
    due: dt.date | None
    state: str
    stopped_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Findings, clocks, cases and fates of one month."""

    findings: Mapping[FoundFinding, str]
    """With the severity of each."""
    clocks: Mapping[tuple[str, str, str], FoundClock]
    """By case, clock and what it runs for; only those that claim a date, or are suspended."""
    cases: Collection[frozenset[File]]
    """The files of each case."""
    fates: Mapping[str, int] = field(default_factory=dict)
    """Number of records by fate, and of refused ones by reason; empty where no pipeline decided."""


def case_named(files: Iterable[File], truth: Mapping[File, str]) -> str:
    """Return the name by which the truth knows a case; files of several persons have a name that no truth has."""
    ordered = sorted(files)
    names = {truth.get(file, name_of(file)) for file in ordered}
    return names.pop() if len(names) == 1 else f"mixed:{name_of(ordered[0])}"
