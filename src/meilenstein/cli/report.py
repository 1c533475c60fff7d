"""`meilenstein report`: how a day, a month or one validation run was, and what to do next, as a page."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import parse_day
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.errors import ConfigurationError
from meilenstein.reports.files import REPORTS_FOLDER, page_name, write_page, write_report
from meilenstein.reports.language import LANGUAGES
from meilenstein.reports.make import Reports
from meilenstein.reports.model import ReportModel
from meilenstein.reports.period import parse_month
from meilenstein.reports.plain import as_json
from meilenstein.reports.sentences import headline
from meilenstein.settings import load_settings

__all__ = ["add_report_command"]


def add_report_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(report)


def report(
    run: Annotated[int | None, typer.Option(help="Number of a validation run.")] = None,
    day: Annotated[str | None, typer.Option(help="Day in Berlin, YYYY-MM-DD; default today.")] = None,
    month: Annotated[str | None, typer.Option(help="Month, YYYY-MM.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the page that is named and opened: de or en.")] = "de",
    out: Annotated[
        Path | None, typer.Option(help="File ending in .html, or folder; default reports/ of the home.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    as_json_: JsonOption = False,
) -> None:
    """Write the validation report of a day, a month or one run: what came, what was quarantined and why, what to do."""
    if lang not in LANGUAGES:
        raise ConfigurationError(f"--lang {lang!r}: use de or en")
    if sum(option is not None for option in (run, day, month)) > 1:
        raise ConfigurationError("report: say only one of --run, --day and --month")
    settings = load_settings()
    with open_hub(settings) as hub:
        made = _make(hub.reports(), run=run, day=day, month=month)
    page, files = _write(made, out or settings.home / REPORTS_FOLDER, lang)
    for sentence in headline(made, LANGUAGES[lang]):
        progress_line(sentence)
    if as_json_:
        print_json({**as_json(made), "files": [str(path) for path in files]})
    else:
        typer.echo(page)
    if open_ and not webbrowser.open(page.absolute().as_uri()):
        progress_line(f"no browser could be started; open {page} yourself")


def _make(reports: Reports, *, run: int | None, day: str | None, month: str | None) -> ReportModel:
    if run is not None:
        return reports.run(run)
    if month is not None:
        return reports.month(parse_month(month))
    return reports.day(parse_day(day) if day else None)


def _write(made: ReportModel, out: Path, lang: str) -> tuple[Path, list[Path]]:
    if out.suffix.lower() in {".html", ".htm"} and not out.is_dir():
        page = write_page(made, out, lang)
        return page, [page]
    files = write_report(made, out)
    return out / page_name(made, lang), files
