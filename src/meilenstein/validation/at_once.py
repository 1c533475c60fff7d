"""A large batch judged with two tables instead of one for each suite.

Every rule says the same of two rows that are alike in the columns it looks at, and many events share days, agency and
system. So only rules on identifiers need every row. The other rules of the envelope need one row of each kind. The
rules of the event types repeat each other: "an identifier of this form" is said of a dozen columns of half of them.
Such rules are evaluated once, on the values of all. The lots stand side by side in two tables, a long one and a short
one. Great Expectations costs its time by the table and by the rule, PostgreSQL by the row; what either says of a
row holds for all that the row stands for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from meilenstein.decoding.decode import has_fast_path
from meilenstein.validation.gx_engine import GxEngine
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.parts import Part
from meilenstein.validation.scratch import Scratch
from meilenstein_expectations import Rule, Suite, SuiteSet
from meilenstein_expectations.projection import ARGUMENTS

__all__ = ["divide", "judge_at_once", "rules_alike"]

_SINGULAR = frozenset({"event_id", "case_reference", "case_number", "sequence", "corrects", "consent_id"})
"""Columns of the envelope in which hardly two events are alike. This decides on speed alone."""
_LONG = 2000
"""Lots with more rows stand in the long table: a column is filled up to the length of its table."""
_WORTH_IT = 2000
"""With fewer rows the suites are judged one by one, which is simpler to look into."""


def judge_at_once(
    engine: GxEngine, scratch: Scratch, suites: SuiteSet, present: Mapping[str, Sequence[Part]]
) -> dict[str, list[int]] | None:
    """Return by rule id which rows of the event types in `present` violate it.

    None where the suites have to be judged one by one: few rows, the extra `fast` not installed, rules in SQL, no rules
    for one of the tables, or a rule that could not be evaluated. Raises JudgeFailed like the suites by themselves.
    """
    parts = [part for found in present.values() for part in found]
    rules = [rule for suite in (suites.common, *(suites.own[name] for name in present)) for rule in suite.rules]
    if sum(len(part.keys) for part in parts) < _WORTH_IT or not has_fast_path():
        return None
    if any(rule.sql is not None for rule in rules) or not all(suite.rules for suite in divide(suites.common)):
        return None
    found: dict[str, list[int]] = {}
    for label, table in _tables(suites, present):
        violating = _judge(engine, scratch, label, table)
        if violating is None:
            return None
        found.update(violating)
    return found if found.keys() == {rule.id for rule in rules} else None


def divide(suite: Suite) -> tuple[Suite, Suite]:
    """Return the suite's rules that need every row, and those that need one row of each kind."""
    singular = [rule for rule in suite.rules if _SINGULAR.intersection(rule.columns)]
    shared = [rule for rule in suite.rules if not _SINGULAR.intersection(rule.columns)]
    return replace(suite, rules=tuple(singular)), replace(suite, rules=tuple(shared))


def _tables(suites: SuiteSet, present: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    from meilenstein.validation.abreast import Abreast, Lot  # noqa: PLC0415 - only where the extra is installed

    everything = [part for found in present.values() for part in found]
    singular, shared = divide(suites.common)
    each = Lot.of_suite(singular.rules, singular.columns(suites.common_columns()), everything)
    columns = shared.columns(suites.common_columns())
    kinds = Lot.of_suite(shared.rules, columns, [part.alike(columns) for part in everything])
    own = [Lot.of_rules_alike(alike) for alike in rules_alike(suites, present)]
    yield "long", Abreast([each, *(lot for lot in own if len(lot.rows) > _LONG)])
    yield "short", Abreast([kinds, *(lot for lot in own if len(lot.rows) <= _LONG)])


def rules_alike(suites: SuiteSet, present: Mapping[str, Sequence[Any]]) -> Iterable[Sequence[tuple[Rule, Any]]]:
    """Return the rules of the event types that say the same, whatever their columns are called, each with its rows."""
    found: dict[str, list[tuple[Rule, Any]]] = {}
    for name, parts in present.items():
        columns = suites.own_columns(name)
        for rule in suites.own[name].rules:
            looked_at = {column: columns[column] for column in rule.columns}
            said = {key: value for key, value in rule.kwargs.items() if key not in ARGUMENTS}
            key = json.dumps([rule.type, said, list(looked_at.values())], sort_keys=True)
            found.setdefault(key, []).extend((rule, part.alike(looked_at)) for part in parts)
    return found.values()


def _judge(engine: GxEngine, scratch: Scratch, label: str, table: Any) -> dict[str, list[int]] | None:
    rules: Sequence[Rule] = table.rules
    name = scratch.load(label, table.columns, [table])
    outcomes = engine.run(name, len(table.keys), rules)
    if any(outcome.fault is not None for outcome in outcomes.values()):
        return None
    found: dict[str, list[int]] = {}
    for rule in rules:
        outcome = outcomes[rule.id]
        if not outcome.passed and (outcome.keys is None or len(set(outcome.keys)) != outcome.count):
            raise JudgeFailed(f"rule {rule.id}: {outcome.count} rows break it, but not all are named: no verdict")
        found.update(table.violating(rule.id, () if outcome.passed else outcome.keys))
    return found
