"""The service goes on after any fault of a step, and no text that is not ours gets into the log."""

from __future__ import annotations

import logging

import pytest

from meilenstein.errors import RetryableError
from meilenstein.operations.follow import follow
from meilenstein.store.journal import Backlog
from meilenstein.summary import Summary


class Steps:
    """Steps of which some fail."""

    def __init__(self, faults: dict[str, Exception], *, at_reset: Exception | None = None) -> None:
        self.faults = faults
        self.at_reset = at_reset
        self.ran: list[str] = []
        self.resets = 0

    def step(self, name: str) -> Summary:
        self.ran.append(name)
        if name in self.faults:
            raise self.faults[name]
        return Summary(step=name, seconds=0.0)

    def backlog(self) -> Backlog:
        return Backlog(open_batches=0, touched=False, unsent=False)

    def reset(self) -> None:
        self.resets += 1
        if self.at_reset is not None:
            raise self.at_reset


def rounds(steps: Steps, number: int) -> list[float]:
    pauses: list[float] = []
    follow(steps, stopped=lambda: len(pauses) >= number, pause=pauses.append, report=lambda _: None)
    return pauses


@pytest.mark.parametrize("fault", [ValueError("Key (H-7) exists"), RetryableError("database: gone")])
def test_a_step_that_fails_keeps_no_other_from_running_and_rests_grow(fault: Exception) -> None:
    steps = Steps({"validate": fault})
    assert rounds(steps, 3) == [0.25, 0.5, 1.0]
    assert steps.ran == ["drain", "validate", "reconcile", "feedback"] * 3
    assert steps.resets == 3


def test_of_an_unforeseen_fault_only_the_class_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps({"drain": ValueError("Key (H-7) exists")}, at_reset=OSError("H-7 again"))
    with caplog.at_level(logging.DEBUG):
        rounds(steps, 1)
    assert "drain: ValueError" in caplog.text and "closing: OSError" in caplog.text
    assert "H-7" not in caplog.text


def test_the_end_is_not_held_up_by_ctrl_c() -> None:
    class Ends(Steps):
        def step(self, name: str) -> Summary:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rounds(Ends({}), 1)
