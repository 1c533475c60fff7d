"""Quix Streams with its PostgreSQL sink, as its documentation shows it; lists are written as JSON text, days as text.

Arguments: Kafka, registry, database, topics. Prints one JSON object. At least once.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from urllib.parse import parse_qs, unquote, urlparse

from quixstreams import Application
from quixstreams.models import SchemaRegistryClientConfig
from quixstreams.models.serializers.avro import AvroDeserializer
from quixstreams.sinks.community.postgresql import PostgreSQLSink

BATCH = 10_000


def main(servers: str, registry: str, database: str, *topics: str) -> None:
    """Read every topic to its present end, into one table."""
    url = urlparse(database)
    options = parse_qs(url.query)
    sink = PostgreSQLSink(
        host=url.hostname or options.get("host", ["127.0.0.1"])[0],
        port=url.port or 5432,
        dbname=url.path.lstrip("/"),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        table_name="peer_quix",
        primary_key_columns="event_id",
        upsert_on_primary_key=True,
    )
    app = Application(
        broker_address=servers,
        consumer_group=f"quix-{time.time_ns()}",
        auto_offset_reset="earliest",
        commit_every=BATCH,
        commit_interval=5.0,
        loglevel="ERROR",
    )
    values = AvroDeserializer(schema_registry_client_config=SchemaRegistryClientConfig(url=registry))
    for name in topics:
        topic = app.topic(name, value_deserializer=values)
        app.dataframe(topic).apply(plain).sink(sink)
    records = int(sys.stdin.readline())
    began, cpu = time.monotonic(), time.process_time()
    app.run(count=records, timeout=30.0)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    sys.stdout.write(json.dumps({"records": records, "seconds": seconds, "cpu": cpu}) + "\n")


def plain(body: dict[str, object]) -> dict[str, object]:
    """Return the event with lists and days as text, which the sink has no columns for, and what is absent left out."""
    return {name: _column(value) for name, value in body.items() if value is not None}


def _column(value: object) -> object:
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return value.isoformat() if type(value) is dt.date else value


if __name__ == "__main__":
    main(*sys.argv[1:])
