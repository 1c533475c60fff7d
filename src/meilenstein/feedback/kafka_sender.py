"""Sends outbox messages to Kafka through the SDK's transport; a producer that met an error is discarded."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from meilenstein.store.outbox import Unsent
from meilenstein_connectors.errors import MeilensteinError
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
        """Learn about the topics side by side; the first message to each would wait otherwise.

        What is wrong with a topic is told when something is sent to it, where it delays only its own recipient.
        """
        try:
            self._sound().prepare(topics)
        except MeilensteinError:
            self.close()

    def _sound(self) -> Producer:
        if self._producer is None:
            self._producer = self._transport.producer()
        return self._producer

    def send(self, messages: Sequence[Unsent]) -> list[int]:
        """Send in order and return the ids acknowledged; what comes after the first failure stays unsent.

        Raises what failed if nothing was acknowledged. A producer that met an error is of no more use.
        """
        producer = self._sound()
        deadline = time.monotonic() + _ACK_SECONDS
        acknowledged: list[int] = []
        under_way: list[tuple[int, Delivery]] = []
        failure: MeilensteinError | None = None
        try:
            for message in messages:
                delivery = producer.send(
                    topic=message.topic, key=message.key.encode(), value=message.value, headers=_HEADERS
                )
                under_way.append((message.id, delivery))
        except MeilensteinError as error:
            failure = error
        try:
            for message_id, delivery in under_way:
                delivery.result(max(0.1, deadline - time.monotonic()))
                acknowledged.append(message_id)
        except MeilensteinError as error:
            failure = failure or error
        if failure is not None:
            self.close()
            if not acknowledged:
                raise failure
        return acknowledged

    def close(self) -> None:
        """Discard the producer; the next send makes a new one."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None
