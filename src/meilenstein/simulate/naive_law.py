"""Periods as an official reads them in the law: which one, how long, and what a suspension or an extension does to it.

The numbers are those of the statutes (cited at each), written down a second time on purpose: a wrong row in the rule
table must not make the truth wrong as well. Spans that no law sets are taken from the rule table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from meilenstein.simulate.naive_calendar import months_later, roll_over, werktage_later
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.directory_tables import DATA_FOLDER
from meilenstein_schemas.rules import load_rules
from meilenstein_schemas.tables import read_rows

__all__ = [
    "FAST_TRACK", "Period", "Spans", "announced_on", "decision_period", "load_spans", "receipt_period",
    "service_period", "suspended_and_extended",
]  # fmt: skip

FAST_TRACK = "FAST_TRACK_81A"
_DAY = dt.timedelta(days=1)
_FOURTH_DAY_SINCE = dt.date(2025, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """What no law fixes and every installation may set otherwise: read from the rule table's data."""

    settings: Mapping[str, Any]
    due_within: Mapping[tuple[str, str], int]
    """Days before the end on which a period counts as due, by clock and period."""
    late_after: Mapping[str, int]
    """Days after the fact from which on an agency's report is late, by agency."""

    def __getitem__(self, name: str) -> Any:
        return self.settings[name]


@cache
def load_spans() -> Spans:
    """Return the settings and the spans of "due soon" of the shipped rule table, and of the registry what is late."""
    rows = [row.values for row in read_rows(DATA_FOLDER / "clocks.yaml") if "setting" in row.values]
    return Spans(
        settings={row["setting"]: row["value"] for row in rows},
        due_within={(rule.id, rule.period): rule.due_within_days for rule in load_rules().clocks},
        late_after={key: agency.late_after_days for key, agency in load_directory().agencies.items()},
    )


@dataclass(slots=True, kw_only=True)
class Period:
    """A running period: what an official would note on the file."""

    clock: str
    start: dt.date
    end: dt.date
    """Without any roll-over."""
    rolls: bool = True
    pausable: bool = False
    longest_extension: int | None = None
    """Months, where the law sets a limit."""
    open: bool = False
    extended: bool = False
    _suspended: set[dt.date] = field(default_factory=set)

    @property
    def due(self) -> dt.date:
        """The last day."""
        return roll_over(self.end) if self.rolls else self.end

    def suspend(self, since: dt.date, until: dt.date | None) -> None:
        """Leave out the days after `since` up to and including `until`: one by one, each once."""
        if not self.pausable or self.open or since > self.due:
            return
        if until is None:
            self.open = True
            return
        if until < since:
            return
        days = {since + _DAY * number for number in range(1, (until - since).days + 1)}
        fresh = {day for day in days if day > self.start} - self._suspended
        if fresh:
            self._suspended |= fresh
            self.end = max(self.end + _DAY * len(fresh), until)

    def extend(self, new_end: dt.date | None, notified_on: dt.date, reason: str) -> None:
        """Extend once, in time, with a reason, to a later day, no longer than allowed; else nothing changes."""
        if not self.pausable or self.open or self.extended or reason == "UNKNOWN" or new_end is None:
            return
        if notified_on > self.due or new_end <= self.end:
            return
        last = roll_over(self.end)  # BGB 190: an extension is counted from the end of the period before
        if self.longest_extension and new_end > roll_over(months_later(last, self.longest_extension)):
            return
        self.end, self.extended = new_end, True


def receipt_period(law: str, route: str, received: dt.date) -> Period | None:
    """Confirmation of receipt: BQFG 6(2), 13(2) one month; BQFG 14a(2) two weeks; AEApprO 39(5) one month."""
    if law == "BQFG" and route == FAST_TRACK:
        return Period(clock="C02", start=received, end=received + _DAY * 14)
    if law in {"BQFG", "AEAPPRO"}:
        return Period(clock="C01", start=received, end=months_later(received, 1))
    return None


def decision_period(
    *, law: str, regulated: str, training: str, route: str, complete: dt.date, differences: bool = False
) -> Period | None:
    """Decision, from complete documents: BQFG 6(3), 13(3), 14a(3); PflAPrV 43(3); AEApprO 39(5); MTAPrV; SaechsBQFG."""
    fast = route == FAST_TRACK
    if law == "BQFG":
        clock, months = ("C05", 2) if fast else ("C04", 3) if regulated == "YES" else ("C03", 3)
    elif law == "PFLAPRV":
        clock, months = "C06", 2 if fast else 3 if training == "EU_EEA_CH" else 4
    elif law == "AEAPPRO":
        clock, months = "C07", 2 if fast else 4 if differences else 3
    elif law == "MTAPRV" and complete >= dt.date(2023, 1, 1):
        clock, months = "C08", 2 if fast else 3
    elif law == "SAECHS_BQFG" and not fast:
        clock, months = "C09", 3
    else:
        return None
    european = clock == "C04" and training == "EU_EEA_CH"
    return Period(
        clock=clock,
        start=complete,
        end=months_later(complete, months),
        pausable=clock in {"C03", "C04", "C05", "C09"},
        longest_extension=1 if european else None,
    )


def announced_on(decision: Mapping[str, Any]) -> dt.date | None:
    """Return when a decision counts as announced: sent ones the fourth day after dispatch, before 2025 the third."""
    stated, sent = decision.get("announced_on"), decision.get("dispatched_on")
    if decision.get("announcement") not in {"POSTED", "ELECTRONIC"} or sent is None:
        return stated
    deemed: dt.date = sent + _DAY * (4 if sent >= _FOURTH_DAY_SINCE else 3)
    return max(deemed, stated) if stated else deemed


def service_period(clock: str, start: dt.date, spans: Spans) -> Period:
    """Return a service target: the answer to a referral or inquiry in Werktage, an application after entry in days."""
    if clock == "C17":
        return Period(clock=clock, start=start, end=start + _DAY * int(spans["recognition_application_days"]))
    count = spans["referral_answer_werktage" if clock == "S01" else "inquiry_answer_werktage"]
    return Period(clock=clock, start=start, end=werktage_later(start, count, saturday=spans["saturday_is_werktag"]))


def suspended_and_extended(
    period: Period,
    pauses: Iterable[tuple[dt.date, dt.date | None]],
    extensions: Iterable[tuple[dt.date, dt.date | None, str]],
) -> Period:
    """Apply (since, until) and (notified on, new end, reason) in the order of their days, suspensions first."""
    steps = [(since, 0, until, "") for since, until in pauses]
    steps += [(notified, 1, new_end, reason) for notified, new_end, reason in extensions]
    for day, kind, other, reason in sorted(steps, key=lambda step: step[:2]):
        if kind:
            period.extend(other, day, reason)
        else:
            period.suspend(day, other)
    return period
