"""An accepted event as the fold sees it, and the two keys everything is named by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.canonical import encode

__all__ = ["ENVELOPE_FIELDS", "RETRACTED", "Event", "FileKey", "Identifier", "unique"]

RETRACTED = "EventRetracted"
UNKNOWN = "UNKNOWN"
ENVELOPE_FIELDS = frozenset({
    "event_id", "publisher", "sent_by", "source_system", "source_epoch", "sequence", "subject_kind", "case_reference",
    "case_number", "references", "occurred_on", "occurred_at", "recorded_at", "published_at", "district_ags",
    "legal_route", "corrects", "correction_reason", "legal_basis", "consent_id", "test",
})  # fmt: skip


class Identifier(NamedTuple):
    """An identifier as its owner writes it: always (owner, kind, reference). A tuple, because sets of them are hot."""

    owner: str
    kind: str
    reference: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}/{self.reference}"


class FileKey(NamedTuple):
    """One file of one agency; sandbox files (`test`) are other files."""

    publisher: str
    case_reference: str
    test: bool = False

    def __str__(self) -> str:
        return f"{self.publisher}/{self.case_reference}"


class Event(NamedTuple):
    """An accepted event, without what only says how it travelled (sequence, published_at ...): that decides nothing.

    A tuple, because every fold makes one of each event again.
    """

    event_type: str
    event_id: str
    publisher: str
    subject_kind: str
    case_reference: str
    case_number: str | None
    references: tuple[Identifier, ...]
    occurred_on: dt.date
    recorded_at: dt.datetime | None
    district_ags: str | None
    legal_route: str
    corrects: str | None
    legal_basis: str
    consent_id: str | None
    test: bool
    facts: Mapping[str, Any]
    """The fields that are the event type's own."""
    warnings: tuple[str, ...]
    """Ids of data rules it broke and was accepted nevertheless."""
    key: tuple[str, str]
    """(publisher, event_id): what makes two events the same."""
    file: FileKey
    order: tuple[dt.date, str, str]
    """The canonical order: occurred_on, publisher, event_id."""

    @classmethod
    def from_body(cls, event_type: str, body: Mapping[str, Any], warnings: Iterable[str] = ()) -> Event:
        """Return the event of a decoded body (dates are `datetime.date`); absent fields take the contract's default."""
        publisher, event_id, occurred_on = body["publisher"], body["event_id"], body["occurred_on"]
        case_reference, test, given = body["case_reference"], body.get("test", False), body.get
        references = body.get("references")
        return cls(  # by place: this is done for every event of a case each time it is folded
            event_type,
            event_id,
            publisher,
            given("subject_kind", UNKNOWN),
            case_reference,
            given("case_number"),
            tuple([Identifier(item["agency"], item["kind"], item["reference"]) for item in references])
            if references
            else (),
            occurred_on,
            given("recorded_at"),
            given("district_ags"),
            given("legal_route", UNKNOWN),
            given("corrects"),
            given("legal_basis", UNKNOWN),
            given("consent_id"),
            test,
            {name: value for name, value in body.items() if name not in ENVELOPE_FIELDS},
            tuple(sorted(set(warnings))) if warnings else (),
            (publisher, event_id),
            FileKey(publisher, case_reference, test),
            (occurred_on, publisher, event_id),
        )

    @property
    def known_on(self) -> dt.date:
        """The day parking spans count from: the Berlin day of recorded_at, else occurred_on."""
        return self.occurred_on if self.recorded_at is None else berlin_date(self.recorded_at)


def _content(event: Event) -> bytes:
    return encode(event._asdict())


def unique(events: Iterable[Event]) -> list[Event]:
    """Return each (publisher, event_id) once, in canonical order.

    The journal admits one content per id. Should two ever be handed in, the smaller canonical content stands, so that
    even then the order of arrival decides nothing.
    """
    found: dict[tuple[str, str], Event] = {}
    for event in events:
        other = found.setdefault(event.key, event)
        if other is not event and other != event and _content(event) < _content(other):
            found[event.key] = event
    return sorted(found.values(), key=lambda event: event.order)
