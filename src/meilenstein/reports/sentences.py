"""What a report says in sentences: how it was, what comes first, and what each thing to do is about."""

from __future__ import annotations

from collections.abc import Mapping

from meilenstein.cases.calendar import berlin_date
from meilenstein.reports.language import Language
from meilenstein.reports.model import Act, Action, Fates, ReportModel
from meilenstein.reports.period import Kind
from meilenstein.reports.phrases import count, say

__all__ = [
    "action_sentence",
    "balance_sentences",
    "course_sentence",
    "headline",
    "idle_sentence",
    "never_sentence",
    "title",
    "trend_sentence",
]

_MOST_NAMES = 6


def title(report: ReportModel, language: Language) -> str:
    """Return what the report is about."""
    period = report.period
    if period.kind is Kind.RUN:
        return f"{say(language, 'run', n=str(period.run)).capitalize()}, {language.day(period.first)}"
    return language.month(period.first) if period.kind is Kind.MONTH else language.full_day(period.first)


def headline(report: ReportModel, language: Language) -> tuple[str, str]:
    """Return in two sentences how it was, and what comes first."""
    return _how_it_was(report, language), _what_first(report, language)


def _how_it_was(report: ReportModel, language: Language) -> str:
    fates = report.fates
    if not fates.arrived:
        return _nothing(report, language)
    return say(
        language,
        "came",
        records=count(language, fates.arrived, "record"),
        senders=count(language, report.senders, "agency"),
        became=_became(fates, language),
    )


def _became(fates: Fates, language: Language) -> str:
    share = fates.share_accepted
    if share is None:
        return say(language, "no_verdicts" if fates.waiting else "all_duplicates")
    parts = [
        say(language, "some_quarantined", share=language.percent(share), quarantined=language.number(fates.quarantined))
        if fates.quarantined
        else say(language, "none_quarantined")
    ]
    if fates.waiting:
        parts.append(say(language, "some_wait", n=language.number(fates.waiting)))
    return ", ".join(parts)


def _nothing(report: ReportModel, language: Language) -> str:
    if report.period.kind is not Kind.DAY:
        return say(language, "no_run" if report.period.kind is Kind.RUN else "no_month")
    if report.holiday:
        return say(language, "holiday", name=language.of(report.holiday))
    if not report.working_day:
        return say(language, "weekend")
    return say(language, "no_day" if berlin_date(report.made_at) > report.period.last else "no_day_yet")


def _what_first(report: ReportModel, language: Language) -> str:
    if not report.actions:
        return say(language, "nothing_to_do")
    what, _ = action_sentence(report.actions[0], language)
    rest = len(report.actions) - 1
    if not rest:
        return say(language, "first", what=what)
    return say(language, "first_of_several", what=what, rest=count(language, rest, "point"))


def action_sentence(action: Action, language: Language) -> tuple[str, str]:
    """Return what is the matter, and what to do about it."""
    values = _values(action, language)
    detail = "OPEN_old_todo" if action.act is Act.OPEN and action.facts["old"] else f"{action.act}_todo"
    return say(language, action.act, **values), say(language, detail, **values)


def _values(action: Action, language: Language) -> Mapping[str, str]:
    first = action.agencies[0] if action.agencies else None
    names = [_named(action.act, language.of(name), n, language) for _, name, n in action.agencies]
    return {
        **{name: _fact(name, fact, language) for name, fact in action.facts.items()},
        "n": language.number(action.count),
        "agency": language.of(first[1]) if first else "",
        "most": language.number(first[2]) if first else "",
        "since": _since(action, language),
        "text": language.of(action.text) if action.text else "",
        "items": count(language, action.count, "item"),
        "waiting": count(language, action.count, "waiting"),
        "links": count(language, action.count, "link"),
        "findings": count(language, action.count, "finding"),
        "batches": count(language, action.count, "batch"),
        "others": count(language, len(action.agencies), "other"),
        "agencies": count(language, action.count, "silent" if action.act is Act.SILENT else "quiet"),
        "names": _some(names, language),
    }


def _some(names: list[str], language: Language) -> str:
    """Return an enumeration that stays readable however many there are."""
    if len(names) > _MOST_NAMES:
        left = len(names) - _MOST_NAMES + 1
        names = [*names[: _MOST_NAMES - 1], say(language, "some_more", n=language.number(left))]
    return language.joined(names)


def _fact(name: str, fact: str | float, language: Language) -> str:
    if isinstance(fact, str) or name == "item":  # the number of an item is a name, not a quantity
        return str(fact)
    return language.number(fact, 0 if fact >= 10 or fact == int(fact) else 1)


def _since(action: Action, language: Language) -> str:
    if action.since is None:
        return "-"
    return language.day(berlin_date(action.since)) if action.act is Act.OPEN else language.instant(action.since)


def _named(act: Act, name: str, number: int, language: Language) -> str:
    if act not in {Act.SILENT, Act.QUIET}:
        return say(language, "named", name=name, n=language.number(number))
    if not number:
        return say(language, "quarantined_only", name=name)
    return say(language, "silent_for", name=name, days=count(language, number, "day"))


def balance_sentences(report: ReportModel, language: Language) -> tuple[str, str]:
    """Return the sum of the period, and whether the balance of the whole instance agrees."""
    fates = report.fates
    numbers = {name: language.number(getattr(fates, name)) for name in ("arrived", *Fates.__dataclass_fields__)}
    partitions = count(language, report.partitions, "partition")
    whole = say(language, "conserved" if report.conserved else "not_conserved", partitions=partitions)
    return say(language, "balance", **numbers), whole


def trend_sentence(report: ReportModel, language: Language) -> str:
    """Return the course of the trend in words, for those who do not see the picture."""
    most = max(report.trend, key=lambda point: point.fates.arrived)
    last = report.trend[-1].fates
    return say(
        language,
        "trend",
        most=language.number(most.fates.arrived),
        where=say(language, "run", n=most.slot) if report.period.kind is Kind.RUN else language.day(most.day),
        last=language.number(last.arrived),
        quarantined=language.number(sum(point.fates.quarantined for point in report.trend)),
        last_quarantined=language.number(last.quarantined),
    )


def idle_sentence(report: ReportModel, language: Language) -> str:
    """Return who sent nothing in the period without being late, and when each was last heard of."""
    told = [
        say(language, "idle", name=language.of(part.name), day=language.short_day(berlin_date(part.last_at)))
        for part in report.idle
        if part.last_at
    ]
    return _some(told, language)


def never_sentence(report: ReportModel, language: Language) -> str:
    """Return who is connected and had not sent anything by the end of the period."""
    return _some([language.of(name) for _, name in report.never], language)


def course_sentence(counts: list[int], language: Language) -> str:
    """Return the course of one agency in words."""
    return say(language, "course", most=language.number(max(counts)), last=language.number(counts[-1]))
