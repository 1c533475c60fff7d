"""Where readings come from: each source has a thread of its own, so that one that hangs holds up no answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from meilenstein.errors import told

__all__ = ["Reading", "Source"]

_log = logging.getLogger("meilenstein.watch")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[T]):
    """What a source said last; `value` is None if it could not be read, `age` is in seconds."""

    value: T | None
    age: float


class Source(Generic[T]):
    """Reads when it is asked, at most every `every` seconds, in its own thread."""

    def __init__(
        self,
        name: str,
        read: Callable[[], T],
        *,
        every: float,
        close: Callable[[], object] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._read = read
        self._close = close
        self._every = every
        self._monotonic = monotonic
        self._value: T | None = None
        self._at: float | None = None
        self._changed = threading.Condition()
        self._asked = False
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=f"meilenstein {name}", daemon=True)
        self._thread.start()

    def latest(self, *, wait: float) -> Reading[T]:
        """Return a reading no older than `every` seconds, or after `wait` seconds the newest there is."""
        with self._changed:
            asked_at = self._monotonic()
            if self._at is None or asked_at - self._at >= self._every:
                self._asked = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopped or (self._at or -1.0) >= asked_at, wait)
            if self._at is None:
                return Reading(value=None, age=self._monotonic() - asked_at)
            return Reading(value=self._value, age=self._monotonic() - self._at)

    def stop(self, *, seconds: float = 2.0) -> None:
        """Let the thread end; one that hangs is left behind, it dies with the process."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked or self._stopped)
                if self._stopped:
                    break
                self._asked = False
            value = self._try()
            with self._changed:
                self._value, self._at = value, self._monotonic()
                self._changed.notify_all()
        self._close()

    def _try(self) -> T | None:
        try:
            return self._read()
        except Exception as error:  # noqa: BLE001 - monitoring outlives whatever it watches
            _log.warning("%s cannot be read: %s", self.name, told(error))
            self._close()
            return None
