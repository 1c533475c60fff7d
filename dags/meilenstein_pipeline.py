"""Milestones from Kafka to verdicts, cases and answers. Runs when records wait, and every five minutes in any case.

| task | does | when it is red |
|---|---|---|
| `drain` | moves records from Kafka into the journal | Kafka or the database does not answer: `meilenstein status` |
| `validate` | gives each record its verdict | nobody is refused for it, records wait: `meilenstein validate` |
| `reconcile` | folds the cases that new events touch | `meilenstein reconcile` |
| `feedback` | sends receipts, replies and case news | messages wait in the outbox: `meilenstein feedback` |
| `outcome` | says in one line what the run did | a step failed and no single agency is behind it: open the red step |
| `agency` | one task for each agency that the run went badly for | **its name says which agency**, its log what to do |

**From a red square to the agency in two clicks**: click the red square of `agency`; the list names each agency with
what is the matter (`hwk-dresden: LOG_TRUNCATED`). Click the name: the log shows how things stand with it and the next
command. In a good run `agency` is skipped.

A red run loses nothing. The next run does what this one left; clearing a task is safe at any time, and so are two runs
at once. A halted partition makes one run red; afterwards the alarm `PARTITION_HALTED` stays open until it is resumed.

The column *Map Index* in the list of a run's tasks says in one line what each did. A run that is not finished 15
minutes after it was queued opens the alarm `RUN_LATE`.

More in the manual: `docs/how-to/watch-an-instance.md`, `docs/how-to/when-an-alarm-comes.md`,
`docs/how-to/when-a-partition-halts.md`, `docs/explanation/how-the-data-flows.md`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, task

from meilenstein.airflow.deadlines import late_after
from meilenstein.airflow.grid import SHOWN
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
    deadline=late_after("meilenstein_pipeline", 15),
    doc_md=__doc__,
):

    def step(name: str, rule: str, doc: str) -> object:
        """Make the task of one step; it returns counts only."""

        @task(task_id=name, trigger_rule=rule, map_index_template=SHOWN, doc_md=doc)
        def run() -> dict[str, object]:
            from meilenstein.airflow.steps import run_step_task  # noqa: PLC0415 - not at parse time

            return run_step_task(name)

        return run()

    @task(trigger_rule="all_done", map_index_template=SHOWN, doc_md="Says in one line what the run did.")
    def outcome(summaries: list[dict[str, object] | None]) -> list[dict[str, str]]:
        """Say what the run did, and return the agencies that it went badly for."""
        from meilenstein.airflow.steps import affected_agencies  # noqa: PLC0415 - not at parse time

        return affected_agencies(summaries)

    @task(
        map_index_template=SHOWN, doc_md="Fails for each agency that the run went badly for; the log says what to do."
    )
    def agency(found: dict[str, str]) -> None:
        """Fail, named for the agency."""
        from meilenstein.airflow.steps import name_agency  # noqa: PLC0415 - not at parse time

        name_agency(found)

    drain = step("drain", "all_success", "Kafka to the journal. Red: `meilenstein status`, then clear the task.")
    validate = step("validate", "all_done", "Verdicts. Red: `meilenstein validate` says why; nobody is refused for it.")
    reconcile = step("reconcile", "all_done", "Cases, clocks, findings. Red: `meilenstein reconcile` says why.")
    feedback = step("feedback", "all_done", "Answers. Red: `meilenstein feedback` says why; messages wait.")
    drain >> validate >> reconcile >> feedback
    agency.expand(found=outcome([drain, validate, reconcile, feedback]))
