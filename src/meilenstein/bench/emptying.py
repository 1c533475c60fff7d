"""Makes an instance that belongs to a measurement as it was when it was prepared: no records, no rows."""

from __future__ import annotations

import time

import psycopg
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from meilenstein.errors import PermanentError
from meilenstein.settings import Endpoints

__all__ = ["forget_records", "forget_rows", "owner_url"]

_FAMILIES = frozenset({"milestones", "cases", "replies", "audit"})
_LONGEST = 60.0


def owner_url(endpoints: Endpoints) -> str:
    """Return the database URL of the owner of the tables, whom every instance of `up` has."""
    assert endpoints.owner_database_url is not None
    return endpoints.owner_database_url


def forget_records(endpoints: Endpoints) -> None:
    """Delete all topics that ever held a record; they have to be made anew. PermanentError if they do not go."""
    consumer = KafkaConsumer(bootstrap_servers=endpoints.bootstrap_servers, group_id=None)
    topics = [name for name in consumer.topics() if name.split(".")[0] in _FAMILIES]
    ends = consumer.end_offsets([TopicPartition(name, 0) for name in topics])
    consumer.close()
    used = sorted(pair.topic for pair, end in ends.items() if end)
    if not used:
        return
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    try:
        admin.delete_topics(used)
        deadline = time.monotonic() + _LONGEST
        while set(used) & set(admin.list_topics()):
            if time.monotonic() > deadline:
                raise PermanentError(f"Kafka has not deleted {len(used)} topics within {_LONGEST:.0f} s")
            time.sleep(0.1)
    finally:
        admin.close()


def forget_rows(endpoints: Endpoints) -> None:
    """Empty all tables but the archive of schemas, and drop what a judge that was killed has left in `scratch`."""
    with psycopg.connect(owner_url(endpoints), autocommit=True) as connection:
        connection.execute(f"truncate {_tables(connection, 'meilenstein')} restart identity".encode())
        scratch = _tables(connection, "scratch")
        if scratch:
            connection.execute(f"drop table {scratch}".encode())


def _tables(connection: psycopg.Connection, schema: str) -> str | None:
    """Return a schema's tables for a statement, but the archive of schemas; None if there are none."""
    found = connection.execute(
        "select string_agg(format('%%I.%%I', schemaname, tablename), ', ') from pg_tables "
        "where schemaname = %s and tablename <> 'schema_archive'",
        (schema,),
    ).fetchone()
    names: str | None = found[0] if found else None
    return names
