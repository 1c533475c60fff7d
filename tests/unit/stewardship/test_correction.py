"""A corrected event is made and checked without anything being read or written."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.raw_kafka import entry

from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.correction import Draft, Event, by_fields, by_file, is_uuid, with_identity
from meilenstein.validation.corrections import changes
from meilenstein_connectors.codec import contract_schema, decode
from meilenstein_connectors.errors import InvalidEvent
from meilenstein_connectors.plain_json import to_line
from meilenstein_schemas.agencies import load_directory

TOPIC = "milestones.abh-dresden"
ORIGINAL: Event = ("EntryReported", entry(1, district_ags="99999"))
DIRECTORY = load_directory()


def never(_publisher: str, _event_id: str) -> bool:
    return False


def draft(settings: list[str], taken: Any = never, original: Event = ORIGINAL) -> Draft:
    return with_identity(7, by_fields(settings)(original), original, taken)


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("occurred_on=2025-03-02", "occurred_on", dt.date(2025, 3, 2)),
        ("recorded_at=2025-03-04T09:00:00+01:00", "recorded_at", dt.datetime(2025, 3, 4, 8, tzinfo=dt.UTC)),
        ("recorded_at=null", "recorded_at", None),
        ("case_reference=A=1", "case_reference", "A=1"),
        ('case_reference="null"', "case_reference", "null"),
        ("legal_route=REGULAR", "legal_route", "REGULAR"),
        ("sequence=12", "sequence", 12),
        ("test=true", "test", True),
        (
            'references=[{"agency":"hwk-dresden","kind":"PROCEDURE","reference":"P-9"}]',
            "references",
            [{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-9"}],
        ),
    ],
)
def test_a_field_is_set_as_it_is_typed(setting: str, field: str, value: Any) -> None:
    event_type, body = by_fields([setting])(ORIGINAL)
    assert (event_type, body[field]) == ("EntryReported", value)
    assert {name: body[name] for name in body if name != field} == {
        name: ORIGINAL[1][name] for name in body if name != field
    }


@pytest.mark.parametrize(
    "setting",
    [
        "occurred_on=null", "occurred_on=tomorrow", "test=yes", "sequence=x", "sequence=99999999999999999999",
        "references=[1]", "colour=red", "=x", "", "legal_route=NONSENSE", 'case_reference="open', "type=DecisionIssued",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_matter_of_the_command(setting: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        by_fields([setting])(ORIGINAL)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_the_command(text: str) -> None:
    lines = []
    for make in (
        by_fields([text]),
        by_fields([f"references={text}"]),
        by_fields([f"case_reference={text}"]),
        by_file(text),
    ):
        try:
            make(ORIGINAL)
        except ConfigurationError as refused:
            lines.append(str(refused))
    assert all(len(line.splitlines()) == 1 for line in lines), lines


def test_a_file_may_leave_out_how_the_event_was_sent() -> None:
    body = {**ORIGINAL[1], "district_ags": "14612", "sequence": 4, "source_system": "own"}
    plain = json.loads(to_line("EntryReported", body))
    for name in ("event_id", "publisher", "source_system", "sequence"):
        del plain[name]
    original = ("EntryReported", body)
    assert by_file(json.dumps(plain))(original) == original
    kept = by_file(json.dumps({**plain, "sequence": None}))(original)[1]
    assert kept["sequence"] is None, "what the file says counts"


def test_the_event_id_stays_where_it_is_right() -> None:
    assert draft(["district_ags=14612"]).body["event_id"] == ORIGINAL[1]["event_id"]
    with pytest.raises(ConfigurationError, match="stays"):
        draft(["district_ags=14612", "event_id=0f0e0d0c-0000-4000-8000-000000000000"])


def test_a_new_event_id_follows_from_what_the_event_says() -> None:
    def taken(publisher: str, event_id: str) -> bool:
        return (publisher, event_id) == ("abh-dresden", ORIGINAL[1]["event_id"])

    one, same, other = (draft([f"district_ags={key}"], taken).body["event_id"] for key in ("14612", "14612", "14713"))
    assert one == same != other
    assert is_uuid(one)
    broken = ("EntryReported", {**ORIGINAL[1], "event_id": "NO-ID"})
    assert is_uuid(draft(["district_ags=14612"], original=broken).body["event_id"])
    with pytest.raises(ConfigurationError, match="is accepted already"):
        draft(["district_ags=14612"], lambda *_: True)


def test_publisher_and_nothing_else_to_change_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="never changes the publisher"):
        draft(["publisher=abh-leipzig", "district_ags=14612"])
    with pytest.raises(ConfigurationError, match="nothing is changed"):
        draft(["district_ags=99999"])


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = Draft(event_type="EntryReported", body={**ORIGINAL[1], "case_reference": " ", "publisher": "abh-leipzig"})
    with pytest.raises(InvalidEvent) as refused:
        wrong.require_sound(TOPIC, DIRECTORY)
    assert {found.rule for found in refused.value.violations} == {"E-005", "E-008", "WRONG_PUBLISHER"}
    with pytest.raises(InvalidEvent) as misfit:
        Draft(event_type="EntryReported", body={**ORIGINAL[1], "test": "yes"}).require_sound(TOPIC, DIRECTORY)
    assert [found.field for found in misfit.value.violations] == ["test"]


def test_a_sound_event_is_the_bytes_it_stands_for() -> None:
    sound = draft(["district_ags=14612"])
    payload = sound.require_sound(TOPIC, DIRECTORY)
    assert decode(payload, contract_schema("EntryReported")) == sound.body


def test_changes_name_each_field_and_mask_what_must_not_be_passed_on() -> None:
    was = ("EntryReported", {**ORIGINAL[1], "case_reference": "A 123456789012"})
    now = (
        "EntryReported",
        {**ORIGINAL[1], "case_reference": "A-1", "references": [], "occurred_on": dt.date(2025, 1, 1)},
    )
    found = {one["field"]: (one["was"], one["now"]) for one in changes(was, now)}
    assert found.keys() == {"case_reference", "occurred_on"}
    assert found["occurred_on"] == ("2025-03-03", "2025-01-01")
    assert "123456789012" not in str(found)


def test_a_field_that_does_not_exist_is_refused_with_near_ones_where_there_are_any() -> None:
    original: Any = ("EntryReported", {})
    with pytest.raises(ConfigurationError, match=r"no such field; near: occurred_on, occurred_at$"):
        by_fields(["ocurred_on=2026-01-01"])(original)
    with pytest.raises(ConfigurationError, match=r"no such field; docs/reference/events\.md lists its fields$"):
        by_fields(["zzzzzz=1"])(original)
