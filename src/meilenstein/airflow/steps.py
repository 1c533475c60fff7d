"""What the tasks of the DAGs call: one step, the outcome of a run, and the agencies that a bad run concerns."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from meilenstein.airflow.grid import show
from meilenstein.bootstrap import STEPS, open_hub, run_step, utc_now
from meilenstein.errors import MeilensteinError, RetryableError
from meilenstein.monitoring.affected import Affected

__all__ = ["affected_agencies", "name_agency", "run_step_task"]

_log = logging.getLogger("meilenstein.airflow")


def run_step_task(name: str) -> dict[str, object]:
    """Run a step and return its summary: counts only. What cannot succeed on repetition is not repeated."""
    show("failed")  # until it did not
    try:
        summary = run_step(name, run_id=str(get_current_context()["run_id"]))
    except RetryableError:
        raise
    except MeilensteinError as error:
        raise AirflowFailException(str(error)) from None
    except Exception as error:  # noqa: BLE001 - its text may quote a value, and task logs are read by many
        raise AirflowFailException(f"{name}: {type(error).__name__}; see `meilenstein {name}` on the hub") from None
    show(_line(summary))
    return summary


def affected_agencies(summaries: Sequence[dict[str, Any] | None]) -> list[dict[str, str]]:
    """Show the run in one line, and return the agencies that it went badly for: each becomes a task that fails.

    Fails itself where a step failed, or where the registry deceives, and no agency can be named.
    """
    told = [summary for summary in summaries if summary]
    line = "; ".join(f"{summary['step']} {_line(summary)}" for summary in told)
    # Tasks run in the order of the steps, so the gaps say which of them gave no summary.
    failed = [name for name, summary in zip(STEPS, summaries, strict=False) if not summary]
    found = [*_of_summaries(told), *(_left_behind(failed) if failed else ())]
    if failed:
        show(f"FAILED: {', '.join(failed)}. {line}")
        if not found:
            raise AirflowFailException(f"{', '.join(failed)} failed: open the red task. Done: {line or 'nothing'}")
    elif any(summary["waits"].get("schemas_mismatched") for summary in told):
        show(f"REGISTRY gives other schemas than before. {line}")
        raise AirflowFailException(f"the registry gave known schema ids to other schemas: records wait. {line}")
    else:
        concerned = ", ".join(f"{one.agency} {one.what}" for one in found)
        show(f"{concerned.upper()}. {line}" if found else line)
    return [one.as_json() for one in found]


def name_agency(found: dict[str, str]) -> None:
    """Fail as the task of one agency: shown by its name, with what is known of it and the next step in the log."""
    agency, what = found["agency"], found["what"]
    show(f"{agency}: {what}")
    for line in _status_lines(agency):
        _log.info("%s", line)
    raise AirflowFailException(
        f"{agency}: {what}. Next: `{found['command']}`; all about it: `meilenstein status --agency {agency}`"
    )


def _line(summary: dict[str, Any]) -> str:
    done = ", ".join(f"{count:,} {name}" for name, count in summary["counts"].items() if count)
    left = ", ".join(f"{count:,} {name}" for name, count in summary["waits"].items() if count)
    return f"{done or 'nothing to do'}{f' (waits: {left})' if left else ''}"


def _of_summaries(told: Sequence[dict[str, Any]]) -> Iterator[Affected]:
    """Return the agencies whose partition halted in this run, and those whose topic is missing."""
    for summary in told:
        if summary["counts"].get("halted"):
            for halt in summary["halted"]:
                partition, _, reason = halt.partition(": ")
                topic = partition.rpartition("-")[0]
                yield Affected(
                    agency=topic.partition(".")[2],
                    what=reason,
                    command=f'meilenstein cursor resume {topic} --reason "what happened to the log"',
                )
        for topic in summary["missing"]:
            yield Affected(agency=topic.partition(".")[2], what="topic is missing", command="meilenstein topics apply")


def _left_behind(failed: Sequence[str]) -> list[Affected]:
    try:
        with open_hub() as hub:
            return hub.left_behind(failed)
    except Exception as error:  # noqa: BLE001 - the run fails anyway, only less precisely
        _log.warning("whom it concerns is not known: %s", type(error).__name__)
        return []


def _status_lines(agency: str) -> list[str]:
    from meilenstein.monitoring.agency import view_agency  # noqa: PLC0415 - only where something is wrong
    from meilenstein.monitoring.causes import Limits  # noqa: PLC0415

    try:
        with open_hub() as hub:
            levels = hub.agency_levels(agency)
            view = view_agency(levels, alarms=(), bounds=None, limits=Limits(), now=utc_now())
    except Exception as error:  # noqa: BLE001 - its text may quote a value
        return [f"{agency}: how things stand is not known ({type(error).__name__})"]
    fates = ", ".join(f"{count:,} {name}" for name, count in levels.fates.items())
    return [f"{agency}: {view.state}; {fates}", *(f"next: {step.why}: {step.command}" for step in view.next_steps)]
