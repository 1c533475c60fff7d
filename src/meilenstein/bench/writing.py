"""Puts the events into Kafka the way the SDK does: its codec, its headers, its producer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meilenstein.bench.events import SENDERS, BenchEvent
from meilenstein_connectors.cloud_events import headers_of
from meilenstein_connectors.codec import contract_schema, encode, frame
from meilenstein_connectors.kafka_transport import KafkaTransport
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_connectors.transport import Delivery
from meilenstein_schemas.contracts import NAMESPACE

__all__ = ["Written", "write_events"]

_WINDOW = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    records: int
    value_bytes: float
    """Mean size of a record's value: frame and Avro bytes."""
    header_bytes: float
    """Mean size of a record's headers and key."""


def write_events(
    events: Iterable[BenchEvent],
    *,
    transport: KafkaTransport,
    registry: RegistryClient,
    senders: Iterable[str] = SENDERS,
) -> Written:
    """Write every event to its sender's topic; each is confirmed by the broker when this returns."""
    producer = transport.producer()
    ids: dict[str, int] = {}
    under_way: list[Delivery] = []
    records = value_bytes = header_bytes = 0
    try:
        producer.prepare(f"milestones.{sender}" for sender in senders)
        for event in events:
            schema = contract_schema(event.event_type)
            if event.event_type not in ids:
                ids[event.event_type] = registry.schema_id(f"{NAMESPACE}.{event.event_type}", schema.text)
            value = frame(ids[event.event_type], encode(schema, event.body))
            key = event.body["case_reference"].encode()
            headers = headers_of(event.event_type, event.body, agency=event.sender)
            topic = f"milestones.{event.sender}"
            under_way.append(producer.send(topic=topic, key=key, value=value, headers=headers))
            records += 1
            value_bytes += len(value)
            header_bytes += len(key) + sum(len(name) + len(text) for name, text in headers)
            if len(under_way) == _WINDOW:
                _confirm(under_way)
        _confirm(under_way)
    finally:
        producer.close()
    size = max(records, 1)
    return Written(records=records, value_bytes=value_bytes / size, header_bytes=header_bytes / size)


def _confirm(under_way: list[Delivery]) -> None:
    for delivery in under_way:
        delivery.result(60)
    under_way.clear()
