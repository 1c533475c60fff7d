"""`meilenstein proposals`: decisions that wait for a second person."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision
from meilenstein.cli.output import JsonOption, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError
from meilenstein.store.proposals import STATES

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
    """List proposals, newest first. To confirm one, another person repeats the command that made it."""
    if state not in {*STATES, "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use {', '.join(STATES)} or ALL")
    with open_hub() as hub, hub.reading():
        found = hub.proposals().list(state=None if state == "ALL" else state, limit=limit)
    if as_json:
        print_json({"proposals": [{name: getattr(row, name) for name in row.__slots__} for row in found]})
        return
    show_table(
        f"{len(found)} proposals",
        ("proposal", "act", "about", "content", "by", "reason", "state", "since (UTC)"),
        [
            (
                row.id,
                row.kind,
                row.files or row.about,
                orjson.dumps(row.content).decode(),
                row.actor,
                row.reason,
                row.state,
                f"{row.proposed_at:%Y-%m-%d %H:%M}",
            )
            for row in found
        ],
    )


@proposals.command("withdraw")
def proposals_withdraw(
    proposal: Annotated[int, typer.Argument(help="Number of the proposal.", min=1)],
    reason: ReasonOption,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an open proposal back. Anybody may; it is recorded."""
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        said = hub.withdraw(proposal, actor=who, reason=why)
    progress_line(said)
    if as_json:
        print_json({"proposal": proposal, "state": "WITHDRAWN", "said": said})
