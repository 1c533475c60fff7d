"""An independent check that no record is lost, counted twice or invented.

It shares no code with the product: it reads the broker with kafka-python and the tables with plain SQL, and compares.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass

import psycopg
from kafka import KafkaConsumer, TopicPartition

__all__ = ["Found", "check_conservation"]


@dataclass(frozen=True)
class Found:
    """What was compared, so that a test can see that it was not nothing."""

    records: int
    accepted: int
    duplicate: int
    quarantined: int
    pending: int


def check_conservation(bootstrap_servers: str, database_url: str, *, drained: bool = True) -> Found:
    """Compare broker and database; raise AssertionError with what differs."""
    with psycopg.connect(database_url, options="-c search_path=meilenstein") as connection:
        cursors = connection.execute(
            "select topic, partition, topic_id, start_offset, next_offset, halted_reason from cursor"
        ).fetchall()
        records = _compare_logs(bootstrap_servers, connection, cursors, drained=drained)
        fates = _compare_fates(connection)
        _compare_answers(connection)
    assert records == sum(fates.values()), (records, fates)
    return Found(
        records=records,
        **{name.lower(): fates.get(name, 0) for name in ("ACCEPTED", "DUPLICATE", "QUARANTINED", "PENDING")},
    )


def _compare_logs(bootstrap_servers, connection, cursors, *, drained) -> int:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        consumer_timeout_ms=5000,
    )
    total = 0
    try:
        consumer.topics()  # all metadata at once: asking topic by topic costs a tenth of a second each
        for topic, partition, topic_id, start, following, halted in cursors:
            journal = dict(
                connection.execute(
                    "select record_offset, raw from journal where topic_id = %s and partition = %s",
                    (topic_id, partition),
                ).fetchall()
            )
            rows = connection.execute(
                "select count(*) from journal where topic_id = %s and partition = %s", (topic_id, partition)
            ).fetchone()[0]
            assert rows == len(journal), f"{topic}: an offset stands in the journal twice"
            gaps: Counter[int] = Counter()
            for first, last in connection.execute(
                "select from_offset, to_offset from gap where topic_id = %s and partition = %s", (topic_id, partition)
            ):
                gaps.update(range(first, last + 1))
            covered = Counter(journal.keys()) + gaps
            assert covered == Counter(range(start, following)), f"{topic}: [{start}, {following}) is not covered once"
            total += len(journal)
            if halted or topic_id == "hub":  # corrections by stewards: a topic that no broker has
                continue
            _compare_log(consumer, TopicPartition(topic, partition), start, following, journal, drained=drained)
    finally:
        consumer.close()
    return total


def _compare_log(consumer, pair, start, following, journal, *, drained) -> None:
    end = consumer.end_offsets([pair])[pair]
    assert following <= end, f"{pair.topic}: the cursor is ahead of the log"
    if drained:
        assert following == end, f"{pair.topic}: {end - following} records were not drained"
    first = max(start, consumer.beginning_offsets([pair])[pair])  # what expired since can no longer be compared
    if following <= first:
        return
    consumer.assign([pair])
    consumer.seek(pair, first)
    seen = {}
    while consumer.position(pair) < following:
        for batch in consumer.poll(timeout_ms=2000).values():
            seen.update({record.offset: record.value for record in batch if record.offset < following})
    digest = {offset: hashlib.sha256(value or b"").digest() for offset, value in seen.items()}
    stored = {offset: hashlib.sha256(value or b"").digest() for offset, value in journal.items() if offset >= first}
    assert digest == stored, f"{pair.topic}: journal and log differ"


def _compare_fates(connection) -> Counter[str]:
    rows = connection.execute(
        "select coalesce(v.fate, 'PENDING'), count(*), count(distinct j.id) "
        "from journal j left join verdict v on v.journal_id = j.id group by 1"
    ).fetchall()
    for fate, count, distinct in rows:
        assert count == distinct, f"{fate}: a journal row has two verdicts"
    orphans = connection.execute(
        "select count(*) from verdict v where not exists (select from journal j where j.id = v.journal_id)"
    ).fetchone()[0]
    assert orphans == 0, "verdicts without a record"
    accepted = {row[0] for row in connection.execute("select journal_id from verdict where fate = 'ACCEPTED'")}
    released = {row[0] for row in connection.execute("select journal_id from quarantine_item where state = 'RELEASED'")}
    assert not accepted & released, "a released record was accepted before"
    accepted |= released
    events = [row[0] for row in connection.execute("select journal_id from event")]
    assert Counter(events) == Counter(accepted), "accepted records and events are not the same"
    quarantined = {row[0] for row in connection.execute("select journal_id from verdict where fate = 'QUARANTINED'")}
    items = [row[0] for row in connection.execute("select journal_id from quarantine_item")]
    assert Counter(items) == Counter(quarantined), "quarantined records and items are not the same"
    named = [row[0] for row in connection.execute("select duplicate_of from verdict where fate = 'DUPLICATE'")]
    assert set(named) <= accepted, "a duplicate does not name an accepted record"
    _compare_decisions(connection)
    return Counter({fate: count for fate, count, _ in rows})


def _compare_decisions(connection) -> None:
    """Every item that is not open was decided once, and a corrected one has its correction in the journal."""
    states = dict(
        connection.execute("select 'item:' || id, state from quarantine_item where state <> 'OPEN'").fetchall()
    )
    decisions = connection.execute("select about, kind from decision where kind like 'QUARANTINE%'").fetchall()
    assert Counter(about for about, _ in decisions) == Counter(states.keys()), "items and decisions differ"
    wanted = {
        "QUARANTINE_RELEASED": "RELEASED",
        "QUARANTINE_REVALIDATED": "RELEASED",
        "QUARANTINE_CORRECTED": "CORRECTED",
        "QUARANTINE_REJECTED": "REJECTED",
    }
    assert all(wanted[kind] == states[about] for about, kind in decisions), "a decision says something else"
    corrected = Counter(about for about, state in states.items() if state == "CORRECTED")
    keys = [
        bytes(row[0]).decode() for row in connection.execute("select record_key from journal where topic_id = 'hub'")
    ]
    assert Counter(f"item:{key}" for key in keys) == corrected, "corrections and corrected items are not the same"


def _decided_places(connection) -> Counter[tuple[str, str, int]]:
    """Return what the senders must have been told of decisions: (decision, topic, offset) of their own records."""
    records = {
        item: (topic_id, topic, offset, None if key is None else bytes(key).decode("utf-8", "replace"))
        for item, topic_id, topic, offset, key in connection.execute(
            "select q.id, j.topic_id, j.topic, j.record_offset, j.record_key "
            "from quarantine_item q join journal j on j.id = q.journal_id"
        )
    }

    def place(item: int) -> tuple[str, int]:
        topic_id, topic, offset, key = records[item]
        return place(int(key)) if topic_id == "hub" else (topic, offset)

    told: Counter[tuple[str, str, int]] = Counter(
        (state, *place(item))
        for item, state in connection.execute(
            "select id, state from quarantine_item where state in ('RELEASED', 'REJECTED')"
        )
    )
    told.update(
        ("CORRECTED", *place(int(bytes(key).decode())))
        for (key,) in connection.execute(
            "select j.record_key from journal j join verdict v on v.journal_id = j.id "
            "where j.topic_id = 'hub' and v.fate in ('ACCEPTED', 'DUPLICATE')"
        )
    )
    return told


def _compare_answers(connection) -> None:
    """Every judged record has exactly one answer waiting, sent, or forgotten after it was sent."""
    forgotten = connection.execute("select coalesce(min(id), 1) from outbox").fetchone()[0] > 1
    if forgotten:
        return
    answers: Counter[tuple[str, int]] = Counter()
    for (value,) in connection.execute("select value from outbox where kind in ('RECEIPT', 'REJECTED', 'DUPLICATE')"):
        answer = json.loads(value)
        if answer["kind"] == "RECEIPT":
            for first, last in answer["accepted"]:
                answers.update((answer["topic"], offset) for offset in range(first, last + 1))
        else:
            answers[answer["topic"], answer["offset"]] += 1
    judged = Counter(
        tuple(row)
        for row in connection.execute(
            "select j.topic, j.record_offset from verdict v join journal j on j.id = v.journal_id "
            "where j.topic_id <> 'hub'"
        )
    )
    assert answers == judged, "records and answers do not match one to one"
    decided: Counter[tuple[str, str, int]] = Counter()
    for (value,) in connection.execute("select value from outbox where kind = 'DECIDED'"):
        answer = json.loads(value)
        if "topic" in answer:
            decided[answer["decision"], answer["topic"], answer["offset"]] += 1
    assert decided == _decided_places(connection), "decisions and what senders were told do not match one to one"
