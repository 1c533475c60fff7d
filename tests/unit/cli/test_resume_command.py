"""Whoever tells of a halted partition names the command that lets just this partition go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.reports.samples import halt, now_rows, report

from meilenstein.airflow import steps
from meilenstein.cli import instance
from meilenstein.monitoring.agency import view_agency
from meilenstein.monitoring.configuration import limits_of
from meilenstein.monitoring.texts import tell
from meilenstein.operations.balance import Balance, PartitionBalance
from meilenstein.reports.model import Act
from meilenstein.settings import load_settings
from meilenstein.store.agency import AgencyLevels
from meilenstein.store.alarms import Alarm
from meilenstein.store.levels import PartitionLevel

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def of_alarm(partition: int) -> str:
    alarm = Alarm(
        id=1, code="PARTITION_HALTED", about=f"milestones.hwk-leipzig-{partition}", agency="hwk-leipzig", count=0,
        since=NOW, opened_at=NOW, announce_at=NOW, cleared_at=None, episode=1,
    )  # fmt: skip
    return tell(alarm, NOW).command


def of_agency(partition: int) -> str:
    row = PartitionLevel(
        topic="milestones.hwk-leipzig", partition=partition, topic_id="x", next_offset=1,
        halted_reason="OVERLAP_DIFFERS", halted_at=NOW, received_at=NOW,
    )  # fmt: skip
    levels = AgencyLevels(
        agency="hwk-leipzig", partitions=[row], fates={}, events=0, last_event_at=None, quarantine={},
        quarantine_open=0, quarantine_oldest=None, questions={}, clocks={}, unsent=[], feeds={},
    )  # fmt: skip
    view = view_agency(levels, alarms=(), bounds=None, limits=limits_of(load_settings()), now=NOW)
    return view.next_steps[0].command


def of_run(partition: int) -> str:
    summary: dict[str, Any] = {
        "counts": {"halted": 1},
        "halted": [f"milestones.hwk-leipzig-{partition}: OVERLAP_DIFFERS"],
        "missing": [],
    }
    (found,) = steps._of_summaries([summary])
    return found.command


def of_doctor(partition: int) -> str:
    row = PartitionBalance(
        topic="milestones.hwk-leipzig", partition=partition, topic_id="x", start_offset=0, next_offset=0, journal=0,
        gaps=0, halted_reason="OVERLAP_DIFFERS", halted_detail="",
    )  # fmt: skip
    counts: dict[str, Any] = {"reasons": {}, "findings": {}, "clocks": {}, "unfinished": {}}
    balance = Balance(partitions=[row], records=0, fates={}, cases=0, **counts)
    return str(instance._partition_checks(balance)[0]["detail"])


def of_report(partition: int) -> str:
    made = report(now=now_rows(halted=[replace(halt(), partition=partition)]))
    (action,) = [action for action in made.actions if action.act is Act.HALTED]
    return action.commands[-1]


@pytest.mark.parametrize("told_by", [of_alarm, of_agency, of_run, of_doctor, of_report])
def test_the_command_names_the_partition_unless_it_is_the_first(told_by: Callable[[int], str]) -> None:
    assert "meilenstein cursor resume milestones.hwk-leipzig --reason" in told_by(0)
    assert "meilenstein cursor resume milestones.hwk-leipzig --partition 2 --reason" in told_by(2)
