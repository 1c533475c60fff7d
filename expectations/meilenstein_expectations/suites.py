"""The data rules as data: Great Expectations suites in JSON, one for the envelope and one per event type.

`load_suites` gives exactly what the files say or raises: a file that is missing, a rule of an unknown type, a repeated
rule id and the like are mistakes of a maintainer, found before the first event is judged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from meilenstein_expectations.event_columns import Scalar
from meilenstein_expectations.lint import COMMON, FOLDER, lint
from meilenstein_expectations.projection import ARGUMENTS, COMMON_COLUMNS, columns
from meilenstein_expectations.violations import Violation, shown
from meilenstein_schemas import case_number
from meilenstein_schemas.codes import CODES_FOLDER
from meilenstein_schemas.contracts import load_contracts, wire_name
from meilenstein_schemas.tables import refuse

__all__ = ["Rule", "Suite", "SuiteSet", "lint", "load_suites"]

# Verdicts depend on the rules, on what is shown to them, and on the code lists looked up meanwhile.
_SOURCES_OF_ROWS = ("forms.py", "textfacts.py", "event_columns.py", "projection.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One data rule."""

    id: str
    type: str
    """Great Expectations' name of the expectation."""
    kwargs: Mapping[str, Any]
    severity: str
    field: str | None
    reason: str | None
    expected: Mapping[str, str]
    text: Mapping[str, str]
    how: Mapping[str, str]

    @property
    def sql(self) -> str | None:
        """The query of a rule that only the hub can check; None for every other rule."""
        query: str | None = self.kwargs.get("unexpected_rows_query")
        return query

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the rule looks at; none for a rule in SQL, which may look at any."""
        return tuple(self.kwargs[name] for name in ARGUMENTS if name in self.kwargs)

    def as_expectation(self) -> dict[str, Any]:
        """Return the rule as Great Expectations loads it, known by its id alone."""
        return {"type": self.type, "kwargs": dict(self.kwargs), "severity": self.severity, "meta": {"rule": self.id}}

    def violated_by(self, row: Mapping[str, Scalar]) -> Violation:
        """Return the violation of this rule by the row."""
        return Violation(
            rule=self.id,
            severity=self.severity,
            reason=self.reason,
            field=self.field,
            seen=_seen(self.columns, row),
            expected_words=self.expected,
            text=self.text,
            how=self.how,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The rules of one file."""

    name: str
    rules: tuple[Rule, ...]

    def columns(self, available: Mapping[str, str]) -> dict[str, str]:
        """Return those of the available columns that the suite needs, with their types."""
        if any(rule.sql for rule in self.rules):
            return dict(available)
        used = {column for rule in self.rules for column in rule.columns}
        return {name: sql for name, sql in available.items() if name in used}


@dataclass(frozen=True)
class SuiteSet:
    """All suites of one version."""

    common: Suite
    own: Mapping[str, Suite]
    """Suite of each event type, by the type's name."""
    version: str
    """First 12 hex digits of a SHA-256 over the rules and over what derives their input; recorded with each verdict."""

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by its id."""
        suites = (self.common, *self.own.values())
        return {rule.id: rule for suite in suites for rule in suite.rules}

    def of(self, event_type: str) -> tuple[Rule, ...]:
        """Return the rules that an event of the type must keep, those of the envelope first."""
        return (*self.common.rules, *self.own[event_type].rules)

    def common_columns(self) -> dict[str, str]:
        """Return the columns that the rules of the envelope need."""
        return self.common.columns(COMMON_COLUMNS)

    def own_columns(self, event_type: str) -> dict[str, str]:
        """Return the columns that the rules of the event type need, those of the envelope included."""
        return self.own[event_type].columns(columns(event_type))


def load_suites(folder: Path = FOLDER) -> SuiteSet:
    """Return the suites of `folder`; mistakes raise ConfigurationError, one line each with file and line."""
    refuse(lint(folder))
    names = {event_type: wire_name(event_type).replace("-", "_") for event_type in load_contracts()}
    common = _load(folder, COMMON)
    own = {event_type: _load(folder, name) for event_type, name in names.items()}
    return SuiteSet(common=common, own=own, version=_version(folder))


def _load(folder: Path, name: str) -> Suite:
    document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return Suite(name=name, rules=tuple(_rules(document)))


def _rules(document: Mapping[str, Any]) -> Iterator[Rule]:
    for expectation in document["expectations"]:
        meta = expectation["meta"]
        yield Rule(
            id=meta["rule"],
            type=expectation["type"],
            kwargs=expectation["kwargs"],
            severity=expectation["severity"],
            **{name: meta[name] for name in ("field", "reason", "expected", "text", "how")},
        )


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    sources = [Path(__file__).with_name(name) for name in _SOURCES_OF_ROWS]
    sources.append(Path(case_number.__file__))
    for path in [*sorted(folder.glob("*.json")), *sources, *sorted(CODES_FOLDER.glob("*.json"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _seen(names: tuple[str, ...], row: Mapping[str, Scalar]) -> str | None:
    if len(names) == 1:
        return shown(row[names[0]])
    return ", ".join(f"{name} = {shown(row[name])}" for name in names) or None
