"""The one place of the SDK that looks at the wall clock; everything else is handed a `Clock`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

__all__ = ["Clock", "utc_now"]

Clock = Callable[[], dt.datetime]
"""Returns the current instant, with time zone."""


def utc_now() -> dt.datetime:
    """Return the current instant in UTC, cut to milliseconds as contracts carry it."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
