"""Folding waits while batches are being judged, but not for ever and not for a batch that nobody can judge."""

from __future__ import annotations

import pytest

from meilenstein.operations.follow import FoldWait
from meilenstein.store.journal import Backlog
from meilenstein.summary import Summary


class Journal:
    """Batches that come and go, as a test says, second by second."""

    def __init__(self, open_batches: list[int]) -> None:
        self._open = open_batches
        self.second = 0

    def now(self) -> float:
        return float(self.second)

    def backlog(self) -> Backlog:
        left = self._open[min(self.second, len(self._open) - 1)]
        return Backlog(open_batches=left, touched=True, unsent=False)

    def step(self, name: str) -> Summary:
        raise AssertionError(name)

    def reset(self) -> None:
        raise AssertionError

    def folds_at(self, seconds: int) -> list[int]:
        """Return the seconds at which folding does not wait."""
        wait, found = FoldWait(self, now=self.now), []
        for self.second in range(seconds):
            if not wait.waits():
                found.append(self.second)
        return found


@pytest.mark.parametrize(
    ("open_batches", "folds"),
    [
        ([0], [0, 1, 2, 3]),
        ([3, 2, 1, 0], [3]),
        ([2, 2, 1, 1, 0, 0], [4, 5]),
    ],
)
def test_folding_begins_when_the_last_batch_is_judged(open_batches: list[int], folds: list[int]) -> None:
    assert Journal(open_batches).folds_at(max(4, len(open_batches))) == folds


def test_a_batch_that_nobody_can_judge_holds_folding_up_for_ten_seconds_only() -> None:
    assert Journal([1]).folds_at(30)[:2] == [10, 11], "and once judging is known to be stuck, not at all"


def test_an_endless_stream_holds_folding_up_for_a_minute_at_most() -> None:
    assert Journal([1, 2] * 100).folds_at(150) == [60, 121]
