"""Clocks: which periods run, computed from facts each time and never from a stored date.

The table decides (`clocks.yaml`): a procedure that no row matches is NOT_DETERMINABLE ("no clock in this version"), one
that started before the provision was in force is NOT_APPLICABLE. Without its starting fact a clock has no row, except
where the table wants a decision without known completeness shown. A clock counts to the first stop on or after its
start; a stop that lies before the start makes it NOT_DETERMINABLE.

OVER says that no stop is known here, not that an authority is late; and only while the feed of the agency that would
report the stop is alive: otherwise the clock is NOT_DETERMINABLE. The day of the tick is not part of a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from meilenstein.cases.calendar import EARLIEST, LATEST, due_on, plus_days
from meilenstein.cases.explain import Step, counting, reason_step, start_step, stop_step
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.referrals import Referral
from meilenstein.cases.tick import Tick
from meilenstein_schemas.rules import ClockRule, RuleTable
from meilenstein_schemas.tables import in_force

__all__ = [
    "DUE", "NOT_APPLICABLE", "NOT_DETERMINABLE", "OVER", "RUNNING", "STATES", "STOPPED", "Clock", "clocks_of",
]  # fmt: skip

RUNNING = "RUNNING"
DUE = "DUE"
OVER = "OVER"
STOPPED = "STOPPED"
NOT_APPLICABLE = "NOT_APPLICABLE"
NOT_DETERMINABLE = "NOT_DETERMINABLE"
STATES = (RUNNING, DUE, OVER, STOPPED, NOT_APPLICABLE, NOT_DETERMINABLE)

Stop = tuple[str, dt.date]
"""Event type and day of a fact that stops a clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock of one procedure or referral."""

    id: str
    about: str
    """`procedure:<body>/<reference>` or `referral:<sender>/<id>`."""
    label: str
    """MUST, SHALL_NORMALLY, REGULAR or SERVICE."""
    paragraph: str | None
    """Provision it rests on, cited in German; None for a service target and where no row of the table matches."""
    law_version: str | None
    start: dt.date | None
    due: dt.date | None
    """Last day of the period."""
    state: str
    reason: str | None
    """Why it is NOT_APPLICABLE or NOT_DETERMINABLE: a key of `explain.REASONS`."""
    stopped_on: dt.date | None
    stop_publisher: str | None
    """The agency that would report the stop."""
    steps: tuple[Step, ...]
    """How the end was found, line by line, in German and English."""
    due_soon_on: dt.date | None
    """First day on which it is DUE, if not stopped before."""

    @property
    def subject(self) -> str:
        """The name findings about this clock use."""
        return f"clock:{self.id}:{self.about}"

    def changes(self) -> Iterable[dt.date]:
        """Yield the days on which the mere passing of time changes the state."""
        if self.due is not None and self.due_soon_on is not None and self.state != STOPPED:
            yield self.due_soon_on
            yield plus_days(self.due, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What a clock runs for, as the table looks at it."""

    about: str
    law: str
    regulated: str
    route: str
    stop_publisher: str | None
    start: dt.date | None
    stops: Sequence[Stop]


@lru_cache(maxsize=8)
def _tables(rules: RuleTable, per: str) -> tuple[tuple[ClockRule, ...], ...]:
    return rules.clocks_per(per)


def clocks_of(
    procedures: Iterable[Procedure], referrals: Iterable[Referral], rules: RuleTable, tick: Tick
) -> tuple[Clock, ...]:
    """Return the clocks of one case on the tick's day, procedures first, each in order of the clocks' ids."""
    runs = chain(
        ((rows, _of_procedure(one, rows[0])) for one in procedures for rows in _tables(rules, "PROCEDURE")),
        ((rows, _of_referral(one)) for one in referrals for rows in _tables(rules, "REFERRAL")),
    )
    return tuple(clock for rows, run in runs if (clock := _clock(run, rows, rules, tick)) is not None)


