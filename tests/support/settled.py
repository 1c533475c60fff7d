"""What must hold once everything came to rest, read from broker, store and outboxes without the product's code."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from tests.support.conservation import Found, check_conservation
from tests.support.raw_kafka import rows

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.summary import STEPS

__all__ = ["check_acknowledged", "check_feeds", "check_messages", "check_settled", "settle"]

PARTNERS = ("cases.", "replies.")
"""Topics that the hub writes and partners read."""


def settle(endpoints: Endpoints) -> None:
    """Run the steps until none finds anything to do: what failed on the way must succeed on repetition."""
    with Hub(endpoints) as hub:
        for _ in range(20):
            moved = [name for name in STEPS if hub.step(name)]
            if not moved and not hub.backlog():
                return
    raise AssertionError("the steps do not come to an end")


def check_settled(endpoints: Endpoints, outboxes: Iterable[Path] = ()) -> Found:
    """Check everything that must hold after any number of faults; nothing may be left to do."""
    found = check_conservation(endpoints.bootstrap_servers, str(endpoints.owner_database_url))
    assert found.pending == 0
    assert rows(
        endpoints, "select (select count(*) from touched), (select count(*) from outbox where sent_at is null)"
    ) == [(0, 0)]
    assert rows(endpoints, "select topic, halted_reason from cursor where halted_reason is not null") == []
    written = read_topics(endpoints, PARTNERS)
    check_messages(endpoints, written)
    check_feeds(endpoints, written)
    check_acknowledged(endpoints, outboxes)
    with Hub(endpoints) as hub:
        assert hub.rebuild(keep=False, progress=lambda *_: None).differing == ()
    return found


def check_messages(endpoints: Endpoints, written: Mapping[str, Iterable[tuple[bytes | None, bytes]]]) -> None:
    """Every message of the outbox reached its topic, and nothing else stands there."""
    decided: dict[str, set[tuple[bytes, bytes]]] = {}
    for topic, key, value in rows(endpoints, "select topic, key, value from outbox"):
        decided.setdefault(topic, set()).add((key.encode(), bytes(value or b"")))
    for topic in {*decided, *written}:
        if topic.startswith(PARTNERS):
            assert set(written.get(topic, ())) == decided.get(topic, set()), f"{topic}: outbox and topic differ"


def check_feeds(endpoints: Endpoints, written: Mapping[str, Iterable[tuple[bytes | None, bytes]]]) -> None:
    """Whoever keeps the highest version of each key knows exactly what the store says that he was told."""
    known: dict[tuple[str, str], Any] = {}
    for topic, records in written.items():
        if topic.startswith("cases."):
            for key, value in records:
                said = json.loads(value)
                place = (topic.removeprefix("cases."), str(key, "ascii"))
                if place not in known or known[place]["version"] < said["version"]:
                    known[place] = said
                same = known[place]["version"] != said["version"] or known[place] == said
                assert same, f"{topic}: one version of a key says two things"
    stored = {
        (recipient, str(key)): (version, state, json.loads(bytes(view)) if view else None)
        for recipient, key, version, state, view in rows(
            endpoints, "select recipient, key, version, state, view from feed_key"
        )
    }
    told = {place: (said["version"], said["state"], said["view"]) for place, said in known.items()}
    differing = [place for place in stored.keys() | told.keys() if stored.get(place) != told.get(place)]
    assert differing == [], f"{len(differing)} of {len(stored)} feeds differ from what their recipients know"


def check_acknowledged(endpoints: Endpoints, outboxes: Iterable[Path]) -> int:
    """What the SDK counts as confirmed, minus the journal, is nothing; each of its events was accepted once."""
    confirmed: dict[tuple[str, int, int], str] = {}
    for path in outboxes:
        with sqlite3.connect(path) as outbox:
            found = outbox.execute("select topic, partition, offset, event_id from outbox_event").fetchall()
        waiting = [event_id for topic, _, _, event_id in found if topic is None]
        assert waiting == [], f"{path.name}: {len(waiting)} events were never confirmed"
        for topic, partition, offset, event_id in found:
            assert (topic, partition, offset) not in confirmed, "two events were confirmed at one place"
            confirmed[topic, partition, offset] = event_id
    journal = {
        (topic, partition, offset): event_id
        for topic, partition, offset, event_id in rows(
            endpoints, "select topic, partition, record_offset, event_id from journal"
        )
    }
    lost = {place: event_id for place, event_id in confirmed.items() if journal.get(place) != event_id}
    assert lost == {}, f"{len(lost)} confirmed events are not in the journal, the first at {min(lost)}"
    accepted = [event_id for (event_id,) in rows(endpoints, "select event_id from event")]
    assert len(accepted) == len(set(accepted))
    assert set(confirmed.values()) <= set(accepted), "a confirmed event was never accepted"
    return len(confirmed)


def read_topics(endpoints: Endpoints, prefixes: tuple[str, ...]) -> dict[str, list[tuple[bytes | None, bytes]]]:
    """Return (key, value) of every record of the topics with these prefixes, by topic and in order."""
    consumer = KafkaConsumer(
        bootstrap_servers=endpoints.bootstrap_servers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        allow_auto_create_topics=False,
    )
    try:
        pairs = [TopicPartition(name, 0) for name in consumer.topics() if name.startswith(prefixes)]
        ends = {pair: end for pair, end in consumer.end_offsets(pairs).items() if end}
        found: dict[str, list[tuple[bytes | None, bytes]]] = {pair.topic: [] for pair in ends}
        consumer.assign(list(ends))
        consumer.seek_to_beginning(*ends)
        while any(consumer.position(pair) < end for pair, end in ends.items()):
            for pair, records in consumer.poll(timeout_ms=1000).items():
                found[pair.topic].extend((record.key, record.value) for record in records)
        return found
    finally:
        consumer.close()
