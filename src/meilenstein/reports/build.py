"""From rows to a report: pure functions; the same rows give the same report."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.calendar import berlin_date, holiday_name, is_werktag
from meilenstein.reports.actions import find_actions
from meilenstein.reports.agencies import agency_key, agency_name, is_own, list_agencies
from meilenstein.reports.model import (
    Example,
    Fates,
    FindingPart,
    OpenItems,
    ReasonPart,
    ReportModel,
    Severity,
    TrendPoint,
    VersionPart,
    Words,
)
from meilenstein.reports.period import Kind, Period
from meilenstein.reports.reason_texts import reason_words
from meilenstein.store.reports import CodeCount, ExampleRow, FateCount, NowRows, RuleCount, VersionRow
from meilenstein_expectations import SuiteSet
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Known", "Rows", "build_report"]

_FATES = {"ACCEPTED": "accepted", "DUPLICATE": "duplicate", "QUARANTINED": "quarantined", "PENDING": "waiting"}
_JUMP_LEAST, _JUMP_TIMES, _JUMP_SIGMAS = 5, 2.0, 3.0
_SEVERITIES = {"C": Severity.CRITICAL, "W": Severity.WARNING, "I": Severity.INFO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What was read of the store."""

    fates: Sequence[FateCount]
    codes: Sequence[CodeCount]
    rules: Sequence[RuleCount]
    examples: Sequence[ExampleRow]
    versions: Sequence[VersionRow]
    now: NowRows
    starts: Mapping[str, dt.datetime]
    """Of runs: when each began."""
    conserved: bool
    partitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the report takes its words from."""

    directory: Directory
    suites: SuiteSet
    texts: RuleTable
    program: str


def build_report(period: Period, rows: Rows, known: Known, made_at: dt.datetime) -> ReportModel:
    """Return the report on a period as it looks at `made_at`."""
    by_slot = _by_slot(rows.fates)
    by_topic = _by_topic(rows.fates, period.current)
    fates = sum(by_topic.values(), Fates())
    earlier = _since_first(period.earlier, by_slot)
    reasons = _reasons(period, earlier, rows, known, by_slot)
    agencies, idle, never = list_agencies(period, rows.now, rows.fates, by_topic, known.directory, made_at)
    working = period.kind is not Kind.DAY or is_werktag(period.first, saturday=False)
    usual = _usual(period, earlier, by_slot)
    over = berlin_date(made_at) > period.last
    holiday = holiday_name(period.first) if period.kind is Kind.DAY else None
    return ReportModel(
        period=period,
        made_at=made_at,
        program=known.program,
        fates=fates,
        usual=usual,
        earlier=len(earlier),
        senders=sum(not is_own(topic) for topic in by_topic),
        actions=find_actions(
            rows.now,
            agencies=agencies,
            reasons=reasons,
            directory=known.directory,
            suites=known.suites,
            texts=known.texts,
            made_at=made_at,
            conserved=rows.conserved,
            nothing_came=over and working and period.kind is Kind.DAY and not fates.arrived and usual is not None,
        ),
        agencies=agencies,
        idle=idle,
        never=never,
        reasons=reasons,
        open_items=_open_items(rows.now),
        findings=_findings(rows.now, known.texts),
        trend=[_point(slot, period, by_slot, rows.starts) for slot in period.shown],
        versions=[_version(row) for row in rows.versions],
        working_day=working,
        holiday={"de": holiday[0], "en": holiday[1]} if holiday else None,
        conserved=rows.conserved,
        partitions=rows.partitions,
    )


def _by_slot(rows: Iterable[FateCount]) -> Mapping[str, Fates]:
    slots: dict[str, Fates] = defaultdict(Fates)
    for row in rows:
        slots[row.slot] += Fates(**{_FATES[row.fate]: row.n})
    return slots


def _by_topic(rows: Iterable[FateCount], slots: Sequence[str]) -> Mapping[str, Fates]:
    topics: dict[str, Fates] = defaultdict(Fates)
    wanted = set(slots)
    for row in rows:
        if row.slot in wanted:
            topics[row.topic] += Fates(**{_FATES[row.fate]: row.n})
    return topics


def _since_first(slots: Sequence[str], by_slot: Mapping[str, Fates]) -> Sequence[str]:
    """Leave out the slots before the first record: an instance that is three days old has no fortnight behind it."""
    first = next((number for number, slot in enumerate(slots) if slot in by_slot), len(slots))
    return slots[first:]


def _usual(period: Period, earlier: Sequence[str], by_slot: Mapping[str, Fates]) -> Fates | None:
    total = sum((by_slot[slot] for slot in earlier if slot in by_slot), Fates())
    if not total.arrived:
        return None
    parts = 1 if period.kind is Kind.MONTH else len(earlier)
    return Fates(**{name: round(getattr(total, name) / parts) for name in _FATES.values()})


def _reasons(
    period: Period, earlier: Sequence[str], rows: Rows, known: Known, by_slot: Mapping[str, Fates]
) -> list[ReasonPart]:
    now, before = set(period.current), set(earlier)
    arrived, arrived_before = (
        sum(by_slot[slot].arrived for slot in slots if slot in by_slot) for slots in (now, before)
    )
    share = arrived / arrived_before if arrived_before else None
    parts = []
    for (code, warning), counts in _grouped(rows.codes).items():
        current = [row for row in counts if row.slot in now]
        if not current:
            continue
        earlier_count = sum(row.n for row in counts if row.slot in before)
        expected = None if share is None else earlier_count * share
        parts.append(_reason(code, warning, current, expected, rows.examples, known))
    parts.extend(_noted(rows.rules, now, known))
    order = list(Severity)
    return sorted(parts, key=lambda part: (order.index(part.severity), -part.count, part.code))


def _grouped(rows: Iterable[CodeCount]) -> Mapping[tuple[str, bool], list[CodeCount]]:
    groups: dict[tuple[str, bool], list[CodeCount]] = defaultdict(list)
    for row in rows:
        groups[row.code, row.warning].append(row)
    return groups


def _reason(
    code: str,
    warning: bool,
    rows: Sequence[CodeCount],
    expected: float | None,
    examples: Iterable[ExampleRow],
    known: Known,
) -> ReasonPart:
    count = sum(row.n for row in rows)
    text, how = reason_words(code, known.suites)
    topics: Counter[str] = Counter()
    for row in rows:
        topics[row.topic] += row.n
    return ReasonPart(
        code=f"RULE:{code}" if warning else code,
        severity=Severity.WARNING if warning else Severity.CRITICAL,
        count=count,
        open=sum(row.open for row in rows),
        usual=expected,
        jumped=expected is not None and _has_jumped(count, expected),
        text=text,
        how=how,
        agencies=[
            (agency_key(topic), agency_name(agency_key(topic), known.directory), n)
            for topic, n in sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        examples=[_example(row) for row in examples if (row.code, row.warning) == (code, warning)],
    )


def _has_jumped(count: int, expected: float) -> bool:
    """Say whether a count is beyond chance: five at least, twice what was expected, and three standard deviations."""
    beyond = count - expected >= _JUMP_SIGMAS * max(expected, 1.0) ** 0.5
    return count >= _JUMP_LEAST and count >= _JUMP_TIMES * expected and beyond


def _example(row: ExampleRow) -> Example:
    place = f"{row.topic}-{row.partition}@{row.record_offset}"
    return Example(event_id=row.event_id, place=place, event_type=row.event_type, item=row.item)


def _noted(rows: Iterable[RuleCount], slots: set[str], known: Known) -> Iterable[ReasonPart]:
    """Yield the rules that are only counted: no verdict names them, so there are neither agencies nor examples."""
    counts: Counter[str] = Counter()
    for row in rows:
        if row.slot in slots:
            counts[row.rule] += row.n
    for rule, count in counts.items():
        text, how = reason_words(rule, known.suites)
        yield ReasonPart(
            code=f"RULE:{rule}",
            severity=Severity.INFO,
            count=count,
            open=0,
            usual=None,
            jumped=False,
            text=text,
            how=how,
            agencies=(),
            examples=(),
        )


def _point(slot: str, period: Period, by_slot: Mapping[str, Fates], starts: Mapping[str, dt.datetime]) -> TrendPoint:
    day = berlin_date(starts[slot]) if slot in starts else dt.date.fromisoformat(slot)
    return TrendPoint(slot=slot, fates=by_slot.get(slot, Fates()), current=slot in period.current, day=day)


def _open_items(now: NowRows) -> OpenItems:
    total = sum(row.n for row in now.open)
    week, day = sum(row.older_than_week for row in now.open), sum(row.older_than_day for row in now.open)
    return OpenItems(total=total, older_than_week=week, older_than_day=day, younger=total - week - day)


def _findings(now: NowRows, texts: RuleTable) -> list[FindingPart]:
    parts: dict[str, FindingPart] = {}
    for row in now.findings:
        code = row.code.split(":")[0]  # every RULE:<id> has the words of RULE
        known = parts.get(code)
        words = texts.finding(row.code)
        parts[code] = FindingPart(
            code=code,
            severity=_SEVERITIES.get(row.severity, Severity.WARNING),
            count=row.n + (known.count if known else 0),
            title=_words(words.title),
            todo=_words(words.todo),
        )
    order = list(Severity)
    return sorted(parts.values(), key=lambda part: (order.index(part.severity), -part.count, part.code))


def _words(words: Mapping[str, str]) -> Words:
    return dict(words)


def _version(row: VersionRow) -> VersionPart:
    return VersionPart(
        suite=row.suite_version,
        data=row.data_version,
        runs=row.runs,
        rules=row.rules,
        first_at=row.first_at,
        last_at=row.last_at,
    )
