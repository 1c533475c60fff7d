"""Whether an agency sends is judged by all its partitions together, for the alarm as for the view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest

from meilenstein.monitoring.causes import Look, look_for_causes
from meilenstein.monitoring.configuration import limits_of
from meilenstein.monitoring.standing import standing_of
from meilenstein.settings import Settings
from meilenstein.store.levels import PartitionLevel

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
LIMITS = limits_of(Settings())
LONG_AGO, LATELY = NOW - dt.timedelta(days=40), NOW - dt.timedelta(days=2)


def partition(number: int, received_at: dt.datetime | None, halted: str | None = None) -> PartitionLevel:
    return PartitionLevel(
        topic="milestones.zefas", partition=number, topic_id="x", next_offset=1, halted_reason=halted,
        halted_at=NOW if halted else None, received_at=received_at,
    )  # fmt: skip


class Levels:
    """A store in which nothing else is wrong."""

    def __init__(self, rows: list[PartitionLevel], last_event_at: dt.datetime | None) -> None:
        self.rows = rows
        self.last_event_at = last_event_at
        self.asked: list[list[str]] = []

    @contextmanager
    def reading(self, *, seconds: float) -> Iterator[None]:
        yield

    def partitions(self) -> list[PartitionLevel]:
        return self.rows

    def last_events(self, publishers: Collection[str]) -> dict[str, dt.datetime]:
        self.asked.append(list(publishers))
        return {key: self.last_event_at for key in publishers if self.last_event_at}

    def pending_agencies(self, **_: object) -> list[tuple[str, int, dt.datetime]]:
        return []

    def open_batches(self, **_: object) -> tuple[int, None]:
        return 0, None

    def unsent(self) -> list[object]:
        return []

    proposals = unsent


@pytest.mark.parametrize(
    ("rows", "last_event_at", "state"),
    [
        ([partition(0, LONG_AGO), partition(1, LATELY)], None, "LIVE"),
        ([partition(0, LONG_AGO), partition(1, None)], None, "SILENT"),
        ([partition(0, LONG_AGO)], LATELY, "LIVE"),
        ([partition(0, None)], LONG_AGO, "SILENT"),
        ([partition(0, None)], None, "NOTHING_SENT"),
        ([partition(0, LONG_AGO), partition(1, LATELY, "LOG_CHANGED")], None, "HALTED"),
    ],
)
def test_the_newest_sign_of_life_counts_wherever_it_came(
    rows: list[PartitionLevel], last_event_at: dt.datetime | None, state: str
) -> None:
    found = standing_of(rows, last_event_at=last_event_at, now=NOW, working_days=LIMITS.rhythms.of("zefas"))
    assert found.state == state


@pytest.mark.parametrize(
    ("rows", "last_event_at", "alarms"),
    [
        ([partition(0, LONG_AGO), partition(1, LATELY)], None, []),
        ([partition(0, LONG_AGO), partition(1, LONG_AGO)], None, ["PARTNER_SILENT"]),
        ([partition(0, LONG_AGO)], LATELY, []),
        ([partition(0, LONG_AGO), partition(1, LONG_AGO, "LOG_CHANGED")], None, ["PARTITION_HALTED"]),
    ],
)
def test_the_alarm_is_one_for_each_agency(
    rows: list[PartitionLevel], last_event_at: dt.datetime | None, alarms: list[str]
) -> None:
    levels = Levels(rows, last_event_at)
    causes = look_for_causes(levels, [], Look(now=NOW, limits=LIMITS, lag=0)).causes  # type: ignore[arg-type]
    assert [cause.code for cause in causes] == alarms


def test_only_of_agencies_whose_topic_is_quiet_are_the_events_looked_at() -> None:
    levels = Levels([partition(0, LATELY)], None)
    look_for_causes(levels, [], Look(now=NOW, limits=LIMITS, lag=0))  # type: ignore[arg-type]
    assert levels.asked == [[]]
