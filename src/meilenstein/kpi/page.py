"""The page: one file that needs nothing else, in one language, in the style of the validation report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Template

from meilenstein.kpi import sentences
from meilenstein.kpi.bars import bar, span
from meilenstein.kpi.columns import CLASSES, COLUMNS
from meilenstein.kpi.names import LEVELS
from meilenstein.kpi.report import KpiReport
from meilenstein.kpi.variables import LEGAL, POPULATIONS, VARIABLES
from meilenstein.kpi.words import words_of
from meilenstein.reports.language import LANGUAGES, Language
from meilenstein.reports.render import page_environment, page_frame

__all__ = ["render"]

Row = Mapping[str, Any]
_SHOWN = ("applications", "decisions", "pending", "overdue")
_REFERRED = ("sent", "accepted", "declined", "returned", "to_application", "unanswered", "overdue")


def render(report: KpiReport, language_code: str, *, other: str | None = None) -> str:
    """Return the figures as HTML. `other` is the file name of the page in the other language, if there is one."""
    language = LANGUAGES[language_code]
    rows = report.tables["procedures"].rows
    return _page().render(
        **page_frame(language_code, other),
        report=report,
        t=words_of(language_code),
        label={name: text[language_code] for name, text in COLUMNS.items()},
        level={name: text[language_code] for name, text in LEVELS.items()},
        title=sentences.title(report, language),
        headline=sentences.headline(report, language),
        basis=sentences.basis(report, language),
        figures=[*((name, rows[0][name]) for name in _SHOWN), ("sent", report.tables["referrals"].rows[0]["sent"])],
        outcomes=_outcomes(rows[0], language),
        sections=_sections(rows, language),
        shown=_SHOWN,
        durations=_durations(report, language),
        referred=_REFERRED,
        referrals=[_named(row, language) for row in report.tables["referrals"].rows if _any(row, _REFERRED)],
        legal=_legal(language),
        variables=_variables(report, language),
    )


@cache
def _page() -> Template:
    return page_environment("meilenstein.kpi").get_template("kpi.html")


def _named(row: Row, language: Language) -> dict[str, Any]:
    return {**row, "name": row[f"name_{language.code}"]}


def _any(row: Row, columns: Iterable[str]) -> bool:
    return row["level"] == "LAND" or any(row[column] for column in columns)


def _outcomes(land: Row, language: Language) -> list[dict[str, Any]]:
    columns = (*CLASSES, "outcome_unknown", "no_decision", "pending")
    most = max(land[column] for column in columns)
    return [
        {"name": COLUMNS[column][language.code], "value": land[column], "bars": bar(land[column], most)}
        for column in columns
    ]


def _sections(rows: Sequence[Row], language: Language) -> list[dict[str, Any]]:
    """Return the tables of procedures: by district, by body, by group."""
    sections = []
    for name, levels in (
        ("regions", ("LAND", "DIREKTIONSBEZIRK", "DISTRICT")),
        ("bodies", ("BODY",)),
        ("groups", ("TRAINING", "ROUTE")),
    ):
        found = [_named(row, language) for row in rows if row["level"] in levels]
        kept = found if name == "regions" else [row for row in found if _any(row, _SHOWN)]
        most = max(
            (row["applications"] or 0 for row in kept if row["level"] not in {"LAND", "DIREKTIONSBEZIRK"}), default=0
        )
        for row in kept:
            summed = row["level"] in {"LAND", "DIREKTIONSBEZIRK"}
            row["bars"] = [] if summed else bar(row["applications"], most)
        sections.append({"id": name, "rows": kept})
    return sections


def _durations(report: KpiReport, language: Language) -> dict[str, list[dict[str, Any]]]:
    """Return what each clock took in the Land, and in all groups."""
    rows = report.tables["durations"].rows
    land = [_timed(row, language) for row in rows if row["level"] == "LAND"]
    most = max((row["days_q3"] for row in land), default=0)
    for row in land:
        row["bars"] = span(row["days_q1"], row["days_median"], row["days_q3"], most)
    return {"land": land, "all": [_timed(row, language) for row in rows if row["level"] != "LAND"]}


def _timed(row: Row, language: Language) -> dict[str, Any]:
    words = words_of(language.code)["days_between"]
    said = words.format(low=row["days_q1"], high=row["days_q3"], median=row["days_median"])
    return {**_named(row, language), "clock_name": row[f"clock_{language.code}"], "said": said}


def _legal(language: Language) -> list[dict[str, Any]]:
    place = 0 if language.code == "de" else 1
    return [
        {"number": one.number, "name": one.name[place], "there": bool(one.found), "note": one.note[place]}
        for one in LEGAL
    ]


def _variables(report: KpiReport, language: Language) -> list[dict[str, Any]]:
    place = 0 if language.code == "de" else 1
    return [
        {
            **_named(row, language),
            "label": VARIABLES[row["variable"]].label[place],
            "of": POPULATIONS[row["population"]][place],
        }
        for row in report.tables["variables"].rows
    ]
