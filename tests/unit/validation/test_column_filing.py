"""Events filed as columns are, byte for byte, the events filed one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies

from meilenstein.bench.events import bench_events
from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.decoding.clean import read_clean
from meilenstein.store.filing import pack_events, pack_references
from meilenstein.store.stored_rows import Origin, StoredRows
from meilenstein.validation.column_filing import ColumnFiling
from meilenstein.validation.reading import Sheet
from meilenstein_connectors.codec import contract_schema, encode
from meilenstein_schemas.contracts import load_contracts

MOMENTS = (dt.datetime(2025, 3, 4, 12, 0, 0, 123456, tzinfo=dt.UTC), dt.datetime(1999, 12, 31, 23, 59, tzinfo=dt.UTC))


def sheet_of(event_type: str, events: list[dict[str, Any]]) -> Sheet:
    schema = contract_schema(event_type)
    places, batch = read_clean([encode(schema, body) for body in events], schema.text)
    rows = StoredRows()
    for place in range(len(events)):
        origin = Origin("milestones.zefas", "id", 0, MOMENTS[place % 2], "DECODED", 1)
        rows.extend(origin, [place + 7], [place], [0], b"")
    assert batch is not None
    return Sheet(ArrowGroup(schema_id=1, schema=schema, positions=places, batch=batch), rows, rows.ids)


def assert_same(event_type: str, events: list[dict[str, Any]]) -> None:
    sheet = sheet_of(event_type, events)
    for chosen in (None, list(range(0, len(events), 2))):
        filings = [sheet.candidate(row).filing() for row in (range(len(events)) if chosen is None else chosen)]
        columns = ColumnFiling.of(sheet, chosen)
        assert b"".join(columns.events()) == pack_events(filings)
        assert b"".join(columns.references()) == pack_references(filings)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(load_contracts())), st.data())
def test_any_events_are_filed_as_by_themselves(event_type: str, data: st.DataObject) -> None:
    assert_same(event_type, data.draw(st.lists(bodies(event_type), min_size=1, max_size=12)))


def test_plain_events_are_filed_as_by_themselves() -> None:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for event in bench_events(2000):
        kinds.setdefault(event.event_type, []).append(event.body)
    for event_type, events in kinds.items():
        assert_same(event_type, events)
