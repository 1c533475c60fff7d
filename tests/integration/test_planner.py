"""The steps read in proportion to their events, whatever the database believes of its tables.

A vacuum that runs while rows are being copied counts pages without rows. From then on, until the next one, PostgreSQL
takes the table for empty however large it grows, and may join two of them by comparing all with all: 30,000 events took
four minutes, and 100,000 would have met the statement timeout.
"""

from __future__ import annotations

import time
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
OPEN = "select count(*) from pg_stat_activity where usename = 'meilenstein_pipeline'"
FEW = 1000 * EVENTS
"""Looking into a table of some pages row by row is fine; comparing all with all reads half as much again, or more."""


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


def reads(owner: psycopg.Connection, hub: Hub) -> int:
    """Return how many rows of tables have been read so far."""
    hub.reset()
    deadline = time.monotonic() + 20
    while owner.execute(OPEN).fetchone() != (0,):  # what a session has read is counted when it ends
        assert time.monotonic() < deadline, "a session of the pipeline does not end"
        time.sleep(0.05)
    (count,) = owner.execute(READ).fetchone() or (0,)
    return int(count)


def test_no_step_compares_all_with_all_where_tables_are_taken_for_empty(endpoints: Endpoints, hub: Hub) -> None:
    with psycopg.connect(owner_url(endpoints), autocommit=True) as owner, believed_empty(owner):
        for _ in ("new", "known already"):
            write_events(bench_events(EVENTS), transport=hub.transport, registry=hub.registry)
            hub.step("drain")
            before = reads(owner, hub)
            judged = hub.step("validate")
            judging = reads(owner, hub) - before
            assert judging < FEW, judged
        before = reads(owner, hub)
        folded = hub.step("reconcile")
        folding = reads(owner, hub) - before
        believed = owner.execute("select reltuples from pg_class where oid = 'meilenstein.event'::regclass").fetchone()
    assert believed == (0,), "the state this is about did not last until the end"
    assert judged.counts["duplicate"] == EVENTS
    assert folded.counts["changed"] > 100
    assert folding < FEW
