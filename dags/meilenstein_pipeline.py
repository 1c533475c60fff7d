"""The four steps, woken by waiting records, and every five minutes in any case."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, task

from meilenstein.airflow.lag_trigger import LagTrigger

MILESTONES = Asset("meilenstein_milestones", watchers=[AssetWatcher(name="lag", trigger=LagTrigger(interval=1.0))])

with DAG(
    "meilenstein_pipeline",
    description="Kafka to journal, verdicts, cases, answers",
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"), assets=[MILESTONES]),
    catchup=False,
    max_active_runs=2,  # two, not one: with one, Airflow may stall; the steps' own fences keep runs apart
    default_args={"owner": "meilenstein", "retries": 1, "retry_delay": timedelta(seconds=5)},
    tags=["meilenstein"],
    doc_md=__doc__,
):

    def step(name: str, rule: str) -> object:
        """Make the task of one step; it returns counts only."""

        @task(task_id=name, trigger_rule=rule)
        def run() -> dict[str, object]:
            from meilenstein.airflow.steps import run_step_task  # noqa: PLC0415 - not at parse time

            return run_step_task(name)

        return run()

    @task(trigger_rule="all_done")
    def outcome(summaries: list[dict[str, object] | None]) -> str:
        """Fail the run where a step failed or a partition halted in it."""
        from meilenstein.airflow.steps import outcome_of  # noqa: PLC0415 - not at parse time

        return outcome_of(summaries)

    drain = step("drain", "all_success")
    validate = step("validate", "all_done")
    reconcile = step("reconcile", "all_done")
    feedback = step("feedback", "all_done")
    drain >> validate >> reconcile >> feedback
    outcome([drain, validate, reconcile, feedback])
