"""Fixtures of a real instance without Airflow."""

from __future__ import annotations

import datetime as dt
import json

import psycopg
import pytest
from jsonschema import Draft7Validator
from tests.support.conservation import check_conservation
from tests.support.ports import free_port_base

from meilenstein.bench.emptying import forget_records, forget_rows
from meilenstein.bootstrap import Hub
from meilenstein.contract_docs.feed_messages import REPLIES
from meilenstein.embedded.stack import Stack
from meilenstein.settings import load_settings

TEST_DAY = dt.date(2026, 11, 21)
"""The day that every emptied instance takes as today: what tests expect does not depend on when they run."""


@pytest.fixture(scope="session")
def stack_settings(tmp_path_factory):
    return load_settings(home=tmp_path_factory.mktemp("instance"), port_base=free_port_base())


@pytest.fixture(scope="session")
def stack_endpoints(stack_settings):
    """Kafka, registry and PostgreSQL, started once; tables, contracts and topics are there."""

    def prepare(endpoints):
        with Hub(endpoints) as hub:
            hub.prepare()

    stack = Stack(stack_settings, airflow=False, on_ready=prepare)
    endpoints = stack.start()
    try:
        yield endpoints
    finally:
        stack.stop()


def empty_instance(endpoints) -> None:
    """Make the instance as it was when it was prepared: no records, no rows; topics that held records are new."""
    forget_records(endpoints)
    forget_rows(endpoints)
    with Hub(endpoints) as hub:
        hub.apply_topics()
        hub.clocks(TEST_DAY)


def check_decided_messages(endpoints) -> None:
    """Check every decision that was put into the outbox against the schema that partners are given."""
    (schema,) = (message.schema for message in REPLIES if message.name == "Decided")
    with psycopg.connect(endpoints.owner_database_url) as connection:
        found = connection.execute("select value from meilenstein.outbox where kind = 'DECIDED'").fetchall()
    for (value,) in found:
        Draft7Validator(schema).validate(json.loads(value))


@pytest.fixture
def endpoints(stack_endpoints):
    """An empty instance; afterwards every record must be accounted for, and every decision is told as documented."""
    empty_instance(stack_endpoints)
    yield stack_endpoints
    check_decided_messages(stack_endpoints)
    check_conservation(stack_endpoints.bootstrap_servers, stack_endpoints.owner_database_url, drained=False)


@pytest.fixture
def hub(endpoints):
    with Hub(endpoints) as opened:
        yield opened
