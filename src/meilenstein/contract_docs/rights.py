"""Who may publish an event type, who may see what of it, and which clocks it moves: rows of the reviewed tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from meilenstein_schemas.rules import ClockRule, RuleTable, VisibilityRule

__all__ = ["FEEDS", "Sight", "clocks_moved", "sights"]

FEEDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ReferralSent": {
        "referrals": ("referral", "sender", "target", "reason", "district_ags", "legal_route", "state"),
    },
    "ReferralAccepted": {"referrals": ("state", "answered_on")},
    "ReferralDeclined": {"referrals": ("state", "answered_on", "decline_reason")},
    "ReferralReturned": {"referrals": ("state", "answered_on", "return_reason")},
    "DecisionIssued": {"outcome": ("body", "procedure", "outcome", "decided_on")},
    "EntryReported": {"entry": ("entered_on", "district_ags")},
}
"""Which fields of which part of a view say what the event says; beside `own` and `progress`, which show any event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one row of the visibility table shows of an event type."""

    row: VisibilityRule
    fields: tuple[str, ...]


def sights(event_type: str, rules: RuleTable) -> Iterator[Sight]:
    """Yield what each row shows of the event type, in the order of the table."""
    moved = clocks_moved(event_type, rules)
    of_procedures = any(rule.per == "PROCEDURE" for rule, _ in moved)
    for row in rules.visibility:
        if row.part == "own":
            shown = {"timeline", "clocks"} if moved else {"timeline"}
        elif row.part == "progress":
            shown = {"publisher", "milestones", *(("clocks",) if of_procedures else ())}
            shown = shown if event_type in row.events else set()
        else:
            shown = set(FEEDS.get(event_type, {}).get(row.part, ()))
        fields = tuple(name for name in row.fields if name in shown)
        if fields:
            yield Sight(row=row, fields=fields)


def clocks_moved(event_type: str, rules: RuleTable) -> list[tuple[ClockRule, bool]]:
    """Return the rows of clocks that the event type starts (true) or stops (false)."""
    found = [(rule, True) for rule in rules.clocks if event_type in rule.start]
    return found + [(rule, False) for rule in rules.clocks if event_type in rule.stop]
