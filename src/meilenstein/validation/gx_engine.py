"""Great Expectations behind one call: run these rules on this table and say which rows break them.

What is guarded against here was measured. A batch of Great Expectations is known by its asset's name alone: each name
is used once. Threads that share a context get wrong verdicts without an error: there is one context per process and one
user of it at a time. A rule that cannot be loaded is dropped with a log line, and one that cannot be evaluated looks
like a failed one: results are counted and told apart.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from meilenstein.store.database import session_options
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.scratch import KEY_COLUMN, SCHEMA
from meilenstein_expectations import Rule

__all__ = ["GxEngine", "RuleOutcome", "open_gx", "warm"]

# First everything is asked in brief, then only what failed with all its rows: half the cost of asking all at once.
_BRIEF = {"result_format": "BOOLEAN_ONLY"}
_COMPLETE = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [KEY_COLUMN],
    "partial_unexpected_count": 10**9,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}

_ALL_ROWS = "all rows seen"
_DRIVER_FAULT = re.compile(r"psycopg\.errors\.[A-Za-z]+")
_OTHER_FAULT = re.compile(r"\b[A-Za-z]+(?:Error|Exception)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """What Great Expectations says about one rule."""

    passed: bool
    fault: str | None = None
    """Class of the error that kept the rule from being evaluated; never its text, which can hold values."""
    count: int = 0
    keys: tuple[int, ...] | None = None
    """Journal ids of the rows that break the rule; None where Great Expectations does not list them (rules in SQL)."""


@dataclass(slots=True)
class _Process:
    """What a process has once: the context, and the right to use it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: count[int] = field(default_factory=count)
    context: Any = None


@cache
def _process_state(_pid: int) -> _Process:
    # By process id, so that a forked child finds an open lock and makes a context of its own.
    return _Process()


def warm() -> None:
    """Import Great Expectations, which takes seconds; opens nothing."""
    _import()


@cache
def _import() -> Any:
    log = logging.getLogger("great_expectations")  # what it logs can hold values; what matters comes back as a result
    log.addHandler(logging.NullHandler())
    log.propagate = False
    show = warnings.showwarning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies use modules that Python has deprecated
        import great_expectations
        import great_expectations.expectations
    if warnings.showwarning is not show:
        logging.captureWarnings(capture=False)  # the import has turned the whole process's warnings into log lines
    # The million objects of its modules live as long as the process. Looked through at every turn of the garbage
    # collector, which its results set off hundreds of times a batch, they cost a fifth of the step.
    gc.collect()
    gc.freeze()
    return great_expectations


@contextmanager
def open_gx(database_url: str) -> Iterator[GxEngine]:
    """Give Great Expectations its own connections to the database for one batch; threads of a process take turns.

    Nothing is kept from batch to batch: what Great Expectations caches about a batch it never forgets.
    """
    process = _process_state(os.getpid())
    with process.lock:
        with _no_verdict("the database"):
            source = _source(process, database_url)
        try:
            yield GxEngine(source)
        finally:
            with _no_verdict("closing its connections"):
                source.get_engine().dispose()
                source.get_execution_engine().close()
                process.context.data_sources.delete(source.name)


