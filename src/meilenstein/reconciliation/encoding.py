"""The canonical form of `meilenstein.cases.canonical`, written by a faster encoder: the same bytes."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["encode"]

_AS_THERE = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, tuple):  # a named one; plain ones never come here
        return list(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def encode(value: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, dates as ISO 8601; other types raise TypeError."""
    return orjson.dumps(value, default=_plain, option=_AS_THERE)
