"""The hub's verdicts on data rules: Great Expectations on PostgreSQL.

A batch is judged completely or not at all. Whatever goes wrong on our side raises JudgeFailed: the batch stays open,
and no partner is refused for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg

from meilenstein.validation.at_once import judge_at_once
from meilenstein.validation.gx_engine import GxEngine, RuleOutcome, open_gx
from meilenstein.validation.isolation import TooManyBroken, isolate
from meilenstein.validation.judgement import JudgeFailed, Judgement, broke
from meilenstein.validation.parts import Part, RowPart
from meilenstein.validation.scratch import Scratch, open_scratch
from meilenstein_expectations import Rule, Suite, SuiteSet, Violation, project
from meilenstein_expectations.samples import sane_body

__all__ = ["GxJudge"]

Parts = Sequence[Part]

_MOST_BROKEN = 50


class GxJudge:
    """Judges batches of one process; several processes may judge at once, threads take turns."""

    def __init__(self, database_url: str, suites: SuiteSet) -> None:
        """`database_url` is a libpq URL of a role that may create tables in the schema `scratch`."""
        self._database_url = database_url
        self._suites = suites

    def judge(self, connection: psycopg.Connection, batch_id: int, rows: Mapping[str, Parts]) -> Judgement:
        """Return which rules the rows of a batch break.

        `rows` holds the projected rows by event type. `connection` must not be in a transaction; scratch tables are
        committed through it and dropped again. Raises JudgeFailed.
        """
        present = {event_type: found for event_type, found in sorted(rows.items()) if found}
        everything = [part for found in present.values() for part in found]
        tally = _Tally(everything)
        if everything:
            try:
                with open_scratch(connection, batch_id) as scratch, open_gx(self._database_url) as engine:
                    self._judge(engine, scratch, present, everything, tally)
            except psycopg.Error as error:
                raise JudgeFailed(
                    f"batch {batch_id}: the database did not take the scratch tables ({type(error).__name__}): "
                    "no verdict; the batch stays open and is tried again"
                ) from error
            if not tally.counts:
                raise JudgeFailed(f"batch {batch_id}: no rule was evaluated: no verdict")
        return tally.judgement()

    def _judge(
        self, engine: GxEngine, scratch: Scratch, present: Mapping[str, Parts], everything: Parts, tally: _Tally
    ) -> None:
        suites = self._suites
        at_once = judge_at_once(engine, scratch, suites, present)
        if at_once is not None:
            for rule in (*suites.common.rules, *(rule for name in present for rule in suites.own[name].rules)):
                tally.add(rule, at_once[rule.id], ())
            return
        _SuiteRun(engine, scratch, suites.common, suites.common_columns(), tuple(suites.own)).judge(everything, tally)
        for event_type, found in present.items():
            suite, columns = suites.own[event_type], suites.own_columns(event_type)
            _SuiteRun(engine, scratch, suite, columns, (event_type,)).judge(found, tally)


class _Tally:
    """What has been found about the rows so far."""

    def __init__(self, parts: Parts) -> None:
        self._parts = {key: part for part in parts for key in part.keys}
        if len(self._parts) != sum(len(part.keys) for part in parts):
            raise ValueError("a journal id is given twice")
        self._violations: dict[int, list[Violation]] = {}
        self.counts: dict[str, int] = {}

    def add(self, rule: Rule, violating: Sequence[int], breaking: Sequence[int]) -> None:
        """Note the rows that break a rule, and those on which it cannot be evaluated."""
        if not self._parts.keys() >= {*violating, *breaking}:
            raise JudgeFailed(f"rule {rule.id}: rows are named that are not in the batch: no verdict")
        self.counts[rule.id] = self.counts.get(rule.id, 0) + len(violating) + len(breaking)
        for part, keys in self._by_part(violating):
            for key, row in zip(keys, part.rows(keys, rule.columns), strict=True):
                self._violations.setdefault(key, []).append(rule.violated_by(row))
        for key in breaking:
            self._violations.setdefault(key, []).append(broke(rule))

    def _by_part(self, keys: Sequence[int]) -> list[tuple[Part, list[int]]]:
        found: dict[int, tuple[Part, list[int]]] = {}
        for key in keys:
            part = self._parts[key]
            found.setdefault(id(part), (part, []))[1].append(key)
        return list(found.values())

    def judgement(self) -> Judgement:
        """Return the whole."""
        return Judgement(
            violations={key: tuple(found) for key, found in self._violations.items()},
            counts=self.counts,
            evaluated=len(self.counts),
        )


class _SuiteRun:
    """One suite on the rows of one batch."""

    def __init__(
        self, engine: GxEngine, scratch: Scratch, suite: Suite, columns: Mapping[str, str], event_types: Sequence[str]
    ) -> None:
        self._engine = engine
        self._scratch = scratch
        self._suite = suite
        self._columns = columns
        self._event_types = event_types

    def judge(self, parts: Parts, tally: _Tally) -> None:
        """Evaluate every rule of the suite on every row."""
        if not self._suite.rules:
            return
        label = self._suite.rules[0].id.split("-", maxsplit=1)[0].lower()
        table = self._scratch.load(label, self._columns, parts)
        keys = [key for part in parts for key in part.keys]
        outcomes = self._engine.run(table, len(keys), self._suite.rules)
        for rule in self._suite.rules:
            outcome = outcomes[rule.id]
            if outcome.fault is None:
                tally.add(rule, self._violating(rule, table, outcome), ())
            else:
                tally.add(rule, *self._isolate(rule, table, sorted(keys), outcome.fault))

    def _violating(self, rule: Rule, table: str, outcome: RuleOutcome) -> Sequence[int]:
        if outcome.passed:
            return ()
        keys = outcome.keys if rule.sql is None else self._scratch.keys(rule.sql, table)
        if keys is None or len(keys) != outcome.count or len(set(keys)) != len(keys):
            raise JudgeFailed(f"rule {rule.id}: {outcome.count} rows break it, but not all are named: no verdict")
        return keys

    def _isolate(self, rule: Rule, table: str, keys: Sequence[int], fault: str) -> tuple[list[int], list[int]]:
        """Return the rows that violate a rule which broke on the whole, and those on which it breaks alone."""
        sane = [(key, project(event_type, sane_body(event_type))) for key, event_type in enumerate(self._event_types)]
        probe = self._scratch.load("probe", self._columns, [RowPart(sane)])
        if self._engine.run(probe, len(sane), [rule])[rule.id].fault is not None:
            raise JudgeFailed(f"rule {rule.id} cannot be evaluated even on sane events ({fault}): no verdict")

        def evaluate(part: Sequence[int]) -> Sequence[int] | None:
            some = self._scratch.subset("part", table, part)
            outcome = self._engine.run(some, len(part), [rule])[rule.id]
            return None if outcome.fault else self._violating(rule, some, outcome)

        try:
            return isolate(evaluate, keys, most=_MOST_BROKEN)
        except TooManyBroken:
            raise JudgeFailed(
                f"rule {rule.id} cannot be evaluated on the rows of the batch ({fault}): no verdict"
            ) from None
