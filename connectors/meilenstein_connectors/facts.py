"""What an event says, apart from how and when it was handed over: the ground for "the same event or not"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from meilenstein_connectors.plain_json import to_plain

__all__ = ["fact_digest", "facts_of"]

_NO_FACTS = ("published_at", "sequence", "source_epoch")
"""Fields that say how an event was sent, not what it says."""


def facts_of(event_type: str, body: Mapping[str, Any]) -> str:
    """Return what the event says as canonical JSON: fields with another value than their default, sorted."""
    plain = to_plain(event_type, body, with_defaults=False)
    for name in _NO_FACTS:
        plain.pop(name, None)
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fact_digest(event_type: str, body: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 over type and facts.

    Equal for two handings-over of one event, and for schema versions that differ by added default fields only.
    """
    return hashlib.sha256(facts_of(event_type, body).encode()).digest()
