"""Is this still the log that was read before?"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import pytest

from meilenstein.ingest.kafka_log import Partition
from meilenstein.ingest.overlap import check_log, check_overlap
from meilenstein.store.cursors import Cursor

CURSOR = Cursor(
    topic="milestones.zefas",
    partition=0,
    topic_id="one",
    start_offset=0,
    next_offset=10,
    last_offset=9,
    last_sha256=hashlib.sha256(b"nine").digest(),
    halted_reason=None,
    halted_detail=None,
    halted_at=None,
)
FOUND = Partition(topic="milestones.zefas", partition=0, topic_id="one", start=0, end=20)


def record(offset: int, value: bytes | None) -> SimpleNamespace:
    return SimpleNamespace(offset=offset, value=value)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (FOUND, None),
        (replace(FOUND, end=10), None),
        (replace(FOUND, start=10), None),
        (replace(FOUND, start=10, end=10), None),
        (replace(FOUND, topic_id="two"), "TOPIC_RECREATED"),
        (replace(FOUND, topic_id="two", end=0), "TOPIC_RECREATED"),
        (replace(FOUND, end=9), "LOG_TRUNCATED"),
        (replace(FOUND, end=0), "LOG_TRUNCATED"),
        (replace(FOUND, start=11), "RECORDS_LOST"),
    ],
)
def test_a_break_is_named_and_everything_else_is_none(found: Partition, reason: str | None) -> None:
    halt = check_log(CURSOR, found)
    assert (halt.reason if halt else None) == reason


def test_the_detail_says_how_many_records_are_lost() -> None:
    halt = check_log(CURSOR, replace(FOUND, start=13))
    assert halt is not None
    assert "3 records" in halt.detail
    assert "13" in halt.detail


def test_the_same_bytes_at_the_last_offset_are_the_same_log() -> None:
    assert check_overlap(CURSOR, [record(9, b"nine"), record(10, b"ten")]) is None


@pytest.mark.parametrize("value", [b"other", b"", None])
def test_other_bytes_at_the_last_offset_are_another_log(value: bytes | None) -> None:
    halt = check_overlap(CURSOR, [record(9, value), record(10, b"ten")])
    assert halt is not None
    assert halt.reason == "LOG_CHANGED"
    assert "offset 9" in halt.detail


def test_a_tombstone_is_compared_like_any_record() -> None:
    cursor = replace(CURSOR, last_sha256=hashlib.sha256(b"").digest())
    assert check_overlap(cursor, [record(9, None)]) is None


def test_nothing_to_compare_with_is_no_break() -> None:
    assert check_overlap(CURSOR, []) is None
    assert check_overlap(CURSOR, [record(10, b"ten")]) is None
    assert check_overlap(replace(CURSOR, last_offset=None, last_sha256=None), [record(9, b"nine")]) is None
