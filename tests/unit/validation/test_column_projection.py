"""Rows derived by columns are the rows derived one by one, and reach PostgreSQL as they are."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies, example

from meilenstein.bench.events import bench_events
from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.decoding.clean import read_clean
from meilenstein.validation.column_projection import ColumnProjection
from meilenstein.validation.copy_columns import copy_stream
from meilenstein_connectors.codec import contract_schema, encode
from meilenstein_expectations.projection import columns, project
from meilenstein_schemas.contracts import load_contracts


def projected(event_type: str, events: list[dict[str, Any]]) -> ColumnProjection:
    schema = contract_schema(event_type)
    places, rows = read_clean([encode(schema, body) for body in events], schema.text)
    assert len(places) == len(events)
    group = ArrowGroup(schema_id=1, schema=schema, positions=places, batch=rows)
    return ColumnProjection(group, [number + 100 for number in range(len(events))])


def assert_same(event_type: str, events: list[dict[str, Any]]) -> None:
    found = projected(event_type, events)
    wanted = columns(event_type)
    by_name = dict(zip(wanted, (column.to_pylist() for _, column in found.columns(wanted)), strict=True))
    for place, body in enumerate(events):
        row = project(event_type, body)
        assert {name: by_name[name][place] for name in wanted} == row
        assert found.rows([place + 100], list(wanted)) == [row]
        assert found.rows([place + 100], ()) == [{}], "a rule in SQL names no columns"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(load_contracts())), st.data())
def test_any_events_give_the_rows_of_the_reference(event_type: str, data: st.DataObject) -> None:
    assert_same(event_type, data.draw(st.lists(bodies(event_type), min_size=1, max_size=12)))


def test_plain_events_give_the_rows_of_the_reference() -> None:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for event in bench_events(2000):
        kinds.setdefault(event.event_type, []).append(event.body)
    for event_type, events in kinds.items():
        assert_same(event_type, events)


@pytest.mark.parametrize(
    "facts",
    [
        {"source_system": "Fachverfahren Süd", "case_reference": "a\u0308"},
        {"case_reference": "123456789012"},
        {"case_reference": "123456", "case_number": "789012"},
        {"case_number": "PY7-PRK-JT36"},
        {"case_number": "PY7-PRK-JT35"},
        {"case_number": ""},
        {"case_reference": "x\u200b"},
        {"case_reference": "line\nbreak"},
        {"references": [{"agency": "zefas", "kind": "CASE", "reference": "999988887777"}]},
        {"references": [{"agency": "", "kind": "UNKNOWN", "reference": ""}] * 3},
        {"corrects": "6f6b2c1e-9f0e-4f5e-8a53-0d8f4f1c2b3a", "correction_reason": "OTHER"},
        {"occurred_at": dt.datetime(2026, 3, 29, 22, 30, tzinfo=dt.UTC)},
        {"occurred_at": dt.datetime(1890, 1, 1, 23, 10, tzinfo=dt.UTC)},
        {"occurred_at": dt.datetime(9999, 12, 31, 23, 30, tzinfo=dt.UTC)},
        {"recorded_at": dt.datetime(1, 1, 1, tzinfo=dt.UTC), "published_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_unusual_facts_give_the_rows_of_the_reference(facts: dict[str, Any]) -> None:
    plain = example("DecisionIssued")
    assert_same("DecisionIssued", [plain, {**plain, **facts}, plain])


def test_the_stream_for_the_database_is_byte_for_byte_the_drivers_form() -> None:
    import pyarrow as pa

    stream = b"".join(
        copy_stream(
            [
                ("bigint", pa.array([1, None])),
                ("text", pa.array(["ä", None])),
                ("date", pa.array([dt.date(2000, 1, 2), None])),
                ("boolean", pa.array([True, None])),
            ]
        )
    )
    head = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    first = struct.pack(">hiqi", 4, 8, 1, 2) + "ä".encode() + struct.pack(">iiib", 4, 1, 1, 1)
    assert stream == head + first + struct.pack(">hiiii", 4, -1, -1, -1, -1) + b"\xff\xff"
