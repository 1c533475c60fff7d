"""What makes two events the same: a digest over their facts, not over how and when they were handed over."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from meilenstein_schemas.contracts import load_contracts

__all__ = ["fact_digest", "facts"]

_HANDING_OVER = frozenset({"published_at", "sequence", "source_epoch"})


@cache
def _defaults(event_type: str) -> Mapping[str, Any]:
    fields = load_contracts()[event_type].schema["fields"]
    return {field["name"]: field["default"] for field in fields if "default" in field}


def facts(event_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that state something: without handing-over details and without values equal to the default."""
    defaults = _defaults(event_type)
    return {
        name: value
        for name, value in body.items()
        if name not in _HANDING_OVER and not (name in defaults and value == defaults[name])
    }


def fact_digest(event_type: str, body: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 over type and facts as canonical JSON (sorted keys, UTF-8, no normalisation).

    Equal for two handings-over of one event and for schema versions that differ by added default fields only.
    """
    canonical = json.dumps(
        [event_type, facts(event_type, body)],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=_plain,
    )
    return hashlib.sha256(canonical.encode("utf-8")).digest()


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no fact of type {type(value).__name__} is known")
