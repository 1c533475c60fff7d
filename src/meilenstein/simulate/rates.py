"""How often each defect is injected."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random

from meilenstein.errors import ConfigurationError
from meilenstein.simulate.records import Defect

__all__ = ["GUARANTEED_FROM", "LAWFUL", "NO_DEFECTS", "DefectRates"]

GUARANTEED_FROM = 100
"""From this number of cases on, every defect with a rate above 0 occurs at least once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectRates:
    """Share of the cases that carry each defect, 0 to 1. A case carries one defect at most, so that each one's effect
    can be told apart; the shares may therefore not add up to more than 1.
    """

    duplicate: float = 0.02
    conflict: float = 0.008
    late: float = 0.015
    out_of_order: float = 0.03
    retracted: float = 0.01
    corrected: float = 0.02
    wrong_publisher: float = 0.008
    rule_violation: float = 0.015
    incomplete_report: float = 0.01
    doubtful_report: float = 0.01
    free_text_in_code: float = 0.008
    wrong_characters: float = 0.01
    forbidden_number: float = 0.006
    impossible_date: float = 0.008
    broken_bytes: float = 0.015
    unknown_schema: float = 0.005
    referral_unanswered: float = 0.015
    referral_without_application: float = 0.01
    consent_missing: float = 0.01
    decision_before_complete: float = 0.008
    order_impossible: float = 0.008
    second_extension: float = 0.008
    late_extension: float = 0.008
    extension_too_long: float = 0.006
    pause_open: float = 0.008
    outcome_not_possible: float = 0.008
    licence_unregulated: float = 0.006
    complete_with_open_items: float = 0.008
    second_request_same_item: float = 0.008
    second_application: float = 0.008
    not_forwarded: float = 0.008
    clock_over: float = 0.03
    transitional_law: float = 0.004
    orphan_decision: float = 0.006
    visa_without_pre_approval: float = 0.008
    follow_up_or_wrong_case: float = 0.008
    contradiction: float = 0.01
    three_publishers: float = 0.006
    link_proposed: float = 0.008
    registered_twice: float = 0.006
    placeholder_number: float = 0.008
    correction_target_unknown: float = 0.006
    fork: float = 0.006

    def allot(self, cases: int, rng: Random) -> dict[int, Defect]:
        """Return which of `cases` cases (by index) carries which defect; too many defects raise ConfigurationError."""
        rates = {Defect[field.name.upper()]: getattr(self, field.name) for field in fields(self)}
        wanted = [defect for defect, rate in rates.items() for _ in range(_count(rate, cases, rng))]
        if sum(rates.values()) > 1 or (len(wanted) > cases >= GUARANTEED_FROM):
            raise ConfigurationError(f"so many defects do not fit into {cases} cases; lower the rates")
        rng.shuffle(wanted)
        chosen = wanted[:cases]
        return dict(zip(rng.sample(range(cases), len(chosen)), chosen, strict=True))


def _count(rate: float, cases: int, rng: Random) -> int:
    if rate <= 0:
        return 0
    expected = rate * cases
    if cases >= GUARANTEED_FROM:
        return max(1, round(expected))
    return int(expected) + (rng.random() < expected % 1)


NO_DEFECTS = DefectRates(**{field.name: 0.0 for field in fields(DefectRates)})
LAWFUL = replace(NO_DEFECTS, corrected=0.03, retracted=0.02, out_of_order=0.03)
"""Rates for a simulation in which nothing is wrong: what was mistyped has been put right, and order is no duty."""
