"""The double does what the real transport does."""

from __future__ import annotations

from meilenstein_connectors.testing import MemoryBroker, MemoryTransport, TransportContract


class TestMemoryTransport(TransportContract):
    def setup_method(self) -> None:
        self.broker = MemoryBroker()
        self.made = 0

    def make_transport(self) -> MemoryTransport:
        return MemoryTransport(self.broker)

    def make_topic(self) -> str:
        self.made += 1
        self.broker.create_topic(f"topic-{self.made}")
        return f"topic-{self.made}"

    def missing_topic(self) -> str:
        return "nobody-made-this"

    def test_retention_moves_the_start(self) -> None:
        transport, topic = self.make_transport(), self.make_topic()
        self._send(transport, topic, [b"one", b"two", b"three"])
        self.broker.expire(topic, 2)
        assert transport.bounds(topic) == (2, 3)
        assert [record.value for record in self._read(transport, topic, 0, 1)] == [b"three"]
        self.broker.expire(topic, 3)
        assert transport.bounds(topic) == (3, 3)
        assert [ack.offset for ack in self._send(transport, topic, [b"four"])] == [3]
