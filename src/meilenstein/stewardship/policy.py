"""What may be decided about a quarantined record: which reasons can be passed over, and which of them by two people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meilenstein_expectations import Rule

__all__ = ["NEVER_RELEASED", "needs_second_person", "obstacle"]

NEVER_RELEASED: Mapping[str, str] = {
    "UNREADABLE": "nobody knows what it says; correct it from the sender's own file (--file), or reject it",
    "UNKNOWN_SCHEMA": "nobody knows what it says; have the contract registered, then revalidate, or reject it",
    "NOT_STORABLE": "no database takes its text; correct it, or reject it",
    "TOO_LARGE": "it is larger than any event may be; reject it, so that the sender shortens it",
    "CONFLICT": "its event id stands for other facts that are in force; correct it under a new event id, or reject it",
    "FORBIDDEN_CONTENT": "what looks like an AZR number must not be passed on (section 10(4) AZRG); correct or reject "
    "it. If it is none, change the rule, then revalidate",
}
"""Reasons that no decision can pass over, with what to do instead."""

_IDENTITY = frozenset({"event_id", "publisher", "case_reference", "corrects"})
"""Fields by which an event, its file and its corrections are known: an event that is wrong there can stand nowhere."""


def obstacle(codes: Iterable[str], rules: Mapping[str, Rule]) -> str | None:
    """Return why a record with these reasons cannot be released and what to do instead, in one line; None if it can."""
    for code in sorted(codes):
        if code in NEVER_RELEASED:
            return f"{code} cannot be released: {NEVER_RELEASED[code]}"
        rule = rules.get(code.removeprefix("RULE:"))
        if rule is not None and rule.field in _IDENTITY:
            return (
                f"{code} cannot be released: without a right {rule.field} it can stand in no file; correct or reject it"
            )
    return None


def needs_second_person(codes: Iterable[str]) -> bool:
    """Say whether two people must agree to a release; only where no rule is known to be broken one is enough."""
    return any(code != "RULE_BROKE" for code in codes)
