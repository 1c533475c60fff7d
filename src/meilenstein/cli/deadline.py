"""`meilenstein deadline`: the deadline calculator for officials; needs no server, no home and no case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import utc_now
from meilenstein.cases.calculator import Question, answer, facets_of, periods_of
from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.clocks import Clock
from meilenstein.cases.ledger import Entry, Extension, Pause, balance
from meilenstein.cli.arguments import near_words, parse_counting_day
from meilenstein.cli.output import JsonOption, print_json
from meilenstein.errors import ConfigurationError
from meilenstein.explain.words import CLOCK_LABELS
from meilenstein_schemas.clock_lint import facet_values
from meilenstein_schemas.rules import RuleTable, load_rules
from meilenstein_schemas.visible import visible

__all__ = ["add_deadline_command"]

_SENT = {"POSTED": True, "ELECTRONIC": True, "SERVED": False, "HANDED_OVER": False}
_FROM_DECISION = frozenset({"PFLAPRV", "AEAPPRO"})
"""Laws under which the wait for an exam does not depend on the announcement (PflAPrV § 45, ÄApprO § 37)."""
_GRANTED = frozenset({"PERMIT", "PERMIT_TOTAL", "CONSENT_VALIDITY"})
"""Periods of which the law says only the longest span."""


def add_deadline_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(deadline)


def deadline(
    clock: Annotated[str, typer.Option(help="C01 to C25, S01, S02.")],
    start: Annotated[str, typer.Option(help="Day of the fact that starts it, YYYY-MM-DD.")],
    pause: Annotated[
        list[str] | None, typer.Option(help="Suspension FROM:UNTIL; UNTIL is the last suspended day; may be repeated.")
    ] = None,
    extension: Annotated[str | None, typer.Option(help="New end that an extension names; needs --notified.")] = None,
    notified: Annotated[str | None, typer.Option(help="Day on which the extension was notified.")] = None,
    route: Annotated[str | None, typer.Option(help="Legal route, for instance REGULAR or FAST_TRACK_81A.")] = None,
    law: Annotated[str | None, typer.Option(help="Law of the procedure, for instance BQFG or PFLAPRV.")] = None,
    regulated: Annotated[str | None, typer.Option(help="Whether the profession is regulated: YES or NO.")] = None,
    training: Annotated[str | None, typer.Option(help="Training from EU_EEA_CH or THIRD_STATE.")] = None,
    object_: Annotated[str | None, typer.Option("--object", help="What is decided, for instance DIFFERENCES.")] = None,
    instruction: Annotated[str | None, typer.Option(help="Instruction on remedies: CORRECT or MISSING.")] = None,
    announcement: Annotated[
        str | None, typer.Option(help="How a decision was announced; POSTED and ELECTRONIC: --start is the dispatch.")
    ] = None,
    norm: Annotated[str | None, typer.Option(help="Provision of a title or consent: AUFENTHG_18G_4 ...")] = None,
    granted: Annotated[str | None, typer.Option(help="Last day that a permit or consent was granted for.")] = None,
    period: Annotated[str | None, typer.Option(help="Which wait, where a clock has several: PLACEMENT ...")] = None,
    on: Annotated[str | None, typer.Option(help="Day for which the state is told; default today in Berlin.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Count a period: its last day, and line by line why."""
    rules = load_rules()
    periods = periods_of(rules, clock)
    if not periods:
        known = sorted({rule.id for rule in rules.clocks})
        raise ConfigurationError(f"--clock {visible(clock)!r}: no such clock; {near_words(clock, known)}")
    if period is not None and period not in periods:
        raise ConfigurationError(f"--period {visible(period)!r}: {clock} has {', '.join(periods)}")
    given = {
        "legal_route": ("--route", route),
        "procedure_law": ("--law", law),
        "regulated": ("--regulated", regulated),
        "training_state_group": ("--training", training),
        "decision_object": ("--object", object_),
        "remedies_instruction": ("--instruction", instruction),
    }
    facets = {name: _known(option, name, value) for name, (option, value) in given.items() if value is not None}
    facets.update(_norm(norm, clock, rules))
    if announcement is not None and clock == "C10":  # it starts with the decision then, not with a choice
        facets["exam_start"] = "DECISION"
    question = Question(
        clock=clock,
        start=parse_counting_day(start, "--start"),
        on=parse_counting_day(on, "--on") if on is not None else berlin_date(utc_now()),
        period=period,
        facets=facets,
        pauses=[_pause(text) for text in pause or ()],
        extensions=_extensions(extension, notified),
        granted=_granted(granted, periods, clock, parse_counting_day(start, "--start")),
        sent=_sent(announcement, clock, law),
    )
    _tell(answer(question, rules), question, as_json=as_json)


