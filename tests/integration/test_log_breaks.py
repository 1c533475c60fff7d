"""A log that is not the one that was read before, or that cannot be read on: that partition halts, the others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kafka import KafkaAdminClient, TopicPartition
from tests.support.children import Child, DrainInBatches
from tests.support.raw_kafka import (
    BadName,
    Raw,
    entry,
    framed,
    recreate_topic,
    rows,
    schema_id_of,
    send_raw,
    send_snappy,
)

from meilenstein.bootstrap import Hub
from meilenstein.cli.instance import _partition_checks
from meilenstein.operations.lag import read_work
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

BROKEN, SOUND = "milestones.abh-dresden", "milestones.abh-leipzig"


@pytest.fixture
def send(endpoints: Endpoints) -> Callable[[str, int], list[int]]:
    """Send so many new right events to a topic."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    numbers = iter(range(10**6))

    def send_events(topic: str, count: int) -> list[int]:
        office = topic.removeprefix("milestones.")
        bodies = [entry(next(numbers), publisher=office) for _ in range(count)]
        return send_raw(endpoints, [Raw(topic=topic, value=framed(schema_id, body)) for body in bodies])

    return send_events


def forget_records_before(endpoints: Endpoints, topic: str, offset: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    try:
        admin.delete_records({TopicPartition(topic, 0): offset})
    finally:
        admin.close()


def pretend_same_topic(endpoints: Endpoints, topic: str, hub: Hub) -> None:
    """Let the cursor of the topic as it was stand for the topic as it is now: a cluster was restored from elsewhere."""
    (found,) = hub.log().partitions([topic])
    rows(endpoints, "update cursor set retired_at = now(), halted_reason = 'test' where topic = %s", topic)
    rows(
        endpoints,
        "insert into cursor (topic, partition, topic_id, start_offset, next_offset, last_offset, last_sha256) "
        "select topic, partition, %s, start_offset, next_offset, last_offset, last_sha256 from cursor where topic = %s",
        found.topic_id,
        topic,
    )
    rows(
        endpoints,
        "insert into gap (topic_id, partition, from_offset, to_offset, reason) "
        "select topic_id, partition, start_offset, next_offset - 1, 'test' from cursor where topic_id = %s",
        found.topic_id,
    )


def journalled(endpoints: Endpoints, topic: str) -> int:
    ((count,),) = rows(endpoints, "select count(*) from journal where topic = %s", topic)
    return int(count)


def halted_as(hub: Hub, endpoints: Endpoints, reason: str, send: Callable[[str, int], list[int]]) -> None:
    """Drain meets the break: it halts the one partition, says so everywhere, and the other goes on, again and again."""
    before = journalled(endpoints, BROKEN)
    send(SOUND, 3)
    summary = hub.drain()
    assert summary.halted == (f"{BROKEN}-0: {reason}",)
    assert summary.counts["halted"] == 1
    assert journalled(endpoints, SOUND) == 3

    send(SOUND, 2)
    with Hub(endpoints) as another:  # a worker that knows nothing of what was checked before
        again = another.drain()
    assert again.halted == summary.halted
    assert "halted" not in again.counts, "halting is told once"
    assert journalled(endpoints, SOUND) == 5
    assert journalled(endpoints, BROKEN) == before, "records were read across a break"

    balance = hub.balance()
    assert balance.as_json()["halted"] == {f"{BROKEN}-0": reason}
    assert balance.conserved
    (check,) = _partition_checks(balance)
    assert reason in check["detail"]
    assert f"meilenstein cursor resume {BROKEN}" in check["detail"]
    work = read_work(hub.log(), hub.connection("lag"), hub.topics())
    assert work.lag == 0, "a halted partition must not count as lag: its records would wake Airflow for ever"


def test_a_topic_that_was_deleted_and_created_again_halts(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    recreate_topic(endpoints, BROKEN)
    send(BROKEN, 6)
    halted_as(hub, endpoints, "TOPIC_RECREATED", send)


def test_an_empty_recreated_topic_halts_as_well(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    recreate_topic(endpoints, BROKEN)
    halted_as(hub, endpoints, "TOPIC_RECREATED", send)


def test_records_that_were_deleted_before_they_were_read_halt(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    send(BROKEN, 6)
    forget_records_before(endpoints, BROKEN, 7)
    halted_as(hub, endpoints, "RECORDS_LOST", send)
    ((detail,),) = rows(endpoints, "select halted_detail from cursor where topic = %s", BROKEN)
    assert "3 records were deleted" in detail


def test_a_log_that_ends_before_what_was_read_halts(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    recreate_topic(endpoints, BROKEN)
    send(BROKEN, 2)
    pretend_same_topic(endpoints, BROKEN, hub)
    halted_as(hub, endpoints, "LOG_TRUNCATED", send)


def test_another_record_at_the_last_offset_halts(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    recreate_topic(endpoints, BROKEN)
    send(BROKEN, 6)
    pretend_same_topic(endpoints, BROKEN, hub)
    with Hub(endpoints) as fresh:  # the check is made once by each worker, when it first reads on
        halted_as(fresh, endpoints, "LOG_CHANGED", send)


def test_a_last_record_that_merely_expired_is_no_break(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    forget_records_before(endpoints, BROKEN, 4)
    send(BROKEN, 2)
    with Hub(endpoints) as fresh:
        assert fresh.drain().halted == ()
    assert journalled(endpoints, BROKEN) == 6


@pytest.mark.parametrize("what", ["a header name that is no UTF-8", "a compression the client lacks", "100 megabytes"])
def test_a_batch_that_the_client_cannot_read_halts_its_partition_and_no_other(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]], what: str
) -> None:
    """What stands before the batch is still journalled, and a person can pass over the batch alone."""
    send(BROKEN, 2)
    if what == "100 megabytes":
        (culprit,) = send_raw(endpoints, [Raw(topic=BROKEN, value=bytes(100_000_000))], compression="zstd")
    elif what == "a compression the client lacks":
        (culprit,) = send_snappy(endpoints, Raw(topic=BROKEN, value=bytes(5000)))
    else:
        headers = [(BadName("name"), b"value")]
        (culprit,) = send_raw(endpoints, [Raw(topic=BROKEN, value=b"any", headers=headers)])
    send(BROKEN, 1)
    send(SOUND, 1)
    assert hub.drain().halted == (f"{BROKEN}-0: UNREADABLE_LOG",)
    assert (journalled(endpoints, BROKEN), journalled(endpoints, SOUND)) == (2, 1)
    assert rows(endpoints, "select next_offset from cursor where topic = %s", BROKEN) == [(culprit,)]

    send(SOUND, 1)
    hub.drain()
    assert journalled(endpoints, SOUND) == 2
    for actor in ("a.muster", "b.beispiel"):
        hub.resume(BROKEN, partition=0, at=culprit + 1, reason="the sender sends it again", actor=actor)
    assert hub.drain().halted == ()
    assert journalled(endpoints, BROKEN) == 3
    gaps = rows(endpoints, "select from_offset, to_offset, reason from gap")
    assert gaps == [(culprit, culprit, "GIVEN_UP: the sender sends it again")]
    forget_records_before(endpoints, BROKEN, culprit + 1)  # the checker's client cannot read the batch either


def test_a_recreated_topic_is_read_from_its_start_once_a_person_says_so(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    send(BROKEN, 4)
    hub.drain()
    recreate_topic(endpoints, BROKEN)
    send(BROKEN, 6)
    hub.drain()
    assert not hub.resume(BROKEN, partition=0, at=None, reason="set up anew", actor="a.muster").resumed
    assert hub.drain().halted == (f"{BROKEN}-0: TOPIC_RECREATED",)
    assert hub.resume(BROKEN, partition=0, at=None, reason="set up anew", actor="b.beispiel").resumed
    assert hub.drain().halted == ()
    assert journalled(endpoints, BROKEN) == 10
    assert hub.balance().conserved


def test_a_worker_that_overtakes_another_is_no_truncated_log(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between asking the broker and reading the cursors, another worker drains what has come in since."""
    send(BROKEN, 3)
    log = hub.log()
    ask = log.partitions

    def ask_and_be_overtaken(topics: list[str]) -> object:
        found = ask(topics)
        send(BROKEN, 3)
        child = Child(endpoints, DrainInBatches(100))
        child.go()
        assert child.told() == "reading"
        child.outcome()
        return found

    for _ in range(2):  # once where the topic is new to both workers, once where it is known
        with monkeypatch.context() as patched:
            patched.setattr(log, "partitions", ask_and_be_overtaken)
            assert hub.drain().halted == ()
    assert journalled(endpoints, BROKEN) == 9


def test_a_topic_that_is_new_to_a_running_worker_is_drained(
    endpoints: Endpoints, hub: Hub, send: Callable[[str, int], list[int]]
) -> None:
    """The client of a worker that has read before knows nothing of a topic that is created later."""
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    try:
        admin.delete_topics([BROKEN])
        while BROKEN in admin.list_topics():
            pass
    finally:
        admin.close()
    send(SOUND, 1)
    assert hub.drain().counts["records"] == 1
    assert hub.apply_topics().created == (BROKEN,)
    send(BROKEN, 2)
    assert hub.drain().counts["records"] == 2
