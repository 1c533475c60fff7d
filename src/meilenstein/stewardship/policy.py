"""What may be decided about a quarantined record: which reasons can be passed over, and which of them by two people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meilenstein.errors import PermanentError
from meilenstein_expectations import Rule

__all__ = ["NEVER_RELEASED", "ItemRefused", "Obstacle", "needs_second_person", "obstacle"]


class ItemRefused(PermanentError):
    """A quarantined record cannot be dealt with in this way; `code` says why."""

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        super().__init__(message, audit_line=code)


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


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a record cannot be released: the reason code, and in one line what to do instead."""

    code: str
    line: str


def obstacle(codes: Iterable[str], rules: Mapping[str, Rule]) -> Obstacle | None:
    """Return why a record with these reasons cannot be released; None if it can."""
    for code in sorted(codes):
        if code in NEVER_RELEASED:
            return Obstacle(code, f"{code} cannot be released: {NEVER_RELEASED[code]}")
        rule = rules.get(code.removeprefix("RULE:"))
        if rule is not None and rule.field in _IDENTITY:
            line = f"without a right {rule.field} it can stand in no file; correct or reject it"
            return Obstacle(code, f"{code} cannot be released: {line}")
    return None


def needs_second_person(codes: Iterable[str]) -> bool:
    """Say whether two people must agree to a release; only where no rule is known to be broken one is enough."""
    return any(code != "RULE_BROKE" for code in codes)