def _of_procedure(procedure: Procedure, rule: ClockRule) -> _Run:
    return _Run(
        about=procedure.about,
        law=procedure.law,
        regulated=procedure.regulated,
        route=procedure.route,
        stop_publisher=procedure.body,
        start=procedure.first(rule.start),
        stops=[(name, day) for name in rule.stop for day in procedure.days.get(name, ())],
    )


def _of_referral(referral: Referral) -> _Run:
    return _Run(
        about=referral.about,
        law="UNKNOWN",
        regulated="UNKNOWN",
        route=referral.legal_route,
        stop_publisher=referral.target,
        start=referral.sent_on,
        stops=referral.ended_by,
    )


def _clock(run: _Run, rows: tuple[ClockRule, ...], rules: RuleTable, tick: Tick) -> Clock | None:
    if run.start is None and not (rows[0].shown_without_start and run.stops):
        return None
    rule, reason = _applicable(run, rows)
    if reason is None and run.start is not None:
        start = run.start
        stop = min((stop for stop in run.stops if stop[1] >= start), key=lambda stop: (stop[1], stop[0]), default=None)
        if stop is not None or not run.stops:
            return _determined(run, rule, start, stop, rules=rules, tick=tick)
    return _undetermined(run, rule, reason or "STOP_BEFORE_START", rules)


def _applicable(run: _Run, rows: tuple[ClockRule, ...]) -> tuple[ClockRule, str | None]:
    """Return the row that applies, or the nearest one and why it does not."""
    matching = [row for row in rows if row.matches(law=run.law, regulated=run.regulated, route=run.route)]
    if not matching:
        return rows[0], "NO_CLOCK"
    start = run.start
    if start is None:
        return matching[0], "START_UNKNOWN"
    rule = next((row for row in matching if in_force(row.valid_from, row.valid_until, start)), None)
    if rule is None:
        return matching[0], "LAW_NOT_IN_FORCE"
    return rule, None if EARLIEST <= start <= LATEST else "DATE_OUT_OF_RANGE"


def _undetermined(run: _Run, rule: ClockRule, reason: str, rules: RuleTable) -> Clock:
    known = reason != "NO_CLOCK"
    steps = () if run.start is None else (start_step(rules, rule.start, run.start),)
    return Clock(
        id=rule.id,
        about=run.about,
        label=rule.label,
        paragraph=rule.paragraph["de"] if known and rule.paragraph else None,
        law_version=rule.law_version if known else None,
        start=run.start,
        due=None,
        state=NOT_APPLICABLE if reason == "LAW_NOT_IN_FORCE" else NOT_DETERMINABLE,
        reason=reason,
        stopped_on=None,
        stop_publisher=run.stop_publisher,
        steps=(*steps, reason_step(reason)),
        due_soon_on=None,
    )


def _determined(
    run: _Run, rule: ClockRule, start: dt.date, stop: Stop | None, *, rules: RuleTable, tick: Tick
) -> Clock:
    due = due_on(start, rule.length, rule.unit, roll_over=rule.roll_over, saturday=rules.saturday_is_werktag)
    due_soon_on = plus_days(due, -rule.due_within_days)
    steps = counting(rules, rule, start)
    state, reason = RUNNING, None
    if stop is not None:
        state, steps = STOPPED, (*steps, stop_step(rules, stop[0], stop[1], due))
    elif tick.as_of > due:
        state, reason = (OVER, None) if tick.live(run.stop_publisher) else (NOT_DETERMINABLE, "FEED_SILENT")
        steps = (*steps, reason_step(reason or "NO_STOP_KNOWN"))
    elif tick.as_of >= due_soon_on:
        state = DUE
    return Clock(
        id=rule.id,
        about=run.about,
        label=rule.label,
        paragraph=rule.paragraph["de"] if rule.paragraph else None,
        law_version=rule.law_version,
        start=start,
        due=due,
        state=state,
        reason=reason,
        stopped_on=stop[1] if stop else None,
        stop_publisher=run.stop_publisher,
        steps=steps,
        due_soon_on=due_soon_on,
    )
