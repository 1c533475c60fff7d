"""A broker and a schema registry in memory, with faults on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from meilenstein_connectors.errors import MeilensteinError, NotAcknowledged, TopicMissing, UnknownSchema
from meilenstein_connectors.transport import PARTITION, Ack, Delivery, Headers, Producer, Reader, Record
from meilenstein_schemas.contracts import load_contracts

__all__ = ["MemoryBroker", "MemoryRegistry", "MemoryTransport"]


class MemoryBroker:
    """Topics with one partition each; shared by any number of transports and threads."""

    def __init__(self, topics: Iterable[str] = ()) -> None:
        self._topics: dict[str, list[Record]] = {topic: [] for topic in topics}
        self._starts: dict[str, int] = {}
        self._changed = threading.Condition()
        self.fault: Callable[[Record], MeilensteinError | None] | None = None
        """Asked for every record that is sent: returns the error to fail it with (it is not kept), or None."""
        self.lose_acks = False
        """While true, records are kept but never confirmed."""
        self.unavailable: MeilensteinError | None = None
        """While set, every new producer, reader and look-up raises it."""

    def create_topic(self, topic: str) -> None:
        """Create an empty topic; one that exists is emptied and begins again at offset 0."""
        with self._changed:
            self._topics[topic] = []
            self._starts[topic] = 0

    def records(self, topic: str) -> list[Record]:
        """Return what the topic holds, oldest first; raises TopicMissing."""
        with self._changed:
            return list(self._log(topic))

    def append(self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Record:
        """Add a record as if somebody had sent it, and return it."""
        with self._changed:
            log = self._log(topic)
            offset = log[-1].offset + 1 if log else self._starts.get(topic, 0)
            record = Record(
                topic=topic, partition=PARTITION, offset=offset, key=key, value=value, headers=tuple(headers)
            )
            log.append(record)
            self._changed.notify_all()
            return record

    def expire(self, topic: str, before: int) -> None:
        """Remove the records below an offset, as retention does."""
        with self._changed:
            log = self._log(topic)
            self._starts[topic] = before
            log[:] = [record for record in log if record.offset >= before]

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the first offset that is still there and the one the next record will get."""
        with self._changed:
            log = self._log(topic)
            start = log[0].offset if log else self._starts.get(topic, 0)
            return start, (log[-1].offset + 1 if log else start)

    def wait_from(self, topic: str, offset: int, timeout: float) -> list[Record]:
        """Return the records from an offset on, waiting up to `timeout` seconds for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._after(topic, offset), timeout)
            return self._after(topic, offset)

    def _after(self, topic: str, offset: int) -> list[Record]:
        return [record for record in self._log(topic) if record.offset >= offset]

    def _log(self, topic: str) -> list[Record]:
        if topic not in self._topics:
            raise TopicMissing(topic)
        return self._topics[topic]


class _MemoryDelivery:
    def __init__(self, outcome: Ack | MeilensteinError | None) -> None:
        self._outcome = outcome

    def result(self, timeout: float) -> Ack:
        del timeout  # the outcome is known at once
        if self._outcome is None:
            raise NotAcknowledged
        if isinstance(self._outcome, MeilensteinError):
            raise self._outcome
        return self._outcome


class _MemoryProducer:
    """Like a real one: after one failure nothing that it is given succeeds any more."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._dead: MeilensteinError | None = None

    def prepare(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._broker.bounds(topic)

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> Delivery:
        if self._dead is None:
            self._broker.bounds(topic)
            probe = Record(topic=topic, partition=PARTITION, offset=-1, key=key, value=value, headers=tuple(headers))
            self._dead = self._broker.fault(probe) if self._broker.fault else None
        if self._dead is not None:
            return _MemoryDelivery(self._dead)
        record = self._broker.append(topic, key=key, value=value, headers=headers)
        if self._broker.lose_acks:
            return _MemoryDelivery(None)
        return _MemoryDelivery(Ack(topic=topic, partition=PARTITION, offset=record.offset))

    def close(self) -> None:
        self._dead = NotAcknowledged("the producer was closed")


class _MemoryReader:
    def __init__(self, broker: MemoryBroker, topic: str, offset: int) -> None:
        self._broker = broker
        self._topic = topic
        self._next = offset

    def read(self, timeout: float) -> Sequence[Record]:
        records = self._broker.wait_from(self._topic, self._next, timeout)
        if records:
            self._next = records[-1].offset + 1
        return records

    def close(self) -> None:
        return None


class MemoryTransport:
    """A Transport over a MemoryBroker; counts the producers it made."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self.producers_made = 0

    def producer(self) -> Producer:
        """Return a new producer."""
        self._require_broker()
        self.producers_made += 1
        return _MemoryProducer(self._broker)

    def reader(self, topic: str, offset: int) -> Reader:
        """Return a reader from the offset on."""
        self.bounds(topic)
        return _MemoryReader(self._broker, topic, offset)

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the first and the next offset of the topic."""
        self._require_broker()
        return self._broker.bounds(topic)

    def _require_broker(self) -> None:
        if self._broker.unavailable is not None:
            raise self._broker.unavailable


class MemoryRegistry:
    """Holds the contracts of the installed SDK, or the given texts by subject; ids count from 1."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        held = texts if texts is not None else {item.full_name: item.text for item in load_contracts().values()}
        self._ids = {pair: number for number, pair in enumerate(held.items(), start=1)}
        self.unavailable: MeilensteinError | None = None
        """While set, every question raises it."""

    def schema_id(self, subject: str, text: str) -> int:
        """Return the id of the schema; UnknownSchema if it is not held."""
        self._require_answer()
        found = self._ids.get((subject, text))
        if found is None:
            raise UnknownSchema(f"the registry does not hold subject {subject} with this text")
        return found

    def schema_text(self, schema_id: int) -> str:
        """Return the text behind an id; UnknownSchema if there is none."""
        self._require_answer()
        for (_, text), number in self._ids.items():
            if number == schema_id:
                return text
        raise UnknownSchema(f"the registry does not hold schema id {schema_id}", schema_id=schema_id)

    def _require_answer(self) -> None:
        if self.unavailable is not None:
            raise self.unavailable
