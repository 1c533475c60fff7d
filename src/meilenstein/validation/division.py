"""Which rules are judged on every row, and which on one row of each kind.

Every rule says the same of two rows that are alike in the columns it looks at. Many events share days, agency and
system, so most rules of the envelope need a few thousand rows of fifty thousand; those on identifiers need all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from meilenstein.validation.parts import Part
from meilenstein_expectations import Rule, Suite

__all__ = ["divided"]

_SINGULAR = frozenset({"event_id", "case_reference", "case_number", "sequence", "corrects", "consent_id"})
"""Columns in which hardly two events are alike. This decides on speed alone."""
_WORTH_DIVIDING = 2000
"""With fewer rows a second table costs more than it spares."""


def divided(
    suite: Suite, available: Mapping[str, str], parts: Sequence[Part]
) -> Iterator[tuple[Suite, Sequence[Part]]]:
    """Yield the suite in pieces, each with the rows it is to be judged on; every rule is in exactly one."""
    shared = tuple(rule for rule in suite.rules if _is_shared(rule, available))
    if sum(len(part.keys) for part in parts) < _WORTH_DIVIDING or len(shared) in {0, len(suite.rules)}:
        yield suite, parts
        return
    yield replace(suite, rules=tuple(rule for rule in suite.rules if rule not in shared)), parts
    common = replace(suite, rules=shared)
    columns = common.columns(available)
    yield common, [part.alike(columns) for part in parts]


def _is_shared(rule: Rule, available: Mapping[str, str]) -> bool:
    # A rule in SQL may look at anything; one on a column that is not there has to fail on the whole.
    return rule.sql is None and not _SINGULAR.intersection(rule.columns) and available.keys() >= set(rule.columns)
