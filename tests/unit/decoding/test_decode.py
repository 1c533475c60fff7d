"""The fast path and the reference are one: same values, same refusals, whatever the bytes."""

from __future__ import annotations

import json
import os
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies, example
from tests.unit.decoding.mutations import mutated

from meilenstein.bench.events import bench_events
from meilenstein.decoding import decode as decoding
from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.decoding.clean import is_supported, read_clean
from meilenstein.decoding.decode import Decoded, decode_records
from meilenstein_connectors.batch import decode_batch
from meilenstein_connectors.codec import WriterSchema, contract_schema, decode, encode, frame, load_writer_schema
from meilenstein_connectors.errors import UnknownSchema, Unreadable
from meilenstein_schemas.contracts import load_contracts

TYPES = tuple(load_contracts())
REFERENCE = {"agency": "zefas", "kind": "CASE", "reference": "Z-1"}
MUTATIONS = int(os.environ.get("MEILENSTEIN_TEST_MUTATIONS", "4000"))


def schema_of(schema_id: int) -> WriterSchema | None:
    if schema_id == 404:
        raise UnknownSchema("not ours", schema_id=404)
    return contract_schema(TYPES[schema_id]) if schema_id < len(TYPES) else None


def told(decoded: Decoded) -> tuple[object, ...]:
    return (
        [(group.schema_id, group.schema.name, group.positions, group.bodies) for group in decoded.groups],
        list(decoded.refusals),
        list(decoded.pending),
    )


def assert_same(records: list[bytes | None]) -> Decoded:
    found = decode_records(records, schema_of)
    wanted = decode_batch(records, schema_of)
    assert sorted(told(found)[0], key=str) == sorted(
        [(group.schema_id, group.schema.name, group.positions, group.bodies) for group in wanted.groups], key=str
    )
    assert told(found)[1:] == (list(wanted.refusals), list(wanted.pending))
    return found


def plain_records(count: int = 400) -> list[bytes | None]:
    return [
        frame(TYPES.index(event.event_type), encode(contract_schema(event.event_type), event.body))
        for event in bench_events(count)
    ]


def test_plain_events_are_decoded_by_columns_and_have_the_values_of_the_reference() -> None:
    found = assert_same(plain_records())
    assert {type(group) for group in found.groups} == {ArrowGroup}


@pytest.mark.parametrize("event_type", TYPES)
def test_every_contract_can_be_proved_clean_by_columns(event_type: str) -> None:
    schema = contract_schema(event_type)
    assert is_supported(schema.shape)
    places, rows = read_clean([encode(schema, example(event_type))] * 3, schema.text)
    assert places == [0, 1, 2]
    assert rows is not None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(TYPES).flatmap(
        lambda name: st.tuples(st.just(name), st.lists(bodies(name), min_size=16, max_size=24))
    )
)
def test_any_event_of_a_contract_has_the_values_of_the_reference(drawn: tuple[str, list[dict[str, object]]]) -> None:
    event_type, events = drawn
    assert_same([frame(TYPES.index(event_type), encode(contract_schema(event_type), body)) for body in events])


def test_nothing_is_called_clean_that_the_reference_refuses() -> None:
    refused = 0
    for name in TYPES:
        schema = contract_schema(name)
        sound = [encode(schema, event.body) for event in islice(bench_events(600), 600) if event.event_type == name]
        sound = [
            *sound,
            encode(schema, example(name)),
            encode(schema, example(name, references=[{"agency": "zefas", "kind": "CASE", "reference": "Z-1"}])),
        ]
        payloads = list(mutated(sound, MUTATIONS // len(TYPES), seed=len(name)))
        for start in range(0, len(payloads), 40):
            part = payloads[start : start + 40]
            places, rows = read_clean(part, schema.text)
            clean = dict(zip(places, [] if rows is None else rows.to_pylist(), strict=True))
            for place, payload in enumerate(part):
                try:
                    body = decode(payload, schema)
                except Unreadable:
                    refused += 1
                    assert place not in clean, payload.hex()
                else:
                    assert clean.get(place, body) == body, payload.hex()
        assert_same([frame(TYPES.index(name), payload) for payload in payloads[:200]])
    assert refused > MUTATIONS // 4


def test_every_file_of_the_hostile_corpus_meets_the_same_fate() -> None:
    files = sorted((Path(__file__).parents[2] / "corpus").rglob("*.bin"))
    values: list[bytes | None] = [path.read_bytes() for path in files]
    payloads = [value[5:] if value and value[:1] == b"\0" else value or b"" for value in values if value]
    everything = [*values, *[frame(number, payload) for number in range(len(TYPES)) for payload in payloads]]
    assert_same([*everything, *plain_records(40), None, b"", frame(404, b"x"), frame(99, b"later")])


def test_one_bad_record_among_many_costs_only_itself_the_fast_path() -> None:
    records = plain_records(200)
    records[70] = (records[70] or b"") + b"\0"
    found = assert_same(records)
    assert [refusal.position for refusal in found.refusals] == [70]
    assert {type(group) for group in found.groups} == {ArrowGroup}


def test_a_legal_form_that_no_library_writes_joins_its_group_in_its_place() -> None:
    name = "EntryReported"
    schema = contract_schema(name)
    plain = encode(schema, example(name, references=[REFERENCE]))
    item = b"\x0azefas\x02\x06Z-1"
    assert plain.count(b"\x02" + item + b"\0") == 1
    blocks = plain.replace(b"\x02" + item + b"\0", b"\x01" + bytes([2 * len(item)]) + item + b"\0")
    payloads = [plain] * 30
    payloads[11] = blocks
    found = assert_same([frame(TYPES.index(name), payload) for payload in payloads])
    (group,) = found.groups
    assert isinstance(group, ArrowGroup)
    assert group.positions == list(range(30))


def test_a_schema_of_an_earlier_version_is_filled_up() -> None:
    contract = load_contracts()["EntryReported"]
    fields = [field for field in contract.schema["fields"] if field["name"] != "legal_route"]
    schema = load_writer_schema(json.dumps({**contract.schema, "fields": fields}))
    body = {name: value for name, value in example("EntryReported").items() if name != "legal_route"}
    records: list[bytes | None] = [frame(1, encode(schema, body))] * 20
    (found,) = decode_records(records, lambda _: schema).groups
    (wanted,) = decode_batch(records, lambda _: schema).groups
    assert isinstance(found, ArrowGroup)
    assert found.bodies == wanted.bodies
    assert found.body(3) == wanted.bodies[3]
    assert list(found.column("legal_route")) == list(wanted.column("legal_route"))
    assert list(found.column("no such field")) == list(wanted.column("no such field"))


def test_without_the_extra_the_reference_decodes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "has_fast_path", lambda: False)
    found = assert_same(plain_records(100))
    assert ArrowGroup not in {type(group) for group in found.groups}
