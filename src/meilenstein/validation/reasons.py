"""Why a record was not accepted, in words its publisher can act on: what was seen, what is expected, how to correct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein_expectations.violations import shown

__all__ = ["Reason", "conflict", "refused", "unknown_schema", "wrong_publisher"]

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason; `text` and `how` are German and English. `seen` goes to the publisher and the steward only."""

    code: str
    rule: str | None = None
    field: str | None = None
    seen: str | None = None
    expected: Words | None = None
    text: Words
    how: Words

    def as_json(self) -> dict[str, Any]:
        """Return the reason as plain values, as it stands in quarantine and in the reply."""
        return {
            "code": self.code,
            "rule": self.rule,
            "field": self.field,
            "seen": self.seen,
            "expected": " / ".join(dict.fromkeys(self.expected.values())) if self.expected else None,
            "text": dict(self.text),
            "how": dict(self.how),
        }


_SEND_AGAIN: Words = {
    "de": "Das Ereignis mit dem SDK oder mit dem registrierten Schema neu erzeugen und erneut senden.",
    "en": "Produce the event again with the SDK or with the registered schema, and send it again.",
}

_REFUSED: Mapping[str, tuple[Words, Words]] = {
    "UNREADABLE": (
        {
            "de": "Die Bytes sind kein lesbares Ereignis ({detail}).",
            "en": "The bytes are no readable event ({detail}).",
        },
        _SEND_AGAIN,
    ),
    "NOT_STORABLE": (
        {
            "de": "Ein Textfeld enthält Zeichen, die keine Datenbank speichern kann ({detail}).",
            "en": "A text field holds characters that no database can store ({detail}).",
        },
        {
            "de": "Nullzeichen und unvollständige Zeichen aus den Texten entfernen und erneut senden.",
            "en": "Remove NUL and incomplete characters from the texts and send again.",
        },
    ),
    "TOO_LARGE": (
        {"de": "Das Ereignis ist größer als erlaubt.", "en": "The event is larger than allowed."},
        {
            "de": "Höchstens 64 KiB je Ereignis; Listen kürzen und erneut senden.",
            "en": "At most 64 KiB per event; shorten lists and send again.",
        },
    ),
    "UNKNOWN_SCHEMA": (
        {
            "de": "Das Schema mit dieser Nummer ist in der Registry kein Vertrag von Meilenstein.",
            "en": "The schema with this id is no Meilenstein contract in the registry.",
        },
        {
            "de": "Die Schemanummer des registrierten Vertrags verwenden (siehe Registry) und erneut senden.",
            "en": "Use the id of the registered contract (look it up in the registry) and send again.",
        },
    ),
}


def refused(code: str, detail: str | None) -> Reason:
    """Return the reason for a record that drain could not read; `detail` is a machine code, never a value."""
    text, how = _REFUSED.get(code, _REFUSED["UNREADABLE"])
    return Reason(
        code=code,
        seen=detail,
        text={language: words.format(detail=detail or "-") for language, words in text.items()},
        how=how,
    )


def unknown_schema(schema_id: int | None) -> Reason:
    """Return the reason for a schema id that the registry does not know, or knows as something else."""
    text, how = _REFUSED["UNKNOWN_SCHEMA"]
    return Reason(code="UNKNOWN_SCHEMA", field=None, seen=f"schema {schema_id}", text=text, how=how)


def wrong_publisher(field: str, seen: str, expected: Words) -> Reason:
    """Return the reason for an event that this sender or publisher may not send."""
    return Reason(
        code="WRONG_PUBLISHER",
        field=field,
        seen=shown(seen),
        expected=expected,
        text={
            "de": "Diese Stelle darf dieses Ereignis hier nicht senden.",
            "en": "This agency may not send this event here.",
        },
        how={
            "de": "Absender, `publisher` und Ereignistyp prüfen; sonst eine Vereinbarung anlegen lassen.",
            "en": "Check sender, publisher and event type; have an agreement on sending on behalf set up.",
        },
    )


def conflict(event_id: str) -> Reason:
    """Return the reason for an event id that was accepted before with other facts."""
    return Reason(
        code="CONFLICT",
        field="event_id",
        seen=event_id,
        expected={
            "de": "dieselben Angaben wie beim ersten Mal",
            "en": "the same facts as the first time",
        },
        text={
            "de": "Unter dieser event_id wurde bereits ein Ereignis mit anderen Angaben angenommen; es gilt weiter.",
            "en": "An event with other facts was accepted under this event_id before; it stays in force.",
        },
        how={
            "de": "Änderungen als neues Ereignis mit eigener event_id senden, das mit `corrects` auf das erste weist.",
            "en": "Send a change as a new event with its own event_id that names the first one in `corrects`.",
        },
    )
