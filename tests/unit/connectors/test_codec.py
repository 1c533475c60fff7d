"""Encoding takes only what fits; decoding returns the one body the bytes stand for, or refuses them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import SMALL_PREFIX, bodies, example, small_schema, text, varint

from meilenstein_connectors.codec import (
    MAX_RECORD_BYTES,
    WriterSchema,
    contract_schema,
    decode,
    encode,
    frame,
    load_writer_schema,
    unframe,
)
from meilenstein_connectors.errors import InvalidEvent, NotStorable, TooLarge, UnknownSchema, Unreadable
from meilenstein_schemas.contracts import load_contracts

EVENTS = sorted(load_contracts())
FAST = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def schema_with(*fields: dict[str, Any]) -> WriterSchema:
    return load_writer_schema(json.dumps(small_schema(*fields)))


def extra(kind: Any) -> dict[str, Any]:
    return {"name": "extra", "type": kind}


@pytest.mark.parametrize("event_type", EVENTS)
@FAST
@given(data=st.data())
def test_every_body_of_every_contract_survives_the_way_to_bytes_and_back(event_type: str, data: st.DataObject) -> None:
    schema = contract_schema(event_type)
    body = data.draw(bodies(event_type))
    assert decode(encode(schema, body), schema) == body


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_single_byte_mutation_is_refused_or_stands_for_itself(event_type: str) -> None:
    schema = contract_schema(event_type)
    references = [{"agency": "zefas", "kind": "REFERRAL", "reference": "R-1"}]
    moment = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)
    lists = {"purposes": ["PROGRESS"], "recipients": ["zefas"]} if event_type == "ConsentGiven" else {}
    payload = encode(schema, example(event_type, references=references, recorded_at=moment, sequence=7, **lists))
    refused = accepted = 0
    for place in range(len(payload)):
        # Most bytes for the contract with the most kinds of fields, a sample for the others.
        for byte in range(0, 256, 3 if event_type == "ConsentGiven" else 51):
            mutant = payload[:place] + bytes([byte]) + payload[place + 1 :]
            try:
                body = decode(mutant, schema)
            except Unreadable:
                refused += 1
            else:
                accepted += 1
                assert encode(schema, body) == mutant
    assert refused > accepted > 0


@FAST
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_stand_for_themselves(payload: bytes) -> None:
    schema = contract_schema("DecisionIssued")
    try:
        body = decode(payload, schema)
    except Unreadable:
        return
    assert encode(schema, body) == payload


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_truncation_is_refused(event_type: str) -> None:
    schema = contract_schema(event_type)
    payload = encode(schema, example(event_type))
    for size in range(len(payload)):
        with pytest.raises(Unreadable):
            decode(payload[:size], schema)


@pytest.mark.parametrize(
    ("kind", "encoded", "detail"),
    [
        ("int", varint(2**31), "INT_RANGE"),
        ("int", varint(-(2**31) - 1), "INT_RANGE"),
        ("int", varint(5, size=2), "BAD_VARINT"),
        ("long", varint(5, size=10), "BAD_VARINT"),
        ("long", b"\xff" * 10 + b"\x01", "BAD_VARINT"),
        ("long", b"\xff" * 9 + b"\x02", "BAD_VARINT"),
        ("boolean", b"\x02", "BAD_BOOLEAN"),
        ("string", varint(-1), "BAD_LENGTH"),
        ("string", varint(2**40), "TRUNCATED"),
        ("string", varint(2) + b"\xc3\x28", "BAD_UTF8"),
        ("string", varint(3) + "\ud800".encode("utf-8", "surrogatepass"), "BAD_UTF8"),
        ("string", text("a\0b"), "NUL"),
        ({"type": "array", "items": "string"}, varint(1) + text("\0") + varint(0), "NUL"),
        ({"type": "map", "values": "int"}, varint(1) + text("\0") + varint(1) + varint(0), "NUL"),
        ({"type": "map", "values": "int"}, varint(2) + (text("k") + varint(1)) * 2 + varint(0), "DUPLICATE_MAP_KEY"),
        (
            {"type": "map", "values": "int"},
            (varint(1) + text("k") + varint(1)) * 2 + varint(0),
            "DUPLICATE_MAP_KEY",
        ),
        ({"type": "array", "items": "int"}, varint(2**31), "BAD_COUNT"),
        ({"type": "array", "items": "int"}, varint(2**62), "BAD_COUNT"),
        ({"type": "array", "items": "int"}, varint(-2) + varint(9) + varint(1) * 2 + varint(0), "BAD_LENGTH"),
        ({"type": "array", "items": "int"}, varint(-2) + varint(1) + varint(1) * 2 + varint(0), "BAD_LENGTH"),
        ({"type": "array", "items": "int"}, varint(-1) + varint(-1) + varint(1) + varint(0), "BAD_LENGTH"),
        ({"type": "array", "items": "int"}, varint(1) + varint(2**31) + varint(0), "INT_RANGE"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, varint(-1), "BAD_INDEX"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, varint(99), "BAD_INDEX"),
        (["null", "int"], varint(-1) + varint(3), "BAD_INDEX"),
        (["null", "int"], varint(-2), "BAD_INDEX"),
        (["null", "int"], varint(2), "BAD_INDEX"),
        ({"type": "int", "logicalType": "date"}, varint(2**31 - 1), "DATE_RANGE"),
        ({"type": "int", "logicalType": "date"}, varint(-(2**31)), "DATE_RANGE"),
        ({"type": "long", "logicalType": "timestamp-millis"}, varint(2**62), "DATE_RANGE"),
        ({"type": "long", "logicalType": "timestamp-millis"}, varint(-(2**62)), "DATE_RANGE"),
        ({"type": "long", "logicalType": "timestamp-millis"}, varint(253402300800000), "DATE_RANGE"),
        ("int", varint(1) + b"\0", "TRAILING_BYTES"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_bytes_are_refused_with_a_code_and_without_their_values(kind: Any, encoded: bytes, detail: str) -> None:
    schema = schema_with(extra(kind))
    with pytest.raises(Unreadable) as refused:
        decode(SMALL_PREFIX + encoded, schema)
    assert refused.value.detail == detail
    assert isinstance(refused.value, NotStorable) is (detail == "NUL")
    assert "\0" not in str(refused.value)


@pytest.mark.parametrize(
    "encoded",
    [
        varint(3) + varint(1) + varint(2) + varint(3) + varint(0),
        varint(-3) + varint(3) + varint(1) + varint(2) + varint(3) + varint(0),
        varint(1) + varint(1) + varint(2) + varint(2) + varint(3) + varint(0),
        varint(-1) + varint(1) + varint(1) + varint(2) + varint(2) + varint(3) + varint(0),
        varint(1) + varint(1) + varint(-2) + varint(2) + varint(2) + varint(3) + varint(0),
    ],
)
def test_every_legal_block_form_of_a_list_is_accepted(encoded: bytes) -> None:
    schema = schema_with(extra({"type": "array", "items": "int"}))
    assert decode(SMALL_PREFIX + encoded, schema)["extra"] == [1, 2, 3]


def test_a_list_of_records_in_a_sized_block_is_accepted_in_a_real_contract() -> None:
    schema = contract_schema("EntryReported")
    reference = {"agency": "zefas", "kind": "REFERRAL", "reference": "R-1"}
    body = example("EntryReported", references=[reference])
    item = text("zefas") + varint(3) + text("R-1")
    payload = encode(schema, body)
    assert payload.count(varint(1) + item) == 1
    sized = payload.replace(varint(1) + item, varint(-1) + varint(len(item)) + item)
    assert decode(sized, schema) == body


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source_epoch", True),
        ("source_epoch", 2**31),
        ("source_epoch", 1.0),
        ("sequence", 2**63),
        ("sequence", "7"),
        ("occurred_on", dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
        ("occurred_on", "2026-03-02"),
        ("occurred_on", None),
        ("recorded_at", dt.datetime(2026, 3, 2)),  # noqa: DTZ001 - that is the point
        ("recorded_at", dt.date(2026, 3, 2)),
        ("recorded_at", dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5)))),
        ("case_reference", "a\0b"),
        ("case_reference", "\ud800"),
        ("case_reference", b"bytes"),
        ("case_reference", None),
        ("test", 1),
        ("test", None),
        ("legal_route", "NONSENSE"),
        ("references", None),
        ("references", [{"agency": "zefas"}]),
        ("references", [{"agency": "zefas", "kind": "NONSENSE", "reference": "R"}]),
        ("references", "text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        encode(contract_schema("EntryReported"), example("EntryReported", **{field: value}))
    assert {str(violation.field).split("[")[0] for violation in refused.value.violations} == {field}


def test_missing_and_unknown_fields_are_all_named_at_once() -> None:
    body = example("EntryReported", surplus=1)
    del body["case_reference"], body["occurred_on"]
    with pytest.raises(InvalidEvent) as refused:
        encode(contract_schema("EntryReported"), body)
    assert {violation.field for violation in refused.value.violations} == {"surplus", "case_reference", "occurred_on"}
    assert "surplus" in str(refused.value)


def test_the_message_of_a_misfit_holds_no_value() -> None:
    with pytest.raises(InvalidEvent) as refused:
        encode(contract_schema("EntryReported"), example("EntryReported", legal_route="SECRET-VALUE"))
    assert "SECRET-VALUE" not in str(refused.value)
    assert refused.value.violations[0].seen == "SECRET-VALUE"


def test_instants_are_cut_to_milliseconds_in_any_zone() -> None:
    schema = contract_schema("EntryReported")
    moment = dt.datetime(2026, 3, 2, 9, 30, 0, 123_999, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    body = decode(encode(schema, example("EntryReported", recorded_at=moment)), schema)
    assert body["recorded_at"] == dt.datetime(2026, 3, 2, 8, 30, 0, 123_000, tzinfo=dt.UTC)


def test_frame_is_a_zero_byte_and_the_id_in_four_bytes() -> None:
    assert frame(0x01020304, b"xy") == b"\0\1\2\3\4xy"
    assert unframe(b"\0\1\2\3\4xy") == (0x01020304, b"xy")
    assert frame(7, b"") == struct.pack(">bI", 0, 7)


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (None, "NO_VALUE"),
        (b"", "NO_VALUE"),
        (b"\0\0\0\0", "BAD_FRAMING"),
        (b"\1\0\0\0\1x", "BAD_FRAMING"),
        (b"Obj\1avro", "BAD_FRAMING"),
        (b'{"type":"x"}', "BAD_FRAMING"),
    ],
)
def test_values_without_a_frame_are_refused(raw: bytes | None, detail: str) -> None:
    with pytest.raises(Unreadable) as refused:
        unframe(raw)
    assert refused.value.detail == detail


def test_more_bytes_than_a_record_may_have_are_too_large() -> None:
    assert unframe(bytes(MAX_RECORD_BYTES))[0] == 0
    with pytest.raises(TooLarge) as refused:
        unframe(bytes(MAX_RECORD_BYTES + 1))
    assert refused.value.reason == "TOO_LARGE"


def test_fields_that_an_older_writer_lacks_get_our_defaults() -> None:
    body = decode(SMALL_PREFIX, schema_with())
    assert body == example(
        "EntryReported",
        event_id="e",
        publisher="p",
        source_system="s",
        case_reference="c",
        occurred_on=dt.date(1970, 1, 1),
    )


@pytest.mark.parametrize(
    "schema",
    [
        small_schema(name="NoSuchEvent"),
        {**small_schema(), "fields": small_schema()["fields"][1:]},
        small_schema({"name": "test", "type": "string"}),
        small_schema({"name": "sequence", "type": ["null", "int"]}),
        small_schema({"name": "recorded_at", "type": ["null", "long"]}),
        small_schema({"name": "extra", "type": "int", "default": "no number"}),
    ],
)
def test_a_schema_that_is_no_version_of_our_contract_is_unknown(schema: dict[str, Any]) -> None:
    if schema["fields"][-1].get("default") == "no number":
        # A wrong default of a field that we do not know may be refused or ignored, but never crashes.
        with contextlib.suppress(UnknownSchema):
            load_writer_schema(json.dumps(schema))
        return
    with pytest.raises(UnknownSchema):
        load_writer_schema(json.dumps(schema))


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", "null", '"string"', "[" * 50_000, "{" * 50_000, " " * 200_000])
def test_a_text_that_is_no_schema_is_unknown(text: str) -> None:
    with pytest.raises(UnknownSchema):
        load_writer_schema(text)


def test_an_unknown_event_type_is_told_with_those_that_look_like_it_or_where_all_are() -> None:
    with pytest.raises(UnknownSchema, match="did you mean ApplicationReceived"):
        contract_schema("ApplicationRecieved")
    with pytest.raises(UnknownSchema, match=r"the 68 types: reference/events\.md"):
        contract_schema("Nothing")
