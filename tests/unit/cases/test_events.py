from __future__ import annotations

import datetime as dt
import itertools

from tests.unit.cases.world import ZEFAS, day, event, event_id

from meilenstein.cases.canonical import encode
from meilenstein.cases.events import ENVELOPE_FIELDS, Event, FileKey, Identifier, unique
from meilenstein_schemas.contracts import load_envelope


def test_the_envelope_fields_are_those_of_the_envelope() -> None:
    assert frozenset(field["name"] for field in load_envelope()["fields"]) == ENVELOPE_FIELDS


def test_a_body_with_only_the_required_fields_takes_the_defaults() -> None:
    made = Event.from_body(
        "DocumentsComplete",
        {
            "event_id": event_id("x"),
            "publisher": "hwk-dresden",
            "source_system": "s",
            "case_reference": "H-9",
            "occurred_on": day("2026-03-02"),
            "procedure_reference": "P-9",
        },
    )
    assert made.file == FileKey("hwk-dresden", "H-9", False)
    assert (made.subject_kind, made.legal_route, made.legal_basis, made.test) == ("UNKNOWN",) * 3 + (False,)
    assert made.facts == {"procedure_reference": "P-9"}
    assert made.references == ()


def test_references_become_identifiers_of_their_owner() -> None:
    made = event("EntryReported", "abh-dresden", "2026-03-02", references=[("hwk-dresden", "PROCEDURE", "P-9")])
    assert made.references == (Identifier("hwk-dresden", "PROCEDURE", "P-9"),)


def test_what_only_says_how_an_event_travelled_is_no_part_of_it() -> None:
    plain = event("InquiryReceived", ZEFAS, "2026-03-02", name="x")
    travelled = event(
        "InquiryReceived",
        ZEFAS,
        "2026-03-02",
        name="x",
        sequence=7,
        source_epoch=1,
        published_at=dt.datetime(2026, 3, 3, tzinfo=dt.UTC),
        sent_by="datacentre-example",
    )
    assert plain == travelled


def test_an_event_is_known_on_the_berlin_day_it_was_recorded() -> None:
    recorded = dt.datetime(2026, 3, 9, 23, 30, tzinfo=dt.UTC)
    assert event("InquiryReceived", ZEFAS, "2026-03-02", recorded_at=recorded).known_on == day("2026-03-10")
    assert event("InquiryReceived", ZEFAS, "2026-03-02").known_on == day("2026-03-02")


def test_each_event_id_counts_once_and_differing_contents_are_chosen_without_regard_to_order() -> None:
    same = [event("InquiryReceived", ZEFAS, f"2026-03-0{number}", name="x") for number in (4, 2, 3)]
    chosen = {unique(order)[0].occurred_on for order in itertools.permutations(same)}
    assert len(chosen) == 1
    assert len(unique([*same, *same])) == 1


def test_canonical_json_sorts_keys_and_keeps_umlauts() -> None:
    assert encode({"b": [day("2026-03-02")], "a": "ä", "c": {"z", "y"}}) == (
        '{"a":"ä","b":["2026-03-02"],"c":["y","z"]}'.encode()
    )
