"""Which numbers came with a batch: the same by columns and by rows, and only what a topic's owner may say."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from tests.unit.connectors.strategies import example

from meilenstein.cases.sequences import NO_EPOCH, Source
from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.decoding.clean import read_clean
from meilenstein.store.sequences import Came, HeaderRow
from meilenstein.store.stored_rows import Origin, StoredRecord, StoredRows
from meilenstein.validation.arrivals import LARGEST, Key, complete_to, note_arrivals, spans_by_rows
from meilenstein.validation.column_arrivals import spans_by_columns
from meilenstein.validation.fates import Fates
from meilenstein.validation.reading import Candidates, Reading, Sheet
from meilenstein.validation.reasons import refused
from meilenstein_connectors.batch import DecodedGroup
from meilenstein_connectors.cloud_events import headers_of
from meilenstein_connectors.codec import contract_schema, encode
from meilenstein_schemas.agencies import load_directory

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
TYPES = ("ApplicationReceived", "DecisionIssued", "DocumentsComplete")
HWK = "milestones.hwk-dresden"


def sheet(event_type: str, events: list[tuple[str, Mapping[str, Any]]], *, columns: bool) -> Sheet:
    """Return a sheet of events, given with their topics; each topic is an origin of its own."""
    origins = {
        topic: Origin(topic=topic, topic_id=topic, partition=0, received_at=NOW, decode_state="DECODED", schema_id=1)
        for topic, _ in events
    }
    bodies = [{**example(event_type), **changes} for _, changes in events]
    rows = StoredRows(
        ids=list(range(len(events))),
        offsets=list(range(len(events))),
        origins=[origins[topic] for topic, _ in events],
        raws=[b""] * len(events),
    )
    schema = contract_schema(event_type)
    group: Any = DecodedGroup(schema_id=1, schema=schema, positions=list(range(len(events))), bodies=bodies)
    if columns:
        places, batch = read_clean([encode(schema, body) for body in bodies], schema.text)
        group = ArrowGroup(schema_id=1, schema=schema, positions=places, batch=batch)
    return Sheet(group, rows, rows.ids)


def numbered(*numbers: int | None, **more: Any) -> list[tuple[str, Mapping[str, Any]]]:
    facts = {"publisher": "hwk-dresden", "source_system": "FV", "source_epoch": None, **more}
    return [(HWK, {**facts, "sequence": number}) for number in numbers]


def spans(sheets: Iterable[tuple[str, list[tuple[str, Mapping[str, Any]]]]]) -> Mapping[Key, Any]:
    """Return what both ways say, which must be the same."""
    listed = list(sheets)
    by_rows = spans_by_rows([sheet(*one, columns=False) for one in listed], lambda _: True)
    by_columns = spans_by_columns([sheet(*one, columns=True) for one in listed], lambda _: True)
    known = {key: found for key, found in by_columns.items() if key.source_epoch >= NO_EPOCH}
    assert known == by_rows
    assert sum(found.events for found in by_rows.values()) <= sum(len(events) for _, events in listed)
    return {key: found.spans for key, found in by_rows.items()}


def key(epoch: int = NO_EPOCH, *, topic: str = HWK, publisher: str = "hwk-dresden", system: str = "FV") -> Key:
    return Key(topic, publisher, system, epoch)


def test_numbers_of_several_event_types_make_one_range() -> None:
    found = spans([(TYPES[0], numbered(1, 4, 7)), (TYPES[1], numbered(2, 5)), (TYPES[2], numbered(3, 6, 6, 9))])
    assert found == {key(): [(1, 7), (9, 9)]}


def test_each_epoch_system_publisher_and_topic_counts_by_itself() -> None:
    found = spans(
        [
            (TYPES[0], numbered(1, 2) + numbered(1, source_epoch=0) + numbered(5, source_epoch=3)),
            (TYPES[1], numbered(3, source_system="Zweites") + numbered(8, publisher="zefas")),
            (TYPES[1], [("milestones.zefas", one) for _, one in numbered(9)]),
        ]
    )
    assert found == {
        key(): [(1, 2)], key(0): [(1, 1)], key(3): [(5, 5)], key(system="Zweites"): [(3, 3)],
        key(publisher="zefas"): [(8, 8)], key(topic="milestones.zefas"): [(9, 9)],
    }  # fmt: skip


def test_what_is_no_count_of_events_is_not_followed() -> None:
    found = spans([(TYPES[0], numbered(None, -1, LARGEST + 1, 2**63 - 1) + numbered(7, source_epoch=-1))])
    assert found == {key(): []}


def test_both_ways_say_the_same_of_anything() -> None:
    draw = random.Random(7)
    for _ in range(30):
        sheets = []
        for event_type in TYPES:
            events = []
            for _ in range(draw.randrange(1, 40)):
                number = draw.choice([None, -5, 0, LARGEST, *range(1, 30)])
                system = draw.choice(["FV", "Ü", "x" * 90])
                more = {"source_epoch": draw.choice([None, -7, 0, 1]), "source_system": system}
                [(topic, body)] = numbered(number, publisher=draw.choice(["hwk-dresden", "zefas"]), **more)
                events.append((draw.choice([topic, "milestones.zefas"]), body))
            sheets.append((event_type, events))
        spans(sheets)


class Store:
    """A store that keeps what it is told."""

    def __init__(self, headers: list[HeaderRow] | None = None) -> None:
        self.rows = headers or []
        self.came: list[Came] = []

    def headers(self, journal_ids: Iterable[int]) -> list[HeaderRow]:
        return self.rows if list(journal_ids) else []

    def newest_epochs(self, systems: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        return {pair: 4 for pair in systems if pair[1] == "mit Epoche"}

    def note(self, came: Iterable[Came], *, seen_at: dt.datetime) -> dict[Source, int]:
        assert seen_at == NOW
        self.came = list(came)
        return {one.source: one.last for one in self.came if one.last is not None}


def noted(sheets: list[Sheet], store: Store, unread: int = 0) -> dict[Key, int]:
    fates = Fates(Reading(candidates=Candidates(sheets)))
    record = StoredRecord(
        id=7, topic=HWK, topic_id="x", partition=0, record_offset=1, raw=b"", schema_id=None, decode_state="REFUSED",
        refusal_code="UNREADABLE", refusal_detail=None, received_at=NOW,
    )  # fmt: skip
    fates.refused = [(record, (None, None), [refused("UNREADABLE", None)])] * unread
    return note_arrivals(fates, store, load_directory())  # type: ignore[arg-type]


@pytest.mark.parametrize("columns", [True, False])
def test_nobody_speaks_for_a_publisher_without_an_agreement(columns: bool) -> None:
    forged = [("milestones.zefas", {**facts, "sequence": 10**9}) for _, facts in numbered(1)]
    foreign = [("hub.corrections", facts) for _, facts in numbered(2)]
    unknown = numbered(3, publisher="nobody") + numbered(3, source_system="x" * 81)
    store = Store()
    found = noted([sheet(TYPES[0], numbered(1) + forged + foreign + unknown, columns=columns)], store)
    assert store.came == [Came(Source("hwk-dresden", "FV", NO_EPOCH), 1, 1, True)]
    assert complete_to(found) == {HWK: [{"publisher": "hwk-dresden", "source_system": "FV", "sequence": 1}]}


def test_events_without_a_number_are_a_sign_of_life() -> None:
    store = Store()
    assert noted([sheet(TYPES[0], numbered(None), columns=False)], store) == {}
    assert store.came == [Came(Source("hwk-dresden", "FV", NO_EPOCH), None, None, True)]


@pytest.mark.parametrize("columns", [True, False])
def test_a_source_of_which_everything_is_refused_has_arrived_and_says_nothing(columns: bool) -> None:
    store, events = Store(), [*numbered(1, 2), *numbered(1, source_epoch=3)]
    fates = Fates(Reading(candidates=Candidates([sheet(TYPES[0], events, columns=columns)])))
    for candidate in fates.reading.candidates[1:]:
        fates.refuse(candidate, [refused("UNREADABLE", None)])
    note_arrivals(fates, store, load_directory())  # type: ignore[arg-type]
    source = Source("hwk-dresden", "FV", NO_EPOCH)
    assert store.came == [Came(source, 1, 2, True), Came(source._replace(source_epoch=3), 1, 1, False)]


def header(system: str, number: bytes, *, agency: str = "hwk-dresden", topic: str = HWK) -> HeaderRow:
    body = {**example(TYPES[0]), "source_system": system, "sequence": 5}
    told = {**dict(headers_of(TYPES[0], body, agency=agency)), "ce_sequence": number}
    return HeaderRow(topic, list(told), list(told.values()), NOW)


def test_of_a_record_that_cannot_be_read_the_headers_tell_the_number() -> None:
    store = Store(
        [
            header("FV Süd: 1", b"00000000000000000005"), header("mit Epoche", b"7"),
            header("FV", b"1", agency="zefas"), header("FV", b"-3"), header("FV", b"9" * 21),
            header("FV", "٣".encode()), header("FV", b""), header("F\u0000V", b"4"),
            header("FV", b"4", topic="hub.corrections"),
        ]
    )  # fmt: skip
    noted([], store, unread=1)
    assert store.came == [
        Came(Source("hwk-dresden", "FV Süd: 1", NO_EPOCH), 5, 5, False),
        Came(Source("hwk-dresden", "mit Epoche", 4), 7, 7, False),
    ]  # fmt: skip


def test_a_batch_of_which_nothing_can_be_told_notes_nothing() -> None:
    store = Store()
    assert noted([], store, unread=3) == {}
    assert store.came == []
