"""Sends outbox messages to Kafka through the SDK's transport; a producer that met an error is discarded."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from meilenstein.store.outbox import Unsent
from meilenstein_connectors.errors import RetryableError
from meilenstein_connectors.transport import Delivery, Producer, Transport

__all__ = ["KafkaSender"]

_ACK_SECONDS = 20.0
"""Bound on the wait for all acknowledgements of one window; well below the database's idle timeout."""

_HEADERS = (("content-type", b"application/json"),)


class KafkaSender:
    """Keeps one producer as long as it is sound. One instance per process."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._producer: Producer | None = None

    def prepare(self, topics: Iterable[str]) -> None:
        """Learn about the topics side by side; the first message to each would wait otherwise."""
        try:
            self._sound().prepare(topics)
        except RetryableError:
            self.close()
            raise

    def _sound(self) -> Producer:
        if self._producer is None:
            self._producer = self._transport.producer()
        return self._producer

    def send(self, messages: Sequence[Unsent]) -> list[int]:
        """Send in order and return the ids acknowledged; what comes after the first failure stays unsent."""
        acknowledged: list[int] = []
        producer = self._sound()
        deadline = time.monotonic() + _ACK_SECONDS
        try:
            under_way: list[tuple[int, Delivery]] = [
                (
                    message.id,
                    producer.send(
                        topic=message.topic, key=message.key.encode(), value=message.value or b"", headers=_HEADERS
                    ),
                )
                for message in messages
            ]
            for message_id, delivery in under_way:
                delivery.result(max(0.1, deadline - time.monotonic()))
                acknowledged.append(message_id)
        except RetryableError:
            self.close()
            if not acknowledged:
                raise
        return acknowledged

    def close(self) -> None:
        """Discard the producer; the next send makes a new one."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None
