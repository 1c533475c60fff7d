"""What the page says in sentences, in the manner of its language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meilenstein.kpi.report import KpiReport
from meilenstein.reports.language import Language

__all__ = ["basis", "headline", "title"]


def title(report: KpiReport, language: Language) -> str:
    """Return the title of the page."""
    month = language.month(dt.date.fromisoformat(report.month.first))
    return f"Kennzahlen {month}" if language.code == "de" else f"Figures for {month}"


def headline(report: KpiReport, language: Language) -> list[str]:
    """Return what came, what was decided and what is open, in at most three sentences."""
    land, sent = report.tables["procedures"].rows[0], report.tables["referrals"].rows[0]
    said = {name: language.number(value) for name, value in {**sent, **land}.items() if isinstance(value, int)}
    if language.code == "de":
        came = f"{said['applications']} Anträge, {said['decisions']} erste Bescheide, {said['sent']} Verweise."
        stands = (
            f"Am {_day(report, language)} waren {said['pending']} Verfahren offen; "
            f"bei {said['overdue']} davon war eine Frist vorbei, ohne dass ihr Ende bekannt war."
        )
    else:
        came = f"{said['applications']} applications, {said['decisions']} first decisions, {said['sent']} referrals."
        stands = (
            f"On {_day(report, language)} {said['pending']} procedures were open; "
            f"for {said['overdue']} of them a period was over without a known stop."
        )
    return [came, stands, *_provisional(report, language)]


def _provisional(report: KpiReport, language: Language) -> list[str]:
    if not report.month.provisional:
        return []
    if language.code == "de":
        return ["Der Monat ist nicht zu Ende: vorläufige Zahlen."]
    return ["The month is not over: provisional figures."]


def basis(report: KpiReport, language: Language) -> str:
    """Return as of when, known when, and which revision."""
    values: dict[str, Any] = {
        "day": _day(report, language),
        "known": language.instant(report.known_at),
        "revision": report.revision,
    }
    if language.code == "de":
        text = "Stand der Tatsachen: {day}; so bekannt am {known}. Fassung {revision}."
    else:
        text = "Facts as of {day}, as known on {known}. Revision {revision}."
    return text.format(**values)


def _day(report: KpiReport, language: Language) -> str:
    return language.day(dt.date.fromisoformat(report.month.as_of))
