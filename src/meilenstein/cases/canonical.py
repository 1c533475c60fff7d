"""One way to write a value as bytes, so that equal values are equal bytes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

__all__ = ["encode"]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False, default=_plain
)


def encode(value: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, dates as ISO 8601; other types raise TypeError."""
    return _ENCODER.encode(value).encode()
