"""The rule table: clocks, visibility and finding texts as effective-dated data in `data/*.yaml`, read and checked here.

One `RuleTable` is one version of what the hub concludes from facts; its digest is recorded with every case state.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import DATA_FOLDER
from meilenstein_schemas.rule_lint import RULE_FILES, lint_rules
from meilenstein_schemas.tables import Row, read_rows, refuse

__all__ = ["ClockRule", "FindingText", "RuleTable", "VisibilityRule", "lint_rules", "load_rules"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClockRule:
    """One row of the clock table. Rows are compared by identity, so that explanations can be cached per row."""

    id: str
    per: str
    """PROCEDURE or REFERRAL: what one clock of this kind runs for."""
    label: str
    """MUST, SHALL_NORMALLY, REGULAR or SERVICE."""
    name: Mapping[str, str]
    """By language (`de`, `en`)."""
    laws: frozenset[str]
    """Values of `procedure_law` it applies to; empty means all."""
    regulated: frozenset[str]
    routes_excluded: frozenset[str]
    start: str
    """Event type whose occurred_on starts the clock."""
    stop: tuple[str, ...]
    length: int
    unit: str
    """MONTHS or WERKTAGE."""
    roll_over: bool
    """Whether an end on a Saturday, Sunday or holiday moves to the next working day (VwVfG § 31(3))."""
    due_within_days: int
    shown_without_start: bool
    """Whether a stop without a known start is shown as not determinable; otherwise there is no row."""
    paragraph: Mapping[str, str] | None
    """The provision, by language; None for a service target."""
    law_version: str | None
    source: str
    valid_from: dt.date
    valid_until: dt.date | None

    def matches(self, *, law: str, regulated: str, route: str) -> bool:
        """Say whether a procedure with these values falls under this row, on whatever day it started."""
        return (
            (not self.laws or law in self.laws)
            and (not self.regulated or regulated in self.regulated)
            and route not in self.routes_excluded
        )


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
    visibility: tuple[VisibilityRule, ...]
    findings: Mapping[str, FindingText]
    event_labels: Mapping[str, Mapping[str, str]]
    """Names of event types for people, by type and language."""
    parking_days: int
    """Days that a correction or reference may wait for its target."""
    saturday_is_werktag: bool
    version: str
    """First 12 hex digits of the SHA-256 over the files."""

    def clocks_per(self, per: str) -> tuple[tuple[ClockRule, ...], ...]:
        """Return the rows of each clock that runs per PROCEDURE or per REFERRAL, in order of the clocks' ids."""
        ids = sorted({rule.id for rule in self.clocks if rule.per == per})
        return tuple(tuple(rule for rule in self.clocks if rule.id == name) for name in ids)

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
    settings = {row.values["setting"]: row.values["value"] for row in rows["clocks.yaml"] if "setting" in row.values}
    return RuleTable(
        clocks=tuple(_clock(row) for row in rows["clocks.yaml"] if "setting" not in row.values),
        visibility=tuple(_visibility(row) for row in rows["visibility.yaml"]),
        findings={row.values["code"]: _finding(row) for row in rows["findings.yaml"]},
        event_labels={name: dict(contract.label) for name, contract in load_contracts().items()},
        parking_days=settings["parking_days"],
        saturday_is_werktag=settings["saturday_is_werktag"],
        version=digest.hexdigest()[:12],
    )


def _words(values: Mapping[str, Any], field: str) -> dict[str, str]:
    return {language: values[f"{field}_{language}"] for language in ("de", "en")}


def _clock(row: Row) -> ClockRule:
    values = row.values
    return ClockRule(
        id=values["id"],
        per=values["per"],
        label=values["label"],
        name=_words(values, "name"),
        laws=frozenset(values.get("laws") or ()),
        regulated=frozenset(values.get("regulated") or ()),
        routes_excluded=frozenset(values.get("routes_excluded") or ()),
        start=values["start"],
        stop=tuple(values["stop"]),
        length=values["length"],
        unit=values["unit"],
        roll_over=values["roll_over"],
        due_within_days=values["due_within_days"],
        shown_without_start=values.get("shown_without_start") or False,
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
