"""Recognition procedures: what the body that owns a procedure has said about it.

One case may hold several. Of repeated facts the earliest counts (the first receipt, the first completeness, the first
decision as in the official statistics); the outcome is that of the latest decision. Law, regulation and training come
from the application. The legal route is that of the last event of the procedure that knows it; once the foreigners'
office has concluded the agreement on the fast track, it is the fast track for the whole case. What ended before the
route changed keeps the route it had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meilenstein.cases.events import Event
from meilenstein.cases.ledger import Extension, Pause

__all__ = ["FAST_TRACK", "Procedure", "procedures_of"]

FAST_TRACK = "FAST_TRACK_81A"
_UNKNOWN = "UNKNOWN"
_FROM_APPLICATION = ("procedure_law", "regulated", "training_state_group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure with its milestones."""

    body: str
    reference: str
    law: str
    regulated: str
    training: str
    """Group of the state of training: EU_EEA_CH, THIRD_STATE or UNKNOWN."""
    route: str
    """As it is now."""
    routes: tuple[tuple[dt.date, str], ...]
    """Each known route with the day since when, earliest first."""
    milestones: tuple[Event, ...]
    """In canonical order."""
    by_type: Mapping[str, list[Event]]
    """The milestones of each type, earliest first."""
    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...]
    licences: tuple[Event, ...]
    """Granted in this procedure, or naming it."""
    language_exams: tuple[Event, ...]
    """Naming this procedure."""
    outcome: str | None
    """Of the latest decision; None without one."""
    decided_on: dt.date | None
    """Day of the latest decision."""

    @property
    def about(self) -> str:
        """The name findings and clocks use."""
        return f"procedure:{self.body}/{self.reference}"

    def of(self, event_type: str) -> list[Event]:
        """Return the milestones of a type, earliest first."""
        return self.by_type.get(event_type, [])

    def first(self, event_type: str) -> dt.date | None:
        """Return the earliest day of an event type."""
        found = self.by_type.get(event_type)
        return found[0].occurred_on if found else None

    def route_on(self, day: dt.date | None) -> str:
        """Return the route on a day; for None, and before any is known, the latest or the first that is."""
        if day is None or len(self.routes) < 2:
            return self.route
        return next((route for since, route in reversed(self.routes) if since <= day), self.routes[0][1])


def procedures_of(
    events: Iterable[Event], attached: Iterable[Event] = (), fast_track_on: dt.date | None = None
) -> tuple[Procedure, ...]:
    """Return the procedures of one case, by body and reference.

    `events` are the authoritative facts about procedures, `attached` licences and language exams, both in canonical
    order; `fast_track_on` is the day of the agreement on the fast track.
    """
    grouped: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        grouped.setdefault((event.publisher, event.facts["procedure_reference"]), []).append(event)
    naming: dict[tuple[str, str], list[Event]] = {}
    for event in attached:
        for name in _named(event):
            naming.setdefault(name, []).append(event)
    return tuple(_procedure(key, grouped[key], naming.get(key, ()), fast_track_on) for key in sorted(grouped))


def _named(event: Event) -> list[tuple[str, str]]:
    own = event.facts.get("procedure_reference")
    named = [(name.owner, name.reference) for name in event.references if name.kind == "PROCEDURE"]
    return list(dict.fromkeys([(event.publisher, own), *named] if own else named))


def _procedure(
    key: tuple[str, str], events: list[Event], attached: Iterable[Event], fast_track_on: dt.date | None
) -> Procedure:
    by_type: dict[str, list[Event]] = {}
    routes: list[tuple[dt.date, str]] = []
    for event in events:
        if event.event_type in by_type:
            by_type[event.event_type].append(event)
        else:
            by_type[event.event_type] = [event]
        if event.legal_route != _UNKNOWN and (not routes or routes[-1][1] != event.legal_route):
            routes.append((event.occurred_on, event.legal_route))
    if fast_track_on is not None:
        routes = [*(one for one in routes if one[0] < fast_track_on), (fast_track_on, FAST_TRACK)]
    law, regulated, training = _from_application(by_type.get("ApplicationReceived", ()))
    decisions = by_type.get("DecisionIssued")
    return Procedure(
        body=key[0],
        reference=key[1],
        law=law,
        regulated=regulated,
        training=training,
        route=routes[-1][1] if routes else _UNKNOWN,
        routes=tuple(routes),
        milestones=tuple(events),
        by_type=by_type,
        pauses=_pauses(by_type),
        extensions=_extensions(by_type),
        licences=tuple(event for event in attached if event.event_type == "LicenceGranted"),
        language_exams=tuple(event for event in attached if event.event_type != "LicenceGranted"),
        outcome=decisions[-1].facts.get("outcome", _UNKNOWN) if decisions else None,
        decided_on=decisions[-1].occurred_on if decisions else None,
    )


def _from_application(applications: Iterable[Event]) -> list[str]:
    """Return of each field the first value that is known."""
    values = [_UNKNOWN] * len(_FROM_APPLICATION)
    for event in applications:
        for place, name in enumerate(_FROM_APPLICATION):
            if values[place] == _UNKNOWN:
                values[place] = event.facts.get(name) or _UNKNOWN
    return values


def _pauses(by_type: Mapping[str, list[Event]]) -> tuple[Pause, ...]:
    """Return what suspends: requests until the date they set, other procedures until their end is reported."""
    pauses = [
        Pause(
            since=event.occurred_on,
            until=event.facts["until_on"],
            basis=event.facts.get("evidence_basis") or _UNKNOWN,
            event_id=event.event_id,
        )
        for event in by_type.get("AdditionalEvidenceRequested", ())
        if event.facts.get("until_on") is not None  # a request without a date suspends nothing that could be counted
    ]
    ends = list(by_type.get("OtherProcedureEnded", ()))
    for event in by_type.get("OtherProcedureStarted", ()):
        kind = event.facts.get("other_procedure_kind") or _UNKNOWN
        end = next((one for one in ends if one.occurred_on >= event.occurred_on and _same_kind(one, kind)), None)
        if end is not None:
            ends.remove(end)
        pauses.append(
            Pause(
                since=event.occurred_on,
                until=end.occurred_on if end is not None else None,
                basis=kind,
                event_id=event.event_id,
            )
        )
    return tuple(pauses)


def _same_kind(end: Event, kind: str) -> bool:
    return _UNKNOWN in {kind, said := end.facts.get("other_procedure_kind") or _UNKNOWN} or said == kind


def _extensions(by_type: Mapping[str, list[Event]]) -> tuple[Extension, ...]:
    return tuple(
        Extension(
            new_end=event.facts.get("new_end_on"),
            notified_on=event.facts.get("notified_on") or event.occurred_on,
            reason=event.facts.get("extension_reason") or _UNKNOWN,
            event_id=event.event_id,
        )
        for event in by_type.get("DeadlineExtended", ())
    )
