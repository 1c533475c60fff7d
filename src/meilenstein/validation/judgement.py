"""What the judge returns, and what it raises instead of a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from meilenstein.errors import RetryableError
from meilenstein_expectations import Rule, Violation

__all__ = ["RULE_BROKE", "JudgeFailed", "Judgement", "broke"]

RULE_BROKE = "RULE_BROKE"
"""Quarantine reason of a row on which a rule cannot be evaluated."""


class JudgeFailed(RetryableError):
    """The rules could not be evaluated, so there is no verdict and the batch stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rules say about the rows of one batch."""

    violations: Mapping[int, tuple[Violation, ...]]
    """Broken rules by journal id, those of the envelope first; a row that breaks none is not in it."""
    counts: Mapping[str, int]
    """How many rows break each rule that was evaluated, 0 included."""
    evaluated: int
    """How many rules were evaluated."""


def broke(rule: Rule) -> Violation:
    """Return what is said about a row on which the rule cannot be evaluated."""
    return Violation(
        rule=rule.id,
        severity="critical",
        reason=RULE_BROKE,
        field=rule.field,
        seen=None,
        expected_words=rule.expected,
        text={
            "de": f"Regel {rule.id} lässt sich auf diese Meldung nicht anwenden.",
            "en": f"Rule {rule.id} cannot be applied to this event.",
        },
        how={
            "de": "Die Meldung liegt zur Prüfung bei der Datenpflege; die Angaben auf ungewöhnliche Werte prüfen.",
            "en": "The event waits for a data steward; check its values for anything unusual.",
        },
    )
