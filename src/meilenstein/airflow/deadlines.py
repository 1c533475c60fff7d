"""The deadline of a DAG's runs: one that is missed opens an alarm, which the next good runs clear."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

__all__ = ["late_after", "run_late"]


def late_after(dag_id: str, minutes: float) -> DeadlineAlert:
    """Return the alert for runs that are not finished so long after they were queued."""
    return DeadlineAlert(
        name=f"finished within {minutes:g} minutes",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        # In seconds: with a timedelta, Airflow 3.3 answers 500 to whoever clears a task of a run that has not succeeded
        # (apache/airflow#70368); a number it reads as it did up to 3.2.
        interval=minutes * 60,  # type: ignore[arg-type]
        callback=SyncCallback(f"{__name__}.run_late", kwargs={"dag_id": dag_id}),
    )


def run_late(dag_id: str, context: Any = None) -> None:  # noqa: ARG001 - Airflow passes its context
    """Open the alarm RUN_LATE about the DAG, once however many of its runs are late; Airflow calls this."""
    from meilenstein.bootstrap import open_hub  # noqa: PLC0415 - not when a DAG file is read

    with open_hub() as hub:
        hub.note_late_run(dag_id)
