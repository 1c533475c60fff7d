"""The typed events are exactly the contracts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies, example

from meilenstein_connectors.avro_shape import REQUIRED
from meilenstein_connectors.codec import contract_schema
from meilenstein_connectors.events import EVENTS, ConsentGiven, ConsentPurpose, EntryReported, Reference, ReferenceKind
from meilenstein_connectors.events_tool import TARGET, render_events, write_events
from meilenstein_schemas.contracts import load_contracts


def test_the_committed_module_is_what_the_contracts_give() -> None:
    assert TARGET.read_text(encoding="utf-8") == render_events(), "run python -m meilenstein_connectors.events_tool"


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "events.py"
    assert write_events(target) is True
    assert write_events(target) is False
    assert target.read_text(encoding="utf-8") == render_events()


def test_there_is_a_class_for_every_contract() -> None:
    assert EVENTS.keys() == load_contracts().keys()


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_fields_and_defaults_are_those_of_the_contract(event_type: str) -> None:
    event = EVENTS[event_type](case_reference="H-9", occurred_on=dt.date(2026, 3, 2))
    body = event.to_body()
    fields = contract_schema(event_type).shape.fields
    assert set(body) == {field.name for field in fields}
    for field in fields:
        if field.default is not REQUIRED:
            assert body[field.name] == field.default, field.name
            assert type(body[field.name]) is type(field.default), field.name


@pytest.mark.parametrize("event_type", sorted(EVENTS))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_body_becomes_a_typed_event_and_back(event_type: str, data: st.DataObject) -> None:
    body = data.draw(bodies(event_type))
    assert EVENTS[event_type].from_body(body).to_body() == body


def test_codes_and_records_are_typed() -> None:
    body = example("ConsentGiven", purposes=["OUTCOME"], references=[{"agency": "a", "kind": "CASE", "reference": "r"}])
    event = ConsentGiven.from_body(body)
    assert event.purposes == (ConsentPurpose.OUTCOME,)
    assert event.references == (Reference(agency="a", kind=ReferenceKind.CASE, reference="r"),)


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="NONSENSE"):
        EntryReported.from_body(example("EntryReported", legal_route="NONSENSE"))


def test_a_field_that_the_contract_lacks_is_left_out() -> None:
    assert EntryReported.from_body(example("EntryReported", later=1)) == EntryReported.from_body(
        example("EntryReported")
    )


def test_events_cannot_be_changed() -> None:
    event = EntryReported(case_reference="H-9", occurred_on=dt.date(2026, 3, 2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.case_reference = "other"  # type: ignore[misc]
