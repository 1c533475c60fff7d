"""Letting a halted partition go on, once two people know what happened to its log."""

from __future__ import annotations

from dataclasses import dataclass

from meilenstein.audit.trail import AuditTrail
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.ingest.kafka_log import KafkaLog, Partition
from meilenstein.stewardship.second_person import SecondPerson, content_digest, same_person
from meilenstein.store.cursors import Cursor, CursorStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.decisions import DecisionStore
from meilenstein.store.proposals import Proposal, ProposalStore

__all__ = ["ACT", "Resumption", "resume"]

ACT = "cursor.resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """What a call did: `resumed` is False while a second person is waited for; `said` is one line for the user."""

    resumed: bool
    proposal_id: int | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Where reading would go on: what two people must mean alike."""

    cursor: Cursor
    found: Partition
    at: int | None
    following: int

    @property
    def recreated(self) -> bool:
        return self.cursor.topic_id != self.found.topic_id

    def content(self) -> dict[str, str | int | None]:
        return {
            "topic": self.cursor.topic,
            "partition": self.cursor.partition,
            "topic_id": self.found.topic_id,
            "at": self.at,
            "goes_on_at": self.following,
        }

    def said(self) -> str:
        where = f"{self.cursor.topic}-{self.cursor.partition}"
        return f"{where} goes on {'in the recreated topic ' if self.recreated else ''}at {self.following}"


def resume(
    connection: Connection,
    log: KafkaLog,
    trail: AuditTrail,
    topic: str,
    *,
    partition: int,
    at: int | None,
    reason: str,
    actor: str,
) -> Resumption:
    """Propose that reading goes on, or, if somebody else proposed the same, let it go on.

    A recreated topic is read from its start; any other partition goes on where it stood, or at `at`; offsets that are
    passed over become a recorded gap. The two people agree on topic, partition, `at` and the offset that follows from
    it. Decision and audit entry are written in the transaction of the act, a refused attempt in one of its own.
    Repeated by either of the two, it has no further effect.
    """
    where = f"{topic}-{partition}"
    with trail.attempt(actor=actor, act=ACT, subject=where), retryable("cursor resume"):
        cursors = CursorStore(connection)
        present = next((found for found in log.partitions([topic]) if found.partition == partition), None)
        cursor = cursors.hold(topic, partition)
        if cursor is None:
            raise ConfigurationError(
                f"cursor resume: {where} is not known; `meilenstein status` lists what is halted",
                audit_line="UNKNOWN_PARTITION",
            )
        if not cursor.halted_reason:
            done = _already(connection, where, at, actor)
            connection.rollback()
            return done
        if present is None:
            raise ConfigurationError(
                f"cursor resume: Kafka has no {where}; run `meilenstein topics apply` first",
                audit_line="NO_SUCH_PARTITION",
            )
        way = _way(cursor, present, at)
        second = SecondPerson(connection, trail)
        proposal = second.confirm(kind=ACT, about=where, content=way.content(), actor=actor, reason=reason)
        if proposal is None:
            connection.commit()
            standing = second.standing.id if second.standing else None
            return Resumption(resumed=False, proposal_id=standing, said=f"{where} still stands; {second.told}")
        _go_on(cursors, way, reason)
        content = way.content()
        decisions = DecisionStore(connection)
        decisions.add(kind=ACT, about=where, content=content, actor=actor, reason=reason, proposal_id=proposal)
        digest = content_digest(content)
        trail.record(actor=actor, act=ACT, subject=where, outcome="DONE", reason=reason, digest=digest)
        connection.commit()
    return Resumption(resumed=True, proposal_id=proposal, said=way.said())


def _already(connection: Connection, where: str, at: int | None, actor: str) -> Resumption:
    """Answer whoever repeats what was done; for anybody else a partition that is not halted is a refusal."""
    last = ProposalStore(connection).confirmed(ACT, where)
    if last is None:
        raise PermanentError(f"cursor resume: {where} is not halted; nothing was changed", audit_line="NOT_HALTED")
    who = f"{where} was resumed by {last.actor} and {last.closed_by} at {last.closed_at:%Y-%m-%d %H:%M} UTC"
    if last.content.get("at") == at and _is_one_of(last, actor):
        return Resumption(resumed=True, proposal_id=last.id, said=f"{who} already")
    raise PermanentError(f"cursor resume: {where} is not halted; {who}; nothing was changed", audit_line="NOT_HALTED")


def _is_one_of(proposal: Proposal, actor: str) -> bool:
    return same_person(actor, proposal.actor) or same_person(actor, proposal.closed_by or "")


def _way(cursor: Cursor, found: Partition, at: int | None) -> _Way:
    if cursor.topic_id != found.topic_id:
        if at not in {None, found.start}:
            raise ConfigurationError(
                f"cursor resume: {cursor.topic}-{cursor.partition} was recreated and is read from its start "
                f"({found.start}); leave --at out",
                audit_line="RECREATED",
            )
        return _Way(cursor=cursor, found=found, at=at, following=found.start)
    following = max(cursor.next_offset, found.start) if at is None else at
    if following < cursor.next_offset or not found.start <= following <= found.end:
        raise ConfigurationError(
            f"cursor resume: {cursor.topic}-{cursor.partition} holds [{found.start}, {found.end}) and was read up to "
            f"{cursor.next_offset}; {following} cannot be read from. If the log was cut back, recreate the topic and "
            "have it sent again",
            audit_line="OFFSET_NOT_READABLE",
        )
    return _Way(cursor=cursor, found=found, at=at, following=following)


def _go_on(cursors: CursorStore, way: _Way, reason: str) -> None:
    cursor, found = way.cursor, way.found
    if way.recreated:
        cursors.retire(cursor)
        cursors.add(topic=cursor.topic, partition=cursor.partition, topic_id=found.topic_id, start=found.start)
        return
    if way.following > cursor.next_offset:
        cursors.add_gap(
            topic_id=cursor.topic_id,
            partition=cursor.partition,
            first=cursor.next_offset,
            last=way.following - 1,
            reason=f"GIVEN_UP: {reason}",
        )
    cursors.resume(cursor, next_offset=way.following)
