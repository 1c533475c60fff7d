"""Events from a file, judged as the hub would judge them: one event a line as plain JSON.

A line that is no event at all stops everything, because the file is not what it is taken for. A line that is an event,
but one that the hub would refuse, is told with its reasons; the others stand. As in the hub, a repeated event counts
once, and under an event id the first content that was accepted stays. What lies after the day of the explanation is
left out: by then nobody could have reported it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from meilenstein.cases.events import RETRACTED, Event, FileKey, Identifier
from meilenstein.errors import ConfigurationError
from meilenstein.store.closures import MOST_FILES
from meilenstein.store.filing import LINKING_KINDS
from meilenstein.validation.reasons import Reason, conflict, refused
from meilenstein.validation.rights import wrong_publisher_reasons
from meilenstein_connectors.codec import MAX_RECORD_BYTES, Body, contract_schema, encode
from meilenstein_connectors.errors import InvalidLine
from meilenstein_connectors.facts import fact_digest
from meilenstein_connectors.plain_json import from_line
from meilenstein_connectors.preparation import content_id
from meilenstein_expectations import check
from meilenstein_schemas.agencies import Directory

__all__ = ["EventFile", "LeftOut", "Line", "Refused", "read_events"]

_FRAME_BYTES = 5
_FEW = 5
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"

Line = tuple[str, Body]
"""Event type and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An event that the hub would not accept."""

    line: int
    event_id: str
    event_type: str
    reasons: tuple[Mapping[str, Any], ...]
    """In the form of replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An event that is sound and plays no part."""

    line: int
    event_id: str
    event_type: str


@dataclass(slots=True, kw_only=True)
class EventFile:
    """What a file holds."""

    events: list[Event] = field(default_factory=list)
    """Accepted ones, each once, in the order of their lines."""
    refused: list[Refused] = field(default_factory=list)
    repeated: list[LeftOut] = field(default_factory=list)
    """Say again what an earlier line said."""
    later: list[LeftOut] = field(default_factory=list)
    """Lie after the day of the explanation."""
    without_case: list[LeftOut] = field(default_factory=list)
    """Are about nobody's case: subjects that stay anonymous, and employers."""

    def bulk(self) -> set[tuple[Identifier, bool]]:
        """Return the identifiers that so many files mention that they link nothing, with the sandbox flag."""
        if len({event.file for event in self.events}) <= MOST_FILES:
            return set()
        files: dict[tuple[Identifier, bool], set[FileKey]] = {}
        for event in self.events:
            for identifier in _mentioned(event):
                files.setdefault((identifier, event.test), set()).add(event.file)
        return {mention for mention, found in files.items() if len(found) > MOST_FILES}


def read_events(lines: Iterable[bytes], directory: Directory, on: dt.date) -> EventFile:
    """Read a file for an explanation on a day; lines that are no events are one ConfigurationError."""
    reader = _Reader(directory=directory, on=on)
    bad: list[InvalidLine] = []
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            event_type, body = _read(number, raw)
        except InvalidLine as error:
            bad.append(InvalidLine(error.mistake, line=number, field=error.field))
            continue
        if not bad:  # else nothing is explained
            reader.take(number, event_type, body, size=len(raw))
    if bad:
        raise ConfigurationError(_mistake(bad))
    return reader.found


def _read(number: int, raw: bytes) -> Line:
    if number == 1:
        if raw.startswith(_UTF_16):
            raise InvalidLine("is UTF-16 text; save the file as UTF-8")
        raw = raw.removeprefix(_UTF_8_MARK)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidLine("holds bytes that are not UTF-8; save the file as UTF-8") from None
    event_type, body = from_line(text)
    if not body.get("publisher"):
        raise InvalidLine("field is missing", field="publisher")
    # As the SDK fills them in for lines of a file.
    body["source_system"] = body.get("source_system") or "file"
    body["event_id"] = body.get("event_id") or content_id(event_type, body)
    return event_type, body


def _mistake(bad: list[InvalidLine]) -> str:
    first = bad[0]
    place = f"line {first.line}, field {first.field}" if first.field else f"line {first.line}"
    others = ", ".join(str(error.line) for error in bad[1 : 1 + _FEW])
    dots = " ..." if len(bad) > 1 + _FEW else ""
    more = f" (also wrong: line{'' if len(bad) == 2 else 's'} {others}{dots})" if others else ""
    return f"{place}: {first.mistake}; correct or remove the line and run the command again{more}"


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Puts events where they belong."""

    directory: Directory
    on: dt.date
    found: EventFile = field(default_factory=EventFile)
    taken: dict[tuple[str, str], Line] = field(default_factory=dict)
    """What was accepted, by (publisher, event_id)."""

    def take(self, number: int, event_type: str, body: Body, *, size: int) -> None:
        """Judge one event; `size` is that of its line in bytes."""
        reasons, warnings = self._judge(event_type, body, size)
        earlier = None if reasons else self.taken.get((body["publisher"], body["event_id"]))
        said = LeftOut(line=number, event_id=body["event_id"], event_type=event_type)
        if earlier is not None:
            if fact_digest(event_type, body) == fact_digest(*earlier):
                self.found.repeated.append(said)
                return
            reasons = [conflict(said.event_id).as_json()]
        if reasons:
            self.found.refused.append(
                Refused(line=number, event_id=said.event_id, event_type=event_type, reasons=tuple(reasons))
            )
            return
        self.taken[body["publisher"], said.event_id] = (event_type, body)
        if body["occurred_on"] > self.on:
            self.found.later.append(said)
            return
        if body["subject_kind"] != "PERSON" and event_type != RETRACTED:
            self.found.without_case.append(said)
        self.found.events.append(Event.from_body(event_type, body, warnings))

    def _judge(self, event_type: str, body: Body, size: int) -> tuple[list[Mapping[str, Any]], list[str]]:
        """Return the reasons against an event, and the rules that it breaks and stands nevertheless."""
        topic = f"milestones.{body['sent_by'] or body['publisher']}"
        reasons: list[Mapping[str, Any]] = [
            reason.as_json() for reason in wrong_publisher_reasons(topic, event_type, body, self.directory)
        ]
        broken = check(event_type, body)
        reasons.extend(violation.as_reason() for violation in broken if violation.severity == "critical")
        if not reasons and (large := _too_large(event_type, body, size)) is not None:
            reasons.append(large.as_json())
        return reasons, [violation.rule for violation in broken if violation.severity == "warning"]


def _too_large(event_type: str, body: Body, size: int) -> Reason | None:
    # No value takes more bytes in Avro than in JSON with its name; fields that are left out take a few.
    if size <= MAX_RECORD_BYTES // 2:
        return None
    encoded = len(encode(contract_schema(event_type), body)) + _FRAME_BYTES
    return refused("TOO_LARGE", None) if encoded > MAX_RECORD_BYTES else None


def _mentioned(event: Event) -> Iterable[Identifier]:
    """Return what the event makes its file mention, as the store notes it."""
    yield Identifier(event.publisher, "CASE", event.case_reference)
    for kind, name in (("PROCEDURE", "procedure_reference"), ("REFERRAL", "referral_id")):
        if event.facts.get(name):
            yield Identifier(event.publisher, kind, event.facts[name])
    if event.case_number:
        yield Identifier("", "NUMBER", event.case_number)
    for identifier in event.references:
        if identifier.kind in LINKING_KINDS:
            yield identifier
