"""Same event or not: the first in journal order stays, the same facts repeat it, other facts contradict it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from tests.support.raw_kafka import entry, framed

from meilenstein.store.events import KnownEvent
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation.reading import Candidate
from meilenstein.validation.repeats import Repeats, sort_repeats
from meilenstein_schemas.contracts import load_contracts


class Archive:
    """Takes the place of the connection; what is learnt goes nowhere."""

    def execute(self, query: Any, values: Any) -> Archive:
        return self


def candidate(place: int, body: dict[str, Any], event_type: str = "EntryReported") -> Candidate:
    record = StoredRecord(
        id=place,
        topic="milestones.abh-dresden",
        topic_id="id",
        partition=0,
        record_offset=place,
        raw=None,
        schema_id=1,
        decode_state="DECODED",
        refusal_code=None,
        refusal_detail=None,
        received_at=dt.datetime(2025, 3, 4, tzinfo=dt.UTC),
    )
    group: Any = SimpleNamespace(body=lambda _row: body)
    return Candidate(record=record, event_type=event_type, group=group, row=0)


def sort(bodies: list[dict[str, Any]], stored: list[dict[str, Any]] = []) -> Repeats:  # noqa: B006 - never changed
    book = SchemaBook()
    book.learn(Archive(), 1, load_contracts()["EntryReported"].text)  # type: ignore[arg-type]
    known = {
        (body["publisher"], body["event_id"]): KnownEvent(
            publisher=body["publisher"],
            event_id=body["event_id"],
            journal_id=100 + place,
            topic="milestones.abh-dresden",
            partition=0,
            record_offset=100 + place,
            raw=framed(1, body),
        )
        for place, body in enumerate(stored)
    }
    return sort_repeats([candidate(place, body) for place, body in enumerate(bodies)], known, book)


def places(repeats: Repeats) -> tuple[list[int], list[tuple[int, int]], list[int]]:
    return (
        [found.record.id for found in repeats.new],
        [(found.record.id, first.offset) for found, first in repeats.duplicates],
        [found.record.id for found in repeats.conflicts],
    )


def test_an_id_met_for_the_first_time_is_new() -> None:
    assert places(sort([entry(1), entry(2)])) == ([0, 1], [], [])


def test_the_first_one_of_a_batch_stays_and_the_others_name_it() -> None:
    other = entry(1, district_ags="14713")
    assert places(sort([entry(1), entry(1), other, entry(1)])) == ([0], [(1, 0), (3, 0)], [2])


def test_if_the_contradiction_comes_first_it_stays() -> None:
    other = entry(1, district_ags="14713")
    assert places(sort([other, entry(1), other])) == ([0], [(2, 0)], [1])


def test_what_the_store_has_accepted_comes_before_the_whole_batch() -> None:
    other = entry(1, district_ags="14713")
    assert places(sort([other, entry(1)], stored=[entry(1)])) == ([], [(1, 100)], [0])


def test_how_an_event_was_handed_over_makes_no_difference() -> None:
    again = entry(1, published_at=dt.datetime(2025, 3, 9, tzinfo=dt.UTC), sequence=7, source_epoch=2)
    assert places(sort([entry(1), again])) == ([0], [(1, 0)], [])
    assert places(sort([again], stored=[entry(1)])) == ([], [(0, 100)], [])


def test_the_same_id_of_another_publisher_is_another_event() -> None:
    same_id = {**entry(1), "publisher": "abh-leipzig"}
    assert places(sort([entry(1), same_id])) == ([0, 1], [], [])


def test_the_same_facts_under_another_type_contradict() -> None:
    book = SchemaBook()
    found = sort_repeats([candidate(0, entry(1)), candidate(1, entry(1), "EventRetracted")], {}, book)
    assert places(found) == ([0], [], [1])
