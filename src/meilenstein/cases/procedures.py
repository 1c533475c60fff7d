"""Recognition procedures: what the body that owns a procedure has said about it.

One case may hold several. Of repeated facts the earliest counts (the first receipt, the first completeness, the first
decision as in the official statistics); the outcome is that of the latest decision. Law and regulation come from the
application, the legal route from the last event of the procedure that knows it, because a fast track may come late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meilenstein.cases.authority import AUTHORITATIVE, PROCEDURE_EVENTS
from meilenstein.cases.events import Event

__all__ = ["Procedure", "procedures_of"]

_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure with its milestones."""

    body: str
    reference: str
    law: str
    regulated: str
    route: str
    milestones: tuple[Event, ...]
    """In canonical order."""
    days: Mapping[str, tuple[dt.date, ...]]
    """The days of each event type, earliest first."""
    outcome: str | None
    """Of the latest decision; None without one."""
    decided_on: dt.date | None
    """Day of the latest decision."""

    @property
    def about(self) -> str:
        """The name findings and clocks use."""
        return f"procedure:{self.body}/{self.reference}"

    def first(self, event_type: str) -> dt.date | None:
        """Return the earliest day of an event type."""
        days = self.days.get(event_type)
        return days[0] if days else None


def procedures_of(events: Iterable[Event], standings: Mapping[tuple[str, str], str]) -> tuple[Procedure, ...]:
    """Return the procedures of one case from its facts in force (canonical order), by body and reference."""
    grouped: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        if event.event_type in PROCEDURE_EVENTS and standings[event.key] == AUTHORITATIVE:
            grouped.setdefault((event.publisher, event.facts["procedure_reference"]), []).append(event)
    return tuple(_procedure(key, grouped[key]) for key in sorted(grouped))


def _procedure(key: tuple[str, str], events: list[Event]) -> Procedure:
    days: dict[str, list[dt.date]] = {}
    law = regulated = route = _UNKNOWN
    decision: Event | None = None
    for event in events:
        days.setdefault(event.event_type, []).append(event.occurred_on)
        if event.legal_route != _UNKNOWN:
            route = event.legal_route
        if event.event_type == "ApplicationReceived":
            law = event.facts.get("procedure_law", _UNKNOWN) if law == _UNKNOWN else law
            regulated = event.facts.get("regulated", _UNKNOWN) if regulated == _UNKNOWN else regulated
        elif event.event_type == "DecisionIssued":
            decision = event
    return Procedure(
        body=key[0],
        reference=key[1],
        law=law,
        regulated=regulated,
        route=route,
        milestones=tuple(events),
        days={name: tuple(found) for name, found in days.items()},
        outcome=decision.facts.get("outcome", _UNKNOWN) if decision else None,
        decided_on=decision.occurred_on if decision else None,
    )
