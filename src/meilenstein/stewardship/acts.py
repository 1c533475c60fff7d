"""What a decision does to one quarantined record, inside the caller's transaction, which holds the item.

The original bytes, the journal row and the verdict stay as they are; an event, a decision row, the item's new state and
the answer to the sender are written beside them. The caller records the entries in the audit trail, last of all.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from meilenstein.audit.trail import AuditTrail
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.stewardship.policy import ItemRefused, Obstacle, obstacle
from meilenstein.stewardship.second_person import overtake, record_overtaken, same_person
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionRow, DecisionStore
from meilenstein.store.events import EventStore
from meilenstein.store.filing import Filing, file_events
from meilenstein.store.outbox import Outbox
from meilenstein.store.proposals import ProposalStore
from meilenstein.store.quarantine import HeldItem, QuarantineStore
from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation import replies
from meilenstein.validation.corrections import CORRECTED
from meilenstein_connectors.codec import Body
from meilenstein_expectations import Rule, check
from meilenstein_schemas.agencies import Directory

__all__ = ["KINDS", "REJECTED", "RELEASE", "RELEASED", "REVALIDATED", "Acts", "Decider", "Entry", "Probe"]

RELEASE = "quarantine.release"
"""The act that may need a second person, and so the kind of proposals about items."""

RELEASED = "QUARANTINE_RELEASED"
REJECTED = "QUARANTINE_REJECTED"
REVALIDATED = "QUARANTINE_REVALIDATED"
KINDS = (RELEASED, REJECTED, REVALIDATED, CORRECTED)
"""Kinds of decisions about items."""

Probe = Callable[[Collection[int]], None]
"""Folds the cases of some files without writing anything; raises whatever makes that impossible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides, and why."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the caller records in the audit trail."""

    act: str
    subject: str
    digest: bytes | None
    overtaken: Sequence[int] = ()
    """Proposals that the act made moot."""

    @property
    def told(self) -> str:
        """The end of a sentence that names these proposals; empty without any."""
        if not self.overtaken:
            return ""
        many = len(self.overtaken) > 1
        names = ", ".join(map(str, self.overtaken))
        return f"; proposal{'s' * many} {names} to release it {'are' if many else 'is'} overtaken"

    def record(self, trail: AuditTrail, *, actor: str, reason: str) -> None:
        """Record what was done, after the proposals that it made moot."""
        record_overtaken(trail, self.overtaken, actor=actor, reason=reason)
        trail.record(actor=actor, act=self.act, subject=self.subject, outcome="DONE", reason=reason, digest=self.digest)


