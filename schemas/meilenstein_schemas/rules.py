"""The rule table: clocks, visibility and finding texts as effective-dated data in `data/*.yaml`, read and checked here.

One `RuleTable` is one version of what the hub concludes from facts; its digest is recorded with every case state.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meilenstein_schemas.clock_lint import ALARMS, COUNTS, PERIODS, SPANS
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import DATA_FOLDER
from meilenstein_schemas.rule_lint import RULE_FILES, lint_rules
from meilenstein_schemas.tables import Row, read_rows, refuse

__all__ = ["ClockRule", "Counting", "FindingText", "RuleTable", "Spans", "VisibilityRule", "lint_rules", "load_rules"]

Facets = Mapping[str, frozenset[str]]
"""Values by facet: what a clock looks at in the thing it runs for (`clock_lint.FACETS`)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClockRule:
    """One row of the clock table. Rows are compared by identity, so that explanations can be cached per row."""

    id: str
    period: str
    """Which wait or span it measures: a name of `clock_lint.PERIODS`."""
    per: str
    """What one clock of this kind runs for: PROCEDURE, REFERRAL, DECISION, TITLE ... (by the period)."""
    label: str
    """MUST, SHALL_NORMALLY, REGULAR or SERVICE."""
    name: Mapping[str, str]
    """By language (`de`, `en`)."""
    when: Facets
    """It applies only where each of these facets has one of these values."""
    unless: Facets
    """It does not apply where one of these facets has one of these values."""
    start: tuple[str, ...]
    """Event types that may start it."""
    stop: tuple[str, ...]
    """The first is the fact it waits for; the others end the waiting. Empty: only time ends it."""
    length: int
    unit: str
    """DAYS, WEEKS, MONTHS or WERKTAGE."""
    roll_over: bool
    """Whether an end on a Saturday, Sunday or holiday moves to the next working day (VwVfG § 31(3))."""
    fiction: bool
    """Whether the law draws a consequence from silence: shown, never sent as a fact, never starting another clock."""
    pausable: bool
    """Whether requests for evidence and other procedures suspend it."""
    extendable: bool
    """Whether it may be extended, once."""
    extension_months: int | None
    """The longest extension; None: what is reasonable."""
    due_within_days: int
    alarms: frozenset[str]
    """Which of DUE and OVER are findings."""
    shown_without_start: bool
    """Whether a stop without a known start is shown as not determinable; otherwise there is no row."""
    note: Mapping[str, str] | None
    """What the vocabulary cannot tell and an official has to see to; a line of every explanation."""
    paragraph: Mapping[str, str] | None
    """The provision, by language; None for a service target."""
    law_version: str | None
    source: str
    valid_from: dt.date
    valid_until: dt.date | None

    def fits(self, facets: Mapping[str, str], *, given_only: bool = False) -> bool:
        """Say whether something with these facets falls under this row, on whatever day it started.

        A facet that is missing is UNKNOWN; with `given_only`, it may be anything.
        """
        for name, values in self.when.items():
            value = facets.get(name)
            if value is None and given_only:
                continue
            if (value or "UNKNOWN") not in values:
                return False
        return not any(facets.get(name, "UNKNOWN") in values for name, values in self.unless.items())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counting:
    """The switches of counting, each with its reason in the table."""

    saturday_is_werktag: bool
    fictions_roll_over: bool
    announcement_day_shifts: bool
    suspension_includes_first_day: bool
    announcement_days: tuple[tuple[dt.date, dt.date | None, int], ...]
    """From, until (both included), and days after dispatch on which a decision counts as announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """What findings measure by, each with its reason in the table."""

    application_after_referral_days: int
    """Days after an accepted referral within which an application is expected."""
    pause_open_days: int
    """Days after which an open suspension is looked at."""
    pause_set_date_days: int
    """Days after the set date of a request within which the body is expected to go on."""
    same_profession_digits: int
    """Digits of KldB 2010 that make two applications under one law one profession."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """How a finding code is told to people."""

    code: str
    severity: str
    """I or W."""
    title: Mapping[str, str]
    todo: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityRule:
    """Fields of one part of a case that a role may see."""

    role: str
    kinds: frozenset[str]
    """Kinds of agency it is for; empty means all."""
    part: str
    fields: tuple[str, ...]
    events: frozenset[str]
    when: str
    purpose: str | None
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleTable:
    """Everything the case fold concludes by, in one version. Compared by identity, so that lookups can be cached."""

    clocks: tuple[ClockRule, ...]
    counting: Counting
    visibility: tuple[VisibilityRule, ...]
    findings: Mapping[str, FindingText]
    event_labels: Mapping[str, Mapping[str, str]]
    """Names of event types for people, by type and language."""
    parking_days: int
    """Days that a correction or reference may wait for its target."""
    spans: Spans
    version: str
    """First 12 hex digits of the SHA-256 over the files."""
    periods: Mapping[str, tuple[ClockRule, ...]] = field(default_factory=dict)
    """The rows of each period, in the order of the table."""

    def finding(self, code: str) -> FindingText:
        """Return the text of a finding code; every `RULE:<id>` shares one."""
        return self.findings["RULE" if code.startswith("RULE:") else code]


def load_rules(folder: Path = DATA_FOLDER) -> RuleTable:
    """Return the rule table of `folder`; mistakes raise ConfigurationError with file, line and mistake."""
    refuse(lint_rules(folder))
    digest = hashlib.sha256()
    for name in RULE_FILES:
        digest.update((folder / name).read_bytes())
    rows = {name: read_rows(folder / name) for name in RULE_FILES}
    dated = [row for row in rows["clocks.yaml"] if row.values.get("setting") == "announcement_days"]
    settings = {row.values["setting"]: row.values["value"] for row in rows["clocks.yaml"] if "setting" in row.values}
    clocks = tuple(_clock(row, settings) for row in rows["clocks.yaml"] if "setting" not in row.values)
    return RuleTable(
        clocks=clocks,
        counting=Counting(
            announcement_days=tuple(
                (row.values.get("from") or dt.date.min, row.values.get("until"), row.values["value"]) for row in dated
            ),
            **{name: settings[name] for name in COUNTS},
        ),
        visibility=tuple(_visibility(row) for row in rows["visibility.yaml"]),
        findings={row.values["code"]: _finding(row) for row in rows["findings.yaml"]},
        event_labels={name: dict(contract.label) for name, contract in load_contracts().items()},
        parking_days=settings["parking_days"],
        spans=Spans(**{name: settings[name] for name in SPANS}),
        version=digest.hexdigest()[:12],
        periods=_by_period(clocks),
    )


def _by_period(clocks: Iterable[ClockRule]) -> Mapping[str, tuple[ClockRule, ...]]:
    periods: dict[str, list[ClockRule]] = {}
    for rule in clocks:
        periods.setdefault(rule.period, []).append(rule)
    return {name: tuple(rows) for name, rows in periods.items()}


def _words(values: Mapping[str, Any], field: str) -> dict[str, str]:
    return {language: values[f"{field}_{language}"] for language in ("de", "en")}


def _facets(given: Mapping[str, Iterable[str]] | None) -> Facets:
    return {name: frozenset(values) for name, values in (given or {}).items()}


def _clock(row: Row, settings: Mapping[str, Any]) -> ClockRule:
    values = row.values
    fiction, alarms = values.get("fiction") or False, values.get("alarms")
    return ClockRule(
        id=values["id"],
        period=values["period"],
        per=PERIODS[values["period"]],
        label=values["label"],
        name=_words(values, "name"),
        when=_facets(values.get("when")),
        unless=_facets(values.get("unless")),
        start=tuple(values["start"]),
        stop=tuple(values["stop"]),
        length=settings[values["length_setting"]] if "length_setting" in values else values["length"],
        unit=values["unit"],
        roll_over=values["roll_over"] and (not fiction or settings["fictions_roll_over"]),
        fiction=fiction,
        pausable=values.get("pausable") or False,
        extendable=values.get("extendable") or False,
        extension_months=values.get("extension_months"),
        due_within_days=values["due_within_days"],
        alarms=frozenset(ALARMS if alarms is None else alarms),
        shown_without_start=values.get("shown_without_start") or False,
        note=_words(values, "note") if values.get("note_de") else None,
        paragraph=_words(values, "paragraph") if values.get("paragraph_de") else None,
        law_version=values.get("law_version"),
        source=values["source"],
        valid_from=values["from"],
        valid_until=values.get("until"),
    )


def _finding(row: Row) -> FindingText:
    values = row.values
    return FindingText(
        code=values["code"],
        severity=values["severity"],
        title=_words(values, "title"),
        todo=_words(values, "todo"),
    )


def _visibility(row: Row) -> VisibilityRule:
    values = row.values
    return VisibilityRule(
        role=values["role"],
        kinds=frozenset(values.get("kinds") or ()),
        part=values["part"],
        fields=tuple(values["fields"]),
        events=frozenset(values.get("events") or ()),
        when=values["when"],
        purpose=values.get("purpose"),
        valid_from=values["from"],
        valid_until=values.get("until"),
    )
