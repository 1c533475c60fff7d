"""The SDK call that makes an event, as source text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from meilenstein_connectors.avro_shape import Shape
from meilenstein_connectors.codec import contract_schema
from meilenstein_connectors.plain_json import from_plain

__all__ = ["python_call"]


def python_call(plain: Mapping[str, Any]) -> str:
    """Return Python that makes the event which the plain JSON stands for, as `event`."""
    event_type, body = from_plain(plain)
    used: set[str] = {event_type}
    lines = [
        f"    {field.name}={_literal(field.shape, body[field.name], used)},"
        for field in contract_schema(event_type).shape.fields
        if field.name in plain
    ]
    call = "\n".join([f"event = {event_type}(", *lines, ")"])
    head = ["import datetime as dt", ""] if "dt." in call else []
    names = [f"    {name}," for name in sorted(used)]
    return "\n".join([*head, "from meilenstein_connectors.events import (", *names, ")", "", call])


def _literal(shape: Shape, value: Any, used: set[str]) -> str:
    if shape.kind == "enum" and value is not None:
        used.add(shape.name)
        return f"{shape.name}.{value}"
    if shape.kind == "array" and shape.items is not None:
        items = [_literal(shape.items, item, used) for item in value]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if shape.kind == "record" and value is not None:
        used.add(shape.name)
        parts = [f"{field.name}={_literal(field.shape, value[field.name], used)}" for field in shape.fields]
        return f"{shape.name}({', '.join(parts)})"
    return _plain_literal(value)


def _plain_literal(value: Any) -> str:
    if isinstance(value, dt.datetime):
        numbers = [value.year, value.month, value.day, value.hour, value.minute]
        numbers += [value.second, value.microsecond] if value.second or value.microsecond else []
        return f"dt.datetime({', '.join(map(str, numbers))}, tzinfo=dt.UTC)"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
