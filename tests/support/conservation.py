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
            if halted:
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
    events = [row[0] for row in connection.execute("select journal_id from event")]
    assert Counter(events) == Counter(accepted), "accepted records and events are not the same"
    quarantined = {row[0] for row in connection.execute("select journal_id from verdict where fate = 'QUARANTINED'")}
    items = [row[0] for row in connection.execute("select journal_id from quarantine_item")]
    assert Counter(items) == Counter(quarantined), "quarantined records and items are not the same"
    first = connection.execute(
        "select count(*) from verdict d join verdict a on a.journal_id = d.duplicate_of "
        "where d.fate = 'DUPLICATE' and a.fate = 'ACCEPTED'"
    ).fetchone()[0]
    duplicates = sum(count for fate, count, _ in rows if fate == "DUPLICATE")
    assert first == duplicates, "a duplicate does not name an accepted record"
    return Counter({fate: count for fate, count, _ in rows})


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
            "select j.topic, j.record_offset from verdict v join journal j on j.id = v.journal_id"
        )
    )
    assert answers == judged, "records and answers do not match one to one"
