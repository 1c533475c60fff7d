"""One way to write a value as bytes, so that equal values are equal bytes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

__all__ = ["encode", "iso", "known"]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False, default=_plain
)


def iso(day: dt.date | None) -> str | None:
    """Return a day as ISO 8601; written out early, because the encoder asks for each date by a slow detour."""
    return None if day is None else day.isoformat()


def known(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def encode(value: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, dates as ISO 8601; other types raise TypeError."""
    return _ENCODER.encode(value).encode()
