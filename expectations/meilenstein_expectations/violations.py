"""What a rule says about an event that breaks it, in words a partner can act on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein_expectations.event_columns import Scalar
from meilenstein_expectations.textfacts import mask_forbidden

__all__ = ["Violation", "shown"]

_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule of one event."""

    rule: str
    severity: str
    """`critical` (quarantine), `warning` (accepted, with a finding) or `info` (reported only)."""
    reason: str | None
    """Quarantine reason that stands for the rule, such as FUTURE_FACT; None means the rule's own code."""
    field: str | None
    """Field of the event to look at; None where `seen` names the fields."""
    seen: str | None
    """What was found, shortened and with hidden characters made visible; None where nothing was."""
    expected_words: Mapping[str, str]
    text: Mapping[str, str]
    how: Mapping[str, str]
    """How to correct it; like `expected_words` and `text` by language (`de`, `en`)."""

    @property
    def code(self) -> str:
        """The quarantine reason: the special one, or `RULE:<id>`."""
        return self.reason or f"RULE:{self.rule}"

    @property
    def expected(self) -> str:
        """What the rule expects as one text, German first."""
        return " / ".join(dict.fromkeys((self.expected_words["de"], self.expected_words["en"])))

    def as_reason(self) -> dict[str, Any]:
        """Return the violation in the form that replies carry."""
        return {
            "code": self.code,
            "rule": self.rule,
            "field": self.field,
            "seen": self.seen,
            "expected": self.expected,
            "text": dict(self.text),
            "how": dict(self.how),
        }


def shown(value: Scalar) -> str | None:
    """Return a projected value as text for people; a number that must not be passed on is masked."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        visible = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in value[:_LONGEST])
        return mask_forbidden(visible + ("…" if len(value) > _LONGEST else ""))
    return value.isoformat() if isinstance(value, dt.date) else str(value)
