"""The mistakes that can stand in the tables of agencies and rights, each named by file and line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.tables import Problem, Row, overlaps, read_rows

__all__ = ["AGENCY_KINDS", "ALL_EVENTS", "DATA_FOLDER", "DIRECTORY_FILES", "RANKS", "SAXON_DISTRICTS", "lint_directory"]

DATA_FOLDER = Path(__file__).parent / "data"
AGENCY_KINDS = ("ZEFAS", "RECOGNITION_BODY", "WELCOME_CENTER", "FOREIGNERS_OFFICE", "LABOUR_AGENCY", "TECHNICAL_SENDER")
RANKS = ("AUTHORITATIVE", "INFORMATIVE", "FORBIDDEN")
REFERENCE_KINDS = ("CASE", "PROCEDURE", "REFERRAL", "MANDATE", "TITLE")
SAXON_DISTRICTS = (
    "14511", "14521", "14522", "14523", "14524", "14612", "14625", "14626", "14627", "14628", "14713", "14729", "14730",
)  # fmt: skip
_KEY = re.compile(r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
ALL_EVENTS = "ALL"
"""Stands for every event type in an agreement."""

_SPAN: Mapping[str, type] = {"from": dt.date}
_UNTIL: Mapping[str, type] = {"until": dt.date}
DIRECTORY_FILES: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "agencies.yaml": (
        {"key": str, "kind": str, "name_de": str, "name_en": str, "origin": str, **_SPAN},
        {"districts": list, "late_after_days": int, **_UNTIL},
    ),
    "authority.yaml": ({"kind": str, "event": str, "rank": str, **_SPAN}, _UNTIL),
    "claims.yaml": ({"kind": str, "reference_kind": str, **_SPAN}, _UNTIL),
    "agreements.yaml": ({"sender": str, "publisher": str, "events": list, **_SPAN}, _UNTIL),
}


def lint_directory(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the four tables below `folder`; empty means they can be loaded."""
    rows = {name: read_rows(folder / name) for name in DIRECTORY_FILES}
    problems = [
        problem
        for name, (required, optional) in DIRECTORY_FILES.items()
        for row in rows[name]
        for problem in row.check(required=required, optional=optional)
    ]
    if problems:  # what follows relies on the fields being there
        return problems
    keys = {row.values["key"] for row in rows["agencies.yaml"]}
    problems.extend(_agency_problems(rows["agencies.yaml"]))
    problems.extend(_right_problems(rows["authority.yaml"], rows["claims.yaml"]))
    problems.extend(_agreement_problems(rows["agreements.yaml"], keys))
    for table in rows.values():
        problems.extend(_span_problems(table))
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _agency_problems(rows: list[Row]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in rows:
        key, districts = row.values["key"], row.values.get("districts") or []
        if not _KEY.match(key):
            yield row.problem(f"key {key!r} is not lower-case words joined by hyphens")
        if key in seen:
            yield row.problem(f"agency {key!r} is listed twice")
        seen.add(key)
        if row.values["kind"] not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {row.values['kind']!r}; known: {', '.join(AGENCY_KINDS)}")
        if row.values["origin"] not in {"sourced", "example"}:
            yield row.problem(f"origin {row.values['origin']!r} is neither 'sourced' nor 'example'")
        for ags in districts:
            if ags not in SAXON_DISTRICTS:
                yield row.problem(f"district {ags!r} is no Saxon AGS (5 digits, quoted)")


def _right_problems(authority: list[Row], claims: list[Row]) -> Iterator[Problem]:
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


def _agreement_problems(rows: list[Row], keys: set[str]) -> Iterator[Problem]:
    contracts = load_contracts()
    for row in rows:
        for side in ("sender", "publisher"):
            if row.values[side] not in keys:
                yield row.problem(f"{side} {row.values[side]!r} is no agency of agencies.yaml")
        if row.values["sender"] == row.values["publisher"]:
            yield row.problem("an agency needs no agreement with itself")
        for event in row.values["events"]:
            if event != ALL_EVENTS and event not in contracts:
                yield row.problem(f"unknown event type {event!r}; use a name of schemas/ or {ALL_EVENTS}")


def _span_problems(rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        until = row.values.get("until")
        if until is not None and until < row.values["from"]:
            yield row.problem(f"ends on {until}, before it begins on {row.values['from']}")
