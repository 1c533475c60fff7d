"""A loop as one would write it by hand: confluent-kafka, fastavro, COPY, ON CONFLICT. At least once; no byte checks.

Arguments: Kafka, registry, database, topics. Prints one JSON object.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import time
import urllib.request

import fastavro
import psycopg
from confluent_kafka import Consumer, TopicPartition

BATCH = 10_000
COLUMNS = (
    "topic text, record_offset bigint, event_id text, publisher text, event_type text, case_reference text, "
    "occurred_on date, recorded_at timestamptz, corrects text, headers bytea, raw bytea"
)


def main(servers: str, registry: str, database: str, *topics: str) -> None:
    """Read every topic to its present end, into one table."""
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": "peer", "enable.auto.commit": False, "auto.offset.reset": "error"}
    )
    ends = {topic: consumer.get_watermark_offsets(TopicPartition(topic, 0))[1] for topic in topics}
    consumer.assign([TopicPartition(topic, 0, 0) for topic in topics])
    schemas: dict[int, tuple[str, object]] = {}
    total, done = sum(ends.values()), 0
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop table if exists peer_loop")
        connection.execute(f"create table peer_loop ({COLUMNS}, primary key (event_id))".encode())
        connection.execute(f"create temporary table stage ({COLUMNS})".encode())
        began, cpu = time.monotonic(), time.process_time()
        while done < total:
            messages = consumer.consume(BATCH, timeout=0.5)
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("truncate stage")
                with cursor.copy("copy stage from stdin") as copy:
                    for message in messages:
                        copy.write_row(row_of(message, registry, schemas))
                cursor.execute("insert into peer_loop select * from stage on conflict do nothing")
            done += len(messages)
            if messages:
                consumer.commit(asynchronous=False)
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        connection.execute("drop table peer_loop")
    sys.stdout.write(json.dumps({"records": done, "seconds": seconds, "cpu": cpu}) + "\n")


def row_of(message: object, registry: str, schemas: dict[int, tuple[str, object]]) -> tuple[object, ...]:
    """Return the row of a message."""
    raw = message.value()
    (number,) = struct.unpack_from(">I", raw, 1)
    if number not in schemas:
        with urllib.request.urlopen(f"{registry}/schemas/ids/{number}", timeout=10) as answer:  # noqa: S310 - own registry
            schema = json.loads(json.loads(answer.read())["schema"])
        schemas[number] = (schema["name"], fastavro.parse_schema(schema))
    name, schema = schemas[number]
    body = fastavro.schemaless_reader(io.BytesIO(raw[5:]), schema, None)
    headers = b"\n".join(name.encode() + b"=" + value for name, value in message.headers() or ())
    return (
        message.topic(), message.offset(), body["event_id"], body["publisher"], name, body["case_reference"],
        body["occurred_on"], body["recorded_at"], body["corrects"], headers, raw,
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
