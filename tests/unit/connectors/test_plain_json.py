"""Plain JSON is read strictly, and says which line and field is wrong."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies, example

from meilenstein_connectors.errors import InvalidLine
from meilenstein_connectors.plain_json import complete, from_line, read_lines, to_line, to_plain
from meilenstein_schemas.contracts import load_contracts

LINE = {"type": "EntryReported", "case_reference": "A-4", "occurred_on": "2026-03-02"}


def line(**fields: Any) -> str:
    return json.dumps({**LINE, **fields})


@pytest.mark.parametrize("with_defaults", [True, False])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), event_type=st.sampled_from(sorted(load_contracts())))
def test_every_body_survives(data: st.DataObject, event_type: str, with_defaults: bool) -> None:
    body = data.draw(bodies(event_type))
    written = to_line(event_type, body, with_defaults=with_defaults)
    assert "\n" not in written
    assert from_line(written) == (event_type, body)


def test_left_out_fields_have_their_defaults_and_the_publishers_fields_stay_open() -> None:
    event_type, body = from_line(line())
    assert event_type == "EntryReported"
    assert not {"event_id", "publisher", "source_system"} & body.keys()
    assert body["legal_route"] == "UNKNOWN"
    assert body["references"] == []


def test_instants_are_read_with_any_offset_and_written_in_utc() -> None:
    _, body = from_line(line(recorded_at="2026-03-29T03:30:00.1234+02:00"))
    assert body["recorded_at"] == dt.datetime(2026, 3, 29, 1, 30, 0, 123_000, tzinfo=dt.UTC)
    assert to_plain("EntryReported", body)["recorded_at"] == "2026-03-29T01:30:00.123Z"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "JSON"),
        ("[]", "object"),
        ("7", "object"),
        ("{", "JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"type": "EntryReported", "type": "EntryReported"}', "twice"),
        (line(test=True)[:-1] + ', "test": false}', "twice"),
        (json.dumps({"case_reference": "x"}), "type"),
        (line(type="NoSuchEvent"), "type"),
        (line(type=7), "type"),
        (line(surplus=1), "surplus"),
        (json.dumps({"type": "EntryReported", "occurred_on": "2026-03-02"}), "case_reference"),
        (line(occurred_on="02.03.2026"), "occurred_on"),
        (line(occurred_on="20260302"), "occurred_on"),
        (line(occurred_on="2026-02-30"), "occurred_on"),
        (line(occurred_on="2026-03-02T00:00:00Z"), "occurred_on"),
        (line(occurred_on=None), "occurred_on"),
        (line(recorded_at="2026-03-02T08:00:00"), "recorded_at"),
        (line(recorded_at="2026-03-02"), "recorded_at"),
        (line(recorded_at=0), "recorded_at"),
        (line(recorded_at="0001-01-01T00:00:00+05:00"), "recorded_at"),
        (line(test="yes"), "test"),
        (line(test=1), "test"),
        (line(sequence=1.0), "sequence"),
        (line(sequence=True), "sequence"),
        (line(sequence=2**63), "sequence"),
        (line(source_epoch=2**31), "source_epoch"),
        (line(legal_route="NONSENSE"), "legal_route"),
        (line(legal_route=["EU"]), "legal_route"),
        (line(case_reference="a\0b"), "case_reference"),
        (line(case_reference="\ud800"), "case_reference"),
        (line(case_reference=9), "case_reference: expected text in quotation marks"),
        (line(references={}), "references"),
        (line(references=["R-1"]), "references[0]"),
        (line(references=[{"agency": "zefas", "surplus": 1}]), "references[0].surplus"),
        (line(references=[{"agency": 1}]), "references[0].agency"),
        (line()[:-1] + ', "sequence": NaN}', "NaN"),
        (line()[:-1] + ', "sequence": Infinity}', "Infinity"),
        (line()[:-1] + ', "sequence": 1e400}', "sequence"),
        (line()[:-1] + ', "sequence": ' + "9" * 5000 + "}", "too many digits"),
        (line() + "x", "JSON"),
    ],
)
def test_what_is_not_exactly_an_event_is_refused_with_its_field(text: str, named: str) -> None:
    with pytest.raises(InvalidLine) as refused:
        from_line(text)
    assert named in str(refused.value)


def test_no_message_holds_a_value() -> None:
    for bad in (line(case_reference=["SECRET"]), line(occurred_on="SECRET"), line(legal_route="SECRET")):
        with pytest.raises(InvalidLine) as refused:
            from_line(bad)
        assert "SECRET" not in str(refused.value)


def test_a_part_of_a_reference_that_is_left_out_has_its_default() -> None:
    _, body = from_line(line(references=[{"agency": "zefas", "reference": "R-1"}]))
    assert body["references"] == [{"agency": "zefas", "kind": "UNKNOWN", "reference": "R-1"}]


def test_lines_are_numbered_and_blank_ones_passed_over() -> None:
    numbers = [number for number, _, _ in read_lines([line(), "\n", "  \n", line()])]
    assert numbers == [1, 4]
    with pytest.raises(InvalidLine, match="line 3: occurred_on") as refused:
        list(read_lines([line(), "", line(occurred_on="x")]))
    assert (refused.value.line, refused.value.field) == (3, "occurred_on")


def test_completing_keeps_what_is_given_and_what_is_unknown() -> None:
    body = complete("EntryReported", {"case_reference": "A-4", "later": 1})
    assert body["case_reference"] == "A-4"
    assert body["later"] == 1
    assert body["test"] is False
    assert "occurred_on" not in body


def test_completed_lists_are_not_shared() -> None:
    complete("EntryReported", {})["references"].append("x")
    assert complete("EntryReported", {})["references"] == []


def test_defaults_are_left_out_on_request() -> None:
    assert to_plain("EntryReported", example("EntryReported"), with_defaults=False) == {
        "type": "EntryReported",
        "event_id": example("EntryReported")["event_id"],
        "publisher": "hwk-dresden",
        "source_system": "files",
        "case_reference": "H-9",
        "occurred_on": "2026-03-02",
    }
