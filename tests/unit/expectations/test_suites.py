"""Mistakes in the suites are found before the first event is judged, by file and line."""

from __future__ import annotations

import json
import shutil

import pytest

from meilenstein_expectations import load_suites
from meilenstein_expectations.lint import EXPECTATION_TYPES, FOLDER, lint
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.errors import ConfigurationError


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "suites"
    shutil.copytree(FOLDER, copy)
    return copy


def edit(folder, name, change):
    path = folder / f"{name}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")


def rule(document, rule_id):
    return next(entry for entry in document["expectations"] if entry["meta"]["rule"] == rule_id)


def test_the_suites_are_free_of_mistakes():
    assert lint() == []


def test_everything_in_the_files_is_loaded():
    suites = load_suites()
    inside = [
        entry["meta"]["rule"]
        for path in FOLDER.glob("*.json")
        for entry in json.loads(path.read_text(encoding="utf-8"))["expectations"]
    ]
    assert sorted(suites.rules) == sorted(inside)
    assert suites.own.keys() == load_contracts().keys()
    assert all(suites.of(event_type)[: len(suites.common.rules)] == suites.common.rules for event_type in suites.own)


def test_at_most_a_dozen_expectation_types_are_allowed():
    assert len(EXPECTATION_TYPES) <= 12


MISTAKES = {
    "unknown type": (
        lambda d: rule(d, "DC-001").update(type="expect_column_to_exist"),
        "DC-001: expectation type 'expect_column_to_exist' is not allowed",
    ),
    "severity": (lambda d: rule(d, "DC-001").update(severity="fatal"), "DC-001: severity 'fatal'; known: critical"),
    "column": (
        lambda d: rule(d, "DC-001")["kwargs"].update(column="nothing"),
        "DC-001: there is no column 'nothing'; there are: event_id",
    ),
    "argument": (lambda d: rule(d, "DC-001")["kwargs"].update(mostly=0.9), "DC-001: unknown entry 'mostly'"),
    "missing argument": (lambda d: rule(d, "DC-001")["kwargs"].pop("regex"), "DC-001: entry 'regex' is missing"),
    "argument type": (lambda d: rule(d, "DC-001")["kwargs"].update(regex=7), "DC-001: 'regex' is 7"),
    "unanchored": (
        lambda d: rule(d, "DC-001")["kwargs"].update(regex="^P-[0-9]+$"),
        "must stand between \\A and \\Z",
    ),
    "shorthand class": (
        lambda d: rule(d, "DC-001")["kwargs"].update(regex="\\AP-\\d+\\Z"),
        "explicit character classes only",
    ),
    "broken regex": (
        lambda d: rule(d, "DC-001")["kwargs"].update(regex="\\A[a-z\\Z"),
        "is no regular expression",
    ),
    "column of another type": (
        lambda d: rule(d, "DC-001")["kwargs"].update(column="sequence"),
        "column 'sequence' is of type bigint",
    ),
    "language": (lambda d: rule(d, "DC-001")["meta"]["how"].pop("en"), "DC-001: 'how' needs a text for each of de, en"),
    "empty text": (lambda d: rule(d, "DC-001")["meta"]["text"].update(de=" "), "DC-001: 'text' needs a text"),
    "field": (
        lambda d: rule(d, "DC-001")["meta"].update(field="nothing"),
        "DC-001: the event has no field 'nothing'",
    ),
    "reason": (lambda d: rule(d, "DC-001")["meta"].update(reason="OTHER"), "DC-001: reason 'OTHER'; known: OCCURRED"),
    "reason of a warning": (
        lambda d: (rule(d, "DC-001")["meta"].update(reason="FUTURE_FACT"), rule(d, "DC-001").update(severity="info")),
        "must be critical",
    ),
    "rule id": (lambda d: rule(d, "DC-001")["meta"].update(rule="DC1"), "rule id 'DC1' is not of the form"),
    "prefix": (lambda d: rule(d, "DC-001")["meta"].update(rule="E-900"), "the prefix of 'E-900' belongs to common"),
    "twice": (
        lambda d: d["expectations"].append(rule(d, "DC-001")),
        "rule id 'DC-001' is used twice",
    ),
    "meta": (lambda d: rule(d, "DC-001")["meta"].pop("how"), "expectation 1: entry 'how' is missing"),
    "entry": (lambda d: rule(d, "DC-001").update(notes="x"), "expectation 1: unknown entry 'notes'"),
    "name": (lambda d: d.update(name="other"), "name is 'other'; expected 'documents_complete'"),
    "empty": (lambda d: d["expectations"].clear(), "holds no rule"),
    "sql": (
        lambda d: rule(d, "DC-001").update(
            type="unexpected_rows_expectation", kwargs={"unexpected_rows_query": "select * from {batch}"}
        ),
        "the query must read `select jid from {batch} where ...`",
    ),
    "bound": (
        lambda d: rule(d, "DC-001").update(
            type="expect_column_values_to_be_between", kwargs={"column": "occurred_on", "min_value": "1.1.1990"}
        ),
        "'1.1.1990' is no date YYYY-MM-DD",
    ),
    "no bound": (
        lambda d: rule(d, "DC-001").update(type="expect_column_values_to_be_between", kwargs={"column": "sequence"}),
        "needs min_value or max_value",
    ),
    "symbol": (
        lambda d: rule(d, "DC-001").update(
            type="expect_column_values_to_be_in_set", kwargs={"column": "subject_kind", "value_set": ["PERSONS"]}
        ),
        "'PERSONS' is no symbol of the field 'subject_kind'",
    ),
    "empty set": (
        lambda d: rule(d, "DC-001").update(
            type="expect_column_values_to_be_in_set", kwargs={"column": "subject_kind", "value_set": []}
        ),
        "value_set is empty",
    ),
    "unlike pair": (
        lambda d: rule(d, "DC-001").update(
            type="expect_column_pair_values_a_to_be_greater_than_b",
            kwargs={"column_A": "occurred_on", "column_B": "sequence"},
        ),
        "the two columns are not of one type",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_suite_is_named_and_nothing_is_loaded(folder, mistake):
    change, message = MISTAKES[mistake]
    edit(folder, "documents_complete", change)
    problems = [str(problem) for problem in lint(folder)]
    assert len(problems) == 1
    assert problems[0].startswith("documents_complete.json:")
    assert message in problems[0]
    with pytest.raises(ConfigurationError, match="documents_complete"):
        load_suites(folder)


def test_a_mistake_is_named_with_the_line_of_its_rule(folder):
    edit(folder, "common", lambda d: rule(d, "E-007")["kwargs"].update(column="nothing"))
    (problem,) = lint(folder)
    line = (folder / "common.json").read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert '"rule": "E-007"' in line


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "documents_complete"}'])
def test_a_file_that_is_no_suite_is_named(folder, content):
    (folder / "documents_complete.json").write_text(content, encoding="utf-8")
    assert {problem.file for problem in lint(folder)} == {"documents_complete.json"}


def test_a_missing_file_and_a_strange_file_are_named(folder):
    (folder / "documents_complete.json").rename(folder / "documents_completed.json")
    assert [problem.file for problem in lint(folder)] == ["documents_complete.json", "documents_completed.json"]


def test_the_version_follows_the_rules(folder):
    before = load_suites(folder).version
    assert before == load_suites().version
    edit(folder, "common", lambda d: rule(d, "E-009").update(severity="warning"))
    assert load_suites(folder).version != before
