"""A closure knows which of its files hang together, so that a part that somebody else holds can be left out."""

from __future__ import annotations

import pytest

from meilenstein.store.closures import Closure

CHAIN = Closure(file_ids=frozenset(range(1, 8)), bulk=frozenset(), ties=[(6, 7), (3, 4), (1, 2), (2, 3)])


@pytest.mark.parametrize(
    ("held", "together"),
    [([4], {1, 2, 3, 4}), ([1], {1, 2, 3, 4}), ([5], {5}), ([7, 5], {5, 6, 7}), ([99], set())],
)
def test_what_hangs_on_a_file_is_reached_directly_and_through_others(held: list[int], together: set[int]) -> None:
    assert CHAIN.hanging_on(held) == together


def test_without_a_part_the_others_still_hang_together() -> None:
    rest = CHAIN.without(CHAIN.hanging_on([2]))
    assert rest.file_ids == {5, 6, 7}
    assert rest.hanging_on([6]) == {6, 7}
    assert rest.hanging_on([1]) == set()
