"""What the tasks of the DAGs call: one step, and the outcome of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from meilenstein.bootstrap import run_step
from meilenstein.errors import MeilensteinError, RetryableError

__all__ = ["outcome_of", "run_step_task"]


def run_step_task(name: str) -> dict[str, object]:
    """Run a step and return its summary: counts only. What cannot succeed on repetition is not repeated."""
    try:
        return run_step(name)
    except RetryableError:
        raise
    except MeilensteinError as error:
        raise AirflowFailException(str(error)) from None
    except Exception as error:  # noqa: BLE001 - its text may quote a value, and task logs are read by many
        raise AirflowFailException(f"{name}: {type(error).__name__}; see `meilenstein {name}` on the hub") from None


def outcome_of(summaries: Sequence[dict[str, Any] | None]) -> str:
    """Return one line on the run; fail it where a step gave no summary or a partition halted in this run."""
    told = [summary for summary in summaries if summary]
    line = "; ".join(
        f"{summary['step']} {', '.join(f'{count} {name}' for name, count in summary['counts'].items() if count) or '-'}"
        for summary in told
    )
    if len(told) < len(summaries):
        raise AirflowFailException(f"a step failed: open the red task. Done: {line or 'nothing'}")
    if any(summary["counts"].get("halted") for summary in told):
        halted = sorted({name for summary in told for name in summary["halted"]})
        raise AirflowFailException(f"a partition halted ({'; '.join(halted)}): see `meilenstein doctor`. {line}")
    if any(summary["waits"].get("schemas_mismatched") for summary in told):
        raise AirflowFailException(f"the registry gave known schema ids to other schemas: records wait. {line}")
    missing = sorted({name for summary in told for name in summary["missing"]})
    if missing:
        raise AirflowFailException(f"topics are missing ({', '.join(missing)}): `meilenstein topics apply`. {line}")
    return line
