"""The data rules over the candidates of a batch: projected, judged by Great Expectations, returned as reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from meilenstein.store.database import Connection
from meilenstein.validation.judgement import Judgement
from meilenstein.validation.parts import Part, parts_of
from meilenstein.validation.reading import Candidates
from meilenstein.validation.reasons import Reason
from meilenstein.validation.validate import Ruling
from meilenstein_expectations import Violation

__all__ = ["RowJudge", "RulingJudge"]


class RowJudge(Protocol):
    """Judges projected rows by event type."""

    def judge(self, connection: Connection, batch_id: int, rows: Mapping[str, Sequence[Part]]) -> Judgement:
        """Return the violated rules by journal id, or raise JudgeFailed."""


class RulingJudge:
    """Adapts the row judge to what validate asks for. An empty batch is not judged at all."""

    def __init__(self, judge: RowJudge, suite_version: str) -> None:
        self._judge = judge
        self.suite_version = suite_version

    def rule(self, connection: Connection, batch_id: int, candidates: Candidates) -> Ruling:
        """Return critical violations as reasons, warnings as rule ids, and counts per rule."""
        if not candidates:
            return Ruling(reasons={}, warnings={}, rules={}, evaluated=0)
        judgement = self._judge.judge(connection, batch_id, parts_of(candidates))
        return Ruling(
            reasons={key: reasons for key, found in judgement.violations.items() if (reasons := _reasons(found))},
            warnings={key: rules for key, found in judgement.violations.items() if (rules := _warnings(found))},
            rules=judgement.counts,
            evaluated=judgement.evaluated,
        )


def _reasons(violations: Sequence[Violation]) -> list[Reason]:
    return [
        Reason(
            code=found.code,
            rule=found.rule,
            field=found.field,
            seen=found.seen,
            expected=found.expected_words,
            text=found.text,
            how=found.how,
        )
        for found in violations
        if found.severity == "critical"
    ]


def _warnings(violations: Sequence[Violation]) -> list[str]:
    return sorted(found.rule for found in violations if found.severity == "warning")
