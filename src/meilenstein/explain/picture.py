"""A settled case as plain values for people and programs: facts, clocks with every line of their counting, findings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from meilenstein.cases.canonical import iso
from meilenstein.cases.clocks import Clock
from meilenstein.cases.explain import Step, reason_step
from meilenstein.cases.ledger import Entry, balance
from meilenstein.cases.settle import SettledCase
from meilenstein_schemas.rules import RuleTable

__all__ = ["Picture", "picture_of"]

Picture = Mapping[str, Any]
"""Plain values: `files`, `references`, `timeline`, `procedures`, `referrals`, `consents`, maybe `entry` and `test`, and
what else the state of a case holds; `clocks`, `findings`, `next_change_on`."""

_ELSEWHERE = ("identifiers", "clocks", "findings", "purposes")
_DATED = {"OVER": "NO_STOP_KNOWN", "FICTION_ELAPSED": "NO_ANSWER_KNOWN"}


def picture_of(case: SettledCase, rules: RuleTable, as_of: dt.date) -> Picture:
    """Return a case as it stands on a day."""
    state: dict[str, Any] = json.loads(case.state)
    facts = {name: value for name, value in state.items() if name not in _ELSEWHERE}
    return {
        "references": state["identifiers"],
        **facts,
        "clocks": [_clock(clock, rules, as_of) for clock in case.clocks],
        "findings": [_finding(finding, rules) for finding in state["findings"]],
        "next_change_on": iso(case.next_change_on),
    }


def _clock(clock: Clock, rules: RuleTable, as_of: dt.date) -> Mapping[str, Any]:
    return {
        "id": clock.id,
        "about": clock.about,
        "name": _name(clock, rules),
        "owner": clock.owner,
        "label": clock.label,
        "paragraph": clock.paragraph,
        "law_version": clock.law_version,
        "start": iso(clock.start),
        "due": iso(clock.due),
        "state": clock.state,
        "reason": clock.reason,
        "stopped_on": iso(clock.stopped_on),
        "days": _days(clock, as_of),
        "ledger": [_entry(entry) for entry in clock.ledger],
        "steps": [dict(step) for step in _steps(clock, as_of)],
    }


def _name(clock: Clock, rules: RuleTable) -> Mapping[str, str]:
    rows = [row for row in rules.clocks if row.id == clock.id]
    exact = [row for row in rows if row.paragraph and row.paragraph["de"] == clock.paragraph]
    return dict((exact or rows)[0].name)


def _days(clock: Clock, as_of: dt.date) -> Mapping[str, int | None] | None:
    """Return the days until the given one, or until the clock was stopped."""
    if clock.start is None or clock.state in {"NOT_APPLICABLE", "NOT_DETERMINABLE"}:
        return None
    days = balance(clock.start, clock.due, clock.ledger, clock.stopped_on or as_of)
    return {"elapsed": days.elapsed, "paused": days.paused, "remaining": days.remaining}


def _steps(clock: Clock, as_of: dt.date) -> Sequence[Step]:
    """Return the lines of a clock; the last one says as of when, which no stored line does."""
    dated = _DATED.get(clock.state)
    if dated is None or not clock.steps or clock.steps[-1] != reason_step(dated):
        return clock.steps
    return [*clock.steps[:-1], reason_step(dated, as_of)]


def _entry(entry: Entry) -> Mapping[str, Any]:
    return {
        "kind": entry.kind,
        "since": iso(entry.since),
        "until": iso(entry.until),
        "days": entry.days,
        "old": iso(entry.old),
        "new": iso(entry.new),
        "refused": entry.refused,
        "event_id": entry.event_id or None,
    }


def _finding(finding: Mapping[str, Any], rules: RuleTable) -> Mapping[str, Any]:
    words = rules.finding(finding["code"])
    return {**finding, "title": dict(words.title), "todo": dict(words.todo)}
