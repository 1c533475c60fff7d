"""Answers name exactly the records they are about."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random

import pytest

from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation import replies
from meilenstein.validation.replies import _ranges

NOW = dt.datetime(2025, 3, 4, 12, 0, tzinfo=dt.UTC)


def record(offset: int, topic: str = "milestones.zefas", partition: int = 0) -> StoredRecord:
    return StoredRecord(
        id=offset,
        topic=topic,
        topic_id="id",
        partition=partition,
        record_offset=offset,
        raw=b"secret",
        schema_id=1,
        decode_state="DECODED",
        refusal_code=None,
        refusal_detail=None,
        received_at=NOW,
    )


@pytest.mark.parametrize(
    ("offsets", "ranges"),
    [
        ([], []),
        ([7], [[7, 7]]),
        ([0, 1, 2], [[0, 2]]),
        ([0, 2, 3, 5], [[0, 0], [2, 3], [5, 5]]),
        ([10, 11, 20, 21, 22, 40], [[10, 11], [20, 22], [40, 40]]),
    ],
)
def test_neighbouring_offsets_become_closed_ranges(offsets: list[int], ranges: list[list[int]]) -> None:
    assert _ranges(offsets) == ranges


def test_ranges_stand_for_exactly_the_offsets_they_were_made_of() -> None:
    chance = random.Random(3)
    for _ in range(200):
        offsets = sorted(chance.sample(range(60), chance.randrange(1, 60)))
        ranges = _ranges(offsets)
        assert [offset for low, high in ranges for offset in range(low, high + 1)] == offsets
        assert all(later[0] > earlier[1] + 1 for earlier, later in itertools.pairwise(ranges))


def test_each_partition_gets_one_receipt_whatever_the_order_of_the_records() -> None:
    accepted = {("milestones.zefas", 1): [9], ("milestones.zefas", 0): [5, 3, 4], ("milestones.lasub", 0): [1]}
    found = replies.receipts(accepted, batch=7, decided_at=NOW)
    assert [(message.recipient, message.topic, message.key, message.kind) for message in found] == [
        ("lasub", "replies.lasub", "milestones.lasub-0", "RECEIPT"),
        ("zefas", "replies.zefas", "milestones.zefas-0", "RECEIPT"),
        ("zefas", "replies.zefas", "milestones.zefas-1", "RECEIPT"),
    ]
    assert json.loads(found[1].value or b"") == {
        "kind": "RECEIPT",
        "topic": "milestones.zefas",
        "partition": 0,
        "batch": 7,
        "accepted": [[3, 5]],
        "decided_at": "2025-03-04T12:00:00+00:00",
    }
    assert replies.receipts({}, batch=7, decided_at=NOW) == []


def test_a_receipt_says_how_far_the_sources_of_its_topic_are_complete() -> None:
    complete = {"milestones.zefas": [{"publisher": "zefas", "source_system": "FV", "sequence": 41}]}
    accepted = {("milestones.zefas", 0): [0], ("milestones.lds", 0): [1]}
    found = replies.receipts(accepted, batch=7, decided_at=NOW, complete_to=complete)
    told = {message.recipient: json.loads(message.value or b"").get("complete_to") for message in found}
    assert told == {"zefas": complete["milestones.zefas"], "lds": None}


def test_answers_are_canonical_and_carry_no_payload() -> None:
    reason = {"code": "UNREADABLE", "text": {"de": "ä", "en": "a"}}
    rejection = replies.rejection(record(4), item=17, event=(None, None), reasons=[reason], decided_at=NOW)
    first = ("milestones.zefas", 0, 2)
    duplicate = replies.duplicate(record(4), event=("EntryReported", "id"), first=first, decided_at=NOW)
    for message in (rejection, duplicate):
        value = message.value or b""
        content = json.loads(value)
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert value == canonical
        assert b"secret" not in value
        assert content["offset"] == 4
    assert json.loads(rejection.value or b"")["item"] == 17
    assert json.loads(duplicate.value or b"")["duplicate_of"] == {
        "topic": "milestones.zefas",
        "partition": 0,
        "offset": 2,
    }
