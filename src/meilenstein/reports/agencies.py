"""Who sent, and whose feed stands still or fell silent: those come first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from meilenstein.cases.calendar import berlin_date, is_werktag
from meilenstein.cases.sequences import silent_since
from meilenstein.reports.model import AgencyPart, Fates, FeedState, Words
from meilenstein.reports.period import Kind, Period
from meilenstein.store.reports import FateCount, NowRows
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rhythms import Rhythms, standard_rhythms

__all__ = ["QUIET_AFTER_WORKING_DAYS", "agency_key", "agency_name", "is_own", "list_agencies"]

QUIET_AFTER_WORKING_DAYS = 5
"""An agency that sent nothing on so many working days running is worth a question."""

_PREFIX = "milestones."
_OWN = "hub."
_HUB: Words = {"de": "Berichtigungen der Datenpflege", "en": "Corrections by data stewards"}
_DAY = dt.timedelta(days=1)


def agency_key(topic: str) -> str:
    """Return the technical sender behind a topic."""
    return topic.removeprefix(_PREFIX)


def agency_name(key: str, directory: Directory) -> Words:
    """Return the name of an agency; what the hub writes itself has one too."""
    agency = directory.agencies.get(key)
    if agency is not None:
        return {"de": agency.name_de, "en": agency.name_en}
    return _HUB if key.startswith(_OWN) else {"de": key, "en": key}


def is_own(topic: str) -> bool:
    """Say whether the hub itself writes there: stewards' corrections, which no agency sent."""
    return agency_key(topic).startswith(_OWN)


def list_agencies(
    period: Period,
    now: NowRows,
    fates: Iterable[FateCount],
    by_topic: Mapping[str, Fates],
    directory: Directory,
    made_at: dt.datetime,
    rhythms: Rhythms | None = None,
) -> tuple[list[AgencyPart], list[AgencyPart], list[tuple[str, Words]]]:
    """Return the agencies of the table in order, those that sent nothing without being late, those that never did."""
    day = min(period.last, berlin_date(made_at))
    trends, rhythms = _trends(fates, period.shown), rhythms or standard_rhythms()
    halted: dict[str, list[str]] = {}
    for row in now.halted:
        if row.halted_at is not None and row.halted_at >= period.until:
            continue  # it stands still now, and did not yet then
        halted.setdefault(row.topic, []).append(f"{row.topic}-{row.partition}: {row.reason}")
    seen = {row.topic: row.last_at for row in now.seen}
    shown, idle, never = [], [], []
    for topic in sorted({*seen, *halted, *by_topic}):
        key, last_at = agency_key(topic), seen.get(topic)
        if key.startswith(_OWN) and topic not in by_topic:
            continue  # nobody has to correct anything on a given day
        part = AgencyPart(
            key=key,
            name=agency_name(key, directory),
            state=_state(
                stopped=topic in halted, told_silent=key in now.silent, last_at=last_at, day=day, rhythm=rhythms.of(key)
            ),
            fates=by_topic.get(topic, Fates()),
            last_at=last_at,
            days_silent=(day - berlin_date(last_at)).days if last_at else None,
            trend=[trends[topic, slot] for slot in period.shown],
            halted=tuple(halted.get(topic, ())),
        )
        if topic in by_topic or part.state is not FeedState.LIVE:
            shown.append(part)
        elif last_at is not None:
            idle.append(part)
        else:
            never.append((key, part.name))
    order = list(FeedState)
    shown.sort(key=lambda part: (order.index(part.state), -part.fates.quarantined, -part.fates.arrived, part.key))
    return shown, [] if period.kind is Kind.RUN else idle, never


def _trends(rows: Iterable[FateCount], slots: Sequence[str]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    wanted = set(slots)
    for row in rows:
        if row.slot in wanted:
            counts[row.topic, row.slot] += row.n
    return counts


def _state(*, stopped: bool, told_silent: bool, last_at: dt.datetime | None, day: dt.date, rhythm: int) -> FeedState:
    if stopped:
        return FeedState.HALTED
    last = berlin_date(last_at) if last_at else None
    if told_silent or (last and day >= silent_since(last, rhythm)):
        return FeedState.SILENT
    if last and _working_days_between(last, day) >= QUIET_AFTER_WORKING_DAYS:
        return FeedState.QUIET
    return FeedState.LIVE


def _working_days_between(last: dt.date, day: dt.date) -> int:
    """Count the working days after `last` and before `day`, which may not be over yet."""
    return sum(is_werktag(last + number * _DAY, saturday=False) for number in range(1, (day - last).days))
