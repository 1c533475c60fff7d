"""`meilenstein replay`: one decision about many quarantined items, that can be paused and goes on after a crash."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_actor, require_agency
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.cli.selection import (
    AgencyOption,
    CodeOption,
    ReadReasonOption,
    YoungerOption,
    check_number,
    decider,
    require_code,
)
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.acts import Decider
from meilenstein.stewardship.bulk import Told, Wanted
from meilenstein.store.bulk import BulkJob, counts_line

__all__ = ["Kind", "add_replay_commands", "job_line"]

replay = typer.Typer(help="One decision about many quarantined items.", no_args_is_help=True)

_SHOWN = 10_000
"""Items at most that are listed as not decided."""

JobArgument = Annotated[int, typer.Argument(help="Number of the job.")]


class Kind(StrEnum):
    """What a job does with each of its items."""

    REVALIDATE = "REVALIDATE"
    RELEASE = "RELEASE"
    REJECT = "REJECT"


def add_replay_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(replay, name="replay")


@replay.command("start")
def replay_start(
    kind: Annotated[Kind, typer.Option(help="REVALIDATE, RELEASE or REJECT.")],
    reason: ReadReasonOption,
    code: CodeOption = None,
    agency: AgencyOption = None,
    younger_than: YoungerOption = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a job over the open items of today that are meant; `replay run` does it."""
    who = decider(actor, reason)
    require_agency(agency)
    require_code(code)
    wanted = Wanted(kind=kind.value, code=code, agency=agency, younger_than=younger_than)
    with open_hub() as hub:
        work = hub.quarantine().bulk()
        if dry_run:
            counts = work.preview(wanted)
            progress_line(counts_line(counts))
            if as_json:
                print_json({"job": None, "counts": counts})
            return
        told = work.start(wanted, who)
    _tell(told, as_json)


@replay.command("list")
def replay_list(limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20, as_json: JsonOption = False) -> None:
    """List jobs, newest first."""
    with open_hub() as hub:
        jobs = hub.quarantine().jobs.newest(limit)
    if as_json:
        print_json({"jobs": [job.as_json() for job in jobs]})
        return
    show_table(
        counted(len(jobs), "job"),
        ("job", "kind", "state", "meant", "items", "counts", "by", "made (UTC)"),
        [
            (
                job.id,
                job.kind,
                job.state,
                _meant(job),
                f"{job.first_item}-{job.last_item}, next {job.next_item}",
                counts_line(job.counts),
                job.actor,
                f"{job.created_at:%Y-%m-%d %H:%M}",
            )
            for job in jobs
        ],
    )


@replay.command("show")
def replay_show(job: JobArgument, as_json: JsonOption = False) -> None:
    """Show a job: what it does, how far it is, and which items it could not decide."""
    check_number("job", job)
    with open_hub() as hub:
        jobs = hub.quarantine().jobs
        found, refused = jobs.one(job), jobs.refused(job, _SHOWN)
    if found is None:
        raise ConfigurationError(f"replay: there is no job {job}; `meilenstein replay list` shows what there is")
    if as_json:
        print_json({**found.as_json(), "refused": [{"item": item, "code": code} for item, code in refused]})
        return
    typer.echo(job_line(found))
    typer.echo(f"meant: {_meant(found)}; quarantined since {_second(found.selection['since'])} UTC")
    typer.echo(f"items {found.first_item} to {found.last_item}, next {found.next_item}")
    agreed = f", agreed by {found.confirmed_by}" if found.confirmed_by else ""
    typer.echo(f"by {found.actor}{agreed}: {found.reason}")
    if refused:
        show_table("Not decided: `meilenstein quarantine show ITEM` says more", ("item", "why"), refused)


@replay.command("run")
def replay_run(job: JobArgument, actor: ActorOption = None, as_json: JsonOption = False) -> None:
    """Go on with a job until it is done or paused. Ctrl-C or a crash loses nothing: run it again."""
    who = check_actor(actor)
    check_number("job", job)
    with open_hub() as hub:
        done = hub.quarantine().bulk().run(job, lambda now: progress_line(f"  {job_line(now)}"), actor=who)
    progress_line(job_line(done))
    if as_json:
        print_json(done.as_json())


@replay.command("confirm")
def replay_confirm(
    job: JobArgument, reason: ReasonOption, actor: ActorOption = None, as_json: JsonOption = False
) -> None:
    """Agree, as a second person, to a job that releases critical items."""
    who = decider(actor, reason)
    check_number("job", job)
    with open_hub() as hub:
        _tell(hub.quarantine().bulk().confirm(job, who), as_json)


@replay.command("pause")
def replay_pause(job: JobArgument, actor: ActorOption = None, as_json: JsonOption = False) -> None:
    """Let a job stop after its present transaction."""
    _steer(job, "pause", actor, as_json)


@replay.command("resume")
def replay_resume(job: JobArgument, actor: ActorOption = None, as_json: JsonOption = False) -> None:
    """Let a paused job be run again."""
    _steer(job, "resume", actor, as_json)


@replay.command("cancel")
def replay_cancel(job: JobArgument, actor: ActorOption = None, as_json: JsonOption = False) -> None:
    """End a job for good; what it has done stays done."""
    _steer(job, "cancel", actor, as_json)


def _steer(job: int, move: str, actor: str | None, as_json: bool) -> None:
    name = check_actor(actor)
    check_number("job", job)
    with open_hub() as hub:
        _tell(hub.quarantine().bulk().steer(job, move, Decider(actor=name, reason="")), as_json)


def _tell(told: Told, as_json: bool) -> None:
    progress_line(told.line)
    if as_json:
        print_json({"outcome": told.outcome, "line": told.line, "job": told.job.as_json()})


def job_line(job: BulkJob) -> str:
    """Return in one line what a job does and how far it is."""
    return f"job {job.id} {job.kind} {job.state}: {counts_line(job.counts)}"


def _second(instant: str) -> str:
    return f"{dt.datetime.fromisoformat(instant).astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"


def _meant(job: BulkJob) -> str:
    parts = [job.selection.get("code"), job.selection.get("agency"), f"{job.selection['younger_than']} days"]
    return ", ".join(part for part in parts if part)
