"""`meilenstein backup` and `meilenstein restore`: what only the database knows, kept in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meilenstein.bootstrap import Hub
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.embedded.postgres import binaries_folder
from meilenstein.errors import ConfigurationError
from meilenstein.operations import backup as database_backup
from meilenstein.operations.backup import Programs
from meilenstein.settings import Endpoints, load_endpoints, load_settings

__all__ = ["add_backup_commands"]


def add_backup_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; must not exist.")], as_json: JsonOption = False
) -> None:
    """Write the database to a file while everything runs on. Kafka's records are not in it; see the handbook."""
    endpoints = load_endpoints(load_settings())
    size = database_backup.back_up(_owner(endpoints), file, _programs())
    progress_line(f"{file}: {size / 2**20:.1f} MB")
    if as_json:
        print_json({"file": str(file), "bytes": size})


def restore(
    file: Annotated[Path | None, typer.Argument(help="A file that `meilenstein backup` wrote.")] = None,
    feeds_only: Annotated[
        bool, typer.Option("--feeds-only", help="The database was restored with other tools: only align the feeds.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Replace the database without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Replace the database by a backup, and revoke on the feeds what it has forgotten; the next run catches up."""
    if (file is None) != feeds_only:
        raise ConfigurationError(
            "restore: name the backup file, or --feeds-only where the database is restored already"
        )
    endpoints = load_endpoints(load_settings())
    if file is not None:
        owner = _owner(endpoints)
        if not yes:
            typer.confirm("Everything that was decided since the backup will be lost. Go on?", abort=True, err=True)
        database_backup.restore(owner, file, _programs())
    with Hub(endpoints) as hub:
        hub.prepare()
        report = hub.align_feeds()
    progress_line(
        f"feeds: {report.behind} cases were ahead of the database and {report.forgotten} unknown to it, all revoked; "
        "`meilenstein run --once` reads again what came since"
    )
    if as_json:
        print_json({"restored": str(file or ""), "behind": report.behind, "forgotten": report.forgotten})


def _owner(endpoints: Endpoints) -> str:
    if not endpoints.owner_database_url:
        raise ConfigurationError(
            "this database is not the instance's own: use your PostgreSQL tools (see the operations handbook)"
        )
    return endpoints.owner_database_url


def _programs() -> Programs:
    return Programs(binaries_folder())
