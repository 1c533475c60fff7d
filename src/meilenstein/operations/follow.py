"""The continuous service: the four steps again and again, resting while there is nothing to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from meilenstein.errors import told
from meilenstein.store.journal import Backlog
from meilenstein.summary import STEPS, Summary

__all__ = ["FoldWait", "Steps", "follow"]


_REST_SECONDS = 0.25
_LONGEST_REST_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 60.0
_STUCK_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Steps(Protocol):
    """What is followed."""

    def step(self, name: str) -> Summary:
        """Run one step."""

    def backlog(self) -> Backlog:
        """Return what the store has left to do."""

    def reset(self) -> None:
        """Close what may be broken."""


class FoldWait:
    """Lets a fold wait while batches are being judged: with the next of them the same cases would be folded again.

    It waits a minute at most, and ten seconds where no batch came or went meanwhile: then judging is stuck.
    """

    def __init__(self, steps: Steps, *, now: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._now = now
        self._since: float | None = None
        self._moved_at = 0.0
        self._open = 0

    def waits(self) -> bool:
        """Say whether to leave folding for now."""
        found, now = self._steps.backlog().open_batches, self._now()
        if self._since is None:
            self._since = now
        if found != self._open:
            self._open, self._moved_at = found, now
        if found and now - self._since < _LONGEST_WAIT_SECONDS and now - self._moved_at < _STUCK_SECONDS:
            return True
        self._since = None
        return False


def _reset(steps: Steps) -> None:
    try:
        steps.reset()
    except Exception as error:  # noqa: BLE001 - what is broken may also break when it is closed; it is opened anew
        _log.warning("closing: %s", told(error))


def follow(
    steps: Steps,
    *,
    stopped: Callable[[], bool],
    pause: Callable[[float], object],
    report: Callable[[Summary], object],
    names: Iterable[str] = STEPS,
) -> None:
    """Run the steps in order until `stopped`. A step that fails keeps no other from running, and is tried again.

    That holds for every fault, also one that nobody foresaw: of such a one only class and place are logged.

    `names` are the steps of this process; other processes may follow the same steps or others. Folding waits with
    `FoldWait` while batches are open, whoever judges them.
    """
    names = tuple(names)
    wait = FoldWait(steps)
    rest = _REST_SECONDS
    while not stopped():
        moved = failed = False
        for name in names:
            try:
                if name == "reconcile" and wait.waits():
                    continue
                summary = steps.step(name)
            except Exception as error:  # noqa: BLE001 - a service goes on also after a fault that nobody foresaw
                _log.warning("%s: %s; trying again in %.1f s", name, told(error), rest)
                _reset(steps)
                failed = True
            else:
                if summary:
                    moved = True
                    report(summary)
        if failed:
            pause(rest)
            rest = min(2 * rest, _LONGEST_REST_SECONDS)
        else:
            rest = _REST_SECONDS
            if not moved:
                pause(_REST_SECONDS)
