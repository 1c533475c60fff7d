"""One right event of each type, as every page and document shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meilenstein_connectors.cloud_events import headers_of
from meilenstein_connectors.plain_json import to_plain
from meilenstein_expectations.samples import sane_body

__all__ = ["example_headers", "example_plain", "example_values"]

_GIVEN_BY_THE_SDK = ("published_at",)


def example_plain(event_type: str) -> dict[str, Any]:
    """Return the event as plain JSON, without fields that have their default or that the SDK fills in while sending."""
    plain = to_plain(event_type, sane_body(event_type), with_defaults=False)
    return {name: value for name, value in plain.items() if name not in _GIVEN_BY_THE_SDK}


def example_values(event_type: str) -> dict[str, Any]:
    """Return every value of the record that carries the event."""
    plain = to_plain(event_type, {**sane_body(event_type), "sequence": 1})
    del plain["type"]
    return plain


def example_headers(event_type: str) -> Mapping[str, str]:
    """Return the headers of that record."""
    body = {**sane_body(event_type), "sequence": 1}
    return {name: value.decode() for name, value in headers_of(event_type, body, agency=body["publisher"])}
