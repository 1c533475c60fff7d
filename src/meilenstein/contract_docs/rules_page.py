"""Everything that is checked, as a page of the manual: data rules, findings, quarantine reasons.

What each says comes from the suites and the table of findings; on what it rests and which test shows it, from an index
beside the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from meilenstein_expectations import Rule, Suite, load_suites
from meilenstein_schemas.rules import RuleTable, load_rules

__all__ = ["rules_page"]

Index = Mapping[str, Any]


def rules_page(index: Index) -> str:
    """Return the page; the same data give the same text. KeyError where the index lacks a finding."""
    suites = load_suites()
    sources = {rule: source for source, rules in index["data_rules"]["sources"].items() for rule in rules}
    own = ((event_type, suite) for event_type, suite in sorted(suites.own.items()))
    return "\n".join(
        chain(
            _head(len(suites.rules), sum(rule.sql is not None for rule in suites.rules.values()), index),
            _findings(load_rules(), index["findings"]),
            _reasons(index["reasons"]),
            ("## Data rules", ""),
            *(_suite(title, suite, sources, index) for title, suite in (("Every event", suites.common), *own)),
        )
    )


def _head(rules: int, in_sql: int, index: Index) -> Iterator[str]:
    yield from (
        "# Rules, findings and reasons",
        "",
        "Everything the hub checks by itself: what it says, how severe it is, on what it rests, where it lives, and",
        "which test shows it. A source is a law, a public page, or a rule of this project.",
        "",
        f"**Data rules** ({rules}) look at one event before it counts. Each is one expectation in",
        "`expectations/meilenstein_expectations/suites/*.json`. The hub evaluates it with Great Expectations, the SDK",
        f"evaluates the same JSON before sending; a rule in SQL (at present {in_sql}) is checked by the hub only.",
        "`critical`: the event goes to quarantine under the reason given, else `RULE:<id>`. `warning`: accepted, with",
        "a finding `RULE:<id>`. `info`: counted in the validation run only. What is expected and how to correct it",
        "stands in the reply and in the suite. Every rule has events that keep it and events that break it in",
        "`tests/unit/expectations/rule_examples.json`, run by",
        f"`{index['data_rules']['test']}`.",
        "",
        "**Findings** are doubts about accepted cases, keyed by code and what they are about; they go away when their",
        "cause does. The spans they measure by are settings in `schemas/meilenstein_schemas/data/clocks.yaml`, each",
        "with its reason; the texts stand in `findings.yaml` beside it. How they are meant is explained in",
        "[Findings](../explanation/findings.md).",
        "",
    )


def _findings(rules: RuleTable, index: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield from (
        "## Findings",
        "",
        "| code | severity | about | Deutsch | English | source | lives in | test |",
        "|---|---|---|---|---|---|---|---|",
    )
    for code, text in sorted(rules.findings.items()):
        one = index[code]
        cells = (
            f"`{'RULE:<id>' if code == 'RULE' else code}`",
            text.severity,
            one["about"],
            text.title["de"],
            text.title["en"],
            *_places(one),
        )
        yield _row(cells)
    yield ""


def _reasons(index: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield from (
        "## Quarantine reasons",
        "",
        "Why an event is not accepted; all of them are critical.",
        "",
        "| reason | Deutsch | English | source | lives in | test |",
        "|---|---|---|---|---|---|",
    )
    for code, one in sorted(index.items()):
        yield _row((f"`{code}`", one["de"], one["en"], *_places(one)))
    yield ""


def _places(one: Mapping[str, str]) -> tuple[str, str, str]:
    return one["source"], f"`{one['module']}`", f"`{one['test']}`"


def _suite(title: str, suite: Suite, sources: Mapping[str, str], index: Index) -> Iterator[str]:
    yield from (
        f"### {title}",
        "",
        f"`suites/{suite.name}.json`",
        "",
        "| rule | severity | field | Deutsch | English | reason | source |",
        "|---|---|---|---|---|---|---|",
    )
    for rule in suite.rules:
        yield _rule(rule, sources.get(rule.id, index["data_rules"]["source"]))
    yield ""


def _rule(rule: Rule, source: str) -> str:
    field = f"`{rule.field}`" if rule.field else ""
    reason = f"`{rule.reason}`" if rule.reason else ""
    return _row((rule.id, rule.severity, field, rule.text["de"], rule.text["en"], reason, source))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
