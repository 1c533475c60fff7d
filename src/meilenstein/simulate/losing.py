"""A transport that swallows some events and says that they arrived: a fault in a partner's own system."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from meilenstein_connectors.transport import PARTITION, Ack, Delivery, Headers, Producer, Reader, Transport

__all__ = ["LosingTransport"]


class LosingTransport:
    """Passes everything on but the events with the given ids."""

    def __init__(self, transport: Transport, lost: Collection[str]) -> None:
        self._transport = transport
        self._lost = frozenset(event_id.encode() for event_id in lost)

    def producer(self) -> Producer:
        """Return a producer that swallows what is to be lost."""
        return _LosingProducer(self._transport.producer(), self._lost)

    def reader(self, topic: str, offset: int) -> Reader:
        """Return a reader of the transport."""
        return self._transport.reader(topic, offset)

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the bounds of a topic."""
        return self._transport.bounds(topic)


class _LosingProducer:
    def __init__(self, producer: Producer, lost: Collection[bytes]) -> None:
        self._producer = producer
        self._lost = lost

    def prepare(self, topics: Iterable[str]) -> None:
        self._producer.prepare(topics)

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> Delivery:
        if any(name == "ce_id" and text in self._lost for name, text in headers):
            return _Swallowed(topic)
        return self._producer.send(topic=topic, key=key, value=value, headers=headers)

    def close(self) -> None:
        self._producer.close()


class _Swallowed:
    def __init__(self, topic: str) -> None:
        self._topic = topic

    def result(self, timeout: float) -> Ack:  # noqa: ARG002 - the protocol's
        return Ack(topic=self._topic, partition=PARTITION, offset=-1)
