"""Every data rule by example: what it lets pass, what it refuses, and what it says."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.unit.expectations.examples import RULE_EXAMPLES, changed

from meilenstein_expectations import check, load_suites
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

PASSING = [
    pytest.param(example["event"], changes, id=f"{rule}-{place}")
    for rule, example in RULE_EXAMPLES.items()
    for place, changes in enumerate(example["passes"])
]
BREAKING = [
    pytest.param(rule, example["event"], case["set"], case.get("also", []), id=f"{rule}-{place}")
    for rule, example in RULE_EXAMPLES.items()
    for place, case in enumerate(example["breaks"])
]


def test_every_rule_has_examples_that_pass_and_that_break_it():
    assert RULE_EXAMPLES.keys() == load_suites().rules.keys()
    assert all(example["passes"] and example["breaks"] for example in RULE_EXAMPLES.values())


@pytest.mark.parametrize("event_type", load_contracts())
def test_a_sane_event_breaks_no_rule_and_has_every_field(event_type):
    body = sane_body(event_type)
    assert body.keys() == {field["name"] for field in load_contracts()[event_type].schema["fields"]}
    assert check(event_type, body) == []


@pytest.mark.parametrize(("event_type", "changes"), PASSING)
def test_what_a_rule_lets_pass_breaks_no_rule(event_type, changes):
    assert check(event_type, changed(event_type, changes)) == []


@pytest.mark.parametrize(("rule", "event_type", "changes", "also"), BREAKING)
def test_what_a_rule_refuses_breaks_that_rule_and_no_other(rule, event_type, changes, also):
    found = check(event_type, changed(event_type, changes))
    assert {violation.rule for violation in found} == {rule, *also}


@pytest.mark.parametrize(("rule", "event_type", "changes", "also"), BREAKING)
def test_a_violation_says_in_two_languages_what_is_wrong_and_how_to_correct_it(rule, event_type, changes, also):
    found = next(entry for entry in check(event_type, changed(event_type, changes)) if entry.rule == rule)
    reason = found.as_reason()
    assert set(reason) == {"code", "rule", "field", "seen", "expected", "text", "how"}
    assert reason["code"] == (load_suites().rules[rule].reason or f"RULE:{rule}")
    for words in (reason["text"], reason["how"]):
        assert set(words) == {"de", "en"}
        assert words["de"] != words["en"]
    assert reason["expected"]
    assert json.loads(json.dumps(reason)) == reason


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("E-016", "OCCURRED_AFTER_RECORDED"), ("E-017", "FUTURE_FACT"), ("E-019", "FORBIDDEN_CONTENT")],
)
def test_three_rules_are_quarantine_reasons_of_their_own(rule, reason):
    example = RULE_EXAMPLES[rule]
    found = check(example["event"], changed(example["event"], example["breaks"][0]["set"]))
    assert [(violation.code, violation.severity) for violation in found] == [(reason, "critical")]


def test_a_forbidden_number_is_named_by_field_and_never_shown():
    body = changed("ApplicationReceived", {"case_reference": "051124123456", "district_ags": "051124123456"})
    found = {violation.rule: violation.seen for violation in check("ApplicationReceived", body)}
    assert found == {"E-019": "case_reference, district_ags", "E-008": "************"}


def test_what_is_seen_shows_hidden_characters_and_is_not_endless():
    found = check("ApplicationReceived", changed("ApplicationReceived", {"case_reference": "H\u200b" + "9" * 500}))
    shown = next(violation.seen for violation in found if violation.rule == "E-005")
    assert shown is not None
    assert shown.startswith("H\\u200b999")
    assert shown.endswith("…")
    assert len(shown) < 140


def test_a_rule_over_two_columns_shows_both():
    found = check("DecisionIssued", changed("DecisionIssued", {"dispatched_on": "2026-03-01"}))
    assert [violation.seen for violation in found] == ["dispatched_on = 2026-03-01, occurred_on = 2026-03-02"]


@pytest.mark.parametrize("event_type", ["ApplicationReceived", "ReceiptConfirmed"])
def test_events_of_a_municipal_permit_log_are_acceptable(event_type):
    body = {
        "event_id": "5a0f2c6e-8a51-5d0e-9d0c-6f8f0d5f3a11",
        "publisher": "body-example",
        "source_system": "permit-log",
        "subject_kind": "PERSON",
        "case_reference": "case-10024",
        "procedure_reference": "case-10024",
        "procedure_law": "OTHER",
        "occurred_on": dt.date(2011, 10, 6),
    }
    assert [violation.rule for violation in check(event_type, body) if violation.severity == "critical"] == []


@pytest.mark.parametrize("event_type", load_contracts())
def test_an_absent_field_counts_as_its_default(event_type):
    body = sane_body(event_type)
    defaults = {
        field["name"]: field["default"] for field in load_contracts()[event_type].schema["fields"] if "default" in field
    }
    spelled_out = check(event_type, {**body, **defaults})
    left_out = check(event_type, {name: value for name, value in body.items() if name not in defaults})
    assert left_out == spelled_out
    assert check(event_type, {}) != []
