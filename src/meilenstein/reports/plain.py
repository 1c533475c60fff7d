"""The report as plain values: what the page says, sentences in both languages included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meilenstein.reports import sentences
from meilenstein.reports.language import LANGUAGES
from meilenstein.reports.model import Action, AgencyPart, Fates, ReasonPart, ReportModel

__all__ = ["FORMAT", "as_json"]

FORMAT = 1
"""Version of the shape; it grows when a name changes its meaning or goes away."""


def as_json(report: ReportModel) -> dict[str, Any]:
    """Return the report as values that JSON has."""
    period = report.period
    return {
        "format": FORMAT,
        "kind": str(period.kind),
        "name": period.name,
        "run": period.run,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "made_at": report.made_at.isoformat(),
        "version": report.program,
        "urgency": report.urgency.name if report.urgency is not None else None,
        "headline": {code: " ".join(sentences.headline(report, language)) for code, language in LANGUAGES.items()},
        "todo": [_action(action) for action in report.actions],
        "open_items": {name: getattr(report.open_items, name) for name in report.open_items.__slots__},
        "records": _fates(report.fates),
        "usual": _fates(report.usual) if report.usual else None,
        "agencies": [_agency(part) for part in report.agencies],
        "idle": [_agency(part) for part in report.idle],
        "never_sent": [key for key, _ in report.never],
        "reasons": [_reason(part) for part in report.reasons],
        "findings": [
            {"code": part.code, "severity": str(part.severity), "count": part.count, "title": dict(part.title),
             "todo": dict(part.todo)}
            for part in report.findings
        ],
        "trend": [{"slot": point.slot, "day": point.day.isoformat(), **_fates(point.fates)} for point in report.trend],
        "versions": [
            {"suite": part.suite, "data": part.data, "runs": part.runs, "rules": part.rules,
             "first_at": part.first_at.isoformat(), "last_at": part.last_at.isoformat()}
            for part in report.versions
        ],
        "conserved": report.conserved,
        "partitions": report.partitions,
    }  # fmt: skip


def _fates(fates: Fates) -> dict[str, Any]:
    return {name: getattr(fates, name) for name in ("arrived", *fates.__slots__)} | {
        "share_accepted": None if fates.share_accepted is None else round(fates.share_accepted, 4)
    }


def _action(action: Action) -> dict[str, Any]:
    told = {code: sentences.action_sentence(action, language) for code, language in LANGUAGES.items()}
    return {
        "act": str(action.act),
        "urgency": action.urgency.name,
        "count": action.count,
        "agencies": [key for key, _, _ in action.agencies],
        "what": {code: what for code, (what, _) in told.items()},
        "todo": {code: todo for code, (_, todo) in told.items()},
        "commands": list(action.commands),
    }


def _agency(part: AgencyPart) -> dict[str, Any]:
    return {
        "agency": part.key,
        "name": dict(part.name),
        "state": str(part.state),
        **_fates(part.fates),
        "last_at": part.last_at.isoformat() if part.last_at else None,
        "days_silent": part.days_silent,
        "trend": list(part.trend),
        "halted": list(part.halted),
    }


def _reason(part: ReasonPart) -> Mapping[str, Any]:
    return {
        "code": part.code,
        "severity": str(part.severity),
        "count": part.count,
        "open": part.open,
        "expected": None if part.usual is None else round(part.usual, 2),
        "jumped": part.jumped,
        "text": dict(part.text),
        "how": dict(part.how),
        "agencies": {key: n for key, _, n in part.agencies},
        "examples": [
            {"event_id": one.event_id, "place": one.place, "event_type": one.event_type, "item": one.item}
            for one in part.examples
        ],
    }
