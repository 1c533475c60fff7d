"""Short ways to write events and to settle them, for the tests of the pure core."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from meilenstein.cases.events import Event
from meilenstein.cases.identity import Decision
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein_schemas.agencies import Directory, load_directory
from meilenstein_schemas.rules import RuleTable, load_rules

__all__ = [
    "ABH",
    "HWK",
    "WC",
    "ZEFAS",
    "codes",
    "day",
    "directory",
    "event",
    "findings",
    "one",
    "retract",
    "rules",
    "settled",
    "view",
]  # fmt: skip

ZEFAS, HWK, WC, ABH = "zefas", "hwk-dresden", "wc-dresden", "abh-dresden"
FILES = {ZEFAS: "Z-1", HWK: "H-9", WC: "W-3", ABH: "A-4"}
FAR = "2026-12-31"


@cache
def rules() -> RuleTable:
    return load_rules()


@cache
def directory() -> Directory:
    return load_directory()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def event(
    event_type: str,
    publisher: str,
    on: str,
    *,
    file: str | None = None,
    name: str | None = None,
    references: Sequence[tuple[str, str, str]] = (),
    warnings: Sequence[str] = (),
    **fields: Any,
) -> Event:
    """An event about a person; `name` stands for an event id and is what `corrects` names."""
    label = name or f"{event_type}/{publisher}/{on}/{file}/{sorted(fields.items(), key=str)}/{references}"
    if fields.get("corrects"):
        fields["corrects"] = event_id(fields["corrects"])
    body = {
        "event_id": event_id(label),
        "publisher": publisher,
        "source_system": "test",
        "subject_kind": "PERSON",
        "case_reference": file or FILES.get(publisher, f"{publisher}-1"),
        "references": [{"agency": a, "kind": k, "reference": r} for a, k, r in references],
        "occurred_on": day(on),
        **fields,
    }
    return Event.from_body(event_type, body, warnings=warnings)


def event_id(label: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, label))


def retract(target: str, publisher: str, on: str = "2026-03-09", **fields: Any) -> Event:
    return event("EventRetracted", publisher, on, corrects=target, **fields)


def settled(
    events: Iterable[Event],
    as_of: str = FAR,
    *,
    health: Mapping[str, str] | None = None,
    decisions: Iterable[Decision] = (),
    table: RuleTable | None = None,
) -> list[SettledCase]:
    tick = Tick(as_of=day(as_of), feed_health=health or {})
    return settle(events, directory=directory(), rules=table or rules(), tick=tick, decisions=decisions)


def one(events: Iterable[Event], as_of: str = FAR, **options: Any) -> SettledCase:
    """The only case the events make."""
    (case,) = settled(events, as_of, **options)
    return case


def view(case: SettledCase, agency: str) -> dict[str, Any] | None:
    """What an agency sees, or None."""
    raw = case.views.get(agency)
    return None if raw is None else json.loads(raw)


def codes(case: SettledCase) -> list[str]:
    return [finding.code for finding in case.findings]


def findings(cases: Iterable[SettledCase], code: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(finding.about, finding.detail) for case in cases for finding in case.findings if finding.code == code]
