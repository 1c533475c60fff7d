"""What the SDK needs of a message broker. `kafka_transport` is the real one, `testing` ships one in memory.

Every topic has one partition; records are read from offsets that the SDK keeps itself, without consumer groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["PARTITION", "Ack", "Delivery", "Headers", "Producer", "Reader", "Record", "Transport"]

PARTITION = 0
"""The one partition of every topic that partners use."""

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The broker's confirmation that it holds a record."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Delivery(Protocol):
    """A record on its way."""

    def result(self, timeout: float) -> Ack:
        """Wait up to `timeout` seconds for the confirmation.

        Raises NotAcknowledged if none came (the record may still have been written), RefusedByBroker, TopicMissing or
        AccessDenied if none will come. After any error the producer must be closed and not used again.
        """
        ...


class Producer(Protocol):
    """Hands records to the broker; each is confirmed only through its own Delivery."""

    def prepare(self, topics: Iterable[str]) -> None:
        """Learn what is needed of these topics, all at once; sending to a topic for the first time waits for that.

        Raises like `Delivery.result`. Not needed before `send`, only faster for many topics.
        """
        ...

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> Delivery:
        """Hand over one record for partition 0; raises like `Delivery.result`."""
        ...

    def close(self) -> None:
        """Give up; records that are not confirmed may or may not have been written."""
        ...


class Reader(Protocol):
    """Reads one topic forward from one offset."""

    def read(self, timeout: float) -> Sequence[Record]:
        """Return the next records, or none after about `timeout` seconds; raises BrokerUnavailable."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Transport(Protocol):
    """Makes producers and readers; holds no connection itself."""

    def producer(self) -> Producer:
        """Return a new producer; raises BrokerUnavailable or AccessDenied."""
        ...

    def reader(self, topic: str, offset: int) -> Reader:
        """Return a reader whose first record is the one at `offset`, or the first after it that still exists."""
        ...

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the first offset that is still there and the one the next record will get; raises TopicMissing."""
        ...
