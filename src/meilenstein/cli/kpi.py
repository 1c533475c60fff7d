"""`meilenstein kpi`: the figures of a month, protected, as tables, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.errors import ConfigurationError
from meilenstein.kpi.files import FORMATS, revised, write_kpi
from meilenstein.kpi.report import as_json
from meilenstein.kpi.sentences import headline
from meilenstein.reports.files import REPORTS_FOLDER
from meilenstein.reports.language import ENGLISH
from meilenstein.reports.period import parse_month
from meilenstein.settings import load_settings

__all__ = ["add_kpi_command"]


def add_kpi_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(kpi)


def kpi(
    month: Annotated[str | None, typer.Option(help="Month, YYYY-MM; default the last one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default reports/ of the home.")] = None,
    format_: Annotated[
        str, typer.Option("--format", help="csv, json, html or all; the JSON is always written.")
    ] = "all",
    as_json_: JsonOption = False,
) -> None:
    """Write the monthly figures for the steering committee: small cells protected, nothing of a single case."""
    if format_ not in {*FORMATS, "all"}:
        raise ConfigurationError(f"--format {format_!r}: use {', '.join(FORMATS)} or all")
    first = parse_month(month) if month is not None else None
    settings = load_settings()
    folder = out or settings.home / REPORTS_FOLDER
    with open_hub(settings) as hub:
        made = revised(hub.kpi(settings.kpi_minimum).month(first), folder)
    files = write_kpi(made, folder, FORMATS if format_ == "all" else (format_,))
    for sentence in headline(made, ENGLISH):
        progress_line(sentence)
    if as_json_:
        print_json({**as_json(made), "files": [str(path) for path in files]})
    else:
        for path in files:
            typer.echo(path)
