"""Decisions about single quarantined records, each in one transaction, once, and audited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from meilenstein.audit.trail import AuditTrail
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.acts import REJECTED, RELEASE, RELEASED, REVALIDATED, Acts, Decider, Entry
from meilenstein.stewardship.correction import Event, Make, with_identity
from meilenstein.stewardship.policy import needs_second_person
from meilenstein.stewardship.second_person import SecondPerson
from meilenstein.store.corrections import CorrectedEvent, CorrectionLog
from meilenstein.store.database import Connection, retryable
from meilenstein.store.events import EventStore
from meilenstein.store.quarantine import HeldItem, QuarantineStore, item_subject
from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.corrections import CORRECTED, changes
from meilenstein_connectors.codec import contract_schema, encode, frame
from meilenstein_connectors.plain_json import to_plain
from meilenstein_schemas.agencies import Directory

__all__ = ["Outcome", "QuarantineDesk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command did: DONE, ALREADY (this person did it before) or PROPOSED (a second person is waited for)."""

    item: int
    outcome: str
    line: str
    """One line for people."""
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {"item": self.item, "outcome": self.outcome, "line": self.line, **self.more}


class QuarantineDesk:
    """What a steward does with single items."""

    def __init__(
        self, connection: Connection, *, trail: AuditTrail, acts: Acts, book: SchemaBook, directory: Directory
    ) -> None:
        self._connection = connection
        self._trail = trail
        self._acts = acts
        self._book = book
        self._directory = directory
        self._store = QuarantineStore(connection)

    def reject(self, item: int, decider: Decider) -> Outcome:
        """Refuse an item for good and tell its sender."""
        with self._attempt(item, "quarantine.reject", decider) as held:
            if before := self._acts.decided(held, [REJECTED], decider):
                return self._already(held, self._acts.told(held, before))
            entry = self._finish(self._acts.reject(held, decider), decider)
        return _done(entry, item, "is rejected; its sender is told")

    def release(self, item: int, decider: Decider) -> Outcome:
        """Accept an original although it breaks rules; where the policy asks, only once a second person agrees."""
        with self._attempt(item, RELEASE, decider) as held:
            if before := self._acts.decided(held, [RELEASED, REVALIDATED], decider):
                return self._already(held, self._acts.told(held, before))
            event = self._acts.require_releasable(held)
            proposal = None
            if needs_second_person(held.codes):
                second = SecondPerson(self._connection, self._trail)
                digest = hashlib.sha256(held.record.raw or b"").hexdigest()
                proposal = second.confirm(
                    kind=RELEASE,
                    about=held.subject,
                    content={"codes": sorted(held.codes), "sha256": digest},
                    actor=decider.actor,
                    reason=decider.reason,
                )
                if proposal is None:
                    self._connection.commit()
                    return Outcome(item=item, outcome="PROPOSED", line=f"item {item} is still open: {second.told}")
            entry = self._finish(self._acts.release(held, event, decider, proposal), decider)
        return _done(entry, item, "is released; its event is accepted as it came")

    def correct(self, item: int, make: Make, decider: Decider) -> Outcome:
        """Set a corrected event beside an original; `make` gets the original, or None where it cannot be read.

        InvalidEvent where the event would not be accepted; nothing is changed then.
        """
        with self._attempt(item, "quarantine.correct", decider) as held:
            original = self._book.try_read(held.record.raw)
            event = make(original)
            if held.state != "OPEN":
                return self._corrected_before(held, event, decider)
            draft = with_identity(item, event, original, self._taken)
            origin = self._store.origins([item])[item]
            payload = draft.require_sound(origin.topic, self._directory)
            schema_id = self._schema_id(draft.event_type)
            raw, event_id = frame(schema_id, payload), draft.body["event_id"]
            journal_id = CorrectionLog(self._connection).append(
                CorrectedEvent(
                    item=item,
                    raw=raw,
                    schema_id=schema_id,
                    event_type=draft.event_type,
                    publisher=draft.body["publisher"],
                    event_id=event_id,
                )
            )
            changed = changes(original, (draft.event_type, draft.body)) if original else None
            content = {
                "journal_id": journal_id,
                "event_id": event_id,
                "sha256": hashlib.sha256(payload).hexdigest(),
                "fields": [change["field"] for change in changed] if changed is not None else None,
            }
            entry = self._finish(self._acts.correct(held, content=content, raw=raw, decider=decider), decider)
        more = {"event_id": event_id, "event_type": draft.event_type, "changed": changed}
        return _done(entry, item, f"is corrected; event {event_id} is judged by the next run of validate", more)

    def _corrected_before(self, held: HeldItem, event: Event, decider: Decider) -> Outcome:
        before = self._acts.decided(held, [CORRECTED], decider)
        assert before is not None, "the item is not open"
        # The id that was given to the correction is taken by now, so it is compared under that one.
        body = {**event[1], "event_id": before.content["event_id"]}
        digest = None
        if contract_schema(event[0]).fits(body):
            digest = hashlib.sha256(encode(contract_schema(event[0]), body)).hexdigest()
        if digest != before.content["sha256"]:
            raise PermanentError(
                f"{self._acts.told(held, before)} in another way; nothing was changed", audit_line="CORRECTED_OTHERWISE"
            )
        return self._already(held, self._acts.told(held, before))

    def read_bytes(self, item: int, actor: str) -> dict[str, Any]:
        """Return the original of an item: bytes, header values, and the event as plain JSON where it can be read.

        That it was seen is recorded before anything is returned.
        """
        act, subject = "quarantine.view", item_subject(item)
        with self._trail.attempt(actor=actor, act=act, subject=subject), retryable(act):
            self._refresh()
            found = self._store.item(item)
            if found is None:
                raise _unknown(item)
            raw = found["raw"]
            digest = hashlib.sha256(raw or b"").digest()
            self._trail.record(actor=actor, act=act, subject=subject, outcome="VIEWED", digest=digest)
            self._connection.commit()
        event = self._book.try_read(raw)
        names, values = found["header_names"] or (), found["header_values"] or ()
        return {
            "raw": raw,
            "headers": list(zip(names, values, strict=True)),
            "event": to_plain(*event) if event else None,
        }

    @contextmanager
    def _attempt(self, item: int, act: str, decider: Decider) -> Iterator[HeldItem]:
        """Hold the item; whatever is refused inside is recorded, and changes nothing."""
        with self._trail.attempt(actor=decider.actor, act=act, subject=item_subject(item)), retryable(act):
            self._refresh()
            held = self._store.hold([item])
            if not held:
                raise _unknown(item)
            yield held[0]

    def _refresh(self) -> None:
        self._connection.rollback()
        self._book.refresh(self._connection)

    def _finish(self, entry: Entry, decider: Decider) -> Entry:
        entry.record(self._trail, actor=decider.actor, reason=decider.reason)
        self._connection.commit()
        return entry

    def _already(self, held: HeldItem, told: str) -> Outcome:
        self._connection.rollback()
        return Outcome(item=held.id, outcome="ALREADY", line=f"{told} already; nothing was changed")

    def _taken(self, publisher: str, event_id: str) -> bool:
        return bool(EventStore(self._connection).known([(publisher, event_id)]))

    def _schema_id(self, event_type: str) -> int:
        text = contract_schema(event_type).text
        for schema_id, archived in sorted(self._book.texts().items()):
            if archived == text:
                return schema_id
        raise ConfigurationError(f"the contract of {event_type} has no id here; run `meilenstein contracts apply`")


def _done(entry: Entry, item: int, words: str, more: Mapping[str, Any] | None = None) -> Outcome:
    moot = {"overtaken": list(entry.overtaken)} if entry.overtaken else {}
    return Outcome(item=item, outcome="DONE", line=f"item {item} {words}{entry.told}", more={**(more or {}), **moot})


def _unknown(item: int) -> ConfigurationError:
    return ConfigurationError(
        f"quarantine: there is no item {item}; `meilenstein quarantine list` shows what there is",
        audit_line="NO_SUCH_ITEM",
    )
