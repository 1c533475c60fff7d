"""Moves the day on, so that clocks fall due and parking spans end; then folds and tells what changed by that."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

with DAG(
    "meilenstein_clocks",
    description="The daily tick: due, overdue, parked",
    schedule=CronTriggerTimetable("30 5 * * *", timezone="Europe/Berlin"),
    catchup=False,
    max_active_runs=2,
    default_args={"owner": "meilenstein", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["meilenstein"],
    doc_md=__doc__,
):

    def step(name: str) -> object:
        """Make the task of one step; it returns counts only."""

        @task(task_id=name)
        def run() -> dict[str, object]:
            from meilenstein.airflow.steps import run_step_task  # noqa: PLC0415 - not at parse time

            return run_step_task(name)

        return run()

    step("clocks") >> step("reconcile") >> step("feedback")
