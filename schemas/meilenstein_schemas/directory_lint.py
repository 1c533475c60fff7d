"""The mistakes that can stand in the tables of the registry data, each named by file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_tables import (
    AGENCY_KINDS,
    ALL,
    DATA_FOLDER,
    DIRECTORY_FILES,
    HOME_LAND,
    LANDS,
    RANKS,
    REFERENCE_KINDS,
    read_tables,
)
from meilenstein_schemas.registry_lint import registry_problems
from meilenstein_schemas.tables import Problem, Row, overlaps

__all__ = ["AGENCY_KINDS", "DATA_FOLDER", "DIRECTORY_FILES", "RANKS", "lint_directory", "lint_tables"]

_KEY = re.compile(r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def lint_directory(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the registry data below `folder`; empty means they can be loaded."""
    return lint_tables(read_tables(folder))


def lint_tables(rows: Mapping[str, Sequence[Row]]) -> list[Problem]:
    """Return every mistake in the tables, given by file name."""
    problems = [
        problem
        for name, (required, optional) in DIRECTORY_FILES.items()
        for row in rows[name]
        for problem in row.check(required=required, optional=optional)
    ]
    if problems:  # what follows relies on the fields being there
        return problems
    keys = {row.values["key"] for row in rows["agencies.yaml"]}
    problems.extend(_agency_problems(rows))
    problems.extend(_office_problems(rows["agencies.yaml"]))
    problems.extend(_right_problems(rows["authority.yaml"], rows["claims.yaml"]))
    problems.extend(_agreement_problems(rows["agreements.yaml"], keys))
    problems.extend(registry_problems(rows))
    for table in rows.values():
        problems.extend(_blank_names(table))
        problems.extend(_span_problems(table))
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _agency_problems(rows: Mapping[str, Sequence[Row]]) -> Iterator[Problem]:
    seen: set[str] = set()
    known = {row.values["ags"] for row in rows["districts.yaml"]}
    switches = {row.values["key"] for row in rows["switches.yaml"]}
    for row in rows["agencies.yaml"]:
        key, switch = row.values["key"], row.values.get("switch")
        if not _KEY.match(key):
            yield row.problem(f"key {key!r} is not lower-case words joined by hyphens")
        if key in seen:
            yield row.problem(f"agency {key!r} is listed twice")
        seen.add(key)
        if row.values["kind"] not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {row.values['kind']!r}; known: {', '.join(AGENCY_KINDS)}")
        if row.values["origin"] not in {"sourced", "example"}:
            yield row.problem(f"origin {row.values['origin']!r} is neither 'sourced' nor 'example'")
        if switch is not None and switch not in switches:
            yield row.problem(f"switch {switch!r} is not in switches.yaml")
        yield from _place_problems(row, known)


def _place_problems(row: Row, known: set[str]) -> Iterator[Problem]:
    land, districts = row.values.get("land") or HOME_LAND, row.values.get("districts") or []
    if land not in LANDS:
        yield row.problem(f"unknown land {land!r}; known: {', '.join(LANDS)}")
    if land != HOME_LAND and districts:
        yield row.problem("an agency of another Land has no 'districts': it stands for its whole Land")
    for ags in districts:
        if ags not in known:
            yield row.problem(f"district {ags!r} is no Saxon AGS (5 digits, quoted)")


def _office_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    """Titles have one office: no two foreigners' offices serve a district on the same day."""
    by_district: dict[str, list[Row]] = {}
    for row in rows:
        if row.values["kind"] == "FOREIGNERS_OFFICE":
            for ags in row.values.get("districts") or []:
                by_district.setdefault(str(ags), []).append(row)
    for ags, same in by_district.items():
        if overlaps((row.values["from"], row.values.get("until")) for row in same):
            yield same[-1].problem(f"two foreigners' offices serve district {ags} on the same day")


def _right_problems(authority: Sequence[Row], claims: Sequence[Row]) -> Iterator[Problem]:
    contracts = load_contracts()
    for row in [*authority, *claims]:
        if row.values["kind"] not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {row.values['kind']!r}; known: {', '.join(AGENCY_KINDS)}")
    for row in authority:
        if row.values["event"] not in contracts:
            yield row.problem(f"unknown event type {row.values['event']!r}")
        if row.values["rank"] not in RANKS:
            yield row.problem(f"unknown rank {row.values['rank']!r}; known: {', '.join(RANKS)}")
    for row in claims:
        if row.values["reference_kind"] not in REFERENCE_KINDS:
            yield row.problem(f"unknown reference kind {row.values['reference_kind']!r}")
    yield from _ambiguous_rights([*authority, *claims])


def _ambiguous_rights(rows: list[Row]) -> Iterator[Problem]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        right = row.values.get("event") or row.values["reference_kind"]
        groups.setdefault((row.file, row.values["kind"], right), []).append(row)
    for (_, kind, right), same in groups.items():
        if overlaps((row.values["from"], row.values.get("until")) for row in same):
            yield same[-1].problem(f"two rows for {kind} and {right} are in force on the same day")


def _agreement_problems(rows: Sequence[Row], keys: set[str]) -> Iterator[Problem]:
    contracts = load_contracts()
    for row in rows:
        for side in ("sender", "publisher"):
            if row.values[side] not in keys:
                yield row.problem(f"{side} {row.values[side]!r} is no agency of agencies.yaml")
        if row.values["sender"] == row.values["publisher"]:
            yield row.problem("an agency needs no agreement with itself")
        for event in row.values["events"]:
            if event != ALL and event not in contracts:
                yield row.problem(f"unknown event type {event!r}; use a name of schemas/ or {ALL}")
    yield from _covered_twice(rows, tuple(contracts))


def _covered_twice(rows: Sequence[Row], events: Sequence[str]) -> Iterator[Problem]:
    covering: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        named = events if ALL in row.values["events"] else row.values["events"]
        for event in named:
            covering.setdefault((row.values["sender"], row.values["publisher"], str(event)), []).append(row)
    told: set[int] = set()
    for (sender, publisher, event), same in covering.items():
        last = same[-1]
        if last.line not in told and overlaps((row.values["from"], row.values.get("until")) for row in same):
            told.add(last.line)
            yield last.problem(f"two rows let {sender} send {event} for {publisher} on the same day")


def _blank_names(rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        for name in ("name_de", "name_en"):
            if name in row.values and not str(row.values[name]).strip():
                yield row.problem(f"{name!r} is empty")


def _span_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    for row in rows:
        since, until = row.values.get("from"), row.values.get("until")
        if until is None:
            continue
        if since is None:
            yield row.problem(f"ends on {until} and never begins; add 'from' or take 'until' away")
        elif until < since:
            yield row.problem(f"ends on {until}, before it begins on {since}")
