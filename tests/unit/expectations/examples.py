"""The examples of `rule_examples.json` as bodies: each starts from a sane event and changes some fields."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

RULE_EXAMPLES: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("rule_examples.json").read_text(encoding="utf-8")
)


def changed(event_type: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sane event with some fields changed; dates and instants are given as text."""
    kinds = {field["name"]: json.dumps(field["type"]) for field in load_contracts()[event_type].schema["fields"]}
    assert changes.keys() <= kinds.keys()
    return {**sane_body(event_type), **{name: _value(kinds[name], value) for name, value in changes.items()}}


def _value(kind: str, value: Any) -> Any:
    if value is not None and '"date"' in kind:
        return dt.date.fromisoformat(value)
    if value is not None and '"timestamp-millis"' in kind:
        return dt.datetime.fromisoformat(value)
    return value
