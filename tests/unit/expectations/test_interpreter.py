"""What each expectation type means, most of all for absent values."""

from __future__ import annotations

import datetime as dt

import pytest

from meilenstein_expectations import Interpreter, Rule, Suite, SuiteSet, check, load_suites
from meilenstein_expectations.lint import EXPECTATION_TYPES
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.errors import PermanentError

WORDS = {"de": "Text", "en": "text"}
DAY = dt.date(2026, 3, 2)
NEXT = dt.date(2026, 3, 3)


def passes(kind, kwargs, row):
    """Say whether a row keeps a rule of the type."""
    rule = Rule(
        id="X-001", type=kind, kwargs=kwargs, severity="critical", field=None, reason=None,
        expected=WORDS, text=WORDS, how=WORDS,
    )  # fmt: skip
    suite = Suite(name="common", rules=(rule,))
    empty = Suite(name="documents_complete", rules=())
    interpreter = Interpreter(SuiteSet(common=suite, own={"DocumentsComplete": empty}, version="x"))
    return interpreter.check_row("DocumentsComplete", row) == []


CASES = [
    ("expect_column_values_to_not_be_null", {"column": "a"}, [0, "", False], [None]),
    ("expect_column_values_to_be_null", {"column": "a"}, [None], [0, "", False]),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["x", "y"]}, [None, "x"], ["z", "", "X"]),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": [False]}, [None, False], [True]),
    (
        "expect_column_values_to_match_regex",
        {"column": "a", "regex": "\\A[a-z]+\\Z"},
        [None, "ab"],
        ["", "ab\n", "1ab"],
    ),
    ("expect_column_values_to_not_match_regex", {"column": "a", "regex": "\\A[a-z]+\\Z"}, [None, "", "ab\n"], ["ab"]),
    ("expect_column_values_to_be_between", {"column": "a", "min_value": 1, "max_value": 3}, [None, 1, 3], [0, 4]),
    ("expect_column_values_to_be_between", {"column": "a", "max_value": 3}, [None, -(2**63), 3], [4]),
    ("expect_column_values_to_be_between", {"column": "a", "min_value": "2026-03-02"}, [None, DAY], [dt.date.min]),
    (
        "expect_column_value_lengths_to_be_between",
        {"column": "a", "min_value": 1, "max_value": 2},
        [None, "ä", "ää"],
        ["", "äää"],
    ),
]


@pytest.mark.parametrize(("kind", "kwargs", "good", "bad"), CASES)
def test_column_rules_pass_absent_values_unless_they_ask_for_them(kind, kwargs, good, bad):
    assert [value for value in good if not passes(kind, kwargs, {"a": value})] == []
    assert [value for value in bad if passes(kind, kwargs, {"a": value})] == []


@pytest.mark.parametrize(
    ("later", "earlier", "strict", "or_equal"),
    [(None, DAY, True, True), (DAY, None, True, True), (None, None, True, True), (NEXT, DAY, True, True),
     (DAY, DAY, False, True), (DAY, NEXT, False, False)],
)  # fmt: skip
def test_pair_rules_never_refuse_an_absent_value(later, earlier, strict, or_equal):
    kind, row = "expect_column_pair_values_a_to_be_greater_than_b", {"a": later, "b": earlier}
    assert passes(kind, {"column_A": "a", "column_B": "b"}, row) is strict
    assert passes(kind, {"column_A": "a", "column_B": "b", "or_equal": True}, row) is or_equal


def test_a_rule_in_sql_is_left_to_the_hub():
    assert passes("unexpected_rows_expectation", {"unexpected_rows_query": "select jid from {batch} where true"}, {})


def test_every_allowed_expectation_type_is_shown_here():
    shown = {kind for kind, *_ in CASES}
    pair, sql = "expect_column_pair_values_a_to_be_greater_than_b", "unexpected_rows_expectation"
    assert shown | {pair, sql} == EXPECTATION_TYPES.keys()


def test_an_unknown_event_type_is_refused():
    with pytest.raises(PermanentError, match="unknown event type 'Nothing'"):
        check("Nothing", {})


def test_violations_come_in_the_order_of_the_rules():
    body = {**sane_body("ApplicationReceived"), "event_id": "", "procedure_reference": None, "sequence": -1}
    assert [violation.rule for violation in check("ApplicationReceived", body)] == ["E-001", "E-022", "AR-001"]


def test_receipt_refuses_a_future_fact_that_the_sender_did_not_date():
    body = {**sane_body("DocumentsComplete"), "occurred_on": dt.date(2099, 1, 1), "recorded_at": None}
    body["published_at"] = None
    assert check("DocumentsComplete", body) == []
    received = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    assert [found.code for found in check("DocumentsComplete", body, received_at=received)] == ["FUTURE_FACT"]


def test_severities_are_those_of_the_suites():
    assert {rule.severity for rule in load_suites().rules.values()} == {"critical", "warning", "info"}
