"""The broker as drain sees it: partitions with their ids and ends, and records from given offsets.

No consumer groups and no auto-commit: partitions are assigned, offsets come from the store. kafka-python clients are
not fork-safe, so a `KafkaLog` is opened inside the process that uses it.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError, KafkaError, OffsetOutOfRangeError, UnsupportedCodecError

from meilenstein.errors import MeilensteinError, RetryableError
from meilenstein.ingest.decompression import PollFullError, bound_decompression, one_poll
from meilenstein.ingest.record_reader import LogRecord, read_quickly
from meilenstein_connectors.kafka_faults import lasting_fault

__all__ = ["KafkaLog", "Partition", "Poll", "UnreadablePartitionError"]

_STALL_SECONDS = 10.0
_READ_SECONDS = 15.0
"""Both well below the database's idle timeout: the caller holds cursor rows while it reads."""
_POLL_MS = 500
_POLL_RECORDS = 5000
_READ_BYTES = 20 * 2**20
"""So much is enough for one read: it holds some 50,000 events of the usual size."""
# What a batch can hold that the client cannot read: a header name that is no UTF-8, a compression it does not know,
# more than it may unpack. Another worker would meet the same.
_UNREADABLE = (CorruptRecordError, UnsupportedCodecError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition of a topic as the broker knows it; offsets `[start, end)` can be read."""

    topic: str
    partition: int
    topic_id: str
    start: int
    end: int


class UnreadablePartitionError(Exception):
    """The client cannot read on in this partition; a person has to look."""

    def __init__(self, partition: tuple[str, int], reason: str) -> None:
        super().__init__(f"{partition[0]}-{partition[1]}: {reason}")
        self.partition = partition
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Records per partition, and the offset at which reading goes on (it may skip control records)."""

    records: Mapping[tuple[str, int], Sequence[LogRecord]]
    positions: Mapping[tuple[str, int], int]


class KafkaLog:
    """Read access to the milestone topics; one instance per process, closed by its owner."""

    def __init__(self, bootstrap_servers: str, **security: Any) -> None:
        bound_decompression()
        self._common = {"bootstrap_servers": bootstrap_servers.split(","), "bootstrap_timeout_ms": 8000, **security}
        try:
            self._admin = KafkaAdminClient(**self._common)
            self._consumer = self._open()
        except KafkaError as error:
            raise self._lasting(error) or RetryableError(
                f"Kafka at {bootstrap_servers} does not answer ({type(error).__name__}): "
                "is it up, are address and password right?"
            ) from None

    def _lasting(self, error: KafkaError) -> MeilensteinError | None:
        return lasting_fault(error, servers=",".join(self._common["bootstrap_servers"]))

    def _open(self) -> KafkaConsumer:
        consumer = KafkaConsumer(
            **self._common,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",  # type: ignore[arg-type]  # known to the client, not to its stubs
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            max_poll_records=_POLL_RECORDS,
            fetch_max_bytes=50 * 2**20,
            max_partition_fetch_bytes=8 * 2**20,
            fetch_max_wait_ms=50,
        )
        read_quickly(consumer)
        return consumer

    def close(self) -> None:
        """Close both clients."""
        self._consumer.close()
        self._admin.close()

    def partitions(self, topics: Iterable[str]) -> list[Partition]:
        """Return the partitions of those of the given topics that exist, with the high watermark as of now."""
        try:
            answer = self._admin.describe_topics(sorted(topics))
            found = {row["name"]: row for row in answer if not row.get("error_code")}
            pairs = [
                TopicPartition(name, p["partition_index"]) for name, row in found.items() for p in row["partitions"]
            ]
            starts, ends = self._bounds(pairs)
        except KafkaError as error:
            raise self._lasting(error) or RetryableError(
                f"Kafka did not say which partitions there are ({type(error).__name__})"
            ) from None
        return [
            Partition(
                topic=pair.topic,
                partition=pair.partition,
                topic_id=str(found[pair.topic]["topic_id"]),
                start=starts[pair],
                end=ends[pair],
            )
            for pair in sorted(pairs)
        ]

    def _bounds(self, pairs: list[TopicPartition]) -> tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int]]:
        """Return where the partitions begin and end."""
        if not pairs:
            return {}, {}
        try:
            return self._consumer.beginning_offsets(pairs), self._consumer.end_offsets(pairs)
        except KeyError:
            # The client passes over partitions it has not learnt of (those of a new topic) and trips over the hole.
            self._consumer.topics()
        try:
            return self._consumer.beginning_offsets(pairs), self._consumer.end_offsets(pairs)
        except KeyError as missing:
            raise RetryableError(f"Kafka does not say yet where {missing.args[0]} begins and ends") from None

    def read(self, positions: Mapping[tuple[str, int], int], ends: Mapping[tuple[str, int], int], limit: int) -> Poll:
        """Read from the given positions up to `ends` (exclusive) until about `limit` records or enough bytes are there.

        UnreadablePartitionError: one partition cannot be read on. RetryableError: the broker is silent.
        """
        reached = dict(positions)
        records: dict[tuple[str, int], list[LogRecord]] = {pair: [] for pair in positions}
        count, size, last_progress = 0, 0, time.monotonic()
        deadline = last_progress + _READ_SECONDS
        self._go_to(reached, ends)
        while count < limit and size < _READ_BYTES and any(reached[pair] < ends[pair] for pair in reached):
            try:
                polled = self._poll(min(_POLL_RECORDS, limit - count))
            except PollFullError:
                self._renew()
                self._go_to(reached, ends)
                continue
            except UnreadablePartitionError:
                self._renew()
                if not count:
                    raise
                break  # what came before the culprit is good; the next call begins at it
            for pair, found in polled.items():
                end = ends[pair.topic, pair.partition]
                kept = found if found[-1].offset < end else [record for record in found if record.offset < end]
                records[pair.topic, pair.partition].extend(kept)
                count += len(kept)
                size += sum(len(record.value or b"") for record in kept)
            if self._note(reached, ends) or polled:
                last_progress = time.monotonic()
                if count and last_progress > deadline:
                    break
            elif time.monotonic() - last_progress > _STALL_SECONDS:
                if count:
                    break  # what came is kept; the silent ones are asked again by the next call
                raise RetryableError(f"Kafka delivered nothing for {_STALL_SECONDS:.0f} s although records are there")
        return Poll(records=records, positions=reached)

    def _go_to(self, reached: Mapping[tuple[str, int], int], ends: Mapping[tuple[str, int], int]) -> None:
        """Assign the partitions that are not at their end, each where it was left."""
        wanted = {TopicPartition(*pair): offset for pair, offset in reached.items() if offset < ends[pair]}
        if self._stands_at(wanted):
            return  # assigning anew would throw away what was fetched ahead
        self._consumer.assign(list(wanted))
        self._consumer.resume(*wanted)  # a partition that an earlier call paused stays paused otherwise
        for pair, offset in wanted.items():
            self._consumer.seek(pair, offset)

    def _stands_at(self, wanted: Mapping[TopicPartition, int]) -> bool:
        """Say whether the consumer stands there already, all other partitions at rest."""
        assigned, resting = self._consumer.assignment(), self._consumer.paused()
        return assigned - resting == wanted.keys() and all(
            self._position(pair) == offset for pair, offset in wanted.items()
        )

    def _note(self, reached: dict[tuple[str, int], int], ends: Mapping[tuple[str, int], int]) -> bool:
        """Note how far each partition was read, and rest those at their end; say whether any moved."""
        before = dict(reached)
        for pair in self._consumer.assignment():
            key = (pair.topic, pair.partition)
            if key in reached and reached[key] < ends[key]:
                reached[key] = min(self._position(pair), ends[key])
                if reached[key] == ends[key]:
                    self._consumer.pause(pair)
        return reached != before

    def _renew(self) -> None:
        """Open another consumer: after an error in what it fetched, the old one goes round in circles over it."""
        self._consumer.close()
        gc.collect()  # the old one is a ring of references around what it fetched, perhaps tens of megabytes
        try:
            self._consumer = self._open()
        except KafkaError as error:
            raise self._lasting(error) or RetryableError(
                f"Kafka does not answer any more ({type(error).__name__})"
            ) from None

    def _poll(self, limit: int) -> Mapping[TopicPartition, Sequence[LogRecord]]:
        try:
            with one_poll():
                found: Any = self._consumer.poll(timeout_ms=_POLL_MS, max_records=limit)
        except OffsetOutOfRangeError as error:
            (pair,) = list(error.args[0])[:1]
            raise UnreadablePartitionError((pair.topic, pair.partition), "OFFSET_OUT_OF_RANGE") from None
        except _UNREADABLE as error:
            # Only with a single partition assigned can the culprit be named; drain then reads them one by one.
            pairs = sorted(self._consumer.assignment())
            culprit = (pairs[0].topic, pairs[0].partition) if len(pairs) == 1 else ("*", -1)
            raise UnreadablePartitionError(culprit, type(error).__name__) from None
        except KafkaError as error:
            raise self._lasting(error) or RetryableError(f"Kafka did not deliver ({type(error).__name__})") from None
        return dict(found)

    def _position(self, pair: TopicPartition) -> int:
        position: int | None = self._consumer.position(pair)
        if position is None:
            raise RetryableError(f"Kafka did not say where {pair.topic}-{pair.partition} stands")
        return position


def quiet_client_logs() -> None:
    """Keep reconnect chatter of the Kafka client out of the step's log; failures reach the caller as errors."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
