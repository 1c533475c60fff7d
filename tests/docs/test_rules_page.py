"""The page of rules leaves nothing out: every rule, finding and reason has a source, a place and a test that exists."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from typing import Any

import pytest
from tests.docs.pages import ROOT, page, section, table_rows
from tests.unit.expectations.examples import RULE_EXAMPLES

from meilenstein_expectations import load_suites
from meilenstein_schemas.rules import load_rules

INDEX: dict[str, Any] = json.loads((ROOT / "docs/reference/rule_index.json").read_text(encoding="utf-8"))
NAMED = {**INDEX["findings"], **INDEX["reasons"]}


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_index_has_every_finding_and_every_reason_and_no_other():
    assert INDEX["findings"].keys() == load_rules().findings.keys()
    listed = {row[0] for row in table_rows(section(page("reference/messages.md"), "REJECTED"))}
    assert INDEX["reasons"].keys() - listed == set()
    assert {code for code in listed if re.fullmatch(r"[A-Z_]+|RULE:<id>", code)} - INDEX["reasons"].keys() == set()


@pytest.mark.parametrize("code", NAMED)
def test_each_names_its_source_a_module_that_has_it_and_a_test_that_exists(code):
    one = NAMED[code]
    assert one["source"].strip()
    file, _, name = one["test"].partition("::")
    assert name in functions_of(file), f"{code}: {one['test']}"
    if code not in {"RULE", "RULE:<id>"}:
        assert code in (ROOT / one["module"]).read_text(encoding="utf-8"), f"{code}: {one['module']}"


def test_every_data_rule_has_examples_that_its_test_runs():
    file, _, name = INDEX["data_rules"]["test"].partition("::")
    assert name in functions_of(file)
    assert RULE_EXAMPLES.keys() == load_suites().rules.keys()
    assert all(example["breaks"] for example in RULE_EXAMPLES.values())


def test_the_sources_are_of_rules_that_exist_and_name_each_once():
    named = [rule for rules in INDEX["data_rules"]["sources"].values() for rule in rules]
    assert set(named) <= load_suites().rules.keys()
    assert len(named) == len(set(named))


def test_every_data_rule_is_on_the_page_with_its_source():
    rows = {row[0]: row for row in table_rows(page("reference/rules.md")) if re.fullmatch(r"[A-Z]{1,2}-\d{3}", row[0])}
    assert rows.keys() == load_suites().rules.keys()
    assert all(row[-1].strip() for row in rows.values())
