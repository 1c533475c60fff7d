"""The continuous service: the four steps again and again, resting while there is nothing to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from meilenstein.errors import MeilensteinError
from meilenstein.summary import Summary

__all__ = ["Steps", "follow"]

_STEPS = ("drain", "validate", "reconcile", "feedback")
_REST_SECONDS = 0.25
_LONGEST_REST_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Steps(Protocol):
    """What is followed."""

    def step(self, name: str) -> Summary:
        """Run one step."""

    def reset(self) -> None:
        """Close what may be broken."""


def follow(
    steps: Steps, *, stopped: Callable[[], bool], pause: Callable[[float], object], report: Callable[[Summary], object]
) -> None:
    """Run the steps in order until `stopped`. A step that fails keeps no other from running, and is tried again."""
    rest = _REST_SECONDS
    while not stopped():
        moved = failed = False
        for name in _STEPS:
            try:
                summary = steps.step(name)
            except MeilensteinError as error:
                _log.warning("%s: %s; trying again in %.1f s", name, error, rest)
                steps.reset()
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
