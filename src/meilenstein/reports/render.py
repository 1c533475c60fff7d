"""The page: one file that needs nothing else, in one language."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from meilenstein.reports import charts, sentences
from meilenstein.reports.language import LANGUAGES, Language
from meilenstein.reports.model import Act, Action, FeedState, ReportModel, Severity, TrendPoint, Urgency
from meilenstein.reports.period import Kind
from meilenstein.reports.words import words_of
from meilenstein_schemas.visible import visible

__all__ = ["page_environment", "page_frame", "render", "style_sheet"]

_FEW_LABELS = 14


def render(report: ReportModel, language_code: str, *, other: str | None = None) -> str:
    """Return the report as HTML. `other` is the file name of the same report in the other language, if there is one."""
    language = LANGUAGES[language_code]
    return _page().render(
        **page_frame(language_code, other),
        report=report,
        t=words_of(language_code),
        title=sentences.title(report, language),
        headline=sentences.headline(report, language),
        actions=[_action(action, language) for action in report.actions],
        balance=sentences.balance_sentences(report, language),
        idle=sentences.idle_sentence(report, language),
        never=sentences.never_sentence(report, language),
        groups=_groups(report),
        trend=_trend(report, language),
        course=partial(_course, language=language),
        **_names(),
    )


def page_frame(language_code: str, other: str | None) -> dict[str, Any]:
    """Return what every page has: its languages, and its style with the hash by which its policy allows it."""
    style = style_sheet()
    return {
        "language": LANGUAGES[language_code],
        "other_language": next(code for code in LANGUAGES if code != language_code),
        "other": other,
        "style": Markup(style),  # noqa: S704 - a file of this package
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }


@cache
def style_sheet() -> str:
    """Return the style of the page, without comments."""
    loader = PackageLoader("meilenstein.reports")
    source, _, _ = loader.get_source(Environment(autoescape=True), "report.css")
    return re.sub(r"/\*.*?\*/\s*", "", source, flags=re.DOTALL).strip() + "\n"


def page_environment(package: str) -> Environment:
    """Return what renders the templates of a package: every value is escaped, and a name that is not there fails."""
    return Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _page() -> Template:
    environment = page_environment("meilenstein.reports")
    environment.filters["isolated"] = _isolated
    environment.filters["coded"] = _coded
    return environment.get_template("report.html")


def _isolated(text: object) -> Markup:
    """Return a text of a machine so that its own direction and its controls stay inside it."""
    return Markup("<bdi>{}</bdi>").format(visible(str(text)))


def _coded(text: str) -> Markup:
    """Return a text in which `names of fields` stand as code."""
    parts = text.split("`")
    code, words = Markup("<code>{}</code>"), Markup("{}")
    return Markup("").join((code if place % 2 else words).format(part) for place, part in enumerate(parts))


def _names() -> Mapping[str, Any]:
    """Return what the template compares with."""
    return {"Kind": Kind, "FeedState": FeedState, "Severity": Severity, "Urgency": Urgency, "Act": Act}


def _action(action: Action, language: Language) -> Mapping[str, Any]:
    what, todo = sentences.action_sentence(action, language)
    return {"what": what, "todo": todo, "commands": action.commands, "urgency": action.urgency.name.lower()}


def _groups(report: ReportModel) -> list[tuple[str, list[Any]]]:
    groups = [(str(severity), [part for part in report.reasons if part.severity is severity]) for severity in Severity]
    return [(name, parts) for name, parts in groups if parts]


def _trend(report: ReportModel, language: Language) -> Mapping[str, Any]:
    return {
        "all": charts.stacked_panel(report.trend),
        "quarantined": charts.quarantined_panel(report.trend),
        "labels": _labels(report.trend, report.period.kind, language),
        "sentence": sentences.trend_sentence(report, language),
        "name": _slot_name(report.period.kind, language),
    }


def _labels(points: Sequence[TrendPoint], kind: Kind, language: Language) -> list[tuple[str, str, bool]]:
    """Return two short lines under each bar, and whether it is the reported slot."""
    labels = []
    for place, point in enumerate(points):
        current = point.current and kind is not Kind.MONTH
        if kind is Kind.RUN:
            shown = place in {0, len(points) - 1}
            labels.append((point.slot if shown else "", "", current))
        elif len(points) <= _FEW_LABELS:
            labels.append((language.weekday(point.day)[:2], str(point.day.day), current))
        else:
            labels.append((str(point.day.day) if point.day.day == 1 or not point.day.day % 5 else "", "", current))
    return labels


def _slot_name(kind: Kind, language: Language) -> Callable[[TrendPoint], str]:
    if kind is Kind.RUN:
        return lambda point: f"{point.slot} ({language.short_day(point.day)})"
    return lambda point: f"{language.weekday(point.day)[:2]} {language.short_day(point.day)}"


def _course(counts: Sequence[int], *, language: Language) -> tuple[charts.Panel, str]:
    return charts.course(counts), sentences.course_sentence(list(counts), language)
