"""The table of visibility on its page is the one in the data, and the code hands out what its rows say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from tests.docs.pages import blocks, page, section, table_rows

from meilenstein.cases.events import Event
from meilenstein.cases.settle import Tick, settle
from meilenstein.simulate.example_case import example_case
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.directory_lint import AGENCY_KINDS
from meilenstein_schemas.rule_lint import ROLES
from meilenstein_schemas.rules import VisibilityRule, load_rules

DIRECTORY = load_directory()


def test_every_row_of_the_table_is_on_the_page_and_no_other():
    rows = [row for row in table_rows(section(page("explanation/visibility.md"), "Visibility")) if len(row) == 6]
    assert rows[0] == ["role", "kinds", "part", "fields", "when", "consent purpose"]
    expected = [
        [
            rule.role,
            ", ".join(kind for kind in AGENCY_KINDS if kind in rule.kinds) or "all",
            rule.part,
            ", ".join(rule.fields),
            rule.when,
            rule.purpose or "-",
        ]
        for rule in load_rules().visibility
    ]
    assert [row for row in rows[1:] if not set(row[0]) <= {"-"}] == expected


def test_every_role_is_explained():
    rows = [row for row in table_rows(section(page("explanation/visibility.md"), "Visibility")) if len(row) == 2]
    explained = {name for row in rows for name in row[0].split(", ")}
    assert set(ROLES) <= explained


def test_the_milestones_of_progress_are_named():
    text = page("explanation/visibility.md").replace("\n", " ")
    for rule in load_rules().visibility:
        assert {event for event in rule.events if event not in text} == set()


def example_events(*, steps: int = 6, without: str = "") -> list[Event]:
    """The example case, up to a step; after six, every role of the table is taken by somebody."""
    story = example_case(dt.date(2026, 3, 2))[:steps]
    return [Event.from_body(kind, body) for step in story for _, kind, body in step.events if kind != without]


def views(rows: tuple[VisibilityRule, ...], events: list[Event]) -> dict[str, dict[str, Any]]:
    """Return what each agency would see if these rows were the whole table."""
    rules = dataclasses.replace(load_rules(), visibility=rows)
    cases = settle(events, directory=DIRECTORY, rules=rules, tick=Tick(as_of=dt.date(2026, 7, 1)))
    return {agency: json.loads(view) for case in cases for agency, view in case.views.items()}


def fields_of(part: Any) -> set[str]:
    """Return the names of the fields that a part of a view hands out."""
    return {name for one in (part if isinstance(part, list) else [part]) for name in one} - {"role"}


def test_an_empty_table_shows_nothing_to_anybody():
    assert views((), example_events()) == {}


@pytest.mark.parametrize("row", load_rules().visibility, ids=lambda row: f"{row.role} {row.part} {row.when}")
def test_a_row_hands_out_its_fields_of_its_part_to_its_kinds_and_nothing_else(row):
    seen = views((row,), example_events())
    assert seen != {}
    for agency, view in seen.items():
        assert set(view) - {"purposes"} == {row.part}
        assert fields_of(view[row.part]) <= set(row.fields)
        assert not row.kinds or DIRECTORY.kind(agency) in row.kinds


@pytest.mark.parametrize("row", [row for row in load_rules().visibility if row.purpose], ids=lambda row: row.part)
def test_a_row_with_a_purpose_shows_nothing_without_the_consent(row):
    assert views((row,), example_events(without="ConsentGiven")) == {}


def test_the_state_on_the_page_of_messages_is_what_the_welcome_center_is_told_in_the_end():
    (example,) = [json.loads(block) for block in blocks(page("reference/messages.md"), "json") if '"view"' in block]
    assert views(load_rules().visibility, example_events(steps=7))["wc-dresden"] == example["view"]


def test_the_tutorial_shows_what_the_chamber_and_zefas_are_told():
    text = page("tutorial/example-case.md")
    first = views(load_rules().visibility, example_events(steps=2))["hwk-dresden"]
    assert f"version 1 ACTIVE {json.dumps(first)}\n" in text
    progress = views(load_rules().visibility, example_events(steps=4))["zefas"]["progress"]
    assert json.dumps(progress[0]["milestones"]) in text
