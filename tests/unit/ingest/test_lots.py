"""How what lags is divided among batches: complete, few, about alike, and what is linked together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meilenstein.ingest.lots import lots_of

LAGS = st.dictionaries(st.tuples(st.sampled_from("abcdefgh"), st.just(0)), st.integers(0, 1000), min_size=1)
LINKS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=4)


def sizes(lots: list[list[tuple[str, int]]], lags: dict[tuple[str, int], int]) -> list[int]:
    return [sum(lags[pair] for pair in lot) for lot in lots]


@given(LAGS, st.integers(1, 900), LINKS)
def test_each_partition_is_in_exactly_one_lot_whatever_is_linked(
    lags: dict[tuple[str, int], int], most: int, linked: list[tuple[str, str]]
) -> None:
    lots = lots_of(lags, most=most, linked=linked)
    assert sorted(pair for lot in lots for pair in lot) == sorted(lags)
    assert all(lots)
    assert len(lots) <= max(1, -(-sum(lags.values()) // most))


def test_what_fits_into_one_batch_is_one_lot() -> None:
    assert lots_of({("a", 0): 500, ("b", 0): 500}, most=1000) == [[("a", 0), ("b", 0)]]


def test_lots_are_about_alike() -> None:
    lags = {(topic, 0): lag for topic, lag in zip("abcdef", (600, 500, 400, 300, 200, 100), strict=True)}
    assert sizes(lots_of(lags, most=1200), lags) == [1000, 1100]


def test_the_partition_that_is_far_behind_comes_last() -> None:
    lags = {("hot", 0): 1000, **{(topic, 0): 20 for topic in "abc"}}
    assert lots_of(lags, most=1000) == [[("a", 0), ("b", 0), ("c", 0)], [("hot", 0)]]


def test_linked_topics_stay_together_also_through_others_unless_they_make_more_than_a_batch() -> None:
    lags = {(topic, 0): 300 for topic in "abcdef"}
    linked = [("a", "b"), ("c", "b")]
    together = lots_of(lags, most=900, linked=linked)
    assert sorted(map(sorted, together)) == [[("a", 0), ("b", 0), ("c", 0)], [("d", 0), ("e", 0), ("f", 0)]]
    apart = lots_of(lags, most=600, linked=linked)
    assert sizes(apart, lags) == [600, 600, 600]
