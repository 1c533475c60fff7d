"""Several copies of a step at once, and one that freezes and wakes up late: nothing depends on who runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.support.children import Child, DrainInBatches, Step, freeze_in_drain, together
from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, entry, framed, read_topic, rows, schema_id_of, send_raw
from tests.support.stack import wait_until

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.store.cursors import CursorMovedError, CursorStore
from meilenstein.store.database import connect

pytestmark = pytest.mark.stack

OFFICES = ("abh-bautzen", "abh-dresden", "abh-leipzig", "abh-zwickau")
EVENTS = 1_000
"""Of each office."""


def publish(endpoints: Endpoints, offices: tuple[str, ...] = OFFICES, numbers: range = range(EVENTS)) -> int:
    """Publish right events, every tenth twice and every twentieth once more with other facts; return how many."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    count = 0
    for office in offices:
        bodies = [entry(number, publisher=office) for number in numbers]
        bodies += [entry(number, publisher=office) for number in numbers[::10]]
        bodies += [entry(number, publisher=office, district_ags="14713") for number in numbers[::20]]
        send_raw(endpoints, [Raw(topic=f"milestones.{office}", value=framed(schema_id, body)) for body in bodies])
        count += len(bodies)
    return count


def quiet(outcomes: list[Any]) -> list[dict[str, int]]:
    """Return the counts that the copies ended with; none of them may have ended with an error."""
    assert all(isinstance(outcome, dict) for outcome in outcomes), outcomes
    return outcomes


def total(outcomes: list[dict[str, int]]) -> Counter[str]:
    return sum((Counter(counts) for counts in outcomes), Counter())


@pytest.mark.timeout(240)
def test_four_copies_of_each_step_do_what_one_would_have_done(endpoints: Endpoints) -> None:
    published = publish(endpoints)
    each = published // len(OFFICES)
    doubled, changed = EVENTS // 10, EVENTS // 20

    drained = quiet(together(endpoints, [DrainInBatches(400)] * 4))
    assert total(drained)["records"] == published
    assert rows(endpoints, "select count(*), count(distinct (topic, record_offset)) from journal") == [
        (published, published)
    ]

    judged = total(quiet(together(endpoints, [Step("validate")] * 4)))
    wanted = {"accepted": EVENTS, "duplicate": doubled, "quarantined": changed}
    assert sum(wanted.values()) == each
    assert judged == Counter({fate: count * len(OFFICES) for fate, count in wanted.items()})

    folded = total(quiet(together(endpoints, [Step("reconcile")] * 3)))
    assert folded["changed"] == EVENTS * len(OFFICES)
    waiting = rows(endpoints, "select topic, value from outbox where sent_at is null order by id")

    sent = total(quiet(together(endpoints, [Step("feedback")] * 4)))
    assert sent["sent"] == len(waiting)
    for topic in {topic for topic, _ in waiting}:
        arrived = [record.value for record in read_topic(endpoints, topic)]
        assert arrived == [bytes(value) for where, value in waiting if where == topic], topic

    found = check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)
    assert (found.accepted, found.duplicate, found.quarantined) == tuple(
        count * len(OFFICES) for count in wanted.values()
    )
    losers = quiet(together(endpoints, [Step(name) for name in ("drain", "validate", "reconcile", "feedback")]))
    assert not any(any(counts.values()) for counts in losers), "there was nothing left to do"
    with Hub(endpoints) as hub:
        assert hub.rebuild(keep=False, progress=lambda *_: None).differing == ()


def test_every_step_at_once_while_records_keep_coming_ends_with_all_of_them_judged(endpoints: Endpoints) -> None:
    published = 0
    for round_ in range(2):
        published += publish(endpoints, numbers=range(round_ * 200, round_ * 200 + 200))
        works = [Step(name) for name in ("drain", "validate", "reconcile", "feedback")] * 2
        quiet(together(endpoints, works[: 5 + round_]))
    with Hub(endpoints) as hub:
        for name in ("drain", "validate", "reconcile", "feedback"):
            hub.step(name)
    found = check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)
    assert (found.records, found.pending) == (published, 0)


