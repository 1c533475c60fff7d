"""Kafka without the SDK: records as a careless or hostile sender would write them, and topics read back whole."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest import mock

import psycopg
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition, codec
from kafka.record import default_records

from meilenstein.settings import Endpoints
from meilenstein.simulate.example_case import complete_body
from meilenstein_connectors.codec import contract_schema, encode, frame
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_schemas.contracts import load_contracts

__all__ = [
    "BadName",
    "Raw",
    "answers",
    "entry",
    "framed",
    "read_topic",
    "recreate_topic",
    "rows",
    "schema_id_of",
    "send_raw",
    "send_snappy",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A record as it is handed to the producer."""

    topic: str
    value: bytes | None
    key: bytes | None = b"case"
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp_ms: int | None = None


def send_raw(endpoints: Endpoints, records: Iterable[Raw], *, compression: str | None = None) -> list[int]:
    """Send the records in order and return their offsets, each acknowledged."""
    producer = KafkaProducer(
        bootstrap_servers=endpoints.bootstrap_servers,
        acks="all",
        compression_type=compression,
        max_request_size=2**31 - 1,
        batch_size=200_000,
        linger_ms=5,
        allow_auto_create_topics=False,
        max_block_ms=10_000,
    )
    try:
        futures = [
            producer.send(
                raw.topic,
                value=raw.value,
                key=raw.key,
                headers=list(raw.headers),
                partition=0,
                timestamp_ms=raw.timestamp_ms,
            )
            for raw in records
        ]
        return [future.get(60).offset for future in futures]
    finally:
        producer.close(timeout=10)


class BadName(str):
    """A header name whose bytes are no UTF-8, as other clients can send it."""

    __slots__ = ()

    def encode(self, *_: Any, **__: Any) -> bytes:  # type: ignore[override]
        """Return the bytes that go into the record."""
        return b"\xff\xfe"


def send_snappy(endpoints: Endpoints, record: Raw) -> list[int]:
    """Send a record in a batch compressed with snappy, which kafka-python can send only with another package."""
    patches = [
        mock.patch.object(codec, "snappy", object()),
        mock.patch.object(codec, "snappy_encode", _snappy),
        mock.patch.object(default_records, "snappy_encode", _snappy),
    ]
    with ExitStack() as patched:
        for patch in patches:
            patched.enter_context(patch)
        return send_raw(endpoints, [record], compression="snappy")


def _snappy(payload: Any, **_: Any) -> bytes:
    """Compress runs of one byte, which is enough to be a legal stream that is shorter than its input."""
    data, out, literal = bytes(payload), bytearray(), bytearray()
    size = len(data)
    while size > 0x7F:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    out.append(size)

    def flush() -> None:
        for place in range(0, len(literal), 60):
            part = literal[place : place + 60]
            out.append((len(part) - 1) << 2)
            out.extend(part)
        literal.clear()

    for byte, run in itertools.groupby(data):
        left = len(list(run))
        literal.append(byte)
        left -= 1
        if left < 4:
            literal.extend([byte] * left)
            continue
        flush()
        while left:
            step = min(64, left)
            out.extend([(step - 1) << 2 | 2, 1, 0])
            left -= step
    flush()
    return bytes(out)


def read_topic(endpoints: Endpoints, topic: str) -> list[Any]:
    """Return every record of a topic, as kafka-python gives them."""
    consumer = KafkaConsumer(
        bootstrap_servers=endpoints.bootstrap_servers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        allow_auto_create_topics=False,
    )
    pair = TopicPartition(topic, 0)
    try:
        consumer.assign([pair])
        end = consumer.end_offsets([pair])[pair]
        consumer.seek_to_beginning(pair)
        found: list[Any] = []
        while consumer.position(pair) < end:
            for batch in consumer.poll(timeout_ms=1000).values():
                found.extend(batch)
        return found
    finally:
        consumer.close()


def answers(endpoints: Endpoints, agency: str) -> list[dict[str, Any]]:
    """Return what an agency was answered, oldest first."""
    return [json.loads(record.value) for record in read_topic(endpoints, f"replies.{agency}")]


def recreate_topic(endpoints: Endpoints, topic: str) -> None:
    """Delete a topic and create it again under the same name; it has another id then."""
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    try:
        admin.delete_topics([topic])
        while topic in admin.list_topics():
            pass
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
        while topic not in admin.list_topics():
            pass
    finally:
        admin.close()


def rows(endpoints: Endpoints, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement as the owner of the tables; return its rows, if it has any."""
    with psycopg.connect(
        endpoints.owner_database_url, autocommit=True, options="-c search_path=meilenstein"
    ) as connection:
        done = connection.execute(query, values)
        return done.fetchall() if done.description else []


def schema_id_of(endpoints: Endpoints, event_type: str) -> int:
    """Return the id under which the registry holds a contract."""
    contract = load_contracts()[event_type]
    return RegistryClient(endpoints.registry_url).schema_id(contract.full_name, contract.text)


def entry(number: int, *, publisher: str = "abh-dresden", salt: str = "entry", **fields: Any) -> dict[str, Any]:
    """Return the body of a right EntryReported; the same number and salt give the same event."""
    return complete_body(
        "EntryReported",
        {
            "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{salt}/{publisher}/{number}")),
            "publisher": publisher,
            "source_system": "test",
            "subject_kind": "PERSON",
            "case_reference": f"A-{salt}-{number}",
            "occurred_on": dt.date(2025, 3, 3),
            "recorded_at": dt.datetime(2025, 3, 4, 8, 0, tzinfo=dt.UTC),
            "district_ags": "14612",
            **fields,
        },
    )


def framed(schema_id: int, body: dict[str, Any], event_type: str = "EntryReported") -> bytes:
    """Return the record value of a body."""
    return frame(schema_id, encode(contract_schema(event_type), body))
