"""Checks of the rule tables: every mistake is named by file and line before any case is computed with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.tables import Problem, Row, overlaps, read_rows

__all__ = ["FINDING_CODES", "LABELS", "RULE_FILES", "UNITS", "lint_rules"]

RULE_FILES = ("clocks.yaml", "findings.yaml", "visibility.yaml")
LABELS = ("MUST", "SHALL_NORMALLY", "REGULAR", "SERVICE")
UNITS = ("MONTHS", "WERKTAGE")
SUBJECTS = ("PROCEDURE", "REFERRAL")
SOURCES = ("law", "general-knowledge", "project-rule")
SETTINGS: Mapping[str, type] = {"parking_days": int, "saturday_is_werktag": bool}
FINDING_CODES = (
    "CLOCK_DUE", "CLOCK_OVER", "CONSENT_MISSING", "CONTRADICTION", "CORRECTION_TARGET_UNKNOWN",
    "DECISION_BEFORE_COMPLETE", "FORK", "LATE_REPORT", "LINK_PROPOSED", "ORDER_IMPOSSIBLE", "REFERRAL_UNANSWERED",
    "RULE",
)  # fmt: skip
ROLES: Mapping[str, tuple[str, ...]] = {
    "OWNER": ("own",),
    "TARGET": ("referrals",),
    "SENDER": ("referrals",),
    "ADVISER": ("progress", "outcome", "entry"),
    "CLAIMANT": ("outcome",),
}
PARTS: Mapping[str, tuple[str, ...]] = {
    "own": ("timeline", "clocks"),
    "referrals": (
        "referral", "sender", "target", "reason", "district_ags", "legal_route", "state", "answered_on",
        "decline_reason",
    ),
    "progress": ("publisher", "milestones", "clocks"),
    "outcome": ("body", "procedure", "outcome", "decided_on"),
    "entry": ("entered_on", "district_ags"),
}  # fmt: skip
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "ALWAYS": tuple(ROLES),
    "OPEN_OR_ACCEPTED": ("TARGET",),
    "ACCEPTED": ("TARGET",),
}
_CLOCK_ID = re.compile(r"\A[CS][0-9]{2}\Z")
_FIELDS: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "setting": ({"setting": str, "value": object, "reason": str}, {}),
    "clocks.yaml": (
        {
            "id": str, "per": str, "label": str, "name_de": str, "name_en": str, "start": str, "stop": list,
            "length": int, "unit": str, "roll_over": bool, "due_within_days": int, "source": str,
            "from": dt.date,
        },
        {
            "laws": list, "regulated": list, "routes_excluded": list, "shown_without_start": bool, "paragraph_de": str,
            "paragraph_en": str, "law_version": str, "until": dt.date,
        },
    ),
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
        "clocks.yaml": _clock_problems,
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


def _setting_problems(rows: list[Row]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in rows:
        name, value = row.values["setting"], row.values["value"]
        kind = SETTINGS.get(name)
        if kind is None:
            yield row.problem(f"unknown setting {name!r}; known: {', '.join(SETTINGS)}")
        elif type(value) is not kind or (isinstance(value, int) and value < 0):
            yield row.problem(f"setting {name!r} is {value!r}; expected a value of type {kind.__name__}, not below 0")
        if name in seen:
            yield row.problem(f"setting {name!r} is given twice")
        seen.add(name)
    for name in SETTINGS:
        if name not in seen:
            yield Problem(file="clocks.yaml", line=1, mistake=f"setting {name!r} is missing")


def _clock_problems(table: list[Row]) -> Iterator[Problem]:
    yield from _setting_problems([row for row in table if "setting" in row.values])
    rows = [row for row in table if "setting" not in row.values]
    events = tuple(load_contracts())
    for row in rows:
        if not _CLOCK_ID.match(row.values["id"]):
            yield row.problem(f"id {row.values['id']!r} is not C or S with two digits")
        yield from _one_of(row, "per", SUBJECTS)
        yield from _one_of(row, "label", LABELS)
        yield from _one_of(row, "unit", UNITS)
        yield from _one_of(row, "source", SOURCES)
        yield from _one_of(row, "start", events)
        yield from _one_of(row, "stop", events)
        yield from _one_of(row, "laws", _symbols("ApplicationReceived", "procedure_law"))
        yield from _one_of(row, "regulated", _symbols("ApplicationReceived", "regulated"))
        yield from _one_of(row, "routes_excluded", _symbols("ApplicationReceived", "legal_route"))
        if row.values["length"] < 1 or row.values["due_within_days"] < 0:
            yield row.problem("length must be at least 1 and due_within_days at least 0")
        if not row.values["stop"]:
            yield row.problem("a clock needs at least one event type that stops it")
        yield from _source_problems(row)
    for first, second in combinations(rows, 2):
        yield from _clash(first, second)


def _source_problems(row: Row) -> Iterator[Problem]:
    fields = ("paragraph_de", "paragraph_en", "law_version")
    if row.values["label"] == "SERVICE":
        if row.values["source"] == "law" or any(row.values.get(field) for field in fields):
            yield row.problem("a service target has no source, paragraph or version in the law")
    else:
        for field in fields:
            if not row.values.get(field):
                yield row.problem(f"field {field!r} is missing: a legal period names its provision")


def _clash(first: Row, second: Row) -> Iterator[Problem]:
    one, two = first.values, second.values
    if one["id"] != two["id"]:
        return
    for field in ("per", "start", "stop", "shown_without_start"):
        if one.get(field) != two.get(field):
            yield second.problem(f"rows of {two['id']} differ in {field!r}")
    meet = all(
        not one.get(field) or not two.get(field) or set(one[field]) & set(two[field]) for field in ("laws", "regulated")
    )
    if meet and overlaps((row["from"], row.get("until")) for row in (one, two)):
        yield second.problem(f"two rows of {two['id']} apply to the same procedure on the same day")


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
        if until is not None and until < row.values["from"]:
            yield row.problem(f"ends on {until}, before it begins on {row.values['from']}")
