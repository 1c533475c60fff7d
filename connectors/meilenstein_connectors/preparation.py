"""From an event to something the outbox can take: fill in, fit to the contract, judge by the rules."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from meilenstein_connectors.body_check import Misfit
from meilenstein_connectors.clock import Clock, utc_now
from meilenstein_connectors.codec import MAX_RECORD_BYTES, Body, WriterSchema, contract_schema, encode
from meilenstein_connectors.errors import InvalidEvent, TooLarge, Violation
from meilenstein_connectors.facts import facts_of
from meilenstein_connectors.outbox import Prepared
from meilenstein_connectors.plain_json import complete
from meilenstein_connectors.typed_event import TypedEvent

__all__ = ["Check", "Event", "Preparation", "content_id", "rules_check"]

Event = TypedEvent | tuple[str, Mapping[str, Any]]
"""A typed event, or event type and body (fields that are left out have the contract's default)."""


class Check(Protocol):
    """Judges an event that fits its contract; `meilenstein_expectations.check` is one."""

    def __call__(
        self, event_type: str, body: Mapping[str, Any], *, received_at: dt.datetime | None = None
    ) -> Sequence[Violation]:
        """Return the rules that the event breaks, as if it were received at that instant."""
        ...


_CONTENT = uuid.uuid5(uuid.NAMESPACE_URL, "urn:meilenstein:content")


def rules_check(
    event_type: str, body: Mapping[str, Any], *, received_at: dt.datetime | None = None
) -> Sequence[Violation]:
    """Judge by the rules that the hub validates with (`meilenstein_expectations`)."""
    from meilenstein_expectations import check  # noqa: PLC0415 - reads the suites; only who publishes needs them

    return check(event_type, body, received_at=received_at)


def content_id(event_type: str, body: Mapping[str, Any]) -> str:
    """Return an event id derived from what the event says, so that the same line of a file is the same event."""
    return str(uuid.uuid5(_CONTENT, facts_of(event_type, {**body, "event_id": ""})))


class Preparation:
    """Prepares the events of one source system of one agency."""

    def __init__(
        self,
        *,
        agency: str,
        source_system: str,
        publisher: str | None = None,
        check: Check | None = rules_check,
        clock: Clock = utc_now,
    ) -> None:
        """Fill in `publisher` (default: the agency) and `source_system` where events name none."""
        self._agency = agency
        self._source_system = source_system
        self._publisher = publisher or agency
        self._check = check
        self._clock = clock

    def prepare(self, event: Event, *, event_id: str | None = None) -> Prepared:
        """Return the event ready to be taken; raises InvalidEvent with everything that keeps it from being taken."""
        event_type, given = (event.EVENT_TYPE, event.to_body()) if isinstance(event, TypedEvent) else event
        schema = contract_schema(event_type)
        body = self._filled(event_type, given, event_id)
        if not schema.fits(body):
            encode(schema, body)  # raises, naming every misfit
        if body["source_system"] != self._source_system:
            raise InvalidEvent(event_type, [_foreign_system(body["source_system"], self._source_system)])
        warnings = self._judge(event_type, body)
        facts = facts_of(event_type, body)
        _refuse_large(schema, body, facts)
        return Prepared(
            event_id=body["event_id"],
            event_type=event_type,
            publisher=body["publisher"],
            facts=facts,
            warnings=warnings,
        )

    def _filled(self, event_type: str, given: Mapping[str, Any], event_id: str | None) -> Body:
        body = complete(event_type, given)
        body["event_id"] = event_id or body.get("event_id") or str(uuid.uuid4())
        body["publisher"] = body.get("publisher") or self._publisher
        body["source_system"] = body.get("source_system") or self._source_system
        if body["publisher"] != self._agency:
            body["sent_by"] = body.get("sent_by") or self._agency
        # Given when the event is kept and when it is handed over.
        body["sequence"] = body["source_epoch"] = body["published_at"] = None
        return body

    def _judge(self, event_type: str, body: Mapping[str, Any]) -> tuple[Violation, ...]:
        if self._check is None:
            return ()
        violations = self._check(event_type, body, received_at=self._clock())
        critical = [violation for violation in violations if violation.severity == "critical"]
        if critical:
            raise InvalidEvent(event_type, critical)
        return tuple(violations)


def _foreign_system(seen: str, own: str) -> Misfit:
    return Misfit(
        field="source_system",
        seen=seen,
        expected=own,
        text={
            "de": "Dieser Postausgang gehört einem anderen Fachverfahren.",
            "en": "This outbox belongs to another source system.",
        },
        how={
            "de": "Feld weglassen oder für jedes Fachverfahren einen eigenen Postausgang verwenden.",
            "en": "Leave the field out, or use one outbox for each source system.",
        },
    )


def _refuse_large(schema: WriterSchema, body: Mapping[str, Any], facts: str) -> None:
    # No field takes more bytes in Avro than in JSON with its name, so most events need no second look.
    # Frame, sequence and published_at are added later and take less than 64 bytes.
    limit = MAX_RECORD_BYTES - 64
    if len(facts) > limit // 8 and len(encode(schema, body)) > limit:
        raise TooLarge("TOO_LARGE", f"{schema.name} takes more than {MAX_RECORD_BYTES} bytes")
