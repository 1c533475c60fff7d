"""A finding: one open doubt about a case, keyed by (code, about), and the form in which single rules give it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from meilenstein.cases.events import Event

__all__ = ["Finding", "Found", "Hit", "about_event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One open doubt."""

    code: str
    severity: str
    """I = information, W = warning."""
    about: str
    since: dt.date | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """For stewards: it may hold what the publisher asked may not see."""
    publisher: str | None = None
    """The agency that may be asked about it."""


class Hit(NamedTuple):
    """What one rule found."""

    code: str
    about: str
    since: dt.date | None
    """Since when it is true by the facts alone; of what only time makes true, the first day."""
    detail: Mapping[str, Any]
    publisher: str | None
    """Whom a question may go to: nobody, where the question itself would tell an agency what it may not know."""


Found = Iterator[Hit]


def about_event(event: Event) -> str:
    """Return the name findings use for an event."""
    return f"event:{event.publisher}/{event.event_id}"
