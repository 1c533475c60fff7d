"""The committed contract documents are current, and their examples are events that any hub accepts."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.docs.pages import ROOT, blocks, section, table_rows
from tests.docs.test_visibility import example_events, views
from typer.testing import CliRunner

from meilenstein.cli.main import app
from meilenstein.contract_docs.documents import documents
from meilenstein.contract_docs.rights import FEEDS, sights
from meilenstein_connectors.plain_json import from_line, from_plain
from meilenstein_connectors.typed_event import TypedEvent
from meilenstein_expectations import check, load_suites
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.contracts import load_contracts, wire_name
from meilenstein_schemas.labels import LANGUAGES
from meilenstein_schemas.rule_lint import PARTS
from meilenstein_schemas.rules import load_rules

FOLDER = ROOT / "docs/reference/contracts"
PAGES = [(name, language) for name in load_contracts() for language in LANGUAGES]


def text_of(name, language):
    return (FOLDER / f"{wire_name(name)}.{language}.md").read_text(encoding="utf-8")


def test_the_documents_are_what_the_data_gives():
    """After a change of contracts, rules, labels or rights run `meilenstein contracts document --out ...`."""
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == dict(documents())


def test_the_command_writes_them_and_the_second_time_nothing(tmp_path):
    first = CliRunner().invoke(app, ["contracts", "document", "--out", str(tmp_path / "new"), "--json"])
    assert first.exit_code == 0, first.output
    assert len(json.loads(first.stdout.splitlines()[-1])["changed"]) == len(documents())
    second = CliRunner().invoke(app, ["contracts", "document", "--out", str(tmp_path / "new"), "--json"])
    assert json.loads(second.stdout.splitlines()[-1]) == {"changed": []}


def plain_example(name, language):
    (block,) = blocks(text_of(name, language), "json")
    return json.loads(block)


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_example_fits_the_contract_and_breaks_no_rule(name, language):
    plain = plain_example(name, language)
    event_type, body = from_line(json.dumps(plain))
    assert event_type == name
    assert check(event_type, body, received_at=dt.datetime(2026, 3, 10, tzinfo=dt.UTC)) == []
    rank = load_directory().rank(body["publisher"], name, body["occurred_on"])
    assert rank == "AUTHORITATIVE", "the example shows an agency for which this is to say"


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_call_of_the_sdk_makes_the_same_event(name, language):
    (call,) = blocks(text_of(name, language), "python")
    made = {}
    exec(compile(call, name, "exec"), made)
    assert isinstance(made["event"], TypedEvent)
    assert (made["event"].EVENT_TYPE, made["event"].to_body()) == from_plain(plain_example(name, language))


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_every_field_code_and_rule_is_on_the_page(name, language):
    text = text_of(name, language)
    first_cells = {row[0].removeprefix("… ") for row in table_rows(text)}
    suites = load_suites()
    rules = {rule.id for rule in suites.of(name)}
    assert {field["name"] for field in load_contracts()[name].schema["fields"]} | rules <= first_cells
    symbols = {symbol for field in load_contracts()[name].schema["fields"] for symbol in _symbols(field["type"])}
    assert symbols <= first_cells


def _symbols(kind):
    if isinstance(kind, list):
        return [symbol for part in kind for symbol in _symbols(part)]
    if not isinstance(kind, dict):
        return []
    return [*kind.get("symbols", ()), *_symbols(kind.get("items"))]


@pytest.mark.parametrize("name", load_contracts())
def test_who_may_publish_is_what_the_rights_say(name):
    kinds = {row.kind for row in load_directory().authority if row.event == name}
    rows = list(table_rows(section(text_of(name, "en"), "Who may publish it")))
    assert len(rows) - 1 == len(kinds)


def test_what_events_feed_are_parts_of_views():
    for parts in FEEDS.values():
        for part, fields in parts.items():
            assert set(fields) <= set(PARTS[part])
    assert set(FEEDS) <= set(load_contracts())
    fed = {(part, name) for parts in FEEDS.values() for part, fields in parts.items() for name in fields}
    assert fed == {(part, name) for part in ("referrals", "outcome", "entry") for name in PARTS[part]}


@pytest.mark.parametrize("name", ["DecisionIssued", "EntryReported", "WelcomeCenterOnboardingStarted"])
def test_what_others_see_of_an_event_is_what_its_page_says(name):
    whole, without = (
        views(load_rules().visibility, example_events()),
        views(load_rules().visibility, example_events(without=name)),
    )
    publishers = {event.publisher for event in example_events() if event.event_type == name}
    changed = {
        part
        for agency in set(whole) - publishers
        for part in whole[agency]
        if whole[agency][part] != without[agency].get(part)
    }
    assert changed == {sight.row.part for sight in sights(name, load_rules())} - {"own"}
