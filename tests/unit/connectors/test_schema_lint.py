"""Schemas in which an input could be a bomb never reach the decoder."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.connectors.strategies import small_schema

from meilenstein_connectors.schema_lint import lint_writer_schema
from meilenstein_schemas.contracts import load_contracts

NULLS = {"type": "array", "items": "null"}
EMPTY = {"type": "record", "name": "Empty", "fields": []}
ONLY_NULL = {"type": "record", "name": "Nothing", "fields": [{"name": "n", "type": "null"}]}
DEEP: Any = "int"
for _ in range(12):
    DEEP = {"type": "array", "items": DEEP}


@pytest.mark.parametrize("name", sorted(load_contracts()))
def test_our_own_contracts_pass(name: str) -> None:
    assert lint_writer_schema(load_contracts()[name].schema) == []


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (NULLS, "not allowed"),
        ({"type": "map", "values": "null"}, "not allowed"),
        ({"type": "array", "items": EMPTY}, "without fields"),
        ({"type": "array", "items": ONLY_NULL}, "not allowed"),
        ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}, "not allowed"),
        (["null", "EntryReported"], "recursive"),
        ({"type": "array", "items": "org.meilenstein.milestones.v1.EntryReported"}, "recursive"),
        ({"type": "map", "values": "EntryReported"}, "recursive"),
        ("float", "not allowed"),
        ("double", "not allowed"),
        ("bytes", "not allowed"),
        ("null", "not allowed"),
        ("NoSuchType", "not allowed"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4}, "logical"),
        ({"type": "fixed", "name": "F", "size": 4}, "not allowed"),
        ({"type": "string", "logicalType": "uuid"}, "logical"),
        ({"type": "long", "logicalType": "timestamp-micros"}, "logical"),
        ({"type": "int", "logicalType": ["date"]}, "logical"),
        ({"type": ["null", "int"]}, "not allowed"),
        (["null"], "unions"),
        (["int", "string"], "unions"),
        (["null", "int", "string"], "unions"),
        (["null", "null"], "unions"),
        (["null", ["null", "int"]], "unions"),
        ([], "unions"),
        (7, "not an Avro type"),
        (None, "not an Avro type"),
        ({}, "not allowed"),
        (DEEP, "nested deeper"),
        ({"type": "enum", "name": "E", "symbols": []}, "symbols"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "twice"),
        ({"type": "enum", "name": "E", "symbols": ["A", 1]}, "symbols"),
        ({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(600)]}, "symbols"),
        ({"type": "enum", "name": "int", "symbols": ["A"]}, "plain name"),
        ({"type": "enum", "name": "x.E", "symbols": ["A"]}, "plain name"),
        ({"type": "enum", "name": "E", "namespace": "elsewhere", "symbols": ["A"]}, "plain name"),
        ({"type": "record", "name": "EntryReported", "fields": [{"name": "a", "type": "int"}]}, "declared twice"),
        ({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}] * 2}, "declared twice"),
        ({"type": "record", "name": "R", "fields": [{"name": "a"}]}, "a field without"),
        (
            {"type": "record", "name": "R", "fields": [{"name": f"f{n}", "type": "int"} for n in range(300)]},
            "more than",
        ),
        ({"type": "record", "name": "R" * 1000, "fields": [{"name": "a", "type": "int"}]}, "plain name"),
    ],
)
def test_what_could_hurt_is_refused_with_its_place(kind: Any, named: str) -> None:
    problems = lint_writer_schema(small_schema({"name": "extra", "type": kind}))
    assert any(named in problem and "extra" in problem for problem in problems), problems


@pytest.mark.parametrize(
    "kind",
    [
        "int",
        ["null", "string"],
        ["string", "null"],
        {"type": "map", "values": "string"},
        {"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}},
        {"type": "long", "logicalType": "timestamp-millis"},
        {"type": "string"},
    ],
)
def test_harmless_additions_pass(kind: Any) -> None:
    assert lint_writer_schema(small_schema({"name": "extra", "type": kind})) == []


@pytest.mark.parametrize("schema", [None, [], "string", {}, {"type": "enum"}, {"type": ["record"]}])
def test_only_a_record_passes(schema: Any) -> None:
    assert lint_writer_schema(schema)


def test_only_our_namespace_passes() -> None:
    assert lint_writer_schema({**small_schema(), "namespace": "org.example"})
    assert lint_writer_schema({**small_schema(), "name": "org.example.EntryReported"})


def test_a_named_type_may_be_used_again() -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A"]}
    schema = small_schema({"name": "one", "type": enum}, {"name": "two", "type": ["null", "E"]})
    assert lint_writer_schema(schema) == []
