"""`meilenstein proposals`: decisions that wait for a second person."""

from __future__ import annotations

from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.confirmation import confirm_command
from meilenstein.store.proposals import STATES, Proposal

__all__ = ["add_proposal_commands"]

proposals = typer.Typer(help="Decisions that wait for a second person: list, withdraw.", no_args_is_help=True)


def add_proposal_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(proposals, name="proposals")


@proposals.command("list")
def proposals_list(
    state: Annotated[str, typer.Option(help="OPEN, CONFIRMED, WITHDRAWN, OVERTAKEN or ALL.")] = "OPEN",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List proposals, newest first, each with the command by which another person confirms it."""
    if state not in {*STATES, "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use {', '.join(STATES)} or ALL")
    with open_hub() as hub:
        found = hub.proposals().list(state=None if state == "ALL" else state, limit=limit)
    if as_json:
        print_json({"proposals": [_plain(row) for row in found]})
        return
    show_table(
        counted(len(found), "proposal"),
        ("proposal", "act", "about", "by", "reason", "state", "since (UTC)", "another person confirms with"),
        [
            (
                row.id,
                row.kind,
                row.files or row.about,
                row.actor,
                row.reason,
                row.state,
                f"{row.proposed_at:%Y-%m-%d %H:%M}",
                _command(row) or "",
            )
            for row in found
        ],
    )


def _command(row: Proposal) -> str | None:
    return confirm_command(row) or "the command that made it" if row.state == "OPEN" else None


def _plain(row: Proposal) -> dict[str, object]:
    plain = {name: getattr(row, name) for name in row.__slots__}
    return {**plain, "command": confirm_command(row) if row.state == "OPEN" else None}


@proposals.command("withdraw")
def proposals_withdraw(
    proposal: Annotated[int, typer.Argument(help="Number of the proposal.", min=1)],
    reason: ReasonOption,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an open proposal back. Anybody may; it is recorded. That of a job ends by `replay cancel`."""
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        said = hub.withdraw(proposal, actor=who, reason=why)
    progress_line(said)
    if as_json:
        print_json({"proposal": proposal, "state": "WITHDRAWN", "said": said})
