"""`meilenstein cursor`: partitions that stand still until two people have looked."""

from __future__ import annotations

from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision
from meilenstein.cli.output import JsonOption, print_json, progress_line

__all__ = ["add_cursor_commands"]

cursor = typer.Typer(help="Halted partitions.", no_args_is_help=True)


def add_cursor_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(cursor, name="cursor")


@cursor.callback()
def _group() -> None:
    """Keep the group a group while it holds one command."""


@cursor.command("resume")
def cursor_resume(
    topic: Annotated[str, typer.Argument(help="Topic, for instance milestones.zefas.")],
    reason: ReasonOption,
    partition: Annotated[int, typer.Option(min=0)] = 0,
    at: Annotated[int | None, typer.Option(min=0, help="Offset to go on at; default where it stood.")] = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a halted partition go on: the first person proposes it, a second one repeats the command."""
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        done = hub.resume(topic, partition=partition, at=at, reason=why, actor=who)
    progress_line(done.said)
    if as_json:
        print_json(
            {
                "topic": topic,
                "partition": partition,
                "resumed": done.resumed,
                "proposal": done.proposal_id,
                "said": done.said,
            }
        )
