"""The deadline calculator: one clock of the table without any case, counted by the functions that count cases.

Nothing is stored and nothing is looked up but the table. What is not said about a matter may be anything: of the rows
of the clock that fit what was said those count that speak of most of it, and of these the first. So the table lists the
general rule before its exceptions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from meilenstein.cases.clocks import Clock, determined, undetermined
from meilenstein.cases.explain import ANNOUNCED, KNOWN, LATER, RECEIVED, Step, reason_step
from meilenstein.cases.ledger import Extension, Pause
from meilenstein.cases.procedure_runs import deemed_announced
from meilenstein.cases.reasons import UNKNOWN_FACETS
from meilenstein.cases.runs import Run
from meilenstein.cases.tick import Tick
from meilenstein_schemas.rules import ClockRule, RuleTable
from meilenstein_schemas.tables import in_force

__all__ = ["Question", "answer", "facets_of", "periods_of"]

_NAMES: Mapping[str, str] = {
    "APPEAL": ANNOUNCED, "APPOINTMENT": LATER, "INVITATION": RECEIVED, "EMPLOYER_REPORT": KNOWN, "PERSON_REPORT": KNOWN,
}  # fmt: skip
"""Periods whose start has a name of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an official wants to know."""

    clock: str
    start: dt.date
    on: dt.date
    """The day the state is told for."""
    period: str | None = None
    """One of the clock's periods; None: the first."""
    facets: Mapping[str, str] = field(default_factory=dict)
    """What is known of the matter, by facet."""
    pauses: Sequence[Pause] = ()
    extensions: Sequence[Extension] = ()
    granted: dt.date | None = None
    """Last day that a permit or consent was granted for."""
    sent: bool = False
    """Whether `start` is the day of dispatch of a decision sent by post or electronically."""


def periods_of(rules: RuleTable, clock: str) -> list[str]:
    """Return the periods of a clock in the order of the table; empty for an unknown one."""
    return list(dict.fromkeys(rule.period for rule in rules.clocks if rule.id == clock))


def facets_of(rules: RuleTable, clock: str) -> set[str]:
    """Return the facets that decide anything about a clock."""
    rows = [rule for rule in rules.clocks if rule.id == clock]
    return {name for rule in rows for side in (rule.when, rule.unless) for name in side}


def answer(question: Question, rules: RuleTable) -> Clock:
    """Return the clock: NOT_APPLICABLE where it does not belong to what was said, or the law was not in force then."""
    period = question.period or periods_of(rules, question.clock)[0]
    rows = [rule for rule in rules.periods[period] if rule.fits(question.facets, given_only=True)]
    own = _closest([rule for rule in rows if rule.id == question.clock], question.facets)
    start: dt.date = question.start
    lead: tuple[Step, ...] = ()
    if question.sent:
        start, lead = deemed_announced(question.start, None, rules.counting)
    applying = next((row for row in own if in_force(row.valid_from, row.valid_until, start)), None)
    named = applying or next(iter(own or (rule for rule in rules.periods[period] if rule.id == question.clock)))
    run = _run(question, named, start, lead)
    if not own:
        clock = undetermined(run, named, _why_not(question, period, rows, rules), rules)
        return _with_steps(clock, [*clock.steps, *_others(rows)])
    if applying is None:
        return undetermined(run, named, "LAW_NOT_IN_FORCE", rules)
    clock = determined(run, applying, start, None, rules=rules, tick=Tick(as_of=question.on))
    dated = {"OVER": "NO_STOP_KNOWN", "FICTION_ELAPSED": "NO_ANSWER_KNOWN"}.get(clock.state)
    if dated is None:
        return clock
    return _with_steps(clock, [*clock.steps[:-1], reason_step(dated, question.on)])


def _closest(rows: Sequence[ClockRule], facets: Mapping[str, str]) -> list[ClockRule]:
    """Return the rows that speak of most of what was said."""
    said = [sum(name in row.when for name in facets) for row in rows]
    return [row for row, count in zip(rows, said, strict=True) if count == max(said)]


def _why_not(question: Question, period: str, rows: Sequence[ClockRule], rules: RuleTable) -> str:
    """Return the reason why no row of the clock fits: what is not known decides, or it does not belong there."""
    if rows:
        return "OTHER_CLOCK"
    decisive = {name for rule in rules.periods[period] for name in rule.when}
    unknown = [name for name, value in question.facets.items() if value == "UNKNOWN" and name in decisive]
    return next((UNKNOWN_FACETS[name] for name in unknown if name in UNKNOWN_FACETS), "OTHER_CLOCK")


def _start_of(rule: ClockRule) -> str:
    """Return the name of the day that starts a period: for the exam under the BQFG it is access to the decision."""
    if rule.start[0] == "DecisionIssued" and "BQFG" in rule.when.get("procedure_law", ()):
        return ANNOUNCED
    return _NAMES.get(rule.period, rule.start[0])


def _run(question: Question, rule: ClockRule, start: dt.date, lead: tuple[Step, ...]) -> Run:
    return Run(
        period=rule.period,
        about="",
        owner="",
        stop_publisher="nobody",
        facets=(),
        start_event=_start_of(rule),
        start=start,
        lead=lead,
        pauses=question.pauses,
        extensions=question.extensions,
        until=question.granted,
    )


def _others(rows: Sequence[ClockRule]) -> list[Step]:
    named = list(dict.fromkeys(rule.id for rule in rows))
    if not named:
        return []
    return [{"de": f"Dazu gehört: {', '.join(named)}.", "en": f"What belongs to it: {', '.join(named)}."}]


def _with_steps(clock: Clock, steps: Sequence[Step]) -> Clock:
    return replace(clock, steps=tuple(steps))
