"""The transport over a real Kafka, with kafka-python; the only module of the SDK that imports it.

Settings that matter: no consumer groups and no automatic commits (offsets are the SDK's own), idempotent producers with
`acks=all`, explicit partition 0, no topics created by accident. A kafka-python producer is of no use after its first
error, so it is made to be thrown away: the outbox sends again.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors

from meilenstein_connectors.errors import (
    AccessDenied,
    BrokerUnavailable,
    ConfigurationError,
    MeilensteinError,
    NotAcknowledged,
    TopicMissing,
)
from meilenstein_connectors.kafka_faults import SETTINGS_FAULTS, lasting_fault
from meilenstein_connectors.kafka_settings import KafkaSettings
from meilenstein_connectors.transport import PARTITION, Ack, Delivery, Headers, Producer, Reader, Record

__all__ = ["KafkaSettings", "KafkaTransport"]

_Client = TypeVar("_Client")
_LOOK_UPS = 128
"""Topics that are looked up at once."""
_READING: Mapping[str, Any] = {
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",  # an offset that is gone is told, not skipped in silence
    "isolation_level": "read_committed",
    "max_poll_records": 1000,
}
_LOOKS, _LOOK_PAUSE = 8, 0.25


class KafkaTransport:
    """Makes producers and readers; each is its own connection."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    def producer(self) -> Producer:
        """Return a new idempotent producer; raises BrokerUnavailable or AccessDenied within `connect_timeout`."""
        client = self._connect(
            lambda: KafkaProducer(
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
                batch_size=262_144,
                max_block_ms=int(self._settings.metadata_timeout * 1000),
                **self._settings.client_arguments(),
            )
        )
        return _KafkaProducer(client, self)

    def reader(self, topic: str, offset: int) -> Reader:
        """Return a reader whose first record is the one at `offset`, or the first after it that still exists."""
        client = self._consumer()
        try:
            start, _ = self._bounds(client, topic)
            client.assign([TopicPartition(topic, PARTITION)])
            client.seek(TopicPartition(topic, PARTITION), max(offset, start))
        except BaseException:
            _close(client)
            raise
        return _KafkaReader(client, topic, self)

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the first offset that is still there and the one the next record will get; raises TopicMissing."""
        client = self._consumer()
        try:
            return self._bounds(client, topic)
        finally:
            _close(client)

    def _consumer(self) -> KafkaConsumer:
        return self._connect(
            lambda: KafkaConsumer(
                **_READING,
                **self._settings.client_arguments(),
            )
        )

    def _bounds(self, client: KafkaConsumer, topic: str) -> tuple[int, int]:
        partition = TopicPartition(topic, PARTITION)
        patience = int(self._settings.connect_timeout * 1000)
        with self.reading(topic):
            self._require_topic(client, topic)
            start = client.beginning_offsets([partition], timeout_ms=patience)[partition]
            end = client.end_offsets([partition], timeout_ms=patience)[partition]
        return start, end

    def _require_topic(self, client: KafkaConsumer, topic: str) -> None:
        # A topic without leader (just created, or the broker just started) looks missing for a moment.
        for _ in range(_LOOKS):
            if client.partitions_for_topic(topic):
                return
            time.sleep(_LOOK_PAUSE)
        raise TopicMissing(topic)

    def _connect(self, make: Callable[[], _Client]) -> _Client:
        self._require_listener()
        with _collected_hints() as hints:
            try:
                return make()
            except SETTINGS_FAULTS as error:
                raise ConfigurationError(
                    f"Kafka at {self._settings.bootstrap_servers}: the settings do not work ({error}); "
                    "check bootstrap servers (host:port) and security settings"
                ) from None
            except (kafka_errors.KafkaError, OSError) as error:
                raise self._unreachable([*hints, type(error).__name__, str(error)]) from None

    def _require_listener(self) -> None:
        # kafka-python tries a closed port until its time is over, and leaves sockets behind.
        self._settings.require_known_hosts()
        for address in self._settings.addresses():
            with suppress(OSError), socket.create_connection(address, self._settings.connect_timeout):
                return
        raise self._unreachable([])

    def _unreachable(self, hints: Sequence[str]) -> MeilensteinError:
        servers = self._settings.bootstrap_servers
        seen = " ".join(hints)
        if "SaslAuthenticationFailed" in seen:
            return AccessDenied(f"Kafka at {servers} refuses the user name or password: check the SASL settings")
        if "CERTIFICATE_VERIFY_FAILED" in seen:
            return AccessDenied(
                f"the certificate of Kafka at {servers} is not signed by the given CA: check the CA file"
            )
        secured = self._settings.security_protocol != "PLAINTEXT"
        also = "; a wrong password or CA file can look the same" if secured else ""
        return BrokerUnavailable(
            f"no Kafka broker answered at {servers} within {self._settings.connect_timeout:g} s: "
            f"check that it runs and that the address is right{also}"
        )

    @contextmanager
    def writing(self, topic: str) -> Iterator[None]:
        """Turn errors of kafka-python while writing into the SDK's."""
        try:
            yield
        except kafka_errors.KafkaError as error:
            said = f"Kafka at {self._settings.bootstrap_servers} did not confirm a record for {topic} in time"
            raise self._lasting(error, topic) or NotAcknowledged(f"{said} ({type(error).__name__})") from None

    @contextmanager
    def reading(self, topic: str) -> Iterator[None]:
        """Turn errors of kafka-python while reading into the SDK's."""
        try:
            yield
        except kafka_errors.KafkaError as error:
            said = f"Kafka at {self._settings.bootstrap_servers} did not answer in time about {topic}"
            raise self._lasting(error, topic) or BrokerUnavailable(f"{said} ({type(error).__name__})") from None

    def _lasting(self, error: kafka_errors.KafkaError, topic: str) -> MeilensteinError | None:
        return lasting_fault(error, servers=self._settings.bootstrap_servers, topic=topic)


