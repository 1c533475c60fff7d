"""Which refusals are the sender's, and which are so many that they must be ours."""

from __future__ import annotations

import datetime as dt

import pytest

from meilenstein.ingest.drain import _faults, _instant
from meilenstein.store.journal import JournalRow


def row(offset: int, detail: str | None = "DECODE_FAILED", topic: str = "milestones.zefas") -> JournalRow:
    return JournalRow(
        topic_id="id",
        partition=0,
        offset=offset,
        topic=topic,
        record_time=None,
        key=None,
        headers=(),
        raw=b"",
        schema_id=1,
        decode_state="REFUSED" if detail else "DECODED",
        refusal_detail=detail,
    )


def test_twenty_unforeseen_failures_in_a_row_halt_where_they_began() -> None:
    assert _faults([row(1, None), *map(row, range(2, 22))]) == {("milestones.zefas", 0): 2}


def test_nineteen_do_not() -> None:
    assert _faults([*map(row, range(19)), row(19, None), *map(row, range(20, 39))]) == {}


def test_a_known_kind_of_broken_bytes_ends_the_row() -> None:
    assert _faults([*map(row, range(19)), row(19, "TRUNCATED"), *map(row, range(20, 39))]) == {}
    assert _faults([row(number, "TRUNCATED") for number in range(100)]) == {}


def test_topics_are_counted_apart_and_the_first_row_of_failures_counts() -> None:
    mixed = [row(number, topic=topic) for number in range(50) for topic in ("milestones.a", "milestones.b")]
    assert _faults(mixed) == {("milestones.a", 0): 0, ("milestones.b", 0): 0}
    halves = [row(number, topic=f"milestones.{number % 2}") for number in range(38)]
    assert _faults(halves) == {}


@pytest.mark.parametrize(
    ("milliseconds", "instant"),
    [
        (0, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        (1_741_000_000_000, dt.datetime(2025, 3, 3, 11, 6, 40, tzinfo=dt.UTC)),
        (None, None),
        (-1, None),
        (-(2**63), None),
        (253_402_300_800_000, None),
        (2**63 - 1, None),
    ],
)
def test_a_record_time_that_is_no_date_is_left_out(milliseconds: int | None, instant: dt.datetime | None) -> None:
    assert _instant(milliseconds) == instant
