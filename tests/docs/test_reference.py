"""The reference says what the code has: no setting, error, finding or state is missing or invented."""

from __future__ import annotations

import ast
import json
import re

import pytest
from docs.reference.make_pages import pages as generated_pages
from tests.docs.pages import ROOT, blocks, page, table_rows

from meilenstein.cases.calendar import holidays_of
from meilenstein.cases.clocks import STATES
from meilenstein.cases.reasons import REASONS
from meilenstein.embedded.ports import SPAN, Ports
from meilenstein.reconciliation.questions import ASKED
from meilenstein.settings import Settings
from meilenstein_connectors import errors as sdk_errors
from meilenstein_connectors.codec import MAX_RECORD_BYTES
from meilenstein_connectors.inbox import FateState
from meilenstein_connectors.plain_json import from_line
from meilenstein_connectors.replies import UnknownReply, read_case_update, read_reply
from meilenstein_schemas import errors as root_errors
from meilenstein_schemas.rhythms import standard_rhythms
from meilenstein_schemas.rule_lint import FINDING_CODES, LABELS
from meilenstein_schemas.rules import load_rules

SOURCES = [
    path
    for folder in ("src", "connectors", "expectations", "schemas", "dags")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("name", generated_pages())
def test_generated_pages_are_what_the_tool_gives(name):
    """After a change of contracts or suites run `python docs/reference/make_pages.py`."""
    assert page(f"reference/{name}") == generated_pages()[name]


def settings_in_code() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in [*SOURCES, ROOT / "Makefile"]]
    named = {name for text in texts for name in re.findall(r"MEILENSTEIN_[A-Z]+(?:_[A-Z]+)*", text)}
    return named | {f"MEILENSTEIN_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_of_the_code_is_on_the_page_and_no_other():
    assert set(re.findall(r"MEILENSTEIN_[A-Z]+(?:_[A-Z]+)*", page("reference/settings.md"))) == settings_in_code()


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_the_default_of_each_setting_is_on_the_page(field):
    row = next(row for row in table_rows(page("reference/settings.md")) if row[0] == f"MEILENSTEIN_{field.upper()}")
    default = Settings.model_fields[field].default
    if field in {"home", "cache"}:
        assert f"~/{'.local/share' if field == 'home' else '.cache'}/meilenstein" in row[1]
    else:
        assert row[1] == ("none" if default is None else str(default))


def test_the_ports_are_those_of_the_page():
    row = next(row for row in table_rows(page("reference/settings.md")) if row[0] == "MEILENSTEIN_PORT_BASE")
    assert f"First of {SPAN} ports" in row[2]
    ports = Ports(0)
    offsets = [ports.airflow, ports.kafka, ports.registry, ports.postgres, ports.kafka_controller]
    assert [int(number) for number in re.findall(r"\+(\d)", row[2])] == [
        *offsets,
        ports.registry_management,
        ports.watch,
    ]


def error_classes() -> set[str]:
    """Every class of the code that descends from MeilensteinError, by reading the sources."""
    bases: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
    found = {"MeilensteinError"}
    while more := {name for name, parents in bases.items() if found & set(parents)} - found:
        found |= more
    return found


def test_every_error_class_has_its_entry_and_no_other_is_named():
    text = page("reference/errors.md")
    tree = set(re.findall(r"^[│├└─ ]*([A-Z][A-Za-z]+)", blocks(text, "")[0], re.MULTILINE))
    assert tree == error_classes()
    described = text.replace(blocks(text, "")[0], "")
    assert {name for name in tree if f"`{name}`" not in described} == set()


@pytest.mark.parametrize("module", [root_errors, sdk_errors])
def test_the_exit_codes_are_those_of_the_page(module):
    tree = blocks(page("reference/errors.md"), "")[0]
    for name in ("RetryableError", "PermanentError", "ConfigurationError"):
        assert re.search(rf"{name} +{getattr(module, name).exit_code} ", tree)


def test_every_machine_code_of_unreadable_bytes_is_on_the_page():
    codes = set()
    for path in (ROOT / "connectors").rglob("*.py"):
        codes |= set(re.findall(r'(?:Unreadable|NotStorable|TooLarge)\(\s*"([A-Z_]+)"', path.read_text("utf-8")))
    assert {code for code in codes if f"`{code}`" not in page("reference/errors.md")} == set()


def test_every_finding_and_question_is_on_the_page():
    rows = {row[0]: row for row in table_rows(page("reference/messages.md"))}
    rules = load_rules()
    for code in FINDING_CODES:
        row = rows["RULE:<id>" if code == "RULE" else code]
        assert row[1] == rules.findings[code].severity
        assert rules.findings[code].title["en"] in row[2]
    asked = re.search(r"Asked are (.*?), and only", page("reference/messages.md"), re.DOTALL)
    assert set(re.findall(r"`([A-Z_]+)`", asked.group(1))) == ASKED


def test_every_quarantine_reason_is_on_the_page():
    codes = set()
    for name in ("reasons.py", "judgement.py"):
        text = (ROOT / "src/meilenstein/validation" / name).read_text("utf-8")
        codes |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|UNREADABLE|CONFLICT)"', text))
    listed = {row[0] for row in table_rows(page("reference/messages.md"))}
    assert codes - listed == set()


def test_the_examples_are_messages_that_the_sdk_reads():
    seen = set()
    for block in blocks(page("reference/messages.md"), "json"):
        plain = json.loads(block)
        if "kind" in plain:
            assert not isinstance(read_reply(0, block), UnknownReply), plain["kind"]
            seen.add(plain["kind"])
        elif "version" in plain:
            seen.add(read_case_update("key", block).state)
        else:
            seen.add(from_line(block)[0])
    assert seen == {"RECEIPT", "REJECTED", "DUPLICATE", "DECIDED", "QUESTION", "ACTIVE", "EntryReported"}


def test_every_fate_is_on_the_page_of_commands():
    assert {state for state in FateState if f"`{state}`" not in page("reference/commands.md")} == set()


def test_the_limit_of_a_record_is_the_one_of_the_page():
    assert f"{MAX_RECORD_BYTES:,} bytes" in page("reference/messages.md")


def test_every_clock_state_reason_and_label_is_explained():
    firsts = {row[0] for row in table_rows(page("explanation/clocks.md"))}
    assert set(STATES) <= firsts
    assert set(LABELS) <= firsts
    lines = {"NO_STOP_KNOWN", "NO_ANSWER_KNOWN"}
    assert set(REASONS) - lines <= firsts
    assert {line for line in lines if line not in page("explanation/clocks.md")} == set()
    assert f"({standard_rhythms().default} where nothing else is agreed)" in page("explanation/clocks.md")


def test_the_clocks_that_can_be_suspended_are_those_of_the_page():
    named = sorted({rule.id for rule in load_rules().clocks if rule.pausable and rule.extendable})
    assert f"{', '.join(named[:-1])} and {named[-1]} can be suspended and extended" in page("explanation/clocks.md")


def test_saxony_has_eleven_holidays_as_the_page_says():
    assert len(holidays_of(2026)) == 9 + 2
