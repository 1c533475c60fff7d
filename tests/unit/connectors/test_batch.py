"""Every record of a batch is decoded, refused or pending, exactly once."""

from __future__ import annotations

import json

import pytest
from tests.unit.connectors.strategies import SMALL_PREFIX, example, small_schema, text

from meilenstein_connectors.batch import decode_batch
from meilenstein_connectors.codec import (
    MAX_RECORD_BYTES,
    WriterSchema,
    contract_schema,
    encode,
    frame,
    load_writer_schema,
)
from meilenstein_connectors.errors import UnknownSchema

ENTRY, DECISION = contract_schema("EntryReported"), contract_schema("DecisionIssued")


def schema_of(schema_id: int) -> WriterSchema | None:
    if schema_id == 404:
        raise UnknownSchema("not ours", schema_id=404)
    return {1: ENTRY, 2: DECISION}.get(schema_id)


def test_records_of_all_kinds_are_sorted_and_none_is_lost() -> None:
    entries = [example("EntryReported", sequence=number) for number in range(3)]
    decision = example("DecisionIssued")
    records = [
        frame(1, encode(ENTRY, entries[0])),
        None,
        frame(2, encode(DECISION, decision)),
        frame(1, encode(ENTRY, entries[1])),
        frame(9, b"later"),
        frame(404, b"x"),
        frame(1, encode(ENTRY, entries[2]) + b"\0"),
        bytes(MAX_RECORD_BYTES + 1),
        b"not framed",
        frame(1, encode(ENTRY, entries[2])),
    ]
    batch = decode_batch(records, schema_of)
    assert [(group.schema_id, group.schema.name, group.positions) for group in batch.groups] == [
        (1, "EntryReported", [0, 3, 9]),
        (2, "DecisionIssued", [2]),
    ]
    assert batch.groups[0].bodies == entries
    assert batch.groups[0].column("sequence") == [0, 1, 2]
    assert batch.groups[0].column("no such field") == [None, None, None]
    assert [(item.position, item.reason, item.detail) for item in batch.refusals] == [
        (1, "UNREADABLE", "NO_VALUE"),
        (5, "UNKNOWN_SCHEMA", "UNKNOWN_SCHEMA"),
        (6, "UNREADABLE", "TRAILING_BYTES"),
        (7, "TOO_LARGE", "TOO_LARGE"),
        (8, "UNREADABLE", "BAD_FRAMING"),
    ]
    assert [item.event_type for item in batch.refusals] == [None, None, "EntryReported", None, None]
    assert [(item.position, item.schema_id) for item in batch.pending] == [(4, 9)]
    seen = [place for group in batch.groups for place in group.positions]
    seen += [item.position for item in (*batch.refusals, *batch.pending)]
    assert sorted(seen) == list(range(len(records)))


def test_text_that_no_database_stores_has_its_own_reason() -> None:
    schema = load_writer_schema(json.dumps(small_schema({"name": "extra", "type": "string"})))
    (refusal,) = decode_batch([frame(5, SMALL_PREFIX + text("\0"))], lambda _: schema).refusals
    assert (refusal.reason, refusal.detail, refusal.field) == ("NOT_STORABLE", "NUL", "extra")


def test_a_fault_of_the_registry_passes_through() -> None:
    def broken(_: int) -> WriterSchema:
        raise ConnectionError("no registry")

    with pytest.raises(ConnectionError):
        decode_batch([frame(1, encode(ENTRY, example("EntryReported")))], broken)


def test_an_empty_batch_is_empty() -> None:
    batch = decode_batch([], schema_of)
    assert (batch.groups, batch.refusals, batch.pending) == ((), (), ())


def test_the_schema_of_an_id_is_asked_for_once_a_batch() -> None:
    asked: list[int] = []

    def counting(schema_id: int) -> WriterSchema:
        asked.append(schema_id)
        return ENTRY

    decode_batch([frame(1, encode(ENTRY, example("EntryReported")))] * 5, counting)
    assert asked == [1]
