"""The transport over the real Kafka: the contract that the double passes too, and what people see when it fails."""

from __future__ import annotations

import socket
import time
import uuid

import pytest
from kafka.admin import KafkaAdminClient

from meilenstein.settings import Endpoints
from meilenstein_connectors.errors import (
    AccessDenied,
    BrokerUnavailable,
    ConfigurationError,
    RefusedByBroker,
    TopicMissing,
)
from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport
from meilenstein_connectors.testing import TransportContract

pytestmark = pytest.mark.stack


def new_topic(servers: str, **configs: str) -> str:
    """Create a topic of one partition with a name of its own."""
    name = f"sdk-test.{uuid.uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=5000)
    try:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1, "configs": configs}})
    finally:
        admin.close()
    return name


class TestKafkaTransport(TransportContract):
    @pytest.fixture(autouse=True)
    def _stack(self, stack_endpoints: Endpoints) -> None:
        self.servers = stack_endpoints.bootstrap_servers

    def make_transport(self) -> KafkaTransport:
        return KafkaTransport(KafkaSettings(bootstrap_servers=self.servers))

    def make_topic(self) -> str:
        return new_topic(self.servers)

    def missing_topic(self) -> str:
        return "sdk-test.nobody-made-this"

    def test_a_reader_begins_at_the_first_record_that_is_left(self) -> None:
        transport, topic = self.make_transport(), self.make_topic()
        self._send(transport, topic, [b"one", b"two", b"three"])
        admin = KafkaAdminClient(bootstrap_servers=self.servers, bootstrap_timeout_ms=5000)
        try:
            from kafka import TopicPartition

            admin.delete_records({TopicPartition(topic, 0): 2})
        finally:
            admin.close()
        assert transport.bounds(topic) == (2, 3)
        assert [record.value for record in self._read(transport, topic, 0, 1)] == [b"three"]

    def test_a_record_beyond_the_topics_limit_is_refused_and_a_new_producer_works(self) -> None:
        transport, topic = self.make_transport(), new_topic(self.servers, **{"max.message.bytes": "2000"})
        with pytest.raises(RefusedByBroker):
            self._send(transport, topic, [bytes(3000)])
        assert [ack.offset for ack in self._send(transport, topic, [b"small"])] == [0]


def test_a_missing_topic_is_told_within_a_few_seconds(stack_endpoints: Endpoints) -> None:
    transport = KafkaTransport(KafkaSettings(bootstrap_servers=stack_endpoints.bootstrap_servers))
    producer = transport.producer()
    began = time.monotonic()
    try:
        with pytest.raises(TopicMissing, match=r"sdk-test\.missing"):
            producer.send(topic="sdk-test.missing", key=b"k", value=b"v", headers=[])
    finally:
        producer.close()
    assert time.monotonic() - began < 10


def test_no_broker_is_one_line_that_names_the_server() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{free.getsockname()[1]}"
    transport = KafkaTransport(KafkaSettings(bootstrap_servers=server, connect_timeout=1.0))
    with pytest.raises(BrokerUnavailable, match=server) as told:
        transport.producer()
    assert "\n" not in str(told.value)
    with pytest.raises(BrokerUnavailable, match=server):
        transport.bounds("any")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"bootstrap_servers": "127.0.0.1:1", "security_protocol": "NONSENSE"}, "NONSENSE"),
        ({"bootstrap_servers": "127.0.0.1:1", "security_protocol": "SASL_SSL"}, "SASL mechanism"),
        ({"bootstrap_servers": "no-port"}, "no-port"),
        ({"bootstrap_servers": "127.0.0.1:1,host:x"}, "host:x"),
    ],
)
def test_unusable_settings_are_a_configuration_error(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        KafkaSettings(**settings)


def test_a_wrong_user_is_told_apart_where_the_broker_says_so(stack_endpoints: Endpoints) -> None:
    """The embedded broker has no SASL listener, so this shows the general words, not the exact hint."""
    settings = KafkaSettings(
        bootstrap_servers=stack_endpoints.bootstrap_servers,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="nobody",
        sasl_password="wrong",
        connect_timeout=1.0,
    )
    with pytest.raises((BrokerUnavailable, AccessDenied)) as told:
        KafkaTransport(settings).bounds("any")
    assert "password" in str(told.value)
    assert "wrong" not in str(told.value).replace("a wrong password", "")