class _Hints(logging.Handler):
    """Collects the names of connection errors: kafka-python raises the same timeout for all of them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())
        for argument in record.args if isinstance(record.args, tuple) else ():
            self.found.append(type(argument).__name__)


@contextmanager
def _collected_hints() -> Iterator[list[str]]:
    logger, handler = logging.getLogger("kafka.net.manager"), _Hints()
    logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        logger.removeHandler(handler)


class _KafkaDelivery:
    def __init__(self, future: Any, topic: str, transport: KafkaTransport) -> None:
        self._future = future
        self._topic = topic
        self._transport = transport

    def result(self, timeout: float) -> Ack:
        with self._transport.writing(self._topic):
            confirmed = self._future.get(timeout)
        return Ack(topic=confirmed.topic, partition=confirmed.partition, offset=confirmed.offset)


class _KafkaProducer:
    def __init__(self, client: KafkaProducer, transport: KafkaTransport) -> None:
        self._client = client
        self._transport = transport
        self._known: set[str] = set()

    def prepare(self, topics: Iterable[str]) -> None:
        fresh = sorted(set(topics) - self._known)
        if fresh:
            # One by itself first: where the broker cannot be reached, not all need to find that out.
            self._require_topic(fresh.pop())
        if fresh:
            # Each look-up takes a tenth of a second of waiting, so they wait side by side.
            with ThreadPoolExecutor(min(len(fresh), _LOOK_UPS)) as pool:
                list(pool.map(self._require_topic, fresh))

    def send(self, *, topic: str, key: bytes, value: bytes, headers: Headers) -> Delivery:
        if topic not in self._known:
            self._require_topic(topic)
        with self._transport.writing(topic):
            future = self._client.send(topic, key=key, value=value, headers=list(headers), partition=PARTITION)
        return _KafkaDelivery(future, topic, self._transport)

    def _require_topic(self, topic: str) -> None:
        # A producer waits in vain for a topic that does not exist; only a consumer's look-up tells it is missing.
        try:
            self._client.partitions_for(topic)
        except kafka_errors.KafkaTimeoutError:
            self._transport.bounds(topic)
            raise NotAcknowledged(f"the broker told nothing about topic {topic} in time") from None
        except kafka_errors.KafkaError as error:
            with self._transport.writing(topic):
                raise error from None
        self._known.add(topic)

    def close(self) -> None:
        # Without this a closing producer waits for records that will never be confirmed, and its thread stays behind.
        sender = getattr(self._client, "_sender", None)
        if sender is not None:
            sender.force_close()
            sender.join(5)
        with suppress(kafka_errors.KafkaError):
            self._client.close(timeout=0)


class _KafkaReader:
    def __init__(self, client: KafkaConsumer, topic: str, transport: KafkaTransport) -> None:
        self._client = client
        self._partition = TopicPartition(topic, PARTITION)
        self._transport = transport

    def read(self, timeout: float) -> Sequence[Record]:
        with self._transport.reading(self._partition.topic):
            try:
                found = self._client.poll(timeout_ms=int(timeout * 1000))
            except kafka_errors.OffsetOutOfRangeError:
                # Retention removed what was next while this reader was away: go on with what is left.
                self._client.seek_to_beginning(self._partition)
                found = {}
            if not found:
                # poll() is silent when the broker is gone or reading is not allowed; this question is not.
                self._client.end_offsets([self._partition], timeout_ms=5000)
        return [_record(record) for records in found.values() for record in records]

    def close(self) -> None:
        _close(self._client)


def _close(client: KafkaConsumer) -> None:
    """Close a consumer without the client's complaint that its own look-up of the cluster was cancelled by that."""
    logger = logging.getLogger("kafka.cluster")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        client.close()
    finally:
        logger.setLevel(before)


def _record(record: Any) -> Record:
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )
