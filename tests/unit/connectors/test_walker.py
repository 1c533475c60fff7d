"""The strict reader agrees with what is legal Avro: no more, no less."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies, example, small_schema, text, varint

from meilenstein_connectors.avro_shape import read_shape
from meilenstein_connectors.codec import contract_schema, decode, encode
from meilenstein_connectors.errors import Unreadable
from meilenstein_connectors.walker import walk

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BLOCKS = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(["PROGRESS", "OUTCOME", "ENTRY"]), min_size=1)))


@QUICK
@given(data=st.data(), event_type=st.sampled_from(["ConsentGiven", "DecisionIssued", "ReferralSent"]))
def test_what_the_encoder_writes_is_accepted(data: st.DataObject, event_type: str) -> None:
    schema = contract_schema(event_type)
    walk(encode(schema, data.draw(bodies(event_type))), schema.shape)


@QUICK
@given(blocks=BLOCKS)
def test_any_division_into_blocks_is_accepted_and_means_the_same(blocks: list[tuple[bool, list[str]]]) -> None:
    schema = contract_schema("ConsentGiven")
    purposes = [purpose for _, block in blocks for purpose in block]
    payload = encode(schema, example("ConsentGiven", purposes=[], recipients=["only-one"]))
    symbols = next(field.shape.items for field in schema.shape.fields if field.name == "purposes").symbols
    encoded = b""
    for sized, block in blocks:
        items = b"".join(varint(symbols.index(purpose)) for purpose in block)
        encoded += (varint(-len(block)) + varint(len(items)) if sized else varint(len(block))) + items
    recipients = varint(1) + text("only-one")
    divided = payload.replace(varint(0) + recipients, encoded + varint(0) + recipients)
    walk(divided, schema.shape)
    assert decode(divided, schema) == example("ConsentGiven", purposes=purposes, recipients=["only-one"])


@QUICK
@given(st.binary(max_size=80))
def test_what_is_accepted_can_be_decoded(payload: bytes) -> None:
    schema = contract_schema("EntryReported")
    try:
        walk(payload, schema.shape)
    except Unreadable:
        return
    decode(payload, schema)


def test_the_largest_and_smallest_numbers_are_legal() -> None:
    shape = read_shape({"type": "array", "items": "long"})
    for number in (2**63 - 1, -(2**63), 0, 63, 64, -64, -65):
        walk(varint(1) + varint(number) + varint(0), shape)


def test_work_is_bounded_by_the_input() -> None:
    """A few bytes that promise billions of items end at once."""
    shape = read_shape(small_schema({"name": "extra", "type": {"type": "array", "items": "boolean"}}))
    with pytest.raises(Unreadable) as refused:
        walk(text("e") + text("p") + text("s") + text("c") + varint(0) + varint(2**62) + b"\0" * 60, shape)
    assert refused.value.detail == "BAD_COUNT"
    assert refused.value.field == "extra"


def test_the_null_branch_may_come_second() -> None:
    shape = read_shape(["int", "null"])
    walk(varint(1), shape)
    walk(varint(0) + varint(5), shape)
    with pytest.raises(Unreadable):
        walk(varint(0), shape)
