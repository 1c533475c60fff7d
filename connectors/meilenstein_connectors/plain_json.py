"""Events as plain JSON: one object a line, for files and people.

    {"type": "ApplicationReceived", "case_reference": "H-9", "occurred_on": "2026-03-01", ...}

Dates are `YYYY-MM-DD`, instants ISO 8601 with offset; fields that are left out have the contract's default. Reading is
strict: a field twice, NaN, text no database stores, a number out of range, an unknown field or a wrong form are refused
with the name of the field.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from meilenstein_connectors.avro_shape import REQUIRED, Shape
from meilenstein_connectors.body_check import is_storable
from meilenstein_connectors.codec import Body, WriterSchema, contract_schema
from meilenstein_connectors.errors import InvalidLine, UnknownSchema

__all__ = ["ENVELOPE_FILLED", "complete", "from_line", "from_plain", "read_lines", "read_value", "to_line", "to_plain"]

ENVELOPE_FILLED = ("event_id", "publisher", "source_system")
"""Required fields that the publisher fills in when a file leaves them out."""

_DATE = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_OFFSET = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})\Z")


def to_plain(event_type: str, body: Mapping[str, Any], *, with_defaults: bool = True) -> dict[str, Any]:
    """Return the event as JSON values, `type` first, then the fields in the order of the contract.

    Fields that the contract does not have are left out; without defaults also those that equal theirs.
    """
    plain: dict[str, Any] = {"type": event_type}
    for field in contract_schema(event_type).shape.fields:
        if field.name in body and (with_defaults or body[field.name] != field.default):
            plain[field.name] = _plain_value(body[field.name])
    return plain


def _plain_value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)  # a StrEnum is written as its value anyway; this also makes it a plain str
    if isinstance(value, Mapping):
        return {key: _plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(item) for item in value]
    return value


def to_line(event_type: str, body: Mapping[str, Any], *, with_defaults: bool = True) -> str:
    """Return the event as one line of JSON, without the line end."""
    plain = to_plain(event_type, body, with_defaults=with_defaults)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def complete(event_type: str, body: Mapping[str, Any]) -> Body:
    """Return the body with the contract's defaults for fields that are left out; unknown fields stay."""
    whole: Body = {}
    for field in contract_schema(event_type).shape.fields:
        if field.name in body:
            whole[field.name] = body[field.name]
        elif field.default is not REQUIRED:
            whole[field.name] = list(field.default) if field.shape.kind == "array" else field.default
    whole.update((name, value) for name, value in body.items() if name not in whole)
    return whole


def from_line(text: str) -> tuple[str, Body]:
    """Return event type and body (with defaults) of one line; raise InvalidLine naming what is wrong."""
    try:
        plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidLine("lists or objects are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise InvalidLine(f"not valid JSON ({error})") from None
    except ValueError:  # the only other one of Python's own
        raise InvalidLine("a number has too many digits") from None
    if not isinstance(plain, dict):
        raise InvalidLine("expected one JSON object a line")
    return from_plain(plain)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidLine("a field is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise InvalidLine(f"{name} is no JSON value")


def from_plain(plain: Mapping[str, Any]) -> tuple[str, Body]:
    """Return event type and body (with defaults) of a JSON object; raise InvalidLine naming what is wrong.

    The fields of ENVELOPE_FILLED may be left out; then the body lacks them.
    """
    event_type = plain.get("type")
    if not isinstance(event_type, str):
        raise InvalidLine("field 'type' is missing", field="type")
    try:
        schema = contract_schema(event_type)
    except UnknownSchema as error:
        raise InvalidLine(str(error), field="type") from None
    _refuse_unknown(plain, schema)
    body: Body = {}
    for field in schema.shape.fields:
        if field.name in plain:
            body[field.name] = read_value(field.shape, plain[field.name], field.name)
        elif field.default is REQUIRED and field.name not in ENVELOPE_FILLED:
            raise InvalidLine("field is missing", field=field.name)
    return event_type, complete(event_type, body)


def _refuse_unknown(plain: Mapping[str, Any], schema: WriterSchema) -> None:
    known = {field.name for field in schema.shape.fields}
    for name in plain:
        if name != "type" and name not in known:
            raise InvalidLine(f"the contract of {schema.name} does not have this field", field=name[:60])


def read_value(shape: Shape, value: Any, field: str) -> Any:
    """Return the decoded form of one JSON value; raise InvalidLine, naming the field, if it does not fit."""
    if value is None and shape.nullable:
        return None
    if shape.kind == "array" and shape.items and isinstance(value, list):
        return [read_value(shape.items, item, f"{field}[{place}]") for place, item in enumerate(value)]
    if shape.kind == "record" and isinstance(value, dict):
        return _record(shape, value, field)
    reader = _READERS.get(shape.kind)
    if reader is None:
        raise InvalidLine(f"expected a JSON {'list' if shape.kind == 'array' else 'object'}", field=field)
    return reader(shape, value, field)


def _record(shape: Shape, value: Mapping[str, Any], field: str) -> Body:
    known = {part.name for part in shape.fields}
    for name in value:
        if name not in known:
            raise InvalidLine(f"unknown; known: {', '.join(sorted(known))}", field=f"{field}.{name[:60]}")
    body: Body = {}
    for part in shape.fields:
        if part.name in value:
            body[part.name] = read_value(part.shape, value[part.name], f"{field}.{part.name}")
        elif part.default is REQUIRED:
            raise InvalidLine("field is missing", field=f"{field}.{part.name}")
        else:
            body[part.name] = part.default
    return body


def _boolean(_: Shape, value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidLine("expected true or false", field=field)
    return value


def _number(shape: Shape, value: Any, field: str) -> int:
    limit = 2**31 if shape.kind == "int" else 2**63
    if type(value) is not int or not -limit <= value < limit:
        raise InvalidLine(f"expected a whole number of {32 if shape.kind == 'int' else 64} bits", field=field)
    return value


def _text(_: Shape, value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidLine("expected text in quotation marks", field=field)
    if not is_storable(value):
        raise InvalidLine("expected text without U+0000 and lone surrogates", field=field)
    return value


def _symbol(shape: Shape, value: Any, field: str) -> str:
    if not isinstance(value, str) or value not in shape.symbols:
        raise InvalidLine(f"expected one of: {', '.join(shape.symbols)}", field=field)
    return value


def _date(_: Shape, value: Any, field: str) -> dt.date:
    try:
        if isinstance(value, str) and _DATE.match(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidLine("expected a date YYYY-MM-DD", field=field)


def _instant(_: Shape, value: Any, field: str) -> dt.datetime:
    try:
        if isinstance(value, str) and _OFFSET.search(value):
            read = dt.datetime.fromisoformat(value).astimezone(dt.UTC)
            return read.replace(microsecond=read.microsecond // 1000 * 1000)
    except (ValueError, OverflowError):
        pass
    raise InvalidLine("expected an instant with offset, such as 2026-03-01T08:30:00+01:00", field=field)


_READERS = {
    "boolean": _boolean,
    "int": _number,
    "long": _number,
    "string": _text,
    "enum": _symbol,
    "date": _date,
    "instant": _instant,
}


def read_lines(lines: Iterable[str]) -> Iterator[tuple[int, str, Body]]:
    """Yield line number (from 1), event type and body of each line; blank lines are passed over.

    The first bad line raises InvalidLine with its number.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event_type, body = from_line(line)
        except InvalidLine as error:
            raise InvalidLine(error.mistake, line=number, field=error.field) from None
        yield number, event_type, body
