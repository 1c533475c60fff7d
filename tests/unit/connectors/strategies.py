"""Hypothesis strategies and examples for bodies of every contract, and a small encoder that can write illegal Avro."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from meilenstein_connectors.avro_shape import REQUIRED, Shape
from meilenstein_connectors.codec import Body, contract_schema
from meilenstein_schemas.contracts import NAMESPACE

EVENT_ID = "6f6b2c1e-9f0e-4f5e-8a53-0d8f4f1c2b3a"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
INSTANTS = st.datetimes(timezones=st.just(dt.UTC)).map(
    lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000)
)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Every value that a shape can hold."""
    plain = _plain_values(shape)
    return st.none() | plain if shape.nullable else plain


def _plain_values(shape: Shape) -> st.SearchStrategy[Any]:
    simple = {
        "boolean": st.booleans(),
        "int": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**63), 2**63 - 1),
        "date": st.dates(),
        "instant": INSTANTS,
        "string": TEXTS,
    }
    if shape.kind in simple:
        return simple[shape.kind]
    if shape.kind == "enum":
        return st.sampled_from(shape.symbols)
    if shape.kind == "record":
        return st.fixed_dictionaries({field.name: values(field.shape) for field in shape.fields})
    assert shape.items is not None
    return st.lists(values(shape.items), max_size=3)


def bodies(event_type: str) -> st.SearchStrategy[Body]:
    """Every body that fits the contract."""
    return values(contract_schema(event_type).shape)


def example(event_type: str, **fields: Any) -> Body:
    """A body with the contract's defaults and these fields."""
    body: Body = {
        "event_id": EVENT_ID,
        "publisher": "hwk-dresden",
        "source_system": "files",
        "case_reference": "H-9",
        "occurred_on": dt.date(2026, 3, 2),
    }
    for field in contract_schema(event_type).shape.fields:
        if field.default is not REQUIRED:
            body[field.name] = field.default
    return {**body, **fields}


def varint(number: int, *, size: int = 0) -> bytes:
    """The zig-zag form of a number; with `size` padded to that many bytes, which is not the shortest form."""
    rest = (number << 1) ^ (number >> 63) if number >= 0 else ((-number - 1) << 1) | 1
    parts = []
    while True:
        parts.append(rest & 0x7F)
        rest >>= 7
        if not rest:
            break
    parts += [0] * (size - len(parts))
    return bytes([*(part | 0x80 for part in parts[:-1]), parts[-1]])


def text(value: str) -> bytes:
    """A text with its length."""
    raw = value.encode()
    return varint(len(raw)) + raw


def small_schema(*fields: Mapping[str, Any], name: str = "EntryReported") -> dict[str, Any]:
    """A schema of one of our record names with the fields that have no default, and these."""
    required: list[Mapping[str, Any]] = [
        {"name": "event_id", "type": "string"},
        {"name": "publisher", "type": "string"},
        {"name": "source_system", "type": "string"},
        {"name": "case_reference", "type": "string"},
        {"name": "occurred_on", "type": {"type": "int", "logicalType": "date"}},
    ]
    return {"type": "record", "name": name, "namespace": NAMESPACE, "fields": [*required, *fields]}


SMALL_PREFIX = text("e") + text("p") + text("s") + text("c") + varint(0)
"""The encoded fields of `small_schema` without further fields."""
