"""Folding reads in proportion to its events, whatever the database believes of its tables.

A vacuum that runs while rows are being copied counts pages without rows. From then on, until the next one, PostgreSQL
takes the table for empty however large it grows, and may join two of them by comparing all with all: 30,000 events took
four minutes, and 100,000 would have met the statement timeout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from meilenstein.bench.emptying import owner_url
from meilenstein.bench.events import bench_events
from meilenstein.bench.writing import write_events
from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

EVENTS = 3000
FILLED = ("case_file", "case_member", "case_state", "clock", "event", "feed_key", "journal", "mention", "verdict")
READ = (
    "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables "
    "where schemaname = 'meilenstein'"
)
"""What comparing all with all reads grows with the square of the events: millions of rows already for these few."""


@contextmanager
def believed_empty(connection: psycopg.Connection) -> Iterator[None]:
    """Let the planner believe that the tables have pages, and no rows in them."""
    for table in FILLED:
        connection.execute(f"alter table meilenstein.{table} set (autovacuum_enabled = false)".encode())
        connection.execute(
            "select pg_restore_relation_stats('schemaname', 'meilenstein', 'relname', %s::text, "
            "'relpages', 10, 'reltuples', 0::real)",
            (table,),
        )
    try:
        yield
    finally:
        for table in FILLED:
            connection.execute(f"alter table meilenstein.{table} reset (autovacuum_enabled)".encode())


def test_a_fold_reads_in_proportion_to_its_events_where_tables_are_taken_for_empty(
    endpoints: Endpoints, hub: Hub
) -> None:
    write_events(bench_events(EVENTS), transport=hub.transport, registry=hub.registry)
    with psycopg.connect(owner_url(endpoints), autocommit=True) as owner, believed_empty(owner):
        hub.step("drain")
        hub.step("validate")
        hub.reset()  # what a connection has read is counted at the latest when it is closed
        (before,) = owner.execute(READ).fetchone() or (0,)
        told = hub.step("reconcile")
        hub.reset()
        (after,) = owner.execute(READ).fetchone() or (0,)
        believed = owner.execute("select reltuples from pg_class where oid = 'meilenstein.event'::regclass").fetchone()
    assert believed == (0,), "the state this is about did not last until the fold"
    assert told.counts["changed"] > 100
    assert after - before < 100 * EVENTS
