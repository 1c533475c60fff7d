"""Mistakes in the suites, each with file, line and what to change."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meilenstein_expectations.projection import ARGUMENTS, COMMON_COLUMNS, columns
from meilenstein_schemas.contracts import load_contracts, load_envelope, wire_name
from meilenstein_schemas.tables import Problem

__all__ = ["COMMON", "EXPECTATION_TYPES", "FOLDER", "REASONS", "SEVERITIES", "lint"]

FOLDER = Path(__file__).parent / "suites"
COMMON = "common"
SEVERITIES = ("critical", "warning", "info")
REASONS = ("OCCURRED_AFTER_RECORDED", "FUTURE_FACT", "FORBIDDEN_CONTENT")
"""Quarantine reasons of their own; every other rule is its own reason, `RULE:<id>`."""

_COLUMN = {"column": str}
EXPECTATION_TYPES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "expect_column_values_to_not_be_null": (_COLUMN, {}),
    "expect_column_values_to_be_null": (_COLUMN, {}),
    "expect_column_values_to_be_in_set": ({**_COLUMN, "value_set": list}, {}),
    "expect_column_values_to_match_regex": ({**_COLUMN, "regex": str}, {}),
    "expect_column_values_to_not_match_regex": ({**_COLUMN, "regex": str}, {}),
    "expect_column_values_to_be_between": (_COLUMN, {"min_value": int | str, "max_value": int | str}),
    "expect_column_value_lengths_to_be_between": (_COLUMN, {"min_value": int, "max_value": int}),
    "expect_column_pair_values_a_to_be_greater_than_b": ({"column_A": str, "column_B": str}, {"or_equal": bool}),
    "unexpected_rows_expectation": ({"unexpected_rows_query": str}, {}),
}
"""The only expectation types allowed, with their required and optional arguments. Each passes NULLs (the null rules
apart) and means the same in Great Expectations on PostgreSQL and in the plain interpreter."""

_COLUMN_TYPES = {
    "expect_column_values_to_match_regex": ("text",),
    "expect_column_values_to_not_match_regex": ("text",),
    "expect_column_value_lengths_to_be_between": ("text",),
    "expect_column_values_to_be_between": ("bigint", "date"),
    "expect_column_values_to_be_in_set": ("text", "boolean", "bigint"),
}
_FILE = {"name": str, "expectations": list, "meta": dict}
_EXPECTATION = {"type": str, "kwargs": dict, "severity": str, "meta": dict}
_META = {"rule": str, "field": str | None, "reason": str | None, "expected": dict, "text": dict, "how": dict}
_LANGUAGES = ("de", "en")
_RULE_ID = re.compile(r"\A[A-Z]{1,2}-[0-9]{3}\Z")
# Python and PostgreSQL agree on anchors, explicit classes, literals, groups and repetition, and on little else.
_LENGTH_GUARD = re.compile(r"\(\?!\.\{[0-9]+\}\)")
_CLASS = re.compile(r"\[[^\[\]\\]+\]")
_SAFE_REST = re.compile(r"\A\\A[0-9A-Za-z \-(){}|,?+*]*\\Z\Z")
# The hub runs the query itself to learn which rows are meant, so it must name them and nothing else.
_SQL = re.compile(r"\Aselect jid from \{batch\} where \S[^;]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    """A suite's file under inspection, with what its rules may look at."""

    name: str
    text: str
    columns: Mapping[str, str]
    fields: Mapping[str, Any]
    """Type of each field of the event, as its schema has it."""

    def problem(self, mistake: str, *, near: str | None = None) -> Problem:
        at = self.text.find(f'"{near}"') if near else 0
        return Problem(file=f"{self.name}.json", line=self.text.count("\n", 0, max(at, 0)) + 1, mistake=mistake)


def lint(folder: Path = FOLDER) -> list[Problem]:
    """Return every mistake in the suites of `folder`; empty means they can be loaded."""
    problems: list[Problem] = []
    rules: list[tuple[_File, str]] = []
    files = list(_files(folder))
    for file in files:
        if not file.text:
            problems.append(file.problem("missing or not readable; the envelope and every event type need a suite"))
            continue
        for expectation in _expectations(file, problems):
            problems.extend(_rule_problems(file, expectation))
            rules.append((file, expectation["meta"]["rule"]))
    problems.extend(_id_problems(rules))
    known = {f"{file.name}.json" for file in files}
    problems.extend(
        Problem(file=path.name, line=1, mistake="belongs to no event type of schemas/")
        for path in sorted(folder.glob("*"))
        if path.name not in known
    )
    return problems


