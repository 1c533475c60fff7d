"""An accepted event as the fold sees it, and the two keys everything is named by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An accepted event, without what only says how it travelled (sequence, published_at ...): that decides nothing."""

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
        publisher, event_id, test = body["publisher"], body["event_id"], body.get("test", False)
        return cls(
            event_type=event_type,
            event_id=event_id,
            publisher=publisher,
            subject_kind=body.get("subject_kind", UNKNOWN),
            case_reference=body["case_reference"],
            case_number=body.get("case_number"),
            references=tuple(
                Identifier(item["agency"], item["kind"], item["reference"]) for item in body.get("references") or ()
            ),
            occurred_on=body["occurred_on"],
            recorded_at=body.get("recorded_at"),
            district_ags=body.get("district_ags"),
            legal_route=body.get("legal_route", UNKNOWN),
            corrects=body.get("corrects"),
            legal_basis=body.get("legal_basis", UNKNOWN),
            consent_id=body.get("consent_id"),
            test=test,
            facts={name: value for name, value in body.items() if name not in ENVELOPE_FIELDS},
            warnings=tuple(sorted(set(warnings))),
            key=(publisher, event_id),
            file=FileKey(publisher, body["case_reference"], test),
            order=(body["occurred_on"], publisher, event_id),
        )

    @property
    def known_on(self) -> dt.date:
        """The day parking spans count from: the Berlin day of recorded_at, else occurred_on."""
        return self.occurred_on if self.recorded_at is None else berlin_date(self.recorded_at)


def _content(event: Event) -> bytes:
    return encode({field.name: getattr(event, field.name) for field in fields(event)})


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
