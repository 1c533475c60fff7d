"""Asking a registry that may not answer, so that records which do not need it are not kept waiting."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from meilenstein_connectors.errors import RegistryUnavailable

__all__ = ["Patience"]

_SHORTEST_REST = 1.0
_LONGEST_REST = 60.0
_REST_PER_WAIT = 20.0
"""Seconds of rest for each second that was waited in vain: at most a twentieth of the time is lost."""
_log = logging.getLogger(__name__)


class Patience:
    """Leaves a registry alone for a while after it did not answer; one object a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._rests_until: float | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask inside; raises RegistryUnavailable at once while the registry is left alone."""
        began = self._monotonic()
        if self._rests_until is not None and began < self._rests_until:
            raise RegistryUnavailable("the registry did not answer a moment ago and is left alone for now")
        try:
            yield
        except RegistryUnavailable as error:
            now = self._monotonic()
            rest = min(_LONGEST_REST, max(_SHORTEST_REST, _REST_PER_WAIT * (now - began)))
            self._rests_until = now + rest
            _log.warning("%s; asked again in %.0f s", error, rest)
            raise
