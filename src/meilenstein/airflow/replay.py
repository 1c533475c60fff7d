"""What the tasks of `meilenstein_replay` call: make a job, run it, say what came of it. They pass on counts only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from meilenstein.airflow.faults import failing
from meilenstein.bootstrap import Hub, open_hub
from meilenstein.dag_names import REPLAY
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.acts import Decider
from meilenstein.stewardship.bulk import Wanted
from meilenstein.store.bulk import counts_line

__all__ = ["run_job_task", "start_job_task", "told_of_job"]

_LIST = "meilenstein replay list"


def start_job_task(params: Mapping[str, Any], opened: Callable[[], Hub] = open_hub) -> dict[str, object]:
    """Make the job that the form asks for, or only count; a repeated task finds the job it made."""
    with failing("replay start", see=_LIST), opened() as hub:
        agency = params["agency"] or None
        if agency is not None and agency not in hub.directory.agencies:
            raise ConfigurationError(f"agency {agency!r} is not in the directory")
        wanted = Wanted(
            kind=params["kind"], code=params["code"] or None, agency=agency, younger_than=params["younger_than"]
        )
        work = hub.quarantine().bulk()
        if params["dry_run"]:
            return {"job": None, "state": "DRY_RUN", "counts": work.preview(wanted)}
        decider = Decider(actor=_line(params, "actor"), reason=_line(params, "reason"))
        job = work.start(wanted, decider).job
        return {"job": job.id, "state": job.state, "counts": job.progress}


def run_job_task(started: Mapping[str, Any], opened: Callable[[], Hub] = open_hub) -> dict[str, object]:
    """Go on with the job until it is done; one that waits for a second person, and a dry run, stay as they are."""
    if started["job"] is None or started["state"] == "PROPOSED":
        return dict(started)
    with failing("replay run", see=_LIST), opened() as hub:
        job = hub.quarantine().bulk().run(started["job"], actor=REPLAY)
        return {"job": job.id, "state": job.state, "counts": job.progress}


def told_of_job(done: Mapping[str, Any] | None) -> str:
    """Return one line on the run; fail it where nothing is known of the job."""
    if done is None:
        raise AirflowFailException(f"a step failed: open the red task; `{_LIST}` shows how far the job is")
    counts = counts_line(done["counts"]) or "nothing"
    if done["job"] is None:
        return f"dry run, nothing was changed: {counts}"
    job = done["job"]
    if done["state"] == "PROPOSED":
        return f"job {job} waits for a second person: `meilenstein replay confirm {job}`, then `... run {job}`"
    if done["state"] == "PAUSED":
        return f"job {job} is paused: {counts}; go on with `meilenstein replay resume {job}`"
    return f"job {job} {done['state']}: {counts}"


def _line(params: Mapping[str, Any], name: str) -> str:
    """Return a text of the form as it is recorded; the form's schema has seen to its length."""
    text = str(params[name]).strip()
    if not text or not text.isprintable():
        raise ConfigurationError(f"{name} is empty, or holds a character that cannot be shown")
    return text
