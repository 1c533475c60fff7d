"""Reports as files: two pages that point to each other, and the same as JSON; readable by their owner only."""

from __future__ import annotations

import json
from pathlib import Path

from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private
from meilenstein.reports.language import LANGUAGES
from meilenstein.reports.model import ReportModel
from meilenstein.reports.plain import as_json
from meilenstein.reports.render import render

__all__ = ["REPORTS_FOLDER", "open_folder", "page_name", "write_page", "write_report", "write_text"]

REPORTS_FOLDER = "reports"
"""Where reports go below the home of the instance."""


def page_name(report: ReportModel, language: str) -> str:
    """Return the file name of the report's page in a language."""
    return f"{report.period.name}.{language}.html"


def write_report(report: ReportModel, folder: Path) -> list[Path]:
    """Write both pages and the JSON into the folder, made if absent, and return them; an earlier report is replaced."""
    open_folder(folder)
    first, second = LANGUAGES
    texts = {
        page_name(report, first): render(report, first, other=page_name(report, second)),
        page_name(report, second): render(report, second, other=page_name(report, first)),
        f"{report.period.name}.json": json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n",
    }
    return [write_text(folder / name, text) for name, text in texts.items()]


def write_page(report: ReportModel, path: Path, language: str) -> Path:
    """Write one page under the given name."""
    return write_text(path, render(report, language))


def open_folder(folder: Path) -> None:
    """Make a folder, readable by its owner only, where there is none."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from None


def write_text(path: Path, text: str) -> Path:
    """Write a file whole, readable by its owner only; an earlier one is replaced."""
    try:
        write_private(path, text)
    except OSError as error:
        raise _refused(path, error) from None
    return path


def _refused(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"report: cannot write {path} ({error.strerror or error}); choose another place by --out")
