"""What is wrong now: the causes of alarms, read from the store, each with the agency it affects.

A cause is about a part, an agency or a number, never about a case. Where something cannot be looked at, its code is
told as `unseen`: an alarm of that code is then neither opened nor cleared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from meilenstein.dag_names import CLOCKS, PIPELINE
from meilenstein.monitoring.standing import Standing, standing_of
from meilenstein.store.alarms import Alarm
from meilenstein.store.levels import AUDIT, CORRECTIONS, Levels, PartitionLevel, agency_of
from meilenstein.store.step_runs import StepRow
from meilenstein.summary import STEPS
from meilenstein_schemas.rhythms import Rhythms

__all__ = ["Cause", "Limits", "Look", "Sight", "look_for_causes"]

_LOOK_SECONDS = 10.0

_DAG_STEPS = {PIPELINE: STEPS, CLOCKS: ("clocks",)}
"""The steps that a DAG must have run again before its late run counts as made good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long something may last before it is an alarm."""

    failing: dt.timedelta
    """A step that fails again and again."""
    waiting: dt.timedelta
    """Records whose schema the registry does not give."""
    unjudged: dt.timedelta
    """A batch without verdicts, and records that nobody drains."""
    unsent: dt.timedelta
    """A message in the outbox."""
    second_person: dt.timedelta
    """A decision that waits for a second person."""
    rhythms: Rhythms
    """Partners that send nothing: for how long, as the clocks run sees it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that is wrong."""

    code: str
    about: str
    agency: str | None = None
    count: int = 0
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen."""

    causes: Sequence[Cause]
    unseen: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """With what to look: the moment, the limits, the alarms that are open, and the lag, if the broker said it."""

    now: dt.datetime
    limits: Limits
    open_alarms: Sequence[Alarm] = ()
    lag: int | None = None
    """Records that wait in the broker, without halted partitions."""


def look_for_causes(levels: Levels, steps: Sequence[StepRow], look: Look) -> Sight:
    """Return every cause there is now; reads only, for some seconds at most."""
    with levels.reading(seconds=_LOOK_SECONDS):
        causes = [
            *_partitions(levels, look),
            *_batches(levels, look),
            *_outbox(levels, look),
            *_proposals(levels, look),
            *_steps(steps, look),
            *_drained(steps, look),
            *_late_runs(steps, look),
        ]
    return Sight(causes=causes, unseen=frozenset({"NOT_DRAINED"} if look.lag is None else ()))


def _partitions(levels: Levels, look: Look) -> Iterator[Cause]:
    by_agency: dict[str, list[PartitionLevel]] = {}
    for row in levels.partitions():
        agency = agency_of(row.topic)
        by_agency.setdefault(agency, []).append(row)
        if row.halted_reason:
            yield Cause(
                code="PARTITION_HALTED", about=f"{row.topic}-{row.partition}", agency=agency, since=row.halted_at
            )
    by_agency.pop(CORRECTIONS, None)

    def standing(agency: str, last_event_at: dt.datetime | None = None) -> Standing:
        rows, days = by_agency[agency], look.limits.rhythms.of(agency)
        return standing_of(rows, last_event_at=last_event_at, now=look.now, working_days=days)

    quiet = [agency for agency in by_agency if standing(agency).state == "SILENT"]
    events = levels.last_events(quiet)
    for agency in quiet:
        found = standing(agency, events.get(agency))
        if found.state == "SILENT":
            yield Cause(code="PARTNER_SILENT", about=agency, agency=agency, since=found.seen_at)


def _batches(levels: Levels, look: Look) -> Iterator[Cause]:
    for agency, count, oldest in levels.pending_agencies(before=look.now - look.limits.waiting):
        yield Cause(code="SCHEMA_WAITING", about=agency, agency=agency, count=count, since=oldest)
    count, since = levels.open_batches(before=look.now - look.limits.unjudged)
    if count:
        yield Cause(code="BATCH_OPEN", about="batches", count=count, since=since)


def _outbox(levels: Levels, look: Look) -> Iterator[Cause]:
    stale: dict[str, Cause] = {}
    for row in levels.unsent():
        before = stale.get(row.recipient)
        stale[row.recipient] = Cause(
            code="OUTBOX_STALE",
            about=row.recipient,
            agency=row.recipient if row.recipient != AUDIT else None,
            count=row.count + (before.count if before else 0),
            since=min(row.oldest, before.since) if before and before.since else row.oldest,
        )
    edge = look.now - look.limits.unsent
    yield from (cause for cause in stale.values() if cause.since and cause.since < edge)


def _proposals(levels: Levels, look: Look) -> Iterator[Cause]:
    edge = look.now - look.limits.second_person
    for row in levels.proposals():
        if row.proposed_at < edge:
            yield Cause(code="SECOND_PERSON", about=f"proposal {row.id}", since=row.proposed_at)


def _steps(steps: Sequence[StepRow], look: Look) -> Iterator[Cause]:
    for row in steps:
        if row.failing_since and look.now - row.failing_since >= look.limits.failing:
            code = "VALIDATION_FAILED" if row.step == "validate" else "STEP_FAILED"
            yield Cause(code=code, about=row.step, since=row.failing_since, count=0)
        for topic in row.missing:
            yield Cause(code="TOPIC_MISSING", about=topic, agency=topic.partition(".")[2])
        if row.waits.get("schemas_mismatched"):
            yield Cause(code="SCHEMAS_MISMATCHED", about="registry", count=row.waits["schemas_mismatched"])


def _drained(steps: Sequence[StepRow], look: Look) -> Iterator[Cause]:
    last = {row.step: row for row in steps}.get("drain")
    if look.lag and last is not None and not last.failing_since:
        edge = look.now - look.limits.unjudged
        if last.finished_at < edge:
            yield Cause(code="NOT_DRAINED", about="drain", count=look.lag, since=last.finished_at)


def _late_runs(steps: Sequence[StepRow], look: Look) -> Iterator[Cause]:
    """A run that missed its deadline is noted by Airflow as an alarm; it stays until its steps have succeeded anew.

    Of a DAG that runs no steps nothing more is known: its alarm stays for a day.
    """
    succeeded = {row.step: row.success_started_at for row in steps}
    for alarm in look.open_alarms:
        if alarm.code == "RUN_LATE":
            needed = _DAG_STEPS.get(alarm.about, ())
            times = [succeeded.get(step) for step in needed]
            young = look.now - alarm.opened_at < dt.timedelta(days=1)
            if any(at is None or at <= alarm.opened_at for at in times) or (not needed and young):
                yield Cause(code="RUN_LATE", about=alarm.about, since=alarm.since)
