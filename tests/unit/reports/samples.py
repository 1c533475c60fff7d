"""Rows as the store gives them: a Friday on which things went as they should, and what tests change in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

from meilenstein.reports.build import Known, Rows, build_report
from meilenstein.reports.model import ReportModel
from meilenstein.reports.period import Period, day_period
from meilenstein.store.proposals import Proposal
from meilenstein.store.reports import (
    CodeCount,
    ExampleRow,
    FateCount,
    FindingCount,
    HaltRow,
    NowRows,
    OpenCodeCount,
    OpenCount,
    SeenRow,
    VersionRow,
)
from meilenstein_expectations import load_suites
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.rules import load_rules

FRIDAY = dt.date(2026, 3, 27)
MADE_AT = dt.datetime(2026, 3, 28, 5, 15, tzinfo=dt.UTC)
"""Saturday, 6:15 in Berlin: winter time ends a day later."""
EVENT_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@cache
def known() -> Known:
    return Known(directory=load_directory(), suites=load_suites(), texts=load_rules(), program="0.1.0")


def fate(day: dt.date, agency: str, fate: str, n: int) -> FateCount:
    return FateCount(slot=str(day), topic=f"milestones.{agency}", fate=fate, n=n)


def code(name: str, n: int, *, day: dt.date = FRIDAY, agency: str = "zefas", **fields: Any) -> CodeCount:
    values = {"warning": False, "open": n} | fields
    return CodeCount(slot=str(day), code=name, topic=f"milestones.{agency}", n=n, **values)


def seen(agency: str, day: dt.date | None) -> SeenRow:
    at = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC) if day else None
    return SeenRow(topic=f"milestones.{agency}", last_at=at, records=0)


def opened(agency: str, n: int, *, days: int = 0, item: int = 1, old: int = 0) -> OpenCount:
    return OpenCount(
        topic=f"milestones.{agency}",
        n=n,
        oldest_at=MADE_AT - dt.timedelta(days=days),
        oldest_item=item,
        older_than_week=old,
        older_than_day=0,
    )


def halt(agency: str = "hwk-leipzig", *, at: dt.datetime | None = None, detail: str = "") -> HaltRow:
    when = at or MADE_AT - dt.timedelta(days=1)
    return HaltRow(topic=f"milestones.{agency}", partition=0, reason="OVERLAP_DIFFERS", detail=detail, halted_at=when)


def proposal(kind: str, about: str) -> Proposal:
    return Proposal(
        id=1,
        kind=kind,
        about=about,
        content={},
        actor="anna",
        reason="x",
        proposed_at=MADE_AT - dt.timedelta(hours=3),
        state="OPEN",
        closed_by=None,
        closed_at=None,
    )


def now_rows(**fields: Any) -> NowRows:
    empty: dict[str, Any] = {
        "halted": [],
        "seen": [seen("zefas", FRIDAY), seen("hwk-dresden", FRIDAY)],
        "open": [],
        "open_codes": [],
        "silent": [],
        "waiting_batches": 0,
        "waiting_since": None,
        "findings": [],
    }
    return NowRows(**{**empty, **fields})


def rows(**fields: Any) -> Rows:
    """Return 100 records of two agencies a working day, all accepted on Friday unless told otherwise."""
    days = [FRIDAY - dt.timedelta(days=number) for number in range(12)]
    fates = [
        row
        for day in days
        if day.weekday() < 5
        for row in (fate(day, "zefas", "ACCEPTED", 60), fate(day, "hwk-dresden", "ACCEPTED", 40))
    ]
    usual: dict[str, Any] = {
        "fates": fates,
        "codes": [],
        "rules": [],
        "examples": [],
        "versions": [version()],
        "now": now_rows(),
        "starts": {},
        "conserved": True,
        "partitions": 29,
    }
    return Rows(**{**usual, **fields})


def version() -> VersionRow:
    return VersionRow(
        suite_version="45fc0a1b2c3d",
        data_version="9e8d7c6b5a40",
        runs=3,
        first_at=MADE_AT - dt.timedelta(hours=20),
        last_at=MADE_AT - dt.timedelta(hours=12),
        rules=69,
    )


def report(period: Period | None = None, *, made_at: dt.datetime = MADE_AT, **fields: Any) -> ReportModel:
    return build_report(period or day_period(FRIDAY), rows(**fields), known(), made_at)


def busy_report(**changed: Any) -> ReportModel:
    """Return a report in which every part has something to say."""
    examples = [
        ExampleRow(
            code="CONFLICT",
            warning=False,
            topic="milestones.zefas",
            partition=0,
            record_offset=41,
            event_type="InquiryReceived",
            item=17,
            event_id=EVENT_ID,
        ),
        ExampleRow(
            code="UNREADABLE",
            warning=False,
            topic="milestones.zefas",
            partition=0,
            record_offset=42,
            event_type=None,
            item=18,
            event_id=None,
        ),
    ]
    base = rows()
    fields: dict[str, Any] = {
        "fates": [
            *base.fates,
            fate(FRIDAY, "zefas", "QUARANTINED", 12),
            fate(FRIDAY, "zefas", "DUPLICATE", 3),
            fate(FRIDAY, "zefas", "PENDING", 2),
        ],
        "codes": [code("CONFLICT", 8), code("UNREADABLE", 4), code("E-018", 5, warning=True)],
        "examples": examples,
        "now": now_rows(
            halted=[halt()],
            seen=[
                seen("zefas", FRIDAY),
                seen("hwk-dresden", FRIDAY),
                seen("hwk-leipzig", FRIDAY),
                seen("lasub", FRIDAY - dt.timedelta(days=40)),
                seen("lds", FRIDAY - dt.timedelta(days=10)),
                seen("ihk-fosa", FRIDAY - dt.timedelta(days=1)),
                seen("abh-dresden", None),
            ],
            open=[opened("zefas", 12, days=9, item=17, old=4), opened("hwk-dresden", 1, item=30)],
            open_codes=[OpenCodeCount(topic="milestones.zefas", code="CONFLICT", n=8)],
            waiting_batches=1,
            waiting_since=MADE_AT - dt.timedelta(hours=2),
            findings=[FindingCount(code="CLOCK_OVER", severity="W", n=34)],
        ),
    }
    return report(**{**fields, **changed})


def with_text(model: ReportModel, text: str) -> ReportModel:
    """Return the report with a text in every place that holds words of others."""
    words = {"de": text, "en": text}
    return replace(
        model,
        agencies=[replace(part, key=text, name=words, halted=(text,)) for part in model.agencies],
        idle=[replace(part, name=words) for part in model.idle],
        never=[(text, words) for _ in model.never],
        reasons=[
            replace(
                part,
                code=text,
                text=words,
                how=words,
                agencies=[(text, words, 1)],
                examples=[replace(one, event_id=text, place=text, event_type=text) for one in part.examples],
            )
            for part in model.reasons
        ],
        actions=[
            replace(
                action,
                agencies=[(text, words, 1) for _ in action.agencies],
                facts={name: text if isinstance(fact, str) else fact for name, fact in action.facts.items()},
                text=words if action.text else None,
                commands=[text],
            )
            for action in model.actions
        ],
        findings=[replace(part, code=text, title=words, todo=words) for part in model.findings],
        versions=[replace(part, suite=text, data=text) for part in model.versions],
        program=text,
    )