def test_the_same_event_in_two_batches_judged_at_once_is_accepted_once(endpoints: Endpoints, hub: Hub) -> None:
    """Each worker looks before the other commits; only the unique key can tell them apart."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    values = [framed(schema_id, entry(number)) for number in range(200)]
    for _ in range(3):
        send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=value) for value in values])
        hub.drain()
    judged = total(quiet(together(endpoints, [Step("validate")] * 3)))
    assert judged == Counter({"accepted": 200, "duplicate": 400})
    assert rows(endpoints, "select count(*) from event") == [(200,)]


def test_a_frozen_drain_is_dispossessed_and_changes_nothing_when_it_wakes(endpoints: Endpoints, hub: Hub) -> None:
    published = publish(endpoints, ("abh-dresden",), range(100))
    frozen = Child(endpoints, freeze_in_drain)
    try:
        frozen.go()
        assert frozen.told() == "frozen"
        wait_until(frozen.is_stopped, seconds=5, message="it did not stop")
        loser = hub.drain()
        assert not loser, "the cursor is held: another copy does nothing, at once and without an error"
        assert loser.halted == ()

        def freed() -> bool:
            return bool(hub.drain())

        wait_until(freed, seconds=10, message="the frozen worker still holds the cursor")
        before = rows(endpoints, "select topic, record_offset, id from journal order by id")
        assert len(before) == published
    finally:
        frozen.resume()
    outcome = frozen.outcome()
    assert isinstance(outcome, str), f"it did not notice: {outcome}"
    assert outcome.startswith("RetryableError"), outcome
    assert rows(endpoints, "select topic, record_offset, id from journal order by id") == before
    assert rows(endpoints, "select next_offset from cursor where topic = 'milestones.abh-dresden'") == [(published,)]


@pytest.fixture
def connections(endpoints: Endpoints) -> Iterator[list[psycopg.Connection[Any]]]:
    opened = [connect(endpoints.database_url, name="test") for _ in range(2)]
    yield opened
    for connection in opened:
        connection.close()


def test_a_cursor_moves_only_if_it_still_stands_where_it_was_read(
    endpoints: Endpoints, hub: Hub, connections: list[psycopg.Connection[Any]]
) -> None:
    """Should the lock ever fail, this is the proof that keeps a second worker's records out."""
    publish(endpoints, ("abh-dresden",), range(10))
    hub.drain()
    first, second = (CursorStore(connection) for connection in connections)
    (cursor,) = first.lock([("milestones.abh-dresden", 0)])
    digest = hashlib.sha256(b"x").digest()
    assert second.lock([("milestones.abh-dresden", 0)]) == [], "held: not waited for"
    first.advance(cursor, next_offset=20, last_offset=19, last_sha256=digest)
    connections[0].commit()
    with pytest.raises(CursorMovedError, match="nothing was written"):
        second.advance(cursor, next_offset=15, last_offset=14, last_sha256=digest)
    connections[1].rollback()
    rows(endpoints, "update cursor set next_offset = %s where topic = 'milestones.abh-dresden'", cursor.next_offset)


def test_a_worker_that_lost_its_lock_writes_neither_rows_nor_cursor(
    endpoints: Endpoints, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker advances the cursor behind the back of the lock: the whole batch is given up."""
    publish(endpoints, ("abh-dresden",), range(10))
    hub.drain()
    published = publish(endpoints, ("abh-dresden",), range(10, 20))
    original = CursorStore.lock

    def lock_without_holding(store: CursorStore, partitions: Any) -> Any:
        found = original(store, partitions)
        store._connection.rollback()
        with Hub(endpoints) as other:
            monkeypatch.setattr(CursorStore, "lock", original)
            assert other.drain().counts["records"] == published
        return found

    monkeypatch.setattr(CursorStore, "lock", lock_without_holding)
    with pytest.raises((CursorMovedError, psycopg.errors.UniqueViolation)):
        hub.drain()
    hub.reset()
    assert not hub.drain()
    assert rows(endpoints, "select count(*) from journal") == [(2 * published,)]
