"""The shape of a contract's values: the part of Avro that contracts use, as a small typed tree.

Reading a schema once into `Shape` keeps every later step (checks, strict reading, JSON, code generation) free of
schema handling. Only schemas that `schema_lint` found clean have a shape.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

__all__ = ["EPOCH", "MAX_INSTANT", "MIN_INSTANT", "REQUIRED", "FieldShape", "Kind", "Shape", "read_shape"]

Kind = Literal["boolean", "int", "long", "date", "instant", "string", "enum", "array", "map", "record"]
LOGICAL: Mapping[tuple[str, str], Kind] = {("int", "date"): "date", ("long", "timestamp-millis"): "instant"}

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLI = dt.timedelta(milliseconds=1)
MIN_INSTANT = (dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH) // _MILLI
MAX_INSTANT = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // _MILLI


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()
"""Stands where a field has no default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShape:
    """One field of a record."""

    name: str
    shape: Shape
    default: Any
    """The decoded default, or REQUIRED."""
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One type; `nullable` stands for the union of null and this type."""

    kind: Kind
    nullable: bool = False
    null_branch: int = 0
    """Index of null in the union, where nullable."""
    name: str = ""
    """Short name of an enum or record."""
    symbols: tuple[str, ...] = ()
    items: Shape | None = None
    """What an array or map holds."""
    fields: tuple[FieldShape, ...] = ()


def read_shape(schema: Any, known: dict[str, Shape] | None = None) -> Shape:
    """Return the shape of a linted schema."""
    named = {} if known is None else known
    if isinstance(schema, list):
        inner = next(branch for branch in schema if branch != "null")
        return replace(read_shape(inner, named), nullable=True, null_branch=schema.index("null"))
    if isinstance(schema, str):
        return (
            named[schema.rpartition(".")[2]] if schema.rpartition(".")[2] in named else Shape(kind=_kind(schema, None))
        )
    kind = _kind(schema["type"], schema.get("logicalType"))
    if kind in ("array", "map"):
        return Shape(kind=kind, items=read_shape(schema["items" if kind == "array" else "values"], named))
    if kind in ("enum", "record"):
        named[schema["name"].rpartition(".")[2]] = shape = _named(kind, schema, named)
        return shape
    return Shape(kind=kind)


def _kind(name: str, logical: str | None) -> Kind:
    plain: Any = name  # the lint admitted only names that are kinds
    return LOGICAL[name, logical] if logical else plain


def _named(kind: Kind, schema: Mapping[str, Any], known: dict[str, Shape]) -> Shape:
    name = schema["name"].rpartition(".")[2]
    if kind == "enum":
        return Shape(kind=kind, name=name, symbols=tuple(schema["symbols"]))
    return Shape(kind=kind, name=name, fields=tuple(_field(field, known) for field in schema["fields"]))


def _field(field: Mapping[str, Any], known: dict[str, Shape]) -> FieldShape:
    shape = read_shape(field["type"], known)
    default = _default(shape, field["default"]) if "default" in field else REQUIRED
    return FieldShape(name=field["name"], shape=shape, default=default, doc=field.get("doc", ""))


def _default(shape: Shape, default: Any) -> Any:
    """Return the decoded form of a default as it stands in the schema."""
    if default is None or shape.kind in ("boolean", "int", "long", "string", "enum"):
        return default
    if shape.kind == "date":
        return EPOCH.date() + dt.timedelta(days=default)
    if shape.kind == "instant":
        return EPOCH + dt.timedelta(milliseconds=default)
    if shape.items is not None:
        pairs = default.items() if shape.kind == "map" else enumerate(default)
        items = {key: _default(shape.items, item) for key, item in pairs}
        return items if shape.kind == "map" else list(items.values())
    return {field.name: _default(field.shape, default[field.name]) for field in shape.fields}
