"""Letting a halted partition go on, once a person knows what happened to its log."""

from __future__ import annotations

from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.ingest.kafka_log import KafkaLog, Partition
from meilenstein.store.cursors import Cursor, CursorStore
from meilenstein.store.database import Connection, retryable

__all__ = ["resume"]


def resume(
    connection: Connection, log: KafkaLog, topic: str, *, partition: int, at: int | None, reason: str, actor: str
) -> str:
    """Resume reading and return in one line where; offsets that are passed over become a recorded gap.

    A recreated topic is read from its start; any other partition goes on where it stood, or at `at`. The reason and
    the actor are recorded in the same transaction.
    """
    if not reason.strip():
        raise ConfigurationError("cursor resume: say in --reason what happened to the log")
    with retryable("cursor resume"):
        cursors = CursorStore(connection)
        cursor = _halted(cursors, topic, partition)
        found = next((found for found in log.partitions([topic]) if found.partition == partition), None)
        if found is None:
            raise ConfigurationError(f"cursor resume: Kafka has no {topic}; run `meilenstein topics apply` first")
        if cursor.topic_id != found.topic_id:
            cursors.retire(cursor)
            cursors.add(topic=topic, partition=partition, topic_id=found.topic_id, start=found.start)
            line = f"{topic}-{partition} goes on in the recreated topic at {found.start}"
        else:
            line = _go_on(cursors, cursor, found, at, reason)
        cursors.audit(actor=actor, act="cursor resume", subject=f"{topic}-{partition}", outcome=f"{line}: {reason}")
        connection.commit()
    return line


def _halted(cursors: CursorStore, topic: str, partition: int) -> Cursor:
    for cursor in cursors.known():
        if (cursor.topic, cursor.partition) == (topic, partition):
            if cursor.halted_reason:
                return cursor
            raise PermanentError(f"cursor resume: {topic}-{partition} is not halted")
    raise ConfigurationError(
        f"cursor resume: {topic}-{partition} is not known; `meilenstein status` lists what is halted"
    )


def _go_on(cursors: CursorStore, cursor: Cursor, found: Partition, at: int | None, reason: str) -> str:
    where = f"{cursor.topic}-{cursor.partition}"
    following = max(cursor.next_offset, found.start) if at is None else at
    if following < cursor.next_offset or not found.start <= following <= found.end:
        raise ConfigurationError(
            f"cursor resume: {where} holds [{found.start}, {found.end}) and was read up to {cursor.next_offset}; "
            f"{following} cannot be read from. If the log was cut back, recreate the topic and have it sent again"
        )
    if following > cursor.next_offset:
        cursors.add_gap(
            topic_id=cursor.topic_id,
            partition=cursor.partition,
            first=cursor.next_offset,
            last=following - 1,
            reason=f"GIVEN_UP: {reason}",
        )
    cursors.resume(cursor, next_offset=following)
    return f"{where} goes on at {following}"
