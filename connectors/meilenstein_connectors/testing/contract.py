"""What every transport has to do, as tests: inherit, say how to make one, and let pytest collect the class.

class TestMyTransport(TransportContract):
    def make_transport(self) -> Transport: ...
    def make_topic(self) -> str: ...      # a new, empty topic each time
    def missing_topic(self) -> str: ...   # a topic that does not exist
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meilenstein_connectors.errors import TopicMissing
from meilenstein_connectors.transport import Ack, Record, Transport

__all__ = ["TransportContract"]

WAIT = 15.0


class TransportContract:
    """Tests of one transport."""

    def make_transport(self) -> Transport:
        """Return the transport under test."""
        raise NotImplementedError

    def make_topic(self) -> str:
        """Create an empty topic with one partition and return its name."""
        raise NotImplementedError

    def missing_topic(self) -> str:
        """Return the name of a topic that does not exist."""
        raise NotImplementedError

    def _send(self, transport: Transport, topic: str, values: Sequence[bytes]) -> list[Ack]:
        producer = transport.producer()
        try:
            under_way = [
                producer.send(topic=topic, key=b"file", value=value, headers=[("name", b"\xc3\xa4")])
                for value in values
            ]
            return [delivery.result(WAIT) for delivery in under_way]
        finally:
            producer.close()

    def _read(self, transport: Transport, topic: str, offset: int, count: int) -> list[Record]:
        reader = transport.reader(topic, offset)
        records: list[Record] = []
        try:
            for _ in range(20):
                records.extend(reader.read(1.0))
                if len(records) >= count:
                    break
            return records
        finally:
            reader.close()

    def test_a_new_topic_is_empty(self) -> None:
        """The bounds of an empty topic are equal."""
        assert self.make_transport().bounds(self.make_topic()) == (0, 0)

    def test_confirmed_records_are_read_back_as_they_were_sent(self) -> None:
        """Key, value, headers, partition 0 and the confirmed offsets come back, in order."""
        transport, topic = self.make_transport(), self.make_topic()
        acks = self._send(transport, topic, [b"one", b"\x00two", b"three"])
        assert [ack.offset for ack in acks] == [0, 1, 2]
        assert {(ack.topic, ack.partition) for ack in acks} == {(topic, 0)}
        records = self._read(transport, topic, 0, 3)
        assert [record.value for record in records] == [b"one", b"\x00two", b"three"]
        assert [record.offset for record in records] == [0, 1, 2]
        assert records[0].key == b"file"
        assert records[0].headers == (("name", b"\xc3\xa4"),)
        assert transport.bounds(topic) == (0, 3)

    def test_a_reader_starts_at_its_offset(self) -> None:
        """Records before the offset are not read."""
        transport, topic = self.make_transport(), self.make_topic()
        self._send(transport, topic, [b"one", b"two", b"three"])
        assert [record.value for record in self._read(transport, topic, 2, 1)] == [b"three"]

    def test_a_reader_at_the_end_waits_and_then_returns_nothing(self) -> None:
        """No record is no error."""
        transport, topic = self.make_transport(), self.make_topic()
        self._send(transport, topic, [b"one"])
        reader = transport.reader(topic, 1)
        try:
            assert list(reader.read(0.2)) == []
        finally:
            reader.close()

    def test_a_reader_sees_records_that_come_later(self) -> None:
        """Reading goes on where it stopped."""
        transport, topic = self.make_transport(), self.make_topic()
        reader = transport.reader(topic, 0)
        try:
            assert list(reader.read(0.2)) == []
            self._send(transport, topic, [b"late"])
            found: list[Record] = []
            for _ in range(20):
                found.extend(reader.read(1.0))
                if found:
                    break
            assert [record.value for record in found] == [b"late"]
        finally:
            reader.close()

    def test_a_missing_topic_is_named(self) -> None:
        """Reading, asking and sending say that the topic is missing."""
        transport, topic = self.make_transport(), self.missing_topic()
        for use in (
            lambda: transport.bounds(topic),
            lambda: transport.reader(topic, 0),
            lambda: self._send(transport, topic, [b"one"]),
        ):
            assert topic in _message_of(use)


def _message_of(use: Callable[[], object]) -> str:
    """Return the message of the TopicMissing that the call raises (without pytest, which partners may not use)."""
    try:
        use()
    except TopicMissing as error:
        return str(error)
    return ""
