"""Residence titles: what the foreigners' office, the labour agency and the visa offices have said about each.

A title is the one that an event names: by a TITLE reference of another office, else by its own `title_reference`. An
event that names none belongs to the only title of its own file; one of the labour agency or a visa office to the only
title of the case; otherwise to its own file, which then stands for the title. An answer makes no title: a
`title_reference` in it that no office has told of as its own names none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.events import Event

__all__ = ["Title", "named_title", "titles_of"]

Key = tuple[str, str]
_WITHOUT_TITLE = frozenset({
    "LabourAgencyInfoInsufficient", "LabourAgencyConsentGranted", "LabourAgencyConsentRefused",
    "VisaAppointmentRequested", "VisaAppointmentOffered", "VisaApplicationComplete", "VisaDecided",
    "VisaDataTransmitted",
})  # fmt: skip
"""Facts about a title that is another office's; an office that passes one on names its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """One residence title, from the request for consent to its last extension."""

    owner: str
    """The office whose title it is; the publisher's own key where no office is known."""
    reference: str
    named: bool
    """Whether an event names it; otherwise a file stands for it."""
    events: tuple[Event, ...]
    """In canonical order."""
    by_type: Mapping[str, list[Event]]

    @property
    def about(self) -> str:
        """The name findings and clocks use."""
        return f"title:{self.owner}/{self.reference}"

    def of(self, event_type: str) -> list[Event]:
        """Return the events of a type, earliest first."""
        return self.by_type.get(event_type, [])

    def last_value(self, field: str, until: dt.date | None = None) -> str:
        """Return the last known value of an enum field, by the end of a day where one is given; UNKNOWN without any."""
        values = [
            event.facts.get(field)
            for event in self.events
            if event.facts.get(field) not in {None, "UNKNOWN"} and (until is None or event.occurred_on <= until)
        ]
        return str(values[-1]) if values else "UNKNOWN"


def titles_of(events: Sequence[Event]) -> tuple[Title, ...]:
    """Return the titles of one case by office and reference; `events` are the authoritative facts, in order."""
    if not events:
        return ()
    offices = [event for event in events if event.event_type not in _WITHOUT_TITLE]
    told_of = {named_title(event) for event in offices}
    names = [_told(event, told_of) for event in events]
    by_file: dict[Key, set[Key]] = {}
    every: set[Key] = set()
    for event, named in zip(events, names, strict=True):
        if named is not None:
            every.add(named)
            by_file.setdefault(_file(event), set()).add(named)
    known = every | {_only(by_file, event) for event in offices if named_title(event) is None}
    grouped: dict[Key, list[Event]] = {}
    for event, named in zip(events, names, strict=True):
        grouped.setdefault(named or _meant(event, by_file, known), []).append(event)
    return tuple(_title(key, grouped[key], key in every) for key in sorted(grouped))


def _meant(event: Event, by_file: Mapping[Key, set[Key]], known: set[Key]) -> Key:
    """Return the title of an event that names none."""
    if event.event_type in _WITHOUT_TITLE and not by_file.get(_file(event)) and len(known) == 1:
        return next(iter(known))
    return _only(by_file, event)


def _file(event: Event) -> Key:
    return event.publisher, event.case_reference


def _only(by_file: Mapping[Key, set[Key]], event: Event) -> Key:
    """Return the only title that the event's own file names, or the file itself."""
    named = by_file.get(_file(event), set())
    return next(iter(named)) if len(named) == 1 else _file(event)


def named_title(event: Event) -> Key | None:
    """Return the title that an event names, by office and reference, or None."""
    for name in event.references:
        if name.kind == "TITLE" and name.owner != event.publisher:
            return name.owner, name.reference
    own = event.facts.get("title_reference")
    return (event.publisher, own) if own else None


def _told(event: Event, told_of: Collection[Key | None]) -> Key | None:
    named = named_title(event)
    return None if named is not None and named[0] == event.publisher and named not in told_of else named


def _title(key: Key, events: list[Event], named: bool) -> Title:
    by_type: dict[str, list[Event]] = {}
    for event in events:
        by_type.setdefault(event.event_type, []).append(event)
    return Title(owner=key[0], reference=key[1], named=named, events=tuple(events), by_type=by_type)
