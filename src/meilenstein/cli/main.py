"""The entry point: assembles the commands, and turns errors into one line and an exit code.

Exit codes: 0 good, 1 a finding or a failed check, 2 configuration, 3 worth trying again, 70 a fault of the program.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import TyperException

from meilenstein.cli.alarms import add_alarm_commands
from meilenstein.cli.audit import add_audit_commands
from meilenstein.cli.backup import add_backup_commands
from meilenstein.cli.bench import add_bench_command
from meilenstein.cli.case import add_case_command
from meilenstein.cli.competent import add_competent_command
from meilenstein.cli.contracts import add_contract_commands
from meilenstein.cli.cursor import add_cursor_commands
from meilenstein.cli.deadline import add_deadline_command
from meilenstein.cli.demo import add_demo_command
from meilenstein.cli.evaluate import add_evaluate_command
from meilenstein.cli.explain import add_explain_command
from meilenstein.cli.findings import add_finding_commands
from meilenstein.cli.instance import add_instance_commands
from meilenstein.cli.kpi import add_kpi_command
from meilenstein.cli.links import add_link_commands
from meilenstein.cli.number import add_number_commands
from meilenstein.cli.partner import add_partner_commands
from meilenstein.cli.proposals import add_proposal_commands
from meilenstein.cli.quarantine import add_quarantine_commands
from meilenstein.cli.replay import add_replay_commands
from meilenstein.cli.report import add_report_command
from meilenstein.cli.steps import add_step_commands
from meilenstein.cli.watch import add_watch_command
from meilenstein.errors import ConfigurationError, MeilensteinError, fault_of
from meilenstein.monitoring.logs import configure_logging
from meilenstein.settings import load_settings
from meilenstein_schemas.visible import visible

__all__ = ["INTERNAL_FAULT", "app", "main"]

INTERNAL_FAULT = 70
"""Exit code of a fault that nobody foresaw."""

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
    with suppress(ConfigurationError):  # a command that needs the settings says itself what is wrong with them
        configure_logging(load_settings().log_format)


add_instance_commands(app)
add_demo_command(app)
add_step_commands(app)
add_deadline_command(app)
add_explain_command(app)
add_competent_command(app)
add_report_command(app)
add_kpi_command(app)
add_watch_command(app)
add_alarm_commands(app)
add_case_command(app)
add_quarantine_commands(app)
add_replay_commands(app)
add_finding_commands(app)
add_link_commands(app)
add_number_commands(app)
add_partner_commands(app)
add_contract_commands(app)
add_cursor_commands(app)
add_proposal_commands(app)
add_audit_commands(app)
add_backup_commands(app)
add_bench_command(app)
add_evaluate_command(app)


def main() -> None:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        ended = app(prog_name="meilenstein", standalone_mode=False)
        sys.exit(ended if isinstance(ended, int) else 0)
    except MeilensteinError as error:
        sys.stderr.write(f"meilenstein: {error}\n")
        sys.exit(error.exit_code)
    except TyperException as error:
        sys.exit(_tell_misuse(error))
    except typer.Abort:
        sys.stderr.write("meilenstein: not agreed; nothing was changed\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - whatever it is: its text may quote values of rows, a traceback as well
        sys.stderr.write(f"meilenstein: a fault of the program: {fault_of(error)}; please report this line\n")
        sys.exit(INTERNAL_FAULT)


def _tell_misuse(error: TyperException) -> int:
    """Tell in one line what of the words typed cannot be meant, and where it is explained; return the exit code."""
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "meilenstein"
    what = visible(" ".join(error.format_message().split())).rstrip(".")
    if not what:  # a group of commands named alone: its help stands on the screen
        return error.exit_code
    sys.stderr.write(f"meilenstein: {what[0].lower()}{what[1:]}; see `{command} --help`\n")
    return error.exit_code
