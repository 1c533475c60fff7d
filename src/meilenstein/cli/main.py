"""The entry point: assembles the commands, and turns errors into one line and an exit code.

Exit codes: 0 good, 1 a finding or a failed check, 2 configuration, 3 worth trying again.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from meilenstein.cli.contracts import add_contract_commands
from meilenstein.cli.cursor import add_cursor_commands
from meilenstein.cli.demo import add_demo_command
from meilenstein.cli.instance import add_instance_commands
from meilenstein.cli.partner import add_partner_commands
from meilenstein.cli.steps import add_step_commands
from meilenstein.cli.steward import add_steward_commands
from meilenstein.errors import MeilensteinError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Meilenstein: milestones of a case, from agency to agency.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("meilenstein"))
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and end.")
    ] = False,
) -> None:
    """Read what all commands share."""


add_instance_commands(app)
add_demo_command(app)
add_step_commands(app)
add_steward_commands(app)
add_partner_commands(app)
add_contract_commands(app)
add_cursor_commands(app)


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        app()
    except MeilensteinError as error:
        sys.stderr.write(f"meilenstein: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
