"""What the report DAG's tasks do on which day, and the line they show."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.unit.reports.samples import FRIDAY, busy_report, report

from meilenstein.airflow import reports as tasks
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.reports.period import month_period


class Hub:
    """Gives the reports that a test wants."""

    def __init__(self, error=None):
        self.error = error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def reports(self):
        return self

    def day(self, day):
        if self.error:
            raise self.error
        assert day == FRIDAY
        return busy_report()

    def month(self, first):
        return report(month_period(first, FRIDAY))


@pytest.fixture
def shown(monkeypatch, tmp_path):
    lines = []

    def show(line):
        lines.append(line)
        return line

    monkeypatch.setenv("MEILENSTEIN_HOME", str(tmp_path))
    monkeypatch.setattr(tasks, "show", show)
    monkeypatch.setattr(tasks, "open_hub", Hub)
    return lines


def at(day, hour=4):
    return lambda: dt.datetime.combine(day, dt.time(hour, 15), tzinfo=dt.UTC)


def test_the_day_before_is_written_and_counted(shown, tmp_path):
    counts = tasks.write_day_task(at(FRIDAY + dt.timedelta(days=1)))
    assert (tmp_path / "reports" / "day-2026-03-27.de.html").exists()
    assert json.dumps(counts)
    assert shown[0] == "failed", "until it did not"
    assert tasks.digest([counts, None]) == shown[-1] == (
        "day-2026-03-27: 117 arrived, 12 quarantined, 2 without a verdict, 1 halted, 2 silent, "
        "13 open in quarantine, 4 of them older than 7 days; to do: 9 (urgent)"
    )  # fmt: skip


def test_yesterday_is_meant_in_berlin(shown):
    """At 23:15 UTC on Friday it is Saturday in Berlin."""
    assert tasks.write_day_task(at(FRIDAY, hour=23))["name"] == "day-2026-03-27"


@pytest.mark.parametrize(
    ("day", "written", "due"),
    [(1, False, True), (1, True, True), (3, False, True), (3, True, False), (8, False, False)],
)
def test_a_month_is_written_once_and_made_up_for_in_its_first_week(shown, tmp_path, day, written, due):
    if written:
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports" / "month-2026-02.json").write_text("{}")
    counts = tasks.write_month_task(at(dt.date(2026, 3, day)))
    assert (counts is not None) is due
    assert (tmp_path / "reports" / "month-2026-02.de.html").exists() is due
    assert due or shown == ["not due"]


@pytest.fixture
def figures(monkeypatch):
    """Let the hub make figures of nothing for whatever month is asked."""
    from tests.unit.kpi.test_tables import random_figures
    from tests.unit.kpi.test_tables import report as kpi_report

    asked = []

    class Counting(Hub):
        def kpi(self, minimum):
            assert minimum == 10
            return self

        def month(self, first):
            asked.append(first)
            return kpi_report(random_figures(len(asked), cases=30))

    monkeypatch.setattr(tasks, "open_hub", Counting)
    return asked


@pytest.mark.parametrize(
    ("day", "written", "due"),
    [
        ("2026-11-01", False, False),  # a Sunday, and a holiday
        ("2026-11-02", False, True),
        ("2026-11-02", True, True),
        ("2026-11-03", True, False),
        ("2026-11-09", False, True),
        ("2026-11-10", False, False),
    ],
)
def test_monthly_figures_are_written_on_the_first_working_day_and_made_up_for_a_week(
    shown, figures, tmp_path, day, written, due
):
    if written:
        tasks.write_kpi_task(at(dt.date(2026, 11, 2)))
    before = len(figures)
    told = tasks.write_kpi_task(at(dt.date.fromisoformat(day)))
    assert (told is not None, len(figures) > before) == (due, due)
    if due:
        assert figures[-1] == dt.date(2026, 10, 1)
        assert told == {"name": "kpi-2026-10", "revision": len(figures)}
        assert shown[-1] == f"kpi-2026-10: written, revision {len(figures)}"
        assert (tmp_path / "reports" / "kpi-2026-10-procedures.csv").exists()
        assert tasks.digest([None, told]) == shown[-1]


def test_what_may_succeed_later_is_tried_again_and_what_cannot_fails_in_one_line(shown, monkeypatch):
    from airflow.sdk.exceptions import AirflowFailException

    morning = at(FRIDAY + dt.timedelta(days=1))
    monkeypatch.setattr(tasks, "open_hub", lambda: Hub(RetryableError("later")))
    with pytest.raises(RetryableError):
        tasks.write_day_task(morning)
    for error, words in ((PermanentError("never"), "never"), (ValueError("a value of a case"), "report: ValueError")):
        monkeypatch.setattr(tasks, "open_hub", lambda error=error: Hub(error))
        with pytest.raises(AirflowFailException, match=words) as caught:
            tasks.write_day_task(morning)
        assert "of a case" not in str(caught.value)
