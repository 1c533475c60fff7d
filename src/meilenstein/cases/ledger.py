"""The ledger of a period: what suspended or extended it, and how each changed its last day.

Everything is computed from the facts each time, never added to a stored date. Entries are taken in the order of their
days (a suspension by the day it began, an extension by the day it was notified; on one day the suspension first):

- **Suspension** from day F until day U: the days *after* F up to and including U are not counted in (BGB § 209 by
  analogy; a period set by an authority begins the day after it was announced, VwVfG § 31(2)). So F still counts, U is
  the last suspended day, and 2 March until 16 March are 14 days. The setting `suspension_includes_first_day` suspends F
  as well. Days before the period's own start, and days already suspended, are not suspended a second time. A suspension
  that begins after the end has no effect; one that begins on the last day ends the period no earlier than U.
- **Extension**: takes effect once, where it gives a reason, names a later end, was notified not later than the end that
  stood until then (after roll-over), and is not longer than the law allows. Anything else leaves the end and says why.
- A suspension whose end is not known leaves the end open; what comes after it is listed without effect.

The last day of a period is the end here, moved to a working day where the row says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meilenstein.cases.calendar import EARLIEST, LATEST, months_after, next_working_day

__all__ = ["Balance", "Entry", "Extension", "Ledger", "Pause", "Terms", "balance", "reckon"]

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A fact that suspends a period."""

    since: dt.date
    until: dt.date | None
    """The last suspended day; None while it is not known."""
    basis: str
    """Why: a code of `evidence_basis` or `other_procedure_kind`."""
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A fact that extends a period."""

    new_end: dt.date | None
    notified_on: dt.date
    reason: str
    """A code of `extension_reason`; UNKNOWN is no reason."""
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the law allows for a period."""

    pausable: bool
    extendable: bool
    extension_months: int | None
    includes_first_day: bool
    roll_over: bool

    def last_day(self, end: dt.date) -> dt.date:
        """Return the last day of a period that ends on `end`."""
        return next_working_day(end) if self.roll_over else end


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger."""

    kind: str
    """PAUSE or EXTENSION."""
    since: dt.date
    """The day it began, or was notified."""
    until: dt.date | None
    """Last suspended day, or the end that an extension names."""
    basis: str
    days: int
    """Suspended days, or days gained; 0 without effect."""
    old: dt.date
    new: dt.date | None
    """The end before and after it, before any roll-over; None while a suspension is open."""
    refused: str | None
    """Why it has no effect: a key of `reasons.REFUSALS`."""
    event_id: str
    suspended: tuple[dt.date, dt.date | None] | None = None
    """The first and the last day that are not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What became of the end of a period."""

    end: dt.date | None
    """None while a suspension is open."""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Calendar days of a period on one day."""

    elapsed: int
    paused: int
    remaining: int | None
    """Until the last day; None while a suspension is open."""