def _files(folder: Path) -> Iterator[_File]:
    envelope = {field["name"]: field["type"] for field in load_envelope()["fields"]}
    yield _File(COMMON, _text(folder, COMMON), COMMON_COLUMNS, envelope)
    for event_type, contract in load_contracts().items():
        name = wire_name(event_type).replace("-", "_")
        fields = {field["name"]: field["type"] for field in contract.schema["fields"]}
        yield _File(name, _text(folder, name), columns(event_type), fields)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / f"{name}.json").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _expectations(file: _File, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """Yield the expectations whose outer shape is right, noting what is not."""
    try:
        document = json.loads(file.text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        problems.append(Problem(file=f"{file.name}.json", line=line, mistake=f"not valid JSON: {error}"))
        return
    shape = list(_shape(document, _FILE))
    if not shape and document["name"] != file.name:
        shape.append(f"name is {document['name']!r}; expected {file.name!r}")
    if not shape and not document["expectations"]:
        shape.append("holds no rule")
    if shape:
        problems.extend(file.problem(mistake) for mistake in shape)
        return
    for place, expectation in enumerate(document["expectations"], start=1):
        mistakes = list(_shape(expectation, _EXPECTATION)) or list(_shape(expectation["meta"], _META))
        problems.extend(file.problem(f"expectation {place}: {mistake}") for mistake in mistakes)
        if not mistakes:
            yield expectation


def _shape(found: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is missing, unknown or of another type in a mapping."""
    if not isinstance(found, dict):
        yield f"is {type(found).__name__}; expected an object"
        return
    for key in found.keys() - wanted.keys():
        yield f"unknown entry {key!r}; known: {', '.join(wanted)}"
    for key, kind in wanted.items():
        if key not in found:
            yield f"entry {key!r} is missing"
        elif not _is(found[key], kind):
            yield f"{key!r} is {found[key]!r}"


def _is(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)


def _id_problems(rules: Sequence[tuple[_File, str]]) -> Iterator[Problem]:
    """Yield ids of a wrong form, ids used twice, and prefixes that two files share: an id names its file."""
    seen: set[str] = set()
    owners: dict[str, _File] = {}
    for file, rule in rules:
        if not _RULE_ID.match(rule):
            yield file.problem(f"rule id {rule!r} is not of the form E-001 or AR-001", near=rule)
        elif rule in seen:
            yield file.problem(f"rule id {rule!r} is used twice", near=rule)
        elif (owner := owners.setdefault(rule.split("-", maxsplit=1)[0], file)) is not file:
            yield file.problem(f"the prefix of {rule!r} belongs to {owner.name}.json", near=rule)
        seen.add(rule)


def _rule_problems(file: _File, expectation: Mapping[str, Any]) -> Iterator[Problem]:
    kind, kwargs, meta = expectation["type"], expectation["kwargs"], expectation["meta"]
    mistakes = [*_meta_mistakes(expectation["severity"], meta, file.fields)]
    if kind not in EXPECTATION_TYPES:
        mistakes.append(f"expectation type {kind!r} is not allowed; allowed: {', '.join(EXPECTATION_TYPES)}")
    else:
        required, optional = EXPECTATION_TYPES[kind]
        given = {name: optional[name] for name in optional if name in kwargs}
        shape = list(_shape(kwargs, {**required, **given}))
        mistakes.extend(shape or _argument_mistakes(kind, kwargs, file))
    for mistake in mistakes:
        yield file.problem(f"{meta['rule']}: {mistake}", near=meta["rule"])


def _meta_mistakes(severity: str, meta: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[str]:
    if severity not in SEVERITIES:
        yield f"severity {severity!r}; known: {', '.join(SEVERITIES)}"
    for name in ("expected", "text", "how"):
        texts = meta[name]
        if set(texts) != set(_LANGUAGES) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
            yield f"{name!r} needs a text for each of {', '.join(_LANGUAGES)}"
    if meta["field"] is not None and meta["field"] not in fields:
        yield f"the event has no field {meta['field']!r}"
    if meta["reason"] is not None:
        if meta["reason"] not in REASONS:
            yield f"reason {meta['reason']!r}; known: {', '.join(REASONS)}"
        if severity != "critical":
            yield "a rule with a quarantine reason of its own must be critical"


def _argument_mistakes(kind: str, kwargs: Mapping[str, Any], file: _File) -> Iterator[str]:
    for name in ARGUMENTS:
        column = kwargs.get(name)
        if column is None:
            continue
        if column not in file.columns:
            yield f"there is no column {column!r}; there are: {', '.join(file.columns)}"
        elif file.columns[column] not in _COLUMN_TYPES.get(kind, (file.columns[column],)):
            yield f"column {column!r} is of type {file.columns[column]}, which {kind} does not take"
    if "regex" in kwargs:
        yield from _regex_mistakes(kwargs["regex"])
    if "value_set" in kwargs:
        yield from _set_mistakes(kwargs, file)
    if kind.endswith("_to_be_between"):
        yield from _span_mistakes(kwargs, file.columns.get(kwargs["column"]))
    if "column_A" in kwargs and len({file.columns.get(kwargs[name]) for name in ("column_A", "column_B")}) > 1:
        yield "the two columns are not of one type"
    if "unexpected_rows_query" in kwargs and not _SQL.match(kwargs["unexpected_rows_query"]):
        yield "the query must read `select jid from {batch} where ...`, without a semicolon"


def _regex_mistakes(regex: str) -> Iterator[str]:
    try:
        re.compile(regex)
    except re.error as error:
        yield f"{regex!r} is no regular expression: {error}"
        return
    if not _SAFE_REST.match(_CLASS.sub("", _LENGTH_GUARD.sub("", regex, count=1))):
        yield f"{regex!r} must stand between \\A and \\Z and use explicit character classes only"


def _set_mistakes(kwargs: Mapping[str, Any], file: _File) -> Iterator[str]:
    if not kwargs["value_set"]:
        yield "value_set is empty"
    symbols = file.fields.get(kwargs["column"])
    if isinstance(symbols, dict) and "symbols" in symbols:
        for value in kwargs["value_set"]:
            if value not in symbols["symbols"]:
                yield f"{value!r} is no symbol of the field {kwargs['column']!r}"


def _span_mistakes(kwargs: Mapping[str, Any], sql: str | None) -> Iterator[str]:
    bounds = [kwargs[name] for name in ("min_value", "max_value") if name in kwargs]
    if not bounds:
        yield "needs min_value or max_value"
    for bound in bounds:
        if sql == "date":
            try:
                dt.date.fromisoformat(str(bound))
            except ValueError:
                yield f"{bound!r} is no date YYYY-MM-DD"
        elif not isinstance(bound, int):
            yield f"{bound!r} is no whole number"
