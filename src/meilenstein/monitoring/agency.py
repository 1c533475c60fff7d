"""How things stand with one agency, and what to do next, most urgent first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein.monitoring.causes import Limits
from meilenstein.monitoring.standing import standing_of
from meilenstein.monitoring.texts import tell
from meilenstein.stewardship.confirmation import resume_command
from meilenstein.store.agency import AgencyLevels
from meilenstein.store.alarms import Alarm

__all__ = ["AgencyView", "NextStep", "view_agency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What to do, why, and by which command."""

    why: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyView:
    """Everything that `meilenstein status --agency` shows."""

    levels: AgencyLevels
    lag: int | None
    """Records in Kafka that are not drained; None if the broker does not say."""
    state: str
    """`HALTED`, `SILENT`, `NOTHING_SENT` or `LIVE`."""
    last_record_at: dt.datetime | None
    alarms: Sequence[Alarm]
    next_steps: Sequence[NextStep]

    def as_json(self) -> dict[str, Any]:
        """Return the view as plain values; times are UTC."""
        levels = self.levels
        return {
            "agency": levels.agency,
            "state": self.state,
            "halted": {f"{row.topic}-{row.partition}": row.halted_reason for row in _halted(levels)},
            "fates": dict(levels.fates),
            "events": levels.events,
            "last_record_at": self.last_record_at,
            "last_event_at": levels.last_event_at,
            "lag": self.lag,
            "quarantine": {
                "open": levels.quarantine_open,
                "oldest_at": levels.quarantine_oldest,
                "reasons": dict(levels.quarantine),
            },
            "questions": dict(levels.questions),
            "clocks": {state: {"count": count, "since": due} for state, (count, due) in levels.clocks.items()},
            "unsent": {row.kind: {"count": row.count, "oldest_at": row.oldest} for row in levels.unsent},
            "feeds": dict(levels.feeds),
            "alarms": [{"id": alarm.id, "code": alarm.code, "about": alarm.about} for alarm in self.alarms],
            "next_steps": [{"why": step.why, "command": step.command} for step in self.next_steps],
        }


def view_agency(
    levels: AgencyLevels,
    *,
    alarms: Sequence[Alarm],
    bounds: Mapping[int, tuple[int, int]] | None,
    limits: Limits,
    now: dt.datetime,
) -> AgencyView:
    """Put the view together. `bounds`: start and end of each partition of its topic, if the broker said it."""
    known = {row.partition: row.next_offset for row in levels.partitions}
    lag = None
    if bounds is not None:
        lag = sum(max(0, end - known.get(partition, start)) for partition, (start, end) in bounds.items())
    days = limits.rhythms.of(levels.agency)
    standing = standing_of(levels.partitions, last_event_at=levels.last_event_at, now=now, working_days=days)
    mine = [alarm for alarm in alarms if alarm.agency == levels.agency]
    steps = list(_next_steps(levels, mine, state=standing.state, lag=lag, now=now))
    return AgencyView(
        levels=levels,
        lag=lag,
        state=standing.state,
        last_record_at=standing.last_record_at,
        alarms=mine,
        next_steps=steps,
    )


def _halted(levels: AgencyLevels) -> list[Any]:
    return [row for row in levels.partitions if row.halted_reason]


def _next_steps(
    levels: AgencyLevels, alarms: Sequence[Alarm], *, state: str, lag: int | None, now: dt.datetime
) -> Iterator[NextStep]:
    """Say what to do: first what is an alarm, then what a person has to decide, then what the agency has to do."""
    for alarm in alarms:
        told = tell(alarm, now)
        yield NextStep(why=told.en, command=told.command)
    alarmed = {alarm.code for alarm in alarms}
    if state == "HALTED" and "PARTITION_HALTED" not in alarmed:
        (row, *_) = _halted(levels)
        yield NextStep(
            why=f"{row.topic}-{row.partition} stands still: {row.halted_reason}",
            command=f'{resume_command(row.topic, row.partition)} --reason "what happened to the log"',
        )
    if lag and state != "HALTED":
        yield NextStep(why=f"{lag:,} records are not drained", command="meilenstein run --once")
    if levels.quarantine_open:
        yield NextStep(
            why=f"{levels.quarantine_open:,} quarantined records wait for a decision",
            command=f"meilenstein quarantine list --agency {levels.agency}",
        )
    if levels.unsent and "OUTBOX_STALE" not in alarmed:
        count = sum(row.count for row in levels.unsent)
        yield NextStep(why=f"{count:,} messages are not delivered", command="meilenstein feedback")
    if levels.questions:
        count = sum(levels.questions.values())
        yield NextStep(
            why=f"{count:,} questions were put to it and are open",
            command=f"meilenstein findings list --agency {levels.agency}",
        )
    if "OVER" in levels.clocks:
        count, due = levels.clocks["OVER"]
        yield NextStep(
            why=f"{count:,} clocks that wait for it are over, the first since {due}",
            command=f"meilenstein findings list --agency {levels.agency}",
        )
    if state == "SILENT" and "PARTNER_SILENT" not in alarmed:
        yield NextStep(why="it has sent nothing for long: ask it", command="meilenstein alarms list")