def _known(option: str, facet: str, value: str) -> str:
    values = facet_values(facet)
    if value not in values:
        raise ConfigurationError(f"{option} {visible(value)!r} is not known; {near_words(value, values)}")
    return value


def _norm(value: str | None, clock: str, rules: RuleTable) -> dict[str, str]:
    """Return the norm under each facet of the clock that knows it."""
    if value is None:
        return {}
    facets = facets_of(rules, clock) & {"title_norm", "consent_norm"}
    if not facets:
        raise ConfigurationError(f"--norm: no norm decides anything about {clock}")
    found = {name: value for name in facets if value in facet_values(name)}
    if not found:
        every = sorted({known for name in facets for known in facet_values(name)})
        raise ConfigurationError(f"--norm {visible(value)!r} is not known; {near_words(value, every)}")
    return found


def _pause(text: str) -> Pause:
    since, colon, until = text.partition(":")
    if not colon:
        raise ConfigurationError(f"--pause {visible(text)!r}: write FROM:UNTIL, for instance 2026-03-02:2026-03-16")
    first, last = parse_counting_day(since, "--pause"), parse_counting_day(until, "--pause")
    if last < first:
        raise ConfigurationError(f"--pause {text}: it ends before it begins")
    return Pause(since=first, until=last, basis="GIVEN")


def _extensions(new_end: str | None, notified: str | None) -> list[Extension]:
    if (new_end is None) != (notified is None):
        raise ConfigurationError("--extension and --notified belong together: the new end, and the day it was notified")
    if new_end is None or notified is None:
        return []
    return [
        Extension(
            new_end=parse_counting_day(new_end, "--extension"),
            notified_on=parse_counting_day(notified, "--notified"),
            reason="GIVEN",
        )
    ]


def _granted(text: str | None, periods: Sequence[str], clock: str, start: dt.date) -> dt.date | None:
    if text is None:
        return None
    if not _GRANTED.intersection(periods):
        raise ConfigurationError(f"--granted: {clock} is not the span of a permit or consent")
    day = parse_counting_day(text, "--granted")
    if day < start:
        raise ConfigurationError(f"--granted {text}: it lies before --start {start}")
    return day


def _sent(announcement: str | None, clock: str, law: str | None) -> bool:
    if announcement is None:
        return False
    if announcement not in _SENT:
        raise ConfigurationError(f"--announcement {visible(announcement)!r}: use {', '.join(_SENT)}")
    if clock not in {"C10", "C24"}:
        raise ConfigurationError(f"--announcement: {clock} does not start with the announcement of a decision")
    if _SENT[announcement] and clock == "C10" and law in _FROM_DECISION:
        raise ConfigurationError(
            f"--announcement {announcement}: under {law} C10 runs from the day of the decision itself"
        )
    return _SENT[announcement]


def _tell(clock: Clock, question: Question, *, as_json: bool) -> None:
    days = balance(clock.start or question.start, clock.due, clock.ledger, question.on)
    if as_json:
        print_json(
            {
                "clock": clock.id,
                "start": clock.start,
                "due": clock.due,
                "state": clock.state,
                "reason": clock.reason,
                "label": clock.label,
                "paragraph": clock.paragraph,
                "law_version": clock.law_version,
                "on": question.on,
                "days": {"elapsed": days.elapsed, "paused": days.paused, "remaining": days.remaining},
                "ledger": [_plain(entry) for entry in clock.ledger],
                "steps": [dict(step) for step in clock.steps],
            }
        )
        return
    label = CLOCK_LABELS[clock.label]
    basis = clock.paragraph or "-"
    typer.echo(f"{clock.id}  {clock.state}  {basis}  {label['de']} / {label['en']}")
    for language, words in (("de", ("letzter Tag", "keiner")), ("en", ("last day", "none"))):
        typer.echo("")
        typer.echo(f"{words[0]}: {_date(clock.due, language) or words[1]}")
        for number, step in enumerate(clock.steps, 1):
            typer.echo(f"  {number}. {step[language]}")


def _date(day: dt.date | None, language: str) -> str:
    if day is None:
        return ""
    return f"{day:%d.%m.%Y}" if language == "de" else str(day)


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "since": entry.since,
        "until": entry.until,
        "days": entry.days,
        "old": entry.old,
        "new": entry.new,
        "refused": entry.refused,
    }