class GxEngine:
    """Great Expectations on one database."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def run(self, table: str, rows: int, rules: Sequence[Rule]) -> dict[str, RuleOutcome]:
        """Evaluate the rules on a scratch table of `rows` rows and return the outcome of each by its id.

        A table's name is used once. Raises JudgeFailed where Great Expectations itself fails, drops a rule, or did not
        see every row.
        """
        with _no_verdict(f"{SCHEMA}.{table}"):
            # By request, not by a batch definition: that would write the whole configuration once more, to nowhere.
            asset = self._source.add_table_asset(table, table_name=table)
            outcomes = _validate(asset, rows, rules, _BRIEF)
            failed = [rule for rule in rules if not outcomes[rule.id].passed]
            if failed:
                outcomes.update(_validate(asset, rows, failed, _COMPLETE))
        return outcomes


@contextmanager
def _no_verdict(where: str) -> Iterator[None]:
    """Turn whatever Great Expectations raises into JudgeFailed; its text is left out, because it can hold values."""
    try:
        yield
    except JudgeFailed:
        raise
    except Exception as error:
        raise JudgeFailed(
            f"Great Expectations failed on {where} ({_fault(repr(error))}): no verdict; "
            "the batch stays open and is tried again"
        ) from error


def _source(process: _Process, database_url: str) -> Any:
    if process.context is None:
        process.context = _import().get_context(mode="ephemeral")
        process.context.variables.progress_bars = {"globally": False}
    return process.context.data_sources.add_postgres(
        f"hub{next(process.numbers)}", connection_string=_sqlalchemy_url(database_url)
    )


def _sqlalchemy_url(database_url: str) -> str:
    """Return the URL in SQLAlchemy's form, with the settings that every connection of the hub has."""
    info = {name: str(value) for name, value in conninfo_to_dict(database_url).items() if value is not None}
    options = f"{info.pop('options', '')} {session_options(SCHEMA)}".strip()
    url = URL.create(
        "postgresql+psycopg",
        username=info.pop("user", None),
        password=info.pop("password", None),
        host=info.pop("host", "127.0.0.1"),
        port=int(info.pop("port", "5432")),
        database=info.pop("dbname", None),
        query={**info, "options": options, "application_name": "meilenstein rules"},
    )
    return url.render_as_string(hide_password=False)


def _validate(asset: Any, rows: int, rules: Sequence[Rule], result_format: Mapping[str, Any]) -> dict[str, RuleOutcome]:
    expectations = [rule.as_expectation() for rule in rules]
    expectations.append(
        {"type": "expect_table_row_count_to_equal", "kwargs": {"value": rows}, "meta": {"rule": _ALL_ROWS}}
    )
    suite = _import().ExpectationSuite(name="rules", expectations=expectations)
    if len(suite.expectations) != len(expectations):
        raise JudgeFailed(
            f"Great Expectations loaded {len(suite.expectations)} of {len(expectations)} rules: no verdict"
        )
    batch = asset.get_batch(asset.build_batch_request())
    results = batch.validate(suite, result_format=result_format).results
    outcomes = {result.expectation_config.meta["rule"]: _outcome(result, rows, result_format) for result in results}
    if len(results) != len(expectations) or outcomes.keys() != {_ALL_ROWS, *(rule.id for rule in rules)}:
        raise JudgeFailed(f"Great Expectations evaluated {len(results)} of {len(expectations)} rules: no verdict")
    if not outcomes.pop(_ALL_ROWS).passed:
        raise JudgeFailed(f"Great Expectations did not see the {rows} rows of the batch: no verdict")
    return outcomes


def _outcome(result: Any, rows: int, result_format: Mapping[str, Any]) -> RuleOutcome:
    config, found = result.expectation_config, result.result
    if result.success or result_format is _BRIEF:
        return RuleOutcome(passed=bool(result.success))
    if not found:
        return RuleOutcome(passed=False, fault=_fault(repr(result.exception_info)))
    if "observed_value" in found:
        return RuleOutcome(passed=False, count=int(found["observed_value"]))
    keys = tuple(key for entry in found["unexpected_index_list"] for key in _listed(entry[KEY_COLUMN]))
    if len(set(keys)) != int(found["unexpected_count"]) or int(found["element_count"]) != rows:
        raise JudgeFailed(
            f"rule {config.meta['rule']}: Great Expectations counts {found['unexpected_count']} rows and lists "
            f"{len(keys)}: no verdict"
        )
    return RuleOutcome(passed=False, count=len(keys), keys=keys)


def _listed(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]


def _fault(text: str) -> str:
    found = _DRIVER_FAULT.search(text) or _OTHER_FAULT.search(text)
    return found.group() if found else "unknown error"
