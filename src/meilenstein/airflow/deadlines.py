"""The deadline of a DAG's runs: one that is missed opens an alarm, which the next good runs clear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

__all__ = ["late_after", "run_late"]


def late_after(dag_id: str, minutes: float) -> DeadlineAlert:
    """Return the alert for runs that are not finished so long after they were queued."""
    return DeadlineAlert(
        name=f"finished within {minutes:g} minutes",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=SyncCallback(f"{__name__}.run_late", kwargs={"dag_id": dag_id}),
    )


def run_late(dag_id: str, context: Any = None) -> None:  # noqa: ARG001 - Airflow passes its context
    """Open the alarm RUN_LATE about the DAG, once however many of its runs are late; Airflow calls this."""
    from meilenstein.bootstrap import open_hub, utc_now  # noqa: PLC0415 - not when a DAG file is read
    from meilenstein.monitoring.alarms import open_late  # noqa: PLC0415

    with open_hub() as hub:
        open_late(hub.connection("alarms"), dag_id, utc_now())
