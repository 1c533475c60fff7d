"""Great Expectations behind one call: run these rules on this table and say which rows break them.

What is guarded against here was measured: a batch of Great Expectations is known by its asset's name alone, so a name is
used once, fetched, validated and dropped; threads that share a context get wrong verdicts without an error, so there is
one context per process and one user of it at a time; a rule that cannot be loaded is dropped with a log line, and one
that cannot be evaluated looks like a failed one, so results are counted and told apart.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.scratch import KEY_COLUMN, SCHEMA
from meilenstein_expectations import Rule

__all__ = ["GxEngine", "Outcome", "warm"]

_BRIEF = {"result_format": "BOOLEAN_ONLY"}
_COMPLETE = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [KEY_COLUMN],
    "partial_unexpected_count": 10**9,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}
_ROW_COUNT = "all rows seen"
_DRIVER_FAULT = re.compile(r"psycopg\.errors\.[A-Za-z]+")
_FAULT = re.compile(r"[A-Za-z_.]+(?:Error|Exception)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What Great Expectations says about one rule."""

    passed: bool
    fault: str | None = None
    """Class of the error that kept the rule from being evaluated; never its text, which holds values."""
    count: int = 0
    keys: tuple[int, ...] | None = None
    """Journal ids of the rows that break the rule; None where Great Expectations does not list them (rules in SQL)."""


@dataclass(slots=True)
class _Process:
    """What one process has once: the context, and the right to use it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: count[int] = field(default_factory=count)
    context: Any = None


@cache
def _process(_pid: int) -> _Process:
    return _Process()


def _current() -> _Process:
    """Return this process's state: a forked child starts its own, with an open lock and no inherited connection."""
    return _process(os.getpid())


def warm() -> None:
    """Import Great Expectations, which takes seconds; nothing is opened."""
    _import()


@cache
def _import() -> Any:
    show = warnings.showwarning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies import modules that Python has deprecated
        import great_expectations  # noqa: PLC0415 - costs seconds
        import great_expectations.expectations  # noqa: PLC0415
    if warnings.showwarning is not show:
        logging.captureWarnings(capture=False)  # importing it sends every warning of the process to its log
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return great_expectations


class GxEngine:
    """Great Expectations on one database, through a connection of its own."""

    def __init__(self, database_url: str) -> None:
        self._url = _sqlalchemy_url(database_url)
        self._source: Any = None
        self._pid = 0

    def run(self, table: str, rows: int, rules: Sequence[tuple[Rule, Mapping[str, Any]]]) -> dict[str, Outcome]:
        """Evaluate rules, each given with its JSON form, on a table of `rows` rows; return the outcome of each by id.

        Raises JudgeFailed where Great Expectations itself fails, drops a rule, or did not see every row.
        """
        process = _current()
        with process.lock:
            try:
                return self._run(process, table, rows, rules)
            except JudgeFailed:
                raise
            except Exception as error:
                raise JudgeFailed(
                    f"Great Expectations failed on {SCHEMA}.{table} ({type(error).__name__}): no verdict; "
                    "the batch stays open and is tried again"
                ) from error

    def close(self) -> None:
        """Close the connections; the engine can be used again."""
        with _current().lock:
            self._disconnect()

    def _run(
        self, process: _Process, table: str, rows: int, rules: Sequence[tuple[Rule, Mapping[str, Any]]]
    ) -> dict[str, Outcome]:
        source = self._connect(process)
        asset = source.add_table_asset(table, table_name=table)
        try:
            definition = asset.add_batch_definition_whole_table("all")
            brief = self._validate(definition, rows, dict(rules_json(rules)), _BRIEF)
            failed = {rule_id: form for rule_id, form in rules_json(rules) if not brief[rule_id].passed}
            complete = self._validate(definition, rows, failed, _COMPLETE) if failed else {}
        finally:
            source.delete_asset(table)
        return {**brief, **complete}
