"""Code lists are complete, agree with the contracts and rules that use them, and their mistakes are named by line."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil

import pytest
from tests.unit.expectations.examples import changed

from meilenstein.errors import ConfigurationError
from meilenstein_expectations import check, load_suites
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.codes import (
    CODE_LISTS,
    CODES_FOLDER,
    lint_codes,
    load_codes,
    occupation_groups,
    states_at,
    training_states,
)
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_tables import HOME_LAND

SIZES = {
    "ags_saxony": 13, "document_items": 18, "ger_levels": 6, "iso_3166_1": 250, "iso_3166_3": 14, "kldb_2010": 37,
    "laender": 16, "legal_routes": 8, "outcome_classes": 7,
}  # fmt: skip
EVERY_REGEX = [
    (event_type, rule.kwargs["column"], rule.kwargs["regex"])
    for event_type, suite in load_suites().own.items()
    for rule in suite.rules
    if "regex" in rule.kwargs
]


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "codes"
    shutil.copytree(CODES_FOLDER, copy)
    return copy


def symbols(event_type, field):
    (found,) = [one["type"] for one in load_contracts()[event_type].schema["fields"] if one["name"] == field]
    return set(found["symbols"]) - {"UNKNOWN"}


def test_the_shipped_lists_have_no_mistake_and_all_their_codes():
    assert lint_codes() == []
    assert {name: len(load_codes(name).codes) for name in CODE_LISTS} == SIZES


@pytest.mark.parametrize("name", CODE_LISTS)
def test_each_list_says_version_source_and_names_in_both_languages(name):
    codes = load_codes(name)
    assert codes.version.strip()
    assert codes.source.strip()
    for code in codes.codes.values():
        assert all(code.name[language].strip() for language in ("de", "en"))


def test_codes_of_enums_are_those_of_their_lists():
    assert symbols("DecisionIssued", "legal_route") == set(load_codes("legal_routes").codes)
    assert symbols("LanguageExamPassed", "language_level") == set(load_codes("ger_levels").codes)
    assert symbols("CaseTransferred", "target_land") == set(load_codes("laender").codes)
    classes = load_codes("outcome_classes").codes
    assert symbols("DecisionIssued", "outcome") == {name for name, one in classes.items() if one.more["decided"]}


def test_partial_equivalence_is_for_unregulated_jobs_and_an_imposed_measure_for_regulated_ones():
    classes = load_codes("outcome_classes").codes
    assert classes["PARTIAL_EQUIVALENCE"].more["regulated"] == ["NO"]
    assert classes["COMPENSATION_REQUIRED"].more["regulated"] == ["YES"]


def test_the_districts_are_those_of_the_registry_and_of_the_rules():
    listed = set(load_codes("ags_saxony").codes)
    assert listed == set(load_directory().districts)
    patterns = {rule.kwargs["regex"] for rule in load_suites().common.rules if rule.id == "E-008"}
    patterns |= {regex for _, column, regex in EVERY_REGEX if column == "target_district_ags"}
    assert len(patterns) == 1
    allowed = re.compile(patterns.pop())
    prefix = load_codes("laender").codes[HOME_LAND].more["ags_prefix"]
    assert {f"{prefix}{n:03d}" for n in range(1000) if allowed.match(f"{prefix}{n:03d}")} == listed
    prefixes = {code.more["ags_prefix"] for code in load_codes("laender").codes.values()}
    assert {f"{n:02d}" for n in range(100) if any(allowed.match(f"{n:02d}{k}") for k in ("511", "003"))} == prefixes


def test_leipzig_the_city_is_not_leipzig_the_district():
    codes = load_codes("ags_saxony").codes
    assert (codes["14713"].more["kind"], codes["14729"].more["kind"]) == ("KREISFREIE_STADT", "LANDKREIS")
    assert [code for code, one in codes.items() if one.more["kind"] == "KREISFREIE_STADT"] == [
        "14511",
        "14612",
        "14713",
    ]


def test_a_profession_begins_with_one_of_the_144_groups():
    patterns = {regex for _, column, regex in EVERY_REGEX if column == "profession_kldb"}
    assert len(patterns) == 1
    allowed = re.compile(patterns.pop())
    groups = {f"{n:03d}" for n in range(1000) if allowed.match(f"{n:03d}")}
    assert groups == occupation_groups()
    assert len(groups) == 144
    assert {code[:2] for code in groups} == set(load_codes("kldb_2010").codes)
    assert "011" in groups, "the military keeps its leading zero"


def test_states_that_no_longer_exist_are_known_with_their_time_and_what_they_became():
    assert {"SU", "YU", "CS", "DD"} <= training_states()
    assert [state.more["became"] for state in states_at("CS", dt.date(1985, 6, 1))] == [["CZ", "SK"]]
    assert [state.more["became"] for state in states_at("CS", dt.date(2005, 6, 1))] == [["ME", "RS"]]
    assert states_at("CS", dt.date(1998, 6, 1)) == states_at("ZZ", dt.date(1998, 6, 1)) == []
    assert [state.name["en"] for state in states_at("IN", dt.date(2026, 3, 2))] == ["India"]
    for state in load_codes("iso_3166_3").codes.values():
        assert state.valid_from is not None
        assert state.valid_until is not None
        assert state.valid_from < state.valid_until
        assert set(state.more["became"]) <= set(load_codes("iso_3166_1").codes)


@pytest.mark.parametrize(
    ("event_type", "changes", "rule"),
    [
        ("ApplicationReceived", {"training_state": "ZZ"}, "AR-006"),
        ("ApplicationReceived", {"training_state": "Indien"}, "AR-005"),
        ("ApplicationReceived", {"profession_kldb": "99999"}, "AR-004"),
        ("ApplicationReceived", {"profession_kldb": "1101"}, "AR-004"),  # 01101 without its zero
        ("ApplicationReceived", {"district_ags": "14715"}, "E-008"),
        ("QualificationConfirmed", {"training_state": "XX"}, "QF-003"),
        ("EmploymentStarted", {"profession_kldb": "Koch"}, "ES-001"),
        ("CaseTransferred", {"target_land": "BY", "target_district_ags": "15003"}, "CT-003"),
        ("LanguageExamPassed", {"language_level": "UNKNOWN"}, "LP-001"),
        ("DeadlineExtended", {"extension_reason": "UNKNOWN"}, "DE-005"),
    ],
)
def test_a_code_that_is_in_no_list_is_refused_by_its_rule(event_type, changes, rule):
    found = check(event_type, changed(event_type, changes))
    assert [(one.rule, one.severity) for one in found] == [(rule, "critical")]


@pytest.mark.parametrize("text", ["P-9\u200b", "u\u0308-9", "051124123456"])
@pytest.mark.parametrize("event_type", load_contracts())
def test_hidden_decomposed_and_register_like_references_are_refused_in_every_type(event_type, text):
    references = [{"agency": "hwk-leipzig", "kind": "CASE", "reference": text}]
    found = check(
        event_type, changed(event_type, {"references": [*changed(event_type, {})["references"], *references]})
    )
    assert {"E-019", "E-020", "E-021"} & {one.rule for one in found}
    assert {one.severity for one in found} == {"critical"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('"code": "A2"', '"code": "A1"', "code 'A1' is listed twice"),
        ('"rank": 2', '"rank": "2"', "code 'A2' has 'rank' '2'; expected int"),
        ('"rank": 2', '"grade": 2', "code 'A2' has the unknown entry 'grade'"),
        ('"de": "A2 (Grundlagen)"', '"de": " "', "code 'A2' lacks 'de'"),
        ('"origin": "general-knowledge"', '"origin": "guess"', "origin 'guess'"),
        ('"version": "2001, companion volume 2020"', '"version": " "', "'version' is blank"),
        ('"list": "ger_levels"', '"list": "levels"', "needs exactly list, title"),
        ('"codes": [', '"codes": (', "cannot be read"),
    ],
)
def test_a_mistake_in_a_list_is_named_with_file_and_line(folder, before, after, expected):
    path = folder / "ger_levels.json"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    problems = [str(problem) for problem in lint_codes(folder)]
    assert any(re.match(r"ger_levels\.json:\d+: ", one) and expected in one for one in problems), problems
    with pytest.raises(ConfigurationError, match="ger_levels"):
        load_codes("ger_levels", folder)


def test_a_missing_a_strange_and_a_wrongly_dated_list_are_named(folder):
    (folder / "ger_levels.json").rename(folder / "levels.json")
    path = folder / "iso_3166_3.json"
    path.write_text(path.read_text(encoding="utf-8").replace("1990-10-02", "2.10.1990"), encoding="utf-8")
    line = next(
        number
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if '"code": "DDDE"' in text
    )
    problems = [(problem.file, problem.line) for problem in lint_codes(folder)]
    assert set(problems) == {("ger_levels.json", 1), ("levels.json", 1), ("iso_3166_3.json", line)}


def test_the_lists_are_plain_json_that_partners_read_without_yaml():
    for path in CODES_FOLDER.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["list"] == path.stem
