"""Every morning the validation report of the day before; early in a month that of the last one, and its figures.

| task | does |
|---|---|
| `day` | writes the report of yesterday (Berlin) |
| `month` | writes the report of the last month: on the 1st, or until the 7th where nothing ran on the 1st |
| `kpi` | writes the monthly figures of the last month: on the first working day, or until a week later |
| `outcome` | the steward's digest in one line: what arrived, was quarantined, waits, how much there is to do |

The files are in `reports/` of the instance's home: a page in German, one in English, and the same as JSON; of the
monthly figures the tables as CSV too.

**When a task is red**: its log ends with what is the matter. Nothing else depends on it. Clear the task, or write the
report by hand: `meilenstein report --day YYYY-MM-DD`, `meilenstein report --month YYYY-MM`,
`meilenstein kpi --month YYYY-MM`.

**When a run is late** (30 minutes), the alarm `RUN_LATE` is opened.

More in the manual: `docs/how-to/read-the-validation-report.md`, `docs/reference/kpi.md`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from meilenstein.airflow.deadlines import late_after
from meilenstein.airflow.grid import SHOWN

with DAG(
    "meilenstein_reports",
    description="Validation reports: the day before, the last month; monthly figures",
    schedule=CronTriggerTimetable("15 6 * * *", timezone="Europe/Berlin"),  # after the clocks have moved the day on
    catchup=False,
    max_active_runs=2,
    default_args={"owner": "meilenstein", "retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["meilenstein", "stewards"],
    deadline=late_after("meilenstein_reports", 30),
    doc_md=__doc__,
):

    @task(map_index_template=SHOWN, doc_md="Writes the report of yesterday. Red: `meilenstein report --day` says why.")
    def day() -> dict[str, object]:
        """Write the report of yesterday; it returns counts only."""
        from meilenstein.airflow.reports import write_day_task  # noqa: PLC0415 - not at parse time

        return write_day_task()

    @task(map_index_template=SHOWN, doc_md="Writes the report of the last month, in the first days of a new one.")
    def month() -> dict[str, object] | None:
        """Write the report of the last month; it returns counts only."""
        from meilenstein.airflow.reports import write_month_task  # noqa: PLC0415 - not at parse time

        return write_month_task()

    @task(map_index_template=SHOWN, doc_md="Writes the monthly figures, on the first working day of a new month.")
    def kpi() -> dict[str, object] | None:
        """Write the figures of the last month; it returns their name and revision only."""
        from meilenstein.airflow.reports import write_kpi_task  # noqa: PLC0415 - not at parse time

        return write_kpi_task()

    @task(map_index_template=SHOWN, doc_md="Says in one line what the reports say.")
    def outcome(told: list[dict[str, object] | None]) -> str:
        """Tell stewards how much there is to do."""
        from meilenstein.airflow.reports import digest  # noqa: PLC0415 - not at parse time

        return digest(told)

    outcome([day(), month(), kpi()])
