"""Open requirements: which documents a body asked for in a procedure, by when, and whether they came.

`ReceiptConfirmed` (missing items), `DocumentsRequested` and `AdditionalEvidenceRequested` ask for items by their codes.
No event says that one document arrived, so what the vocabulary has is read like this:

- `DocumentsComplete` says that everything asked for until then is there.
- A later `ReceiptConfirmed` says what is missing *then*: what it no longer names is there; if it says that the
  documents are complete, everything is.
- A decision does without what is still open; forwarding, withdrawal, closing and a hand-over end the matter.
- An item asked for again while it is open is the same requirement with a new date; once it was there, it is a new one.

On one day a confirmation of receipt comes first, then requests, then completeness, then what ends the procedure. Codes
that are in no list are kept as they are (`document_items` is an example of a list).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from meilenstein.cases.events import Event
from meilenstein.cases.procedures import FAST_TRACK, Procedure

__all__ = ["ASKING", "ENDED", "OPEN", "RECEIVED", "WAIVED", "Requirement", "items_of", "requirements_of"]

OPEN, RECEIVED, WAIVED, ENDED = "OPEN", "RECEIVED", "WAIVED", "ENDED"
ASKING = ("ReceiptConfirmed", "DocumentsRequested", "AdditionalEvidenceRequested")
"""Event types that ask for items."""
_CLOSING = {
    "DocumentsComplete": RECEIVED,
    "DecisionIssued": WAIVED,
    "ApplicationForwarded": ENDED,
    "ApplicationWithdrawn": ENDED,
    "ProcedureClosedNoDecision": ENDED,
}
_RANKS = {name: rank for rank, name in enumerate((*ASKING, *_CLOSING))}
_HANDED_OVER = "CaseTransferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One item that a body asked for in a procedure."""

    item: str
    asked_on: dt.date
    """The first request since it was last there."""
    asked_by: str
    """Event type of that request."""
    of: str
    """APPLICANT, or FOREIGNERS_OFFICE in the fast track, where correspondence runs through that office."""
    due_on: dt.date | None
    """The day by which it should be there, by the last request that names one."""
    state: str = OPEN
    """OPEN, RECEIVED, WAIVED (decided without it) or ENDED (the procedure ended here)."""
    closed_on: dt.date | None = None
    closed_by: str | None = None
    """Event type of what closed it."""


def items_of(event: Event) -> Sequence[str]:
    """Return the codes that an event asks for."""
    facts = event.facts
    return facts.get("missing_items" if event.event_type == "ReceiptConfirmed" else "items") or ()


def requirements_of(one: Procedure, handed_over: Iterable[dt.date] = ()) -> tuple[Requirement, ...]:
    """Return the items asked for in one procedure, in the order in which they were asked for, then by code.

    `handed_over` are the days on which the body released its part of the case.
    """
    by_type = one.by_type
    if not any(items_of(event) for name in ASKING for event in by_type.get(name, ())):
        return ()
    waiting: dict[str, Requirement] = {}
    closed: list[Requirement] = []
    for day, _, event_type, event in sorted(_steps(one, handed_over), key=lambda step: step[:2]):
        state = _CLOSING.get(event_type, ENDED if event is None else RECEIVED)
        gone = list(waiting) if event is None or event_type in _CLOSING else _no_longer_missing(event, waiting)
        closed.extend(replace(waiting.pop(item), state=state, closed_on=day, closed_by=event_type) for item in gone)
        if event is not None and event_type in ASKING:
            _ask(event, waiting, one.route_on(day))
    return tuple(sorted((*closed, *waiting.values()), key=lambda found: (found.asked_on, found.item, found.state)))


def _steps(
    one: Procedure, handed_over: Iterable[dt.date]
) -> Iterator[tuple[dt.date, tuple[int, str], str, Event | None]]:
    for name, rank in _RANKS.items():
        for event in one.by_type.get(name, ()):
            yield event.occurred_on, (rank, event.event_id), name, event
    for day in handed_over:
        yield day, (len(_RANKS), ""), _HANDED_OVER, None


def _no_longer_missing(event: Event, waiting: Iterable[str]) -> list[str]:
    """Return what a confirmation of receipt says to be there."""
    if event.event_type != "ReceiptConfirmed":
        return []
    missing = set(items_of(event))
    if event.facts.get("documents_complete") != "YES" and not missing:
        return []
    return [item for item in waiting if item not in missing]


def _ask(event: Event, waiting: dict[str, Requirement], route: str) -> None:
    due_on = event.facts.get("until_on" if event.event_type == "AdditionalEvidenceRequested" else "due_on")
    for item in items_of(event):
        known = waiting.get(item)
        if known is None:
            waiting[item] = Requirement(
                item=item,
                asked_on=event.occurred_on,
                asked_by=event.event_type,
                of="FOREIGNERS_OFFICE" if route == FAST_TRACK else "APPLICANT",
                due_on=due_on,
            )
        elif due_on is not None:
            waiting[item] = replace(known, due_on=due_on)
