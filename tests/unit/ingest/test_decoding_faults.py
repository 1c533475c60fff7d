"""Which refusals are the sender's, and which are so many that they must be ours."""

from __future__ import annotations

import pytest

from meilenstein.ingest.haul import DecoderFault, FaultRuns, _instant
from meilenstein.store.journal_row import JournalRow


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


def fault(*chunks: list[JournalRow]) -> tuple[str, int] | None:
    """Return topic and first offset of the run that halts, if one does."""
    runs = FaultRuns()
    try:
        for chunk in chunks:
            runs.add(chunk)
    except DecoderFault as found:
        return found.pair[0], found.offset
    return None


def test_twenty_unforeseen_failures_in_a_row_halt_where_they_began() -> None:
    assert fault([row(1, None), *map(row, range(2, 22))]) == ("milestones.zefas", 2)


def test_a_run_goes_on_over_the_edge_of_a_chunk() -> None:
    assert fault([row(1, None), *map(row, range(2, 12))], [*map(row, range(12, 22))]) == ("milestones.zefas", 2)
    assert fault([*map(row, range(12))], [row(12, None)], [*map(row, range(13, 32))]) is None


def test_nineteen_do_not() -> None:
    assert fault([*map(row, range(19)), row(19, None), *map(row, range(20, 39))]) is None


def test_a_known_kind_of_broken_bytes_ends_the_row() -> None:
    assert fault([*map(row, range(19)), row(19, "TRUNCATED"), *map(row, range(20, 39))]) is None
    assert fault([row(number, "TRUNCATED") for number in range(100)]) is None


def test_topics_are_counted_apart() -> None:
    halves = [row(number, topic=f"milestones.{number % 2}") for number in range(38)]
    assert fault(halves) is None
    assert fault([*halves, row(38, topic="milestones.0"), row(39, topic="milestones.0")]) == ("milestones.0", 0)


@pytest.mark.parametrize(
    ("milliseconds", "instant"),
    [
        (0, 0),
        (1_741_000_000_000, 1_741_000_000_000),
        (253_402_300_799_999, 253_402_300_799_999),
        (None, None),
        (-1, None),
        (-(2**63), None),
        (253_402_300_800_000, None),
        (2**63 - 1, None),
    ],
)
def test_a_record_time_that_is_no_date_is_left_out(milliseconds: int | None, instant: int | None) -> None:
    assert _instant(milliseconds) == instant
