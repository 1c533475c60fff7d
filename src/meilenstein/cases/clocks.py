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
    """Provision it rests on; None where no row of the table matches."""
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
class _Subject:
    """What a clock runs for, as the table looks at it."""

    about: str
    law: str
    regulated: str
    route: str
    stop_publisher: str | None


@lru_cache(maxsize=8)
def _tables(rules: RuleTable, per: str) -> tuple[tuple[ClockRule, ...], ...]:
    return rules.clocks_per(per)


def clocks_of(
    procedures: Iterable[Procedure], referrals: Iterable[Referral], rules: RuleTable, tick: Tick
) -> tuple[Clock, ...]:
    """Return the clocks of one case on the tick's day, procedures first, each in order of the clocks' ids."""
    found: list[Clock | None] = []
    for procedure in procedures:
        subject = _Subject(
            about=procedure.about,
            law=procedure.law,
            regulated=procedure.regulated,
            route=procedure.route,
            stop_publisher=procedure.body,
        )
        for rows in _tables(rules, "PROCEDURE"):
            stops = [(name, day) for name in rows[0].stop for day in procedure.days.get(name, ())]
            found.append(_clock(subject, rows, procedure.first(rows[0].start), stops, rules, tick))
    for referral in referrals:
        subject = _Subject(
            about=referral.about,
            law="UNKNOWN",
            regulated="UNKNOWN",
            route=referral.legal_route,
            stop_publisher=referral.target,
        )
        for rows in _tables(rules, "REFERRAL"):
            found.append(_clock(subject, rows, referral.sent_on, referral.ended_by, rules, tick))
    return tuple(clock for clock in found if clock is not None)


def _clock(
    subject: _Subject,
    rows: tuple[ClockRule, ...],
    start: dt.date | None,
    stops: Sequence[Stop],
    rules: RuleTable,
    tick: Tick,
) -> Clock | None:
    if start is None and not (rows[0].shown_without_start and stops):
        return None
    matching = [row for row in rows if row.matches(law=subject.law, regulated=subject.regulated, route=subject.route)]
    if not matching:
        return _undetermined(subject, rows[0], start, "NO_CLOCK", rules)
    if start is None:
        return _undetermined(subject, matching[0], None, "START_UNKNOWN", rules)
    rule = next((row for row in matching if in_force(row.valid_from, row.valid_until, start)), None)
    if rule is None:
        return _undetermined(subject, matching[0], start, "LAW_NOT_IN_FORCE", rules)
    if not EARLIEST <= start <= LATEST:
        return _undetermined(subject, rule, start, "DATE_OUT_OF_RANGE", rules)
    stop = min((stop for stop in stops if stop[1] >= start), key=lambda stop: (stop[1], stop[0]), default=None)
    if stop is None and stops:
        return _undetermined(subject, rule, start, "STOP_BEFORE_START", rules)
    return _determined(subject, rule, start, stop, rules, tick)


def _undetermined(subject: _Subject, rule: ClockRule, start: dt.date | None, reason: str, rules: RuleTable) -> Clock:
    known = reason != "NO_CLOCK"
    steps = () if start is None else (start_step(rules, rule.start, start),)
    return Clock(
        id=rule.id,
        about=subject.about,
        label=rule.label,
        paragraph=rule.paragraph if known else None,
        law_version=rule.law_version if known else None,
        start=start,
        due=None,
        state=NOT_APPLICABLE if reason == "LAW_NOT_IN_FORCE" else NOT_DETERMINABLE,
        reason=reason,
        stopped_on=None,
        stop_publisher=subject.stop_publisher,
        steps=(*steps, reason_step(reason)),
        due_soon_on=None,
    )


def _determined(
    subject: _Subject, rule: ClockRule, start: dt.date, stop: Stop | None, rules: RuleTable, tick: Tick
) -> Clock:
    due = due_on(start, rule.length, rule.unit, roll_over=rule.roll_over, saturday=rules.saturday_is_werktag)
    due_soon_on = plus_days(due, -rule.due_within_days)
    steps = counting(rules, rule, start)
    state, reason = RUNNING, None
    if stop is not None:
        state, steps = STOPPED, (*steps, stop_step(rules, stop[0], stop[1], due))
    elif tick.as_of > due:
        live = tick.live(subject.stop_publisher)
        state, reason = (OVER, None) if live else (NOT_DETERMINABLE, "FEED_SILENT")
        steps = (*steps, reason_step(reason or "NO_STOP_KNOWN"))
    elif tick.as_of >= due_soon_on:
        state = DUE
    return Clock(
        id=rule.id,
        about=subject.about,
        label=rule.label,
        paragraph=rule.paragraph,
        law_version=rule.law_version,
        start=start,
        due=due,
        state=state,
        reason=reason,
        stopped_on=stop[1] if stop else None,
        stop_publisher=subject.stop_publisher,
        steps=steps,
        due_soon_on=due_soon_on,
    )
