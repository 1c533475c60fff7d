"""What rules look at: Berlin dates, facts about lists and texts, and values that are only there when they matter."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.connectors.strategies import bodies
from tests.unit.expectations.examples import changed

from meilenstein_expectations import check, columns, load_suites, project
from meilenstein_expectations.event_columns import EVENT_COLUMNS
from meilenstein_expectations.forms import CODE, IDENTIFIER, KEY
from meilenstein_expectations.projection import COMMON_COLUMNS, own_columns
from meilenstein_expectations.samples import sane_body
from meilenstein_expectations.textfacts import mask_forbidden, text_facts
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.errors import PermanentError

UTC = dt.UTC
TYPES = {"text": str, "bigint": int, "date": dt.date, "boolean": bool}
RECEIVED = dt.datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("event_type", load_contracts())
def test_a_row_has_exactly_the_columns_of_its_type_in_order(event_type):
    row = project(event_type, sane_body(event_type))
    assert list(row) == list(columns(event_type)) == [*COMMON_COLUMNS, *own_columns(event_type)]
    for name, value in row.items():
        assert value is None or type(value) is TYPES[columns(event_type)[name]]


@pytest.mark.parametrize("event_type", load_contracts())
def test_every_column_serves_a_rule(event_type):
    suites = load_suites()
    assert suites.own_columns(event_type).keys() >= own_columns(event_type).keys()
    elsewhere = {name for other in load_contracts() for name in suites.own_columns(other)}
    assert suites.common_columns().keys() | elsewhere >= COMMON_COLUMNS.keys()


def test_only_known_event_types_have_own_columns():
    assert EVENT_COLUMNS.keys() <= load_contracts().keys()
    with pytest.raises(PermanentError, match=r"unknown event type 'Nothing'; the 68 types: reference/events\.md"):
        project("Nothing", {})
    with pytest.raises(PermanentError, match="'DecisionIsued'; did you mean DecisionIssued"):
        project("DecisionIsued", {})


@pytest.mark.parametrize(
    ("instant", "berlin"),
    [
        (dt.datetime(2026, 3, 28, 23, 30, tzinfo=UTC), dt.date(2026, 3, 29)),  # winter time: one hour ahead
        (dt.datetime(2026, 3, 29, 22, 30, tzinfo=UTC), dt.date(2026, 3, 30)),  # summer time: two hours ahead
        (dt.datetime(2026, 7, 1, 21, 59, tzinfo=UTC), dt.date(2026, 7, 1)),
        (dt.datetime(9999, 12, 31, 23, 59, tzinfo=UTC), dt.date(9999, 12, 31)),
        (dt.datetime(1, 1, 1, tzinfo=UTC), dt.date(1, 1, 1)),
    ],
)
def test_instants_become_berlin_dates(instant, berlin):
    row = project("DocumentsComplete", {**sane_body("DocumentsComplete"), "recorded_at": instant})
    assert row["recorded_on"] == berlin


def test_an_instant_on_the_day_of_the_fact_says_nothing_and_any_other_day_is_shown():
    body = sane_body("DocumentsComplete")
    assert project("DocumentsComplete", {**body, "occurred_at": body["recorded_at"]})["occurred_at_other_day"] is None
    late = dt.datetime(2026, 3, 2, 23, 1, tzinfo=UTC)
    assert project("DocumentsComplete", {**body, "occurred_at": late})["occurred_at_other_day"] == dt.date(2026, 3, 3)


@pytest.mark.parametrize(
    ("published_at", "received_at", "day"),
    [
        (None, None, None),
        (None, RECEIVED, dt.date(2026, 3, 5)),
        (dt.datetime(2026, 3, 4, 12, tzinfo=UTC), RECEIVED, dt.date(2026, 3, 4)),
        (dt.datetime(2099, 1, 1, tzinfo=UTC), RECEIVED, dt.date(2026, 3, 5)),
        (dt.datetime(2026, 3, 5, 12, 10, tzinfo=UTC), RECEIVED, dt.date(2026, 3, 5)),
    ],
)
def test_receipt_bounds_the_day_of_handing_over(published_at, received_at, day):
    body = {**sane_body("DocumentsComplete"), "published_at": published_at}
    assert project("DocumentsComplete", body, received_at=received_at)["handed_over_on"] == day


def test_seconds_between_recording_and_handing_over_are_counted_down():
    body = changed(
        "DocumentsComplete",
        {"recorded_at": "2026-03-02T10:00:00.900+00:00", "published_at": "2026-03-02T10:00:01+00:00"},
    )
    assert project("DocumentsComplete", body)["recorded_ahead_s"] == -1


def test_entries_of_lists_are_named_by_their_place():
    references = [
        {"agency": "zefas", "kind": "CASE", "reference": "Z-1"},
        {"agency": "hwk-dresden", "kind": "CASE", "reference": "H-1"},
        {"agency": "zefas", "kind": "CASE", "reference": ""},
    ]
    row = project("DocumentsComplete", {**sane_body("DocumentsComplete"), "references": references})
    assert (row["references_count"], row["references_incomplete"], row["references_own"]) == (
        3,
        "references[2]",
        "references[1]",
    )


def test_of_many_wrong_entries_the_first_five_are_named():
    row = project("DocumentsRequested", {**sane_body("DocumentsRequested"), "items": ["X"] * 9})
    assert row["items_malformed"] == "items[0], items[1], items[2], items[3], items[4]"


@pytest.mark.parametrize(
    ("text", "is_forbidden"),
    [
        ("051124123456", True),
        ("AZR051124123456", True),
        ("x 051124123456 y", True),
        ("05112412345", False),
        ("0511241234567", False),
        ("0f8b6a52-3c1d-4e7a-9b60-123456789012", False),
        ("0F8B6A52-3C1D-4E7A-9B60-123456789012", False),
        ("0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34 051124123456", True),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca123456789012b7852b855ab", False),
    ],
)
def test_twelve_digits_are_forbidden_unless_chance_put_them_into_an_identifier(text, is_forbidden):
    assert (text_facts({"a": text}, ["a"])[0] == "a") is is_forbidden
    assert ("************" in mask_forbidden(text)) is is_forbidden


def test_texts_are_looked_at_in_every_field_and_list():
    body = {
        "plain": "fine",
        "list": ["fine", "bad\u200b"],
        "empty": None,
        "references": [{"agency": "zefas", "kind": "CASE", "reference": "u\u0308"}],
    }
    assert text_facts(body, ["plain", "list", "empty"]) == (None, "list[1]", "references[0].reference")


def test_digits_of_neighbouring_fields_are_no_number():
    assert text_facts({"a": "051124", "b": "123456"}, ["a", "b"]) == (None, None, None)


def test_each_text_field_of_each_contract_is_looked_at():
    for event_type, contract in load_contracts().items():
        for field in contract.schema["fields"]:
            kind = field["type"]
            if kind in ("string", ["null", "string"]):
                value: object = "x 051124123456"
            elif isinstance(kind, dict) and kind.get("items") == "string":
                value = ["x 051124123456"]
            else:
                continue
            row = project(event_type, {**sane_body(event_type), field["name"]: value})
            assert str(row["azr_like_in"]).startswith(field["name"])


def test_forms_of_single_values_and_of_list_entries_are_the_same():
    regexes = {rule.kwargs["regex"] for rule in load_suites().rules.values() if "regex" in rule.kwargs}
    assert {KEY, IDENTIFIER} <= regexes
    assert CODE.startswith("\\A(?!.{61})")


@given(st.data())
def test_every_event_that_a_contract_can_hold_is_projected_and_checked(data):
    event_type = data.draw(st.sampled_from(list(load_contracts())))
    body = data.draw(bodies(event_type))
    received_at = data.draw(st.none() | st.just(RECEIVED))
    row = project(event_type, body, received_at=received_at)
    assert list(row) == list(columns(event_type))
    for name, value in row.items():
        assert value is None or type(value) is TYPES[columns(event_type)[name]]
    for violation in check(event_type, body, received_at=received_at):
        assert violation.seen is None or violation.seen.isprintable()