class Acts:
    """Decisions about items on one connection."""

    def __init__(
        self,
        connection: Connection,
        *,
        book: SchemaBook,
        directory: Directory,
        rules: Mapping[str, Rule],
        probe: Probe,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._connection = connection
        self._book = book
        self._directory = directory
        self._rules = rules
        self._probe = probe
        self._clock = clock
        self._store = QuarantineStore(connection)
        self._decisions = DecisionStore(connection)

    def decided(self, item: HeldItem, kinds: Sequence[str], decider: Decider) -> DecisionRow | None:
        """Return the decision that this person has taken about the item already, in the same sense; None if it is open.

        Anything else that was decided about it is a PermanentError that says by whom.
        """
        if item.state == "OPEN":
            return None
        row = self._decisions.latest(KINDS, [item.subject])[item.subject]
        if row.kind in kinds and (same_person(row.actor, decider.actor) or self._proposed(row, decider.actor)):
            return row
        raise PermanentError(f"{self.told(item, row)}; nothing was changed", audit_line=f"ITEM_{item.state}")

    def _proposed(self, row: DecisionRow, actor: str) -> bool:
        proposal = ProposalStore(self._connection).one(row.proposal_id) if row.proposal_id is not None else None
        return proposal is not None and same_person(proposal.actor, actor)

    @staticmethod
    def told(item: HeldItem, row: DecisionRow) -> str:
        """Return what became of an item, by whom and when."""
        return f"item {item.id} was {item.state.lower()} by {row.actor} at {row.decided_at:%Y-%m-%d %H:%M} UTC"

    def reject(self, item: HeldItem, decider: Decider) -> Entry:
        """Refuse the record for good; the sender is told why."""
        moot = self._decide(item, REJECTED, "REJECTED", {}, decider)
        return self._entry("quarantine.reject", item, moot)

    def obstacle(self, codes: Iterable[str]) -> Obstacle | None:
        """Return why a record with these reasons cannot be released, and what to do instead; None if it can."""
        return obstacle(codes, self._rules)

    def require_releasable(self, item: HeldItem) -> tuple[str, Body]:
        """Return the event of an item that could be released; ItemRefused says what to do instead."""
        why = self.obstacle(item.codes)
        if why is not None:
            raise ItemRefused(f"item {item.id}: {why.line}", code=why.code)
        event = self._book.try_read(item.record.raw)
        if event is None:
            raise ItemRefused(
                f"item {item.id}: its bytes cannot be read here; revalidate, correct or reject it",
                code="UNREADABLE_HERE",
            )
        if event[1]["publisher"] not in self._directory.agencies:
            raise ItemRefused(
                f"item {item.id}: its publisher is not in the directory; enter the agency there and revalidate, "
                "or reject it",
                code="UNKNOWN_PUBLISHER",
            )
        return event

    def release(self, item: HeldItem, event: tuple[str, Body], decider: Decider, proposal_id: int | None) -> Entry:
        """Accept the original although it breaks rules; they stay visible as findings of its case."""
        warnings = {found.rule for found in check(*event) if found.severity != "info"}
        broken = {str(reason["rule"]) for reason in item.reasons if reason.get("rule")}
        self._file(item, event)
        content = {"rules": sorted(warnings | broken), "codes": sorted(item.codes)}
        moot = self._decide(item, RELEASED, "RELEASED", content, decider, proposal_id)
        return self._entry(RELEASE, item, moot)

    def accept(
        self,
        item: HeldItem,
        event: tuple[str, Body],
        decider: Decider,
        *,
        warnings: Iterable[str],
        versions: Sequence[str],
    ) -> Entry:
        """Accept the original because it breaks no rule any more; `versions` are those of suite and directory."""
        self._file(item, event)
        content = {"rules": sorted(warnings), "codes": sorted(item.codes), "versions": list(versions)}
        moot = self._decide(item, REVALIDATED, "REVALIDATED", content, decider)
        return self._entry("quarantine.revalidate", item, moot)

    def correct(self, item: HeldItem, *, content: Mapping[str, Any], raw: bytes, decider: Decider) -> Entry:
        """Note that a corrected event stands beside the original; validate answers the sender when it judged that."""
        self._decisions.add(
            kind=CORRECTED, about=item.subject, content=content, actor=decider.actor, reason=decider.reason
        )
        self._store.close(item.id, "CORRECTED")
        moot = self._overtake(item, decider)
        return Entry(
            act="quarantine.correct", subject=item.subject, digest=hashlib.sha256(raw).digest(), overtaken=moot
        )

    def _file(self, item: HeldItem, event: tuple[str, Body]) -> None:
        event_type, body = event
        store = EventStore(self._connection)
        filing = Filing(
            journal_id=item.record.id, received_at=item.record.received_at, event_type=event_type, body=body
        )
        if not file_events([filing], store):
            raise ItemRefused(
                f"item {item.id}: event {body['event_id']} was accepted from another record meanwhile; "
                "reject the item, or correct it under a new event id",
                code="ACCEPTED_MEANWHILE",
            )
        (file_id,) = store.files([filing.file_name]).values()
        try:
            self._probe([file_id])
        except (psycopg.Error, RetryableError):
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, reconcile would leave the case unfolded for it
            raise ItemRefused(
                f"item {item.id}: its case cannot be worked out with this event ({type(fault).__name__}); "
                "correct or reject it",
                code="CASE_NOT_FOLDED",
            ) from None

    def _decide(
        self,
        item: HeldItem,
        kind: str,
        words: str,
        content: Mapping[str, Any],
        decider: Decider,
        proposal_id: int | None = None,
    ) -> Sequence[int]:
        """Write the decision, close the item, tell its sender; return the proposals about it that are moot now."""
        self._decisions.add(
            kind=kind,
            about=item.subject,
            content=content,
            actor=decider.actor,
            reason=decider.reason,
            proposal_id=proposal_id,
        )
        self._store.close(item.id, "REJECTED" if kind == REJECTED else "RELEASED")
        origin = self._store.origins([item.id])[item.id]
        original = self._book.try_read(origin.raw)
        message = replies.decided(
            (origin.topic, origin.partition, origin.offset),
            words=words,
            item=origin.root,
            event=(original[0], original[1]["event_id"]) if original else (origin.event_type, origin.event_id),
            reason=decider.reason,
            decided_at=self._clock(),
        )
        Outbox(self._connection).add([message])
        return self._overtake(item, decider)

    def _overtake(self, item: HeldItem, decider: Decider) -> Sequence[int]:
        return overtake(self._connection, kinds=[RELEASE], about=item.subject, actor=decider.actor)

    @staticmethod
    def _entry(act: str, item: HeldItem, overtaken: Sequence[int]) -> Entry:
        digest = hashlib.sha256(item.record.raw or b"").digest()
        return Entry(act=act, subject=item.subject, digest=digest, overtaken=overtaken)
