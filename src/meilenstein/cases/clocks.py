"""Clocks: which periods run, computed from facts each time and never from a stored date.

The table decides (`clocks.yaml`). Of the rows of one period exactly one may apply; where none does, a facet that is
not known makes the clock NOT_DETERMINABLE, a procedure for which no period is on file has NO_CLOCK, and anything else
has no clock. What started before its provision was in force is NOT_APPLICABLE. Without its starting fact a clock has no
row, except where the table wants a decision without known completeness shown. A clock counts to the first stop on or
after its start; a stop that lies before the start makes it NOT_DETERMINABLE. A suspension without a known end makes it
PAUSED.

OVER says that no stop is known here, not that an authority is late; a period whose silence has a consequence by law is
FICTION_ELAPSED instead, which is shown and never a fact. Both only while the feed of the agency that would report the
stop is alive: otherwise the clock is NOT_DETERMINABLE. The day of the tick is not part of a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from meilenstein.cases.calendar import EARLIEST, LATEST, due_on, end_of, next_working_day, plus_days
from meilenstein.cases.explain import (
    Step,
    cap_step,
    counting,
    ending,
    entry_step,
    note_steps,
    reason_step,
    start_step,
    stop_step,
)
from meilenstein.cases.ledger import Entry, Terms, reckon
from meilenstein.cases.reasons import UNKNOWN_FACETS
from meilenstein.cases.runs import Facets, Run, Stop, stop_of
from meilenstein.cases.tick import GAPS, Tick
from meilenstein_schemas.rules import ClockRule, RuleTable
from meilenstein_schemas.tables import in_force

__all__ = [
    "DUE", "FICTION_ELAPSED", "NOT_APPLICABLE", "NOT_DETERMINABLE", "OVER", "PAUSED", "RUNNING", "STATES", "STOPPED",
    "Clock", "clock_of", "clocks_of", "determined", "undetermined",
]  # fmt: skip

RUNNING = "RUNNING"
DUE = "DUE"
OVER = "OVER"
FICTION_ELAPSED = "FICTION_ELAPSED"
PAUSED = "PAUSED"
STOPPED = "STOPPED"
NOT_APPLICABLE = "NOT_APPLICABLE"
NOT_DETERMINABLE = "NOT_DETERMINABLE"
STATES = (RUNNING, DUE, OVER, FICTION_ELAPSED, PAUSED, STOPPED, NOT_APPLICABLE, NOT_DETERMINABLE)

_ALWAYS_SHOWN = frozenset({"RECEIPT", "DECISION"})
"""Periods that every procedure is expected to have: where no row is for it, that is said."""
_OF_THE_CASE = frozenset({"CaseTransferred", "CaseClosed"})
"""Stops that come from outside: before the start they say nothing about it."""
_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock of one procedure, decision, referral, inquiry, title, course ..."""

    id: str
    about: str
    """What it runs for: `procedure:<body>/<reference>`, `decision:<body>/<event id>`, `referral:<sender>/<id>`,
    `title:<office>/<reference>` (`renewal:` for the total of a permit that was renewed), `course:` and
    `placement:<provider>/<reference>`, `inquiry:`, `notification:` and `employment:<agency>/<event id>`,
    `entry:<agency>/<file>`."""
    owner: str
    """The agency whose clock it is."""
    label: str
    """MUST, SHALL_NORMALLY, REGULAR or SERVICE."""
    paragraph: str | None
    """Provision it rests on, cited in German; None for a service target and where no row of the table matches."""
    law_version: str | None
    start: dt.date | None
    due: dt.date | None
    """Last day of the period; None while it cannot be said."""
    state: str
    reason: str | None
    """Why it is NOT_APPLICABLE, NOT_DETERMINABLE or PAUSED: a key of `reasons.REASONS`."""
    stopped_on: dt.date | None
    stop_publisher: str | None
    """The agency that would report the stop."""
    steps: tuple[Step, ...]
    """How the end was found, line by line, in German and English."""
    due_soon_on: dt.date | None
    """First day on which it is DUE, if not stopped before."""
    alarms: frozenset[str] = frozenset()
    """Which of DUE and OVER are findings."""
    ledger: tuple[Entry, ...] = ()
    """What suspended or extended it, and what was meant to and had no effect."""

    @property
    def subject(self) -> str:
        """The name findings about this clock use."""
        return f"clock:{self.id}:{self.about}"

    def changes(self) -> Iterable[dt.date]:
        """Yield the days on which the mere passing of time changes the state."""
        if self.due is not None and self.due_soon_on is not None and self.state != STOPPED:
            yield self.due_soon_on
            yield plus_days(self.due, 1)


