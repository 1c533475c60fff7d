"""The order of arrival and the size of batches change no byte: the six-event case through PostgreSQL."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import psycopg
import pytest
from tests.support.instance import empty_instance
from tests.support.six_events import SIX_AS_OF, six_events

from meilenstein.bootstrap import Hub
from meilenstein.store.journal import JournalStore
from meilenstein.store.journal_row import JournalRow
from meilenstein_connectors.codec import contract_schema, encode, frame
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack

PERMUTATIONS = random.Random(6).sample(list(itertools.permutations(range(6))), 30)


@pytest.fixture(scope="module")
def hub(stack_endpoints):
    empty_instance(stack_endpoints)
    with Hub(stack_endpoints) as opened:
        yield opened
    empty_instance(stack_endpoints)


@pytest.fixture(scope="module")
def records(hub):
    """The six records as they would come from Kafka: (sender, event type, event id, value)."""
    made = []
    for event_type, body in six_events():
        schema_id = hub.registry.schema_id(load_contracts()[event_type].full_name, load_contracts()[event_type].text)
        value = frame(schema_id, encode(contract_schema(event_type), body))
        made.append((body["publisher"], event_type, body["event_id"], schema_id, value))
    return made


def empty_tables(owner_url):
    with psycopg.connect(owner_url, autocommit=True) as connection:
        tables = connection.execute(
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables "
            "where schemaname = 'meilenstein' and tablename <> 'schema_archive'"
        ).fetchone()[0]
        connection.execute(f"truncate {tables} restart identity")


def process(hub, owner_url, records, batch_size):
    """Journal the records in batches, judge and fold after each batch; return everything that was concluded."""
    empty_tables(owner_url)
    hub.clocks(SIX_AS_OF)
    connection = hub.connection("test")
    for start in range(0, len(records), batch_size):
        JournalStore(connection).append(
            [
                JournalRow(
                    topic_id="test", partition=0, offset=start + place, topic=f"milestones.{sender}", record_time=None,
                    key=None, headers=(), raw=value, schema_id=schema_id, decode_state="DECODED",
                    event_type=event_type, publisher=sender, event_id=event_id,
                )
                for place, (sender, event_type, event_id, schema_id, value) in enumerate(
                    records[start : start + batch_size]
                )
            ]
        )  # fmt: skip
        connection.commit()
        hub.validate()
        hub.reconcile()
    return conclusions(owner_url)


def conclusions(owner_url):
    queries = {
        "state": "select state from case_state order by state",
        "findings": "select code, about, severity, since, detail::text from finding order by 1, 2",
        "clocks": "select clock_id, about, state, starts_on, due_on, stopped_on, steps::text from clock order by 1, 2",
        "views": "select recipient, view from feed_key where state = 'ACTIVE' order by 1, 2",
        "fates": "select fate, count(*) from verdict group by 1 order by 1",
        "files": "select publisher, case_reference from case_file order by 1, 2",
    }
    with psycopg.connect(owner_url, options="-c search_path=meilenstein") as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


@pytest.fixture(scope="module")
def expected(hub, records, stack_endpoints):
    return process(hub, stack_endpoints.owner_database_url, records, 6)


def test_the_six_events_conclude_what_they_should(expected):
    assert expected["fates"] == [("ACCEPTED", 5), ("DUPLICATE", 1)]
    assert "CONTRADICTION" in {row[0] for row in expected["findings"]}
    assert len(expected["state"]) >= 1


@pytest.mark.parametrize("batch_size", [1, 2, 6])
def test_thirty_orders_through_postgresql_give_the_same_bytes(hub, records, stack_endpoints, expected, batch_size):
    for order in PERMUTATIONS:
        got = process(hub, stack_endpoints.owner_database_url, [records[place] for place in order], batch_size)
        assert got == expected, f"order {order} in batches of {batch_size} came out different"


def test_the_comparison_would_notice_a_changed_fact(hub, records, stack_endpoints, expected):
    event_type, body = six_events()[0]
    body["occurred_on"] += dt.timedelta(days=-1)
    sender, _, event_id, schema_id, _ = records[0]
    other = (sender, event_type, event_id, schema_id, frame(schema_id, encode(contract_schema(event_type), body)))
    assert process(hub, stack_endpoints.owner_database_url, [other, *records[2:5]], 6) != expected
