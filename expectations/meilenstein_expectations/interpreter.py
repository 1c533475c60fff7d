"""The same rules in plain Python: what a partner is told before it sends.

Every column rule means exactly what Great Expectations makes of it on PostgreSQL (a test compares them on generated
events); a rule in SQL is checked by the hub only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from meilenstein_expectations.event_columns import Scalar
from meilenstein_expectations.projection import project
from meilenstein_expectations.suites import Rule, SuiteSet, load_suites
from meilenstein_expectations.violations import Violation
from meilenstein_schemas.contracts import similar_types
from meilenstein_schemas.errors import PermanentError

__all__ = ["Interpreter", "check"]

Row = Mapping[str, Scalar]
Test = Callable[[Row], bool]


class Interpreter:
    """The rules of one set of suites, compiled once; safe to share between threads."""

    def __init__(self, suites: SuiteSet) -> None:
        self._tests: Mapping[str, tuple[tuple[Test, Rule], ...]] = {
            event_type: tuple((_compiled(rule), rule) for rule in suites.of(event_type) if rule.sql is None)
            for event_type in suites.own
        }

    def check(
        self, event_type: str, body: Mapping[str, Any], *, received_at: dt.datetime | None = None
    ) -> list[Violation]:
        """Return every rule that the event breaks, those of the envelope first; empty means none."""
        return self.check_row(event_type, project(event_type, body, received_at=received_at))

    def check_row(self, event_type: str, row: Row) -> list[Violation]:
        """Return every rule that a projected event breaks."""
        tests = self._tests.get(event_type)
        if tests is None:
            raise PermanentError(f"unknown event type {event_type!r}; {similar_types(event_type)}")
        return [rule.violated_by(row) for passes, rule in tests if not passes(row)]


def check(event_type: str, body: Mapping[str, Any], *, received_at: dt.datetime | None = None) -> list[Violation]:
    """Return every data rule that a decoded event breaks, by the suites of this version.

    `body` is the event as its schema decodes to; an absent field counts as its default. `received_at` is the time of
    receipt where one is known (see `project`).
    """
    return _standard().check(event_type, body, received_at=received_at)


@cache
def _standard() -> Interpreter:
    return Interpreter(load_suites())


def _compiled(rule: Rule) -> Test:
    return _COMPILERS[rule.type](rule.kwargs)


def _not_null(kwargs: Mapping[str, Any]) -> Test:
    column = kwargs["column"]
    return lambda row: row[column] is not None


def _null(kwargs: Mapping[str, Any]) -> Test:
    column = kwargs["column"]
    return lambda row: row[column] is None


def _in_set(kwargs: Mapping[str, Any]) -> Test:
    column, allowed = kwargs["column"], frozenset([*kwargs["value_set"], None])
    return lambda row: row[column] in allowed


def _regex(kwargs: Mapping[str, Any]) -> Test:
    column, found = kwargs["column"], re.compile(kwargs["regex"]).search
    return lambda row: (value := row[column]) is None or found(value) is not None


def _not_regex(kwargs: Mapping[str, Any]) -> Test:
    column, found = kwargs["column"], re.compile(kwargs["regex"]).search
    return lambda row: (value := row[column]) is None or found(value) is None


def _between(kwargs: Mapping[str, Any]) -> Test:
    column, low, high = kwargs["column"], _bound(kwargs.get("min_value")), _bound(kwargs.get("max_value"))

    def passes(row: Row) -> bool:
        value: Any = row[column]
        return value is None or ((low is None or low <= value) and (high is None or value <= high))

    return passes


def _bound(value: int | str | None) -> Any:
    """Return the bound as it compares with its column: a date for a column of dates, written as text in the suite."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _length(kwargs: Mapping[str, Any]) -> Test:
    column, low, high = kwargs["column"], kwargs.get("min_value", 0), kwargs.get("max_value", float("inf"))

    def passes(row: Row) -> bool:
        value: Any = row[column]
        return value is None or low <= len(value) <= high

    return passes


def _pair(kwargs: Mapping[str, Any]) -> Test:
    later, earlier, or_equal = kwargs["column_A"], kwargs["column_B"], kwargs.get("or_equal", False)

    def passes(row: Row) -> bool:
        first: Any = row[later]
        second: Any = row[earlier]
        return first is None or second is None or first > second or (or_equal and first == second)

    return passes


_COMPILERS: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_null": _null,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_values_to_not_match_regex": _not_regex,
    "expect_column_values_to_be_between": _between,
    "expect_column_value_lengths_to_be_between": _length,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair,
}
