"""A corrected event: made from an original or from a file, and checked like an event before it is sent.

Nothing is read or written here; what the store must be asked comes as a question (`taken`).
"""

from __future__ import annotations

import difflib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein.errors import ConfigurationError
from meilenstein.validation.rights import wrong_publisher_reasons
from meilenstein_connectors.body_check import Misfit, misfits
from meilenstein_connectors.codec import MAX_RECORD_BYTES, Body, contract_schema, encode
from meilenstein_connectors.errors import InvalidEvent, InvalidLine, UnknownSchema
from meilenstein_connectors.facts import facts_of
from meilenstein_connectors.plain_json import from_line, read_value
from meilenstein_connectors.preparation import content_id
from meilenstein_expectations import check
from meilenstein_schemas.agencies import Directory

__all__ = ["Draft", "Event", "Make", "broken_rules", "by_fields", "by_file", "is_uuid", "with_identity"]

_TEXTS = frozenset({"string", "enum", "date", "instant"})
_HANDED_OVER = ("event_id", "publisher", "source_system", "source_epoch", "sequence", "published_at")
"""What a file may leave out: it stays as the sender gave it."""

Event = tuple[str, Body]
Make = Callable[[Event | None], Event]
"""Makes a corrected event from the original, which is None where it cannot be read."""
Taken = Callable[[str, str], bool]
"""Whether an event of this (publisher, event_id) is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A corrected event that is whole; `require_sound` says whether it may be set beside the original."""

    event_type: str
    body: Body

    def require_sound(self, topic: str, directory: Directory) -> bytes:
        """Return the event as Avro bytes; InvalidEvent with everything that would keep the hub from accepting it.

        Rights are those of the topic on which the original came.
        """
        schema = contract_schema(self.event_type)
        found: list[Any] = list(misfits(schema.shape, self.body))
        if not found:
            found = [broken for broken in check(self.event_type, self.body) if broken.severity == "critical"]
            found += _rights(topic, self.event_type, self.body, directory)
        if found:
            raise InvalidEvent(self.event_type, found)
        raw = encode(schema, self.body)
        if len(raw) + 5 > MAX_RECORD_BYTES:
            raise ConfigurationError(f"the corrected event takes more than {MAX_RECORD_BYTES} bytes; shorten its lists")
        return raw


def _rights(topic: str, event_type: str, body: Body, directory: Directory) -> Iterator[Misfit]:
    for reason in wrong_publisher_reasons(topic, event_type, body, directory):
        expected = reason.as_json()["expected"]
        yield Misfit(
            rule=reason.code, field=reason.field, seen=reason.seen, expected=expected, text=reason.text, how=reason.how
        )


def by_fields(settings: Sequence[str]) -> Make:
    """Return how to make the original with `FIELD=VALUE` set.

    Texts, codes, dates and instants are written as they are, all else as JSON; `null` empties a field that may be
    empty, and a text in double quotes is read as JSON. ConfigurationError names what cannot be read.
    """

    def make(original: Event | None) -> Event:
        if original is None:
            raise ConfigurationError("--set: the original cannot be read; give the whole event with --file")
        event_type, body = original
        return event_type, {**body, **dict(_set(event_type, setting) for setting in settings)}

    return make


def _set(event_type: str, setting: str) -> tuple[str, Any]:
    name, equals, text = setting.partition("=")
    if not equals:
        raise ConfigurationError(f"--set {name!r}: write FIELD=VALUE, for instance occurred_on=2026-03-31")
    shapes = {field.name: field.shape for field in contract_schema(event_type).shape.fields}
    shape = shapes.get(name)
    if shape is None:
        near = ", ".join(difflib.get_close_matches(name, shapes, n=3))
        told = f"near: {near}" if near else "docs/reference/events.md lists its fields"
        raise ConfigurationError(f"--set {name!r}: {event_type} has no such field; {told}")
    try:
        return name, read_value(shape, _value(shape.kind, shape.nullable, text), name)
    except InvalidLine as error:
        raise ConfigurationError(f"--set {error}") from None


def _value(kind: str, nullable: bool, text: str) -> Any:
    if kind in _TEXTS and not text.startswith('"'):
        return None if nullable and text == "null" else text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if kind in _TEXTS:
            raise InvalidLine("what begins with a double quote is read as JSON, and this is none") from None
        return text  # no value of another kind than text is one, so reading it says what is expected


def by_file(text: str) -> Make:
    """Return how to read the event of a file: one plain JSON event.

    What it leaves out of how it was sent is the original's. ConfigurationError names what cannot be read.
    """

    def make(original: Event | None) -> Event:
        try:
            event_type, body = from_line(text)
        except (InvalidLine, UnknownSchema) as error:
            raise ConfigurationError(f"--file: {error}") from None
        given = json.loads(text).keys()
        if original is not None:
            body.update({name: original[1][name] for name in _HANDED_OVER if name not in given})
        return event_type, body

    return make


def with_identity(item: int, event: Event, original: Event | None, taken: Taken) -> Draft:
    """Return the draft under the id it must have: the original's, or a new one where that is taken or is none.

    A new id follows from what the event says, so that the same correction twice is the same event. ConfigurationError
    where publisher or id were changed, where nothing else was, or where the id is taken.
    """
    event_type, body = event
    if original is not None:
        if body["publisher"] != original[1]["publisher"]:
            raise ConfigurationError(
                f"item {item}: a correction never changes the publisher; reject the item, and let that agency report it"
            )
        if (event_type, _facts(event)) == (original[0], _facts(original)):
            raise ConfigurationError(
                f"item {item}: nothing is changed; use `meilenstein quarantine release` or `revalidate`"
            )
    event_id = _event_id(item, event, original, taken)
    if taken(body.get("publisher") or "", event_id):
        raise ConfigurationError(f"item {item}: event {event_id} is accepted already; name another event_id, or none")
    return Draft(event_type=event_type, body={**body, "event_id": event_id})


def _event_id(item: int, event: Event, original: Event | None, taken: Taken) -> str:
    event_type, body = event
    given: str | None = body.get("event_id")
    if original is None:
        return given or content_id(event_type, body)
    first = original[1]["event_id"]
    if is_uuid(first) and not taken(original[1]["publisher"], first):
        if given != first:
            raise ConfigurationError(f"item {item}: its event_id is right and stays; leave event_id out")
        return str(first)
    return given if given and given != first else content_id(event_type, body)


def _facts(event: Event) -> str:
    return facts_of(*event)


def is_uuid(text: str) -> bool:
    """Say whether a text is a UUID as events carry it: in lower case with hyphens."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def broken_rules(violations: Iterable[Any]) -> list[dict[str, Any]]:
    """Return violations as plain values for people and machines."""
    names = ("rule", "severity", "field", "seen", "expected")
    return [
        {**{name: getattr(found, name) for name in names}, "text": dict(found.text), "how": dict(found.how)}
        for found in violations
    ]