def clocks_of(runs: Iterable[Run], rules: RuleTable, tick: Tick) -> tuple[Clock, ...]:
    """Return the clocks of what runs in one case, on the tick's day, in the order given."""
    return tuple(clock for run in runs if (clock := clock_of(run, rules, tick)) is not None)


@lru_cache(maxsize=4096)
def _matching(rules: RuleTable, period: str, facets: Facets) -> tuple[tuple[ClockRule, ...], str | None]:
    """Return the rows that match; else the nearest one and why it does not, or nothing where there is no such clock."""
    rows, known = rules.periods[period], dict(facets)
    matching = tuple(row for row in rows if row.fits(known))
    if matching:
        return matching, None
    missing = [name for name, value in facets if value == _UNKNOWN and any(name in row.when for row in rows)]
    certain = {name: value for name, value in facets if name not in missing}
    near = [row for row in rows if missing and row.fits(certain, given_only=True)]
    for name in missing:
        if near and name in UNKNOWN_FACETS and any(name in row.when for row in near):
            return (near[0],), UNKNOWN_FACETS[name]
    if period in _ALWAYS_SHOWN:
        of_law = [row for row in rows if known["procedure_law"] in row.when.get("procedure_law", ())]
        return ((of_law or rows)[0],), "NO_CLOCK"
    return (), None


def clock_of(run: Run, rules: RuleTable, tick: Tick) -> Clock | None:
    """Return the clock of one wait or span, or None where there is none."""
    rows, reason = _matching(rules, run.period, run.facets)
    if not rows:
        return None
    rule, start = rows[0], run.start
    if start is None and run.unknown is None:
        shown = rule.shown_without_start and any(stop.event_type == rule.stop[0] for stop in run.stops)
        return undetermined(run, rule, reason or "START_UNKNOWN", rules) if shown else None
    if start is None or reason is not None:
        return undetermined(run, rule, reason or run.unknown or "START_UNKNOWN", rules)
    return _of_rows(run, rows, start, rules, tick)


def _of_rows(run: Run, rows: tuple[ClockRule, ...], start: dt.date, rules: RuleTable, tick: Tick) -> Clock:
    """Return the clock by the row that was in force on the day of the start."""
    applying = next((row for row in rows if in_force(row.valid_from, row.valid_until, start)), None)
    if applying is None:
        return undetermined(run, rows[0], "LAW_NOT_IN_FORCE", rules)
    if not EARLIEST <= start <= LATEST:
        return undetermined(run, applying, "DATE_OUT_OF_RANGE", rules)
    stops = [stop for stop in run.stops if stop.event_type in applying.stop]
    stop = stop_of(stops, min(start, run.stops_from or start))
    if stop is None and any(one.event_type not in _OF_THE_CASE for one in stops):
        return undetermined(run, applying, "STOP_BEFORE_START", rules)
    return determined(run, applying, start, stop, rules=rules, tick=tick)


def undetermined(run: Run, rule: ClockRule, reason: str, rules: RuleTable) -> Clock:
    """Return a clock that does not run, or of which it cannot be said, with the reason."""
    known = reason != "NO_CLOCK"
    steps = run.lead if run.start is None else (*run.lead, start_step(rules, run.start_event, run.start))
    return Clock(
        id=rule.id,
        about=run.about,
        owner=run.owner,
        label=rule.label,
        paragraph=rule.paragraph["de"] if known and rule.paragraph else None,
        law_version=rule.law_version if known else None,
        start=run.start,
        due=None,
        state=NOT_APPLICABLE if reason in {"LAW_NOT_IN_FORCE", "OTHER_CLOCK"} else NOT_DETERMINABLE,
        reason=reason,
        stopped_on=None,
        stop_publisher=run.stop_publisher,
        steps=(*steps, reason_step(reason)),
        due_soon_on=None,
    )


@lru_cache(maxsize=65536)
def _plain(
    rules: RuleTable, rule: ClockRule, start_event: str, start: dt.date
) -> tuple[dt.date, dt.date, tuple[Step, ...]]:
    """Return the last day, the day on which it is due soon and the lines of a period that nothing changed."""
    saturday = rules.counting.saturday_is_werktag
    end = end_of(start, rule.length, rule.unit, saturday=saturday)
    due = due_on(start, rule.length, rule.unit, roll_over=rule.roll_over, saturday=saturday)
    steps = (*counting(rules, rule, start_event, start), *ending(rule, end), *note_steps(rule))
    return due, plus_days(due, -rule.due_within_days), steps


