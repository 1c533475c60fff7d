"""A DAG whose run is always late, for the test of deadlines."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task  # noqa: TID253 - a DAG file needs it here

from meilenstein.airflow.deadlines import late_after

with DAG(
    "late",
    schedule=None,
    catchup=False,
    deadline=late_after("late", 0.05),
    default_args={"owner": "meilenstein", "retry_delay": timedelta(seconds=1)},
    tags=["meilenstein"],
    doc_md=__doc__,
):

    @task
    def linger() -> None:
        """Take longer than the deadline."""
        import time

        time.sleep(8)

    linger()
