"""Which Avro schemas may stand behind a record: a narrow part of Avro in which no input can be a bomb.

A schema that comes from a registry was written by somebody else. fastavro has no limits of its own: a recursive schema
can end the process, an array of values without size fills the memory from five bytes. So such schemas are refused
before the first byte is read with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from meilenstein_connectors.avro_shape import LOGICAL
from meilenstein_schemas.contracts import NAMESPACE

__all__ = ["MAX_SCHEMA_CHARACTERS", "lint_writer_schema"]

MAX_SCHEMA_CHARACTERS = 100_000
MAX_DEPTH = 8
MAX_FIELDS = 200
MAX_SYMBOLS = 500
MAX_NAME = 100
SIMPLE = ("boolean", "int", "long", "string")
PRIMITIVE = (*SIMPLE, "null", "float", "double", "bytes", "fixed", "enum", "array", "map", "record", "union", "error")
_LOGICAL = [list(pair) for pair in LOGICAL]
_NAME = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]*\Z")


def lint_writer_schema(schema: Any) -> list[str]:
    """Return why a schema may not stand behind a record; an empty list means that it may.

    Allowed are one record of our namespace made of boolean, int, long, string, date, timestamp-millis, enum, array,
    map, records inside, and unions of null and one of these; nothing recursive, no items without size, bounded counts.
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "record":
        return ["the schema is no record"]
    problems = []
    if schema.get("namespace") != NAMESPACE:
        problems.append(f"the record is not of namespace {NAMESPACE}")
    problems.extend(_Lint().check(schema, "", 0))
    return problems


class _Lint:
    """One walk over one schema; remembers the named types seen so far."""

    def __init__(self) -> None:
        self._complete: set[str] = set()
        self._open: set[str] = set()
        self._fields = 0

    def check(self, schema: Any, place: str, depth: int) -> Iterator[str]:
        """Yield what is wrong with the type at `place`."""
        if depth > MAX_DEPTH:
            yield f"{place}: nested deeper than {MAX_DEPTH}"
        elif isinstance(schema, list):
            yield from self._union(schema, place, depth)
        elif isinstance(schema, str):
            yield from self._name(schema, place)
        elif isinstance(schema, Mapping):
            yield from self._mapping(schema, place, depth)
        else:
            yield f"{place}: not an Avro type"

    def _union(self, branches: list[Any], place: str, depth: int) -> Iterator[str]:
        others = [branch for branch in branches if branch != "null"]
        if len(branches) != 2 or len(others) != 1 or isinstance(others[0], list):
            yield f"{place}: only unions of null and one other type are allowed"
        else:
            yield from self.check(others[0], place, depth + 1)

    def _name(self, name: str, place: str) -> Iterator[str]:
        short = name.rpartition(".")[2]
        if name in SIMPLE or short in self._complete:
            return
        yield f"{place}: recursive type" if short in self._open else f"{place}: type not allowed in contracts"

    def _mapping(self, schema: Mapping[str, Any], place: str, depth: int) -> Iterator[str]:
        kind, logical = schema.get("type"), schema.get("logicalType")
        if logical is not None and [kind, logical] not in _LOGICAL:
            yield f"{place}: logical type not allowed in contracts"
        elif kind in ("array", "map"):
            inner = schema.get("items" if kind == "array" else "values")
            yield from self.check(inner, place + "[]", depth + 1)
        elif kind == "enum":
            yield from self._enum(schema, place)
        elif kind == "record":
            yield from self._record(schema, place, depth)
        elif kind not in SIMPLE:
            yield f"{place}: type not allowed in contracts"

    def _declare(self, schema: Mapping[str, Any], place: str) -> Iterator[str]:
        name, namespace = schema.get("name"), schema.get("namespace", NAMESPACE)
        if not _is_name(name) or name in PRIMITIVE or namespace != NAMESPACE:
            yield f"{place}: a named type without a plain name of our namespace"
        elif name in self._complete | self._open:
            yield f"{place}: a name is declared twice"

    def _enum(self, schema: Mapping[str, Any], place: str) -> Iterator[str]:
        yield from self._declare(schema, place)
        symbols = schema.get("symbols")
        if not isinstance(symbols, list) or not 0 < len(symbols) <= MAX_SYMBOLS or not all(map(_is_name, symbols)):
            yield f"{place}: an enum without 1 to {MAX_SYMBOLS} plain symbols"
        elif len(set(symbols)) != len(symbols):
            yield f"{place}: an enum with a symbol twice"
        self._complete.add(str(schema.get("name")))

    def _record(self, schema: Mapping[str, Any], place: str, depth: int) -> Iterator[str]:
        yield from self._declare(schema, place)
        name, fields = str(schema.get("name")), schema.get("fields")
        if not isinstance(fields, list) or not fields:
            # A record without fields takes no bytes; an array of them would be a bomb.
            yield f"{place}: a record without fields"
            return
        self._fields += len(fields)
        if self._fields > MAX_FIELDS:
            yield f"{place}: more than {MAX_FIELDS} fields"
            return
        self._open.add(name)
        yield from self._record_fields(fields, place, depth)
        self._open.discard(name)
        self._complete.add(name)

    def _record_fields(self, fields: list[Any], place: str, depth: int) -> Iterator[str]:
        seen: set[str] = set()
        for field in fields:
            if not isinstance(field, Mapping) or not _is_name(field.get("name")) or "type" not in field:
                yield f"{place}: a field without a plain name and a type"
                continue
            name = field["name"]
            if name in seen:
                yield f"{place}: a field is declared twice"
            seen.add(name)
            yield from self.check(field["type"], f"{place}.{name}".lstrip("."), depth + 1)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= MAX_NAME and _NAME.match(name) is not None
