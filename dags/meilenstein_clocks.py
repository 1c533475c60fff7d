"""Every morning the day moves on: clocks fall due or run over, parking spans end, silent partners are noted.

| task | does |
|---|---|
| `clocks` | writes the new day, and touches the cases that it changes |
| `reconcile` | folds those cases again: new states of clocks, new findings |
| `feedback` | sends what changed to the agencies that may know it |

**When a task is red**: its log ends with what is the matter and what to do. Until it is made good, clocks stand still:
nothing is wrong in them, they are only a day behind. Clear the task, or run `meilenstein clocks`, then
`meilenstein run --once`. A day that was left out needs no run of its own: the next one moves on to the present day.

**When a run is late** (30 minutes), the alarm `RUN_LATE` is opened and goes out by e-mail or webhook, if those are set
up. The column *Map Index* in the list of a run's tasks says in one line what each did.

More in the manual: `docs/explanation/clocks.md`, `docs/how-to/watch-an-instance.md`,
`docs/how-to/when-an-alarm-comes.md`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from meilenstein.airflow.deadlines import late_after
from meilenstein.airflow.grid import SHOWN

with DAG(
    "meilenstein_clocks",
    description="The daily tick: due, overdue, parked",
    schedule=CronTriggerTimetable("30 5 * * *", timezone="Europe/Berlin"),
    catchup=False,
    max_active_runs=2,
    default_args={"owner": "meilenstein", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["meilenstein"],
    deadline=late_after("meilenstein_clocks", 30),
    doc_md=__doc__,
):

    def step(name: str, doc: str) -> object:
        """Make the task of one step; it returns counts only."""

        @task(task_id=name, map_index_template=SHOWN, doc_md=doc)
        def run() -> dict[str, object]:
            from meilenstein.airflow.steps import run_step_task  # noqa: PLC0415 - not at parse time

            return run_step_task(name)

        return run()

    clocks = step("clocks", "Moves the day on and touches the cases that this changes. Red: run `meilenstein clocks`.")
    reconcile = step("reconcile", "Folds the touched cases. Red: run `meilenstein reconcile`; nothing is lost.")
    feedback = step("feedback", "Sends what changed. Red: run `meilenstein feedback`; messages wait in the outbox.")
    clocks >> reconcile >> feedback