@dataclass(slots=True, kw_only=True)
class _Reckoning:
    """The end of a period while its entries are gone through."""

    start: dt.date
    end: dt.date
    terms: Terms
    covered: dt.date
    """The last day up to which days have been suspended, or the start."""
    extended: bool = False
    open: bool = False

    def enter(self, one: Pause | Extension) -> Entry:
        """Apply one fact and return its line."""
        old = self.end
        if isinstance(one, Extension):
            refused = self._refuse_extension(one)
            if refused is None and one.new_end is not None:
                self.end, self.extended = one.new_end, True
            return Entry(
                kind="EXTENSION", since=one.notified_on, until=one.new_end, basis=one.reason,
                days=(self.end - old).days, old=old, new=None if self.open else self.end, refused=refused,
                event_id=one.event_id,
            )  # fmt: skip
        refused, suspended = self._suspend(one)
        days = (suspended[1] - suspended[0]).days + 1 if suspended and suspended[1] else 0
        return Entry(
            kind="PAUSE", since=one.since, until=one.until, basis=one.basis, days=days, old=old,
            new=None if self.open else self.end, refused=refused, event_id=one.event_id,
            suspended=suspended,
        )  # fmt: skip

    def _suspend(self, one: Pause) -> tuple[str | None, tuple[dt.date, dt.date | None] | None]:
        if not _possible(one.since, one.until):
            return "DATE_OUT_OF_RANGE", None
        first = max(one.since + (_DAY * (not self.terms.includes_first_day)), self.covered + _DAY)
        refused = self._refuse_pause(one, first)
        if refused is not None:
            return refused, None
        if one.until is None:
            self.open = True
            return None, (first, None)
        self.covered = one.until
        self.end = max(self.end + (one.until - first + _DAY), one.until)
        return None, (first, one.until)

    def _refuse_pause(self, one: Pause, first: dt.date) -> str | None:
        until = one.until or LATEST
        checks = (
            ("NOT_PAUSABLE", not self.terms.pausable),
            ("WHILE_SUSPENDED", self.open),
            ("ENDS_BEFORE_IT_BEGINS", until < one.since),
            ("AFTER_THE_END", one.since > self.terms.last_day(self.end)),
            ("BEFORE_THE_START", until <= self.start),
            ("ALREADY_SUSPENDED", first > until),
        )
        return next((name for name, holds in checks if holds), None)

    def _refuse_extension(self, one: Extension) -> str | None:
        checks = (
            ("NOT_EXTENDABLE", not self.terms.extendable),
            ("SECOND_EXTENSION", self.extended),
            ("WHILE_SUSPENDED", self.open),
            ("NO_REASON", one.reason == "UNKNOWN"),
            ("NO_NEW_END", one.new_end is None),
            ("DATE_OUT_OF_RANGE", not _possible(one.notified_on, one.new_end)),
            ("LATE_EXTENSION", one.notified_on > self.terms.last_day(self.end)),
            ("NOT_LATER", one.new_end is not None and one.new_end <= self.end),
            ("EXTENSION_TOO_LONG", one.new_end is not None and self._too_long(one.new_end)),
        )
        return next((name for name, holds in checks if holds), None)

    def _too_long(self, new_end: dt.date) -> bool:
        months = self.terms.extension_months
        if months is None:
            return False
        return new_end > self.terms.last_day(months_after(self.terms.last_day(self.end), months))  # BGB § 190


def _possible(*days: dt.date | None) -> bool:
    return all(day is None or EARLIEST <= day <= LATEST for day in days)


def reckon(
    start: dt.date, end: dt.date, pauses: Iterable[Pause], extensions: Iterable[Extension], terms: Terms
) -> Ledger:
    """Return the end of a period that began on `start` and would end on `end`, with a line for every fact given."""
    facts: list[tuple[dt.date, int, str, Pause | Extension]] = [
        *((one.since, 0, one.event_id, one) for one in pauses),
        *((one.notified_on, 1, one.event_id, one) for one in extensions),
    ]
    if not facts:
        return Ledger(end=end)
    state = _Reckoning(start=start, end=end, terms=terms, covered=start)
    entries = tuple(state.enter(one) for *_, one in sorted(facts, key=lambda fact: fact[:3]))
    return Ledger(end=None if state.open else state.end, entries=entries)


def balance(start: dt.date, due: dt.date | None, entries: Sequence[Entry], on: dt.date) -> Balance:
    """Return how many calendar days of a period have elapsed, were suspended, and remain at the end of `on`."""
    spans = [entry.suspended for entry in entries if entry.suspended is not None]
    until = max(on, start)
    paused = sum(_days(span, start, until) for span in spans)
    remaining = None
    if due is not None:
        remaining = max((due - until).days - sum(_days(span, until, due) for span in spans), 0) if due > until else 0
    return Balance(elapsed=(until - start).days - paused, paused=paused, remaining=remaining)


def _days(span: tuple[dt.date, dt.date | None], after: dt.date, until: dt.date) -> int:
    """Return how many days of a span lie after one day and not after another."""
    first, last = max(span[0], after + _DAY), min(span[1] or until, until)
    return max((last - first).days + 1, 0)
