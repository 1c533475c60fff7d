"""What the tasks of the DAGs call: one step, the outcome of a run, and the agencies that a bad run concerns."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from meilenstein.airflow.faults import failing
from meilenstein.airflow.grid import show
from meilenstein.bootstrap import open_hub, run_step, utc_now
from meilenstein.errors import told
from meilenstein.monitoring.affected import Affected
from meilenstein.settings import load_settings
from meilenstein.stewardship.confirmation import resume_command
from meilenstein.summary import STEPS

__all__ = ["affected_agencies", "name_agency", "run_step_task"]

_log = logging.getLogger("meilenstein.airflow")


def run_step_task(name: str) -> dict[str, object]:
    """Run a step and return its summary: counts only. What cannot succeed on repetition is not repeated."""
    show("failed")  # until it did not
    with failing(name, see=f"meilenstein {name}"):
        summary = run_step(name, run_id=str(get_current_context()["run_id"]))
    show(_line(summary))
    return summary


def affected_agencies(summaries: Sequence[dict[str, Any] | None]) -> list[dict[str, str]]:
    """Show the run in one line, and return the agencies that it went badly for: each becomes a task that fails.

    Fails itself where a step failed, or where the registry deceives, and no agency can be named.
    """
    given = [summary for summary in summaries if summary]
    line = "; ".join(f"{summary['step']} {_line(summary)}" for summary in given)
    # Tasks run in the order of the steps, so the gaps say which of them gave no summary.
    failed = [name for name, summary in zip(STEPS, summaries, strict=False) if not summary]
    found = [*_of_summaries(given), *(_left_behind(failed) if failed else ())]
    if failed:
        show(f"FAILED: {', '.join(failed)}. {line}")
        if not found:
            raise AirflowFailException(f"{', '.join(failed)} failed: open the red task. Done: {line or 'nothing'}")
    elif any(summary["waits"].get("schemas_mismatched") for summary in given):
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


def _of_summaries(summaries: Sequence[dict[str, Any]]) -> Iterator[Affected]:
    """Return the agencies whose partition halted in this run, and those whose topic is missing."""
    for summary in summaries:
        if summary["counts"].get("halted"):
            for halt in summary["halted"]:
                where, _, reason = halt.partition(": ")
                topic, _, partition = where.rpartition("-")
                yield Affected(
                    agency=topic.partition(".")[2],
                    what=reason,
                    command=f'{resume_command(topic, int(partition))} --reason "what happened to the log"',
                )
        for topic in summary["missing"]:
            yield Affected(agency=topic.partition(".")[2], what="topic is missing", command="meilenstein topics apply")


def _left_behind(failed: Sequence[str]) -> list[Affected]:
    try:
        with open_hub() as hub:
            return hub.left_behind(failed)
    except Exception as error:  # noqa: BLE001 - the run fails anyway, only less precisely
        _log.warning("whom it concerns is not known: %s", told(error))
        return []


def _status_lines(agency: str) -> list[str]:
    from meilenstein.monitoring.agency import view_agency  # noqa: PLC0415 - only where something is wrong
    from meilenstein.monitoring.configuration import limits_of  # noqa: PLC0415

    try:
        settings = load_settings()
        with open_hub(settings) as hub:
            levels = hub.agency_levels(agency)
        view = view_agency(levels, alarms=(), bounds=None, limits=limits_of(settings), now=utc_now())
    except Exception as error:  # noqa: BLE001 - the run fails anyway, only less precisely
        return [f"{agency}: how things stand is not known ({told(error)})"]
    fates = ", ".join(f"{count:,} {name}" for name, count in levels.fates.items())
    return [f"{agency}: {view.state}; {fates}", *(f"next: {step.why}: {step.command}" for step in view.next_steps)]
