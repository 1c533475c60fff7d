"""`meilenstein cursor`: partitions that stand still until a person has looked."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
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
    reason: Annotated[str, typer.Option(help="What happened to the log; recorded with your name.")],
    partition: Annotated[int, typer.Option(min=0)] = 0,
    at: Annotated[int | None, typer.Option(min=0, help="Offset to go on at; default where it stood.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Let a halted partition go on; offsets that are passed over become a recorded gap."""
    with open_hub() as hub:
        line = hub.resume(topic, partition=partition, at=at, reason=reason, actor=getpass.getuser())
    progress_line(line)
    if as_json:
        print_json({"resumed": topic, "partition": partition})
