"""Checks of the rule tables: every mistake is named by file and line before any case is computed with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from meilenstein_schemas.clock_lint import (
    CLOCK_FIELDS,
    LABELS,
    SETTING_FIELDS,
    UNITS,
    clock_problems,
    clock_shape,
)
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.tables import Problem, Row, read_rows

__all__ = ["FINDING_CODES", "LABELS", "RULE_FILES", "UNITS", "lint_rules"]

RULE_FILES = ("clocks.yaml", "findings.yaml", "visibility.yaml")
FINDING_CODES = (
    "CLOCK_DUE", "CLOCK_OVER", "COMPLETE_WITH_OPEN_ITEMS", "CONSENT_MISSING", "CONTRADICTION",
    "CORRECTION_TARGET_UNKNOWN", "DECISION_BEFORE_COMPLETE", "EXTENSION_TOO_LONG", "FOLLOW_UP_OR_WRONG_CASE", "FORK",
    "LATE_EXTENSION", "LATE_REPORT", "LICENCE_UNREGULATED", "LINK_PROPOSED", "ORDER_IMPOSSIBLE", "ORPHAN_DECISION",
    "OUTCOME_NOT_POSSIBLE", "PARALLEL_PROCEDURE", "PAUSE_OPEN", "PUBLISHER_SILENT", "REFERRAL_UNANSWERED",
    "REFERRAL_WITHOUT_APPLICATION", "RULE", "SECOND_EXTENSION", "SECOND_REQUEST_SAME_ITEM", "SEQUENCE_GAP",
    "VISA_WITHOUT_PRE_APPROVAL",
)  # fmt: skip
ROLES: Mapping[str, tuple[str, ...]] = {
    "OWNER": ("own",),
    "TARGET": ("referrals",),
    "SENDER": ("referrals",),
    "ADVISER": ("progress", "outcome", "entry"),
    "CLAIMANT": ("outcome",),
}
PARTS: Mapping[str, tuple[str, ...]] = {
    "own": ("timeline", "clocks", "requirements"),
    "referrals": (
        "referral", "sender", "target", "reason", "district_ags", "legal_route", "state", "answered_on",
        "decline_reason", "return_reason",
    ),
    "progress": ("publisher", "milestones", "clocks", "open_items"),
    "outcome": ("body", "procedure", "outcome", "decided_on"),
    "entry": ("entered_on", "district_ags"),
}  # fmt: skip
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "ALWAYS": tuple(ROLES),
    "OPEN_OR_ACCEPTED": ("TARGET",),
    "ACCEPTED": ("TARGET",),
}
_FIELDS: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "setting": SETTING_FIELDS,
    "clocks.yaml": CLOCK_FIELDS,
    "findings.yaml": (
        {"code": str, "severity": str, "title_de": str, "title_en": str, "todo_de": str, "todo_en": str}, {},
    ),
    "visibility.yaml": (
        {"role": str, "part": str, "fields": list, "when": str, "from": dt.date},
        {"kinds": list, "events": list, "purpose": str, "until": dt.date},
    ),
}  # fmt: skip


def lint_rules(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the three rule tables below `folder`; empty means they can be loaded."""
    rows = {name: read_rows(folder / name) for name in RULE_FILES}
    problems = [problem for name in RULE_FILES for row in rows[name] for problem in _shape(name, row)]
    if problems:  # what follows relies on the fields being there
        return problems
    checks: Mapping[str, Callable[[list[Row]], Iterator[Problem]]] = {
        "clocks.yaml": clock_problems,
        "findings.yaml": _finding_problems,
        "visibility.yaml": _visibility_problems,
    }
    for name, check in checks.items():
        problems.extend(check(rows[name]))
        problems.extend(_span_problems(rows[name]))
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _shape(name: str, row: Row) -> Iterator[Problem]:
    required, optional = _FIELDS["setting" if "setting" in row.values else name]
    yield from row.check(required=required, optional=optional)
    for field, value in row.values.items():
        if isinstance(value, list):
            for item in value:
                if not isinstance(item, str):
                    yield row.problem(f"{field!r} holds {item!r}, which is no text; put it in quotes")
        elif {**required, **optional}.get(field) is int and isinstance(value, bool):
            yield row.problem(f"{field!r} is {value!r}; expected a number")
    if name == "clocks.yaml" and "setting" not in row.values:
        yield from clock_shape(row)


def _one_of(row: Row, field: str, known: tuple[str, ...]) -> Iterator[Problem]:
    value = row.values.get(field)
    for item in value if isinstance(value, list) else [value]:
        if item is not None and item not in known:
            yield row.problem(f"unknown {field} {item!r}; known: {', '.join(known)}")


def _symbols(contract: str, field: str) -> tuple[str, ...]:
    """Return the symbols of an enum field, also of an array of enums."""
    for candidate in load_contracts()[contract].schema["fields"]:
        if candidate["name"] == field:
            kind: Any = candidate["type"]
            kind = kind["items"] if kind["type"] == "array" else kind
            return tuple(kind["symbols"])
    raise LookupError(f"{contract}.{field}")


def _finding_problems(rows: list[Row]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in rows:
        code = row.values["code"]
        yield from _one_of(row, "code", FINDING_CODES)
        yield from _one_of(row, "severity", ("I", "W"))
        if code in seen:
            yield row.problem(f"code {code!r} is listed twice")
        seen.add(code)
        for field, value in row.values.items():
            if not value.strip():
                yield row.problem(f"{field!r} is empty")
    for code in FINDING_CODES:
        if code not in seen:
            yield Problem(file="findings.yaml", line=1, mistake=f"code {code!r} has no row")


def _visibility_problems(rows: list[Row]) -> Iterator[Problem]:
    events = tuple(load_contracts())
    purposes = tuple(sorted(set(_symbols("ConsentGiven", "purposes")) - {"UNKNOWN"}))
    for row in rows:
        values = row.values
        yield from _one_of(row, "role", tuple(ROLES))
        yield from _one_of(row, "part", ROLES.get(values["role"], tuple(PARTS)))
        yield from _one_of(row, "fields", PARTS.get(values["part"], ()))
        yield from _one_of(row, "kinds", AGENCY_KINDS)
        yield from _one_of(row, "events", events)
        yield from _one_of(row, "purpose", purposes)
        yield from _one_of(row, "when", tuple(CONDITIONS))
        if values["role"] not in CONDITIONS.get(values["when"], (values["role"],)):
            yield row.problem(f"condition {values['when']!r} makes no sense for the role {values['role']!r}")
        if values["part"] == "progress" and not values.get("events"):
            yield row.problem("a row for progress names the milestones it shows in 'events'")
        if values["role"] == "ADVISER" and not values.get("purpose"):
            yield row.problem("what an adviser sees rests on a consent: name its purpose")


def _span_problems(rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        until = row.values.get("until")
        if until is not None and until < row.values.get("from", until):
            yield row.problem(f"ends on {until}, before it begins on {row.values['from']}")
