"""CloudEvents 1.0 headers of a record (Kafka binding, binary mode), following the NL GOV profile where it is stricter.

Headers are for tools on the way; the hub decides on the body alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from meilenstein_schemas.contracts import NAMESPACE, wire_name

__all__ = ["SOURCE_BASE", "headers_of"]

SOURCE_BASE = "urn:meilenstein"
_DOMAIN, _, _VERSION = NAMESPACE.rpartition(".")


def headers_of(event_type: str, body: Mapping[str, Any], *, agency: str) -> list[tuple[str, bytes]]:
    """Return the headers of an event; `agency` is the one whose topic carries it.

    `ce_time` is recorded_at (when it was logged, not when it happened); without it the header is left out.
    `ce_sequence` is zero-padded to 20 digits so that text order is number order.
    """
    texts = {
        "ce_specversion": "1.0",
        "ce_id": body["event_id"],
        "ce_type": _type(event_type),
        "ce_source": f"{SOURCE_BASE}:{agency}:{quote(body['source_system'], safe='')}",
        "content-type": "application/avro",
    }
    if body.get("recorded_at") is not None:
        recorded = body["recorded_at"].astimezone(dt.UTC).isoformat(timespec="milliseconds")
        texts["ce_time"] = recorded.replace("+00:00", "Z")
    if body.get("sequence") is not None:
        texts["ce_sequence"] = f"{body['sequence']:020d}"
    return [(name, text.encode()) for name, text in texts.items()]


@cache
def _type(event_type: str) -> str:
    return f"{_DOMAIN}.{wire_name(event_type)}.{_VERSION}"
