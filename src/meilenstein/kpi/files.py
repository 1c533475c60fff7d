"""Monthly figures as files: tables as CSV, everything as JSON, two pages; readable by their owner only."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from meilenstein.errors import ConfigurationError
from meilenstein.kpi.columns import columns_of
from meilenstein.kpi.page import render
from meilenstein.kpi.report import KpiReport, as_json, digest
from meilenstein.kpi.tables import Table
from meilenstein.reports.files import open_folder, write_text
from meilenstein.reports.language import LANGUAGES
from meilenstein.stewardship.export import write_csv

__all__ = ["FORMATS", "page_name", "revised", "write_kpi"]

FORMATS = ("csv", "json", "html")


def page_name(report: KpiReport, language: str) -> str:
    """Return the file name of the page in a language."""
    return f"{report.name}.{language}.html"


def revised(report: KpiReport, folder: Path) -> KpiReport:
    """Return the report with its number of revision, by what the folder holds of the month already."""
    earlier = _earlier(folder / f"{report.name}.json")
    if earlier is None:
        return report
    return replace(report, revision=earlier["revision"] + (earlier["digest"] != digest(report)))


def _earlier(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("revision"), int) or "digest" not in found:
        raise ConfigurationError(
            f"kpi: {path} is no export of this month; move it away, or name another folder by --out"
        )
    return found


def write_kpi(report: KpiReport, folder: Path, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write the files of these formats into the folder, made if absent; earlier ones are replaced.

    The JSON is always written: it is what the next revision is counted from.
    """
    open_folder(folder)
    texts: dict[str, str] = {}
    if "csv" in formats:
        texts.update({f"{report.name}-{name}.csv": _csv(table) for name, table in report.tables.items()})
    texts[f"{report.name}.json"] = json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n"
    if "html" in formats:
        first, second = LANGUAGES
        texts[page_name(report, first)] = render(report, first, other=page_name(report, second))
        texts[page_name(report, second)] = render(report, second, other=page_name(report, first))
    return [write_text(folder / name, text) for name, text in texts.items()]


def _csv(table: Table) -> str:
    out = io.StringIO(newline="")
    write_csv(out, tuple(columns_of(table.name)), iter(table.rows))
    return out.getvalue()