def _reckoned(
    run: Run, rule: ClockRule, start: dt.date, stop: Stop | None, rules: RuleTable
) -> tuple[dt.date | None, tuple[Step, ...], tuple[Entry, ...]]:
    """Return the last day, the lines and the ledger of a period that something suspends, extends or cuts short.

    What came after the stop is no part of the ledger.
    """
    saturday = rules.counting.saturday_is_werktag
    end = end_of(start, rule.length, rule.unit, saturday=saturday)
    terms = Terms(
        pausable=rule.pausable,
        extendable=rule.extendable,
        extension_months=rule.extension_months,
        includes_first_day=rules.counting.suspension_includes_first_day,
        roll_over=rule.roll_over,
    )
    until = stop.day if stop else LATEST
    ledger = reckon(
        start,
        end,
        [one for one in run.pauses if one.since <= until],
        [one for one in run.extensions if one.notified_on <= until],
        terms,
    )
    steps = [*counting(rules, rule, run.start_event, start), *(entry_step(entry) for entry in ledger.entries)]
    end_now = ledger.end
    if end_now is not None and run.until is not None:
        steps.append(cap_step(run.until, end_now))
        end_now = min(run.until, end_now)
    if end_now is None:
        return None, (*steps, *note_steps(rule)), ledger.entries
    steps.extend((*ending(rule, end_now), *note_steps(rule)))
    return next_working_day(end_now) if rule.roll_over else end_now, tuple(steps), ledger.entries


def determined(run: Run, rule: ClockRule, start: dt.date, stop: Stop | None, *, rules: RuleTable, tick: Tick) -> Clock:
    """Return a clock that runs, or ran until its stop, by a row of the table."""
    ledger: tuple[Entry, ...] = ()
    if run.pauses or run.extensions or run.until is not None:
        due, steps, ledger = _reckoned(run, rule, start, stop, rules)
        soon = None if due is None else plus_days(due, -rule.due_within_days)
    else:
        due, soon, steps = _plain(rules, rule, run.start_event, start)
    if run.lead:
        steps = (*run.lead, *steps)
    state, reason, last = _state(run, rule, due, soon, stop, rules=rules, tick=tick)
    return Clock(
        id=rule.id,
        about=run.about,
        owner=run.owner,
        label=rule.label,
        paragraph=rule.paragraph["de"] if rule.paragraph else None,
        law_version=rule.law_version,
        start=start,
        due=due,
        state=state,
        reason=reason,
        stopped_on=stop.day if stop else None,
        stop_publisher=run.stop_publisher,
        steps=steps if last is None else (*steps, last),
        due_soon_on=soon,
        alarms=rule.alarms,
        ledger=ledger,
    )


def _state(
    run: Run,
    rule: ClockRule,
    due: dt.date | None,
    soon: dt.date | None,
    stop: Stop | None,
    *,
    rules: RuleTable,
    tick: Tick,
) -> tuple[str, str | None, Step | None]:
    """Return the state, its reason where it needs one, and the last line of the explanation."""
    if stop is not None:
        return STOPPED, None, stop_step(rules, stop.told_as or stop.event_type, stop.day, due)
    if due is None or soon is None:
        return PAUSED, "SUSPENDED", reason_step("SUSPENDED")
    if tick.as_of > due:
        return _ended(run, rule, tick)
    return (DUE if tick.as_of >= soon else RUNNING), None, None


def _ended(run: Run, rule: ClockRule, tick: Tick) -> tuple[str, str | None, Step | None]:
    if rule.fiction and run.stop_publisher is None:
        return NOT_DETERMINABLE, "ANSWERER_UNKNOWN", reason_step("ANSWERER_UNKNOWN")
    if run.stop_publisher is not None and not tick.live(run.stop_publisher):
        reason = "FEED_GAPS" if tick.health(run.stop_publisher) == GAPS else "FEED_SILENT"
        return NOT_DETERMINABLE, reason, reason_step(reason)
    if rule.fiction:
        return FICTION_ELAPSED, None, reason_step("NO_ANSWER_KNOWN")
    return OVER, None, reason_step("NO_STOP_KNOWN")
