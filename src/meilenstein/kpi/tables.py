"""The protected tables: everything that leaves this module may be published, nothing before it may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from meilenstein.cases.procedures import FAST_TRACK
from meilenstein.kpi.breakdowns import (
    Breakdown,
    Cells,
    Group,
    Protected,
    Sums,
    protect,
    regional_groups,
)
from meilenstein.kpi.columns import DECIDED, columns_of
from meilenstein.kpi.durations import durations_of, spans
from meilenstein.kpi.figures import OTHER, Figures
from meilenstein.kpi.names import Names, codes_of
from meilenstein.kpi.protection import rounded
from meilenstein.kpi.variables import VARIABLES, Variable
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import ClockRule, RuleTable

__all__ = ["SMALL", "Table", "tables_of"]

SMALL = 3
"""Groups and variables are given where the published total is at least so many times the minimum for durations."""

_PROCEDURES = Sums(
    leaves=(
        "applications", "receipts_confirmed", "documents_complete", "forwarded", *DECIDED, "no_decision", "pending",
        "overdue",
    ),
    total="decisions",
    parts=DECIDED,
)  # fmt: skip
_OF_TRAINING = Sums(leaves=tuple(column for column in _PROCEDURES.leaves if column != "applications"))
"""Without applications and decisions: both are published by state of training, and a group is the sum of its states."""
_REFERRALS = Sums(
    leaves=("sent", "accepted", "declined", "returned", "to_application", "unanswered", "overdue"),
)
_LAND_COLUMN = {"APPLICATIONS": "applications", "DECISIONS": "decisions"}
"""What the Land counts of a population."""
_AS_A_ROW: Mapping[str, tuple[Group, str]] = {"FAST_TRACK": (("ROUTE", FAST_TRACK), "decisions")}
"""Values of a variable that count what a cell of the procedures counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table as it is published."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    """By the names of the columns; None where something is withheld or cannot be."""
    withheld: Sequence[str] = field(default=())
    """What is withheld because the total of the Land would tell too much of it: `<level>.<column>`, of
    variables `<variable>.<column>`."""
    added_up: Sequence[str] = field(default=())
    """Where totals are the sums of what is published instead of the rounded true ones: the name of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What all tables of one month are made from."""

    figures: Figures
    names: Names
    minimum: int
    bodies: Sequence[str]
    agencies: Sequence[str]

    @property
    def large(self) -> int:
        return SMALL * self.minimum

    def row(self, group: Group, cells: Cells, columns: Iterable[str]) -> dict[str, Any]:
        level, key = group
        name = self.names.of(level, key)
        bezirk = {"DIREKTIONSBEZIRK": key, "DISTRICT": self.names.bezirk(key)}.get(level)
        head = {"level": level, "key": key, "name_de": name["de"], "name_en": name["en"], "direktionsbezirk": bezirk}
        return {**head, **{column: cells.get((group, column)) for column in columns}}

    def table(
        self, name: str, rows: Iterable[Mapping[str, Any]], withheld: Sequence[str] = (), added_up: Sequence[str] = ()
    ) -> Table:
        month = {"month": self.figures.month.name}
        shaped = [{column: {**month, **row}.get(column) for column in columns_of(name)} for row in rows]
        return Table(name=name, rows=shaped, withheld=withheld, added_up=added_up)


def tables_of(figures: Figures, directory: Directory, rules: RuleTable, minimum: int) -> dict[str, Table]:
    """Return the tables of counted figures; `minimum` is the least size of a group that shows durations."""
    ground = _Ground(
        figures=figures,
        names=Names(directory),
        minimum=minimum,
        bodies=(*directory.keys("RECOGNITION_BODY"), OTHER),
        agencies=(*directory.keys(), OTHER),
    )
    procedures, variables, of_procedures = _procedures(ground)
    referrals, of_referrals = _referrals(ground)
    durations = _durations(ground, rules, {"procedures": of_procedures, "referrals": of_referrals})
    made = (procedures, durations, referrals, variables)
    return {table.name: table for table in made}


def _procedures(ground: _Ground) -> tuple[Table, Table, Cells]:
    """Return procedures and variables: both break the same procedures down, and are protected together."""
    counts, columns = Counter(ground.figures.procedures), _PROCEDURES.columns
    breakdowns = [
        Breakdown(level="BODY", keys=ground.bodies, sums=_PROCEDURES),
        Breakdown(level="TRAINING", keys=codes_of("TrainingStateGroup"), sums=_OF_TRAINING, least=ground.large),
        Breakdown(level="ROUTE", keys=codes_of("LegalRoute"), sums=_PROCEDURES, least=ground.large),
    ]
    of_land = [one for one in VARIABLES.values() if one.of is not None]
    for variable in of_land:
        leaves = tuple(_LAND_COLUMN[population] for population in variable.populations)
        sums = Sums(leaves=leaves)
        breakdowns.append(Breakdown(level=variable.name, keys=variable.codes(), sums=sums, least=ground.large))
    for (population, name, key), n in ground.figures.variables.items():
        if population in _LAND_COLUMN:
            counts[name, key, _LAND_COLUMN[population]] = n
    protected = protect(counts, _PROCEDURES, ground.names, breakdowns)
    groups = [*regional_groups(ground.names), *(group for one in breakdowns[:3] for group in one.groups)]
    rows = [ground.row(group, protected.cells, columns) for group in groups]
    own = [name for name in protected.withheld if name.partition(".")[0] not in VARIABLES]
    rest = [name for name in protected.withheld if name not in own]
    added_up = ["procedures"] if protected.added_up else []
    values = _variables(ground, protected)
    return ground.table("procedures", rows, own, added_up), ground.table("variables", values, rest), protected.cells


def _referrals(ground: _Ground) -> tuple[Table, Cells]:
    columns = _REFERRALS.columns
    others = [Breakdown(level=level, keys=ground.agencies, sums=_REFERRALS) for level in ("SENDER", "TARGET")]
    protected = protect(ground.figures.referrals, _REFERRALS, ground.names, others)
    groups = [group for other in others for group in other.groups]
    held = [group for group in groups if any(protected.cells.get((group, column)) for column in columns)]
    rows = [ground.row(group, protected.cells, columns) for group in (*regional_groups(ground.names), *held)]
    added_up = ["referrals"] if protected.added_up else []
    return ground.table("referrals", rows, protected.withheld, added_up), protected.cells


def _durations(ground: _Ground, rules: RuleTable, published: Mapping[str, Cells]) -> Table:
    """Return the clocks and groups whose durations are shown; the others have no row."""
    clocks: dict[str, list[ClockRule]] = {}
    for rule in rules.clocks:
        clocks.setdefault(rule.id, []).append(rule)
    shown = durations_of(ground.figures.durations, published, names=ground.names, rules=rules, minimum=ground.minimum)
    rows = [
        {**ground.row(group, {}, ()), **_clock(clocks[clock]), **spans(found, ground.minimum)}
        for clock, group, found in shown
    ]
    return ground.table("durations", rows)


def _clock(rules: Sequence[ClockRule]) -> dict[str, str]:
    """Return what a clock is called; the rows of one clock may have several kinds of period."""
    first, labels = rules[0], dict.fromkeys(rule.label for rule in rules)
    return {"clock": first.id, "clock_de": first.name["de"], "clock_en": first.name["en"], "label": "/".join(labels)}


def _variables(ground: _Ground, protected: Protected) -> Iterator[dict[str, Any]]:
    """Yield the values that are published; those that are no breakdown of the Land are rounded, each on its own.

    What a row of the procedures counts as well is published as there, or not at all: a total beside its classes may
    have been moved, and the rounded number would tell where from.
    """
    counts = ground.figures.variables
    for variable in VARIABLES.values():
        for population in variable.populations:
            if variable.of is not None:
                column = _LAND_COLUMN[population]
                published = {key: protected.cells.get(((variable.name, key), column), 0) for key in variable.codes()}
            else:
                published = {key: rounded(counts[population, variable.name, key]) for key in variable.codes()}
                for key in published.keys() & _AS_A_ROW.keys():
                    (level, _), column = cell = _AS_A_ROW[key]
                    hidden = f"{level}.{column}" in protected.withheld
                    published[key] = 0 if hidden else protected.cells.get(cell, published[key])
            yield from _values(ground, variable, population, published)


def _values(
    ground: _Ground, variable: Variable, population: str, published: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for key, count in published.items():
        if count:
            name = ground.names.of(variable.name, key)
            yield {
                "population": population,
                "variable": variable.name,
                "key": key,
                "name_de": name["de"],
                "name_en": name["en"],
                "count": count,
            }
