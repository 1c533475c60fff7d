"""The mistakes that can stand in districts, services, offers, fallbacks, switches and competences."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_tables import (
    AGENCY_KINDS,
    ALL,
    BODY_KINDS,
    DIREKTIONSBEZIRKE,
    DISTRICT_KINDS,
    TASKS,
)
from meilenstein_schemas.spans import Span, remaining, span
from meilenstein_schemas.tables import Problem, Row, overlaps

__all__ = ["registry_problems"]

_AGS = re.compile(r"\A14[567]\d\d\Z", re.ASCII)
_CODE = re.compile(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z")
_CHANGES = ("ends", "begins")

Tables = Mapping[str, Sequence[Row]]


def registry_problems(tables: Tables) -> Iterator[Problem]:
    """Yield the mistakes of these tables; their fields are there and of the right type."""
    yield from _district_problems(tables["districts.yaml"])
    yield from _service_problems(tables)
    yield from _fallback_problems(tables)
    yield from _uncovered_districts(tables)
    yield from _switch_problems(tables)
    yield from _competence_problems(tables)


def _district_problems(rows: Sequence[Row]) -> Iterator[Problem]:
    yield from _twice(rows, "ags")
    for row in rows:
        ags, bezirk = row.values["ags"], row.values["direktionsbezirk"]
        yield from _known(row, "kind", [row.values["kind"]], DISTRICT_KINDS)
        if not _AGS.match(ags):
            yield row.problem(f"ags {ags!r} is no Saxon AGS: 14, then 5, 6 or 7, then two digits, quoted")
        elif DIREKTIONSBEZIRKE[ags[2]] != bezirk:
            yield row.problem(
                f"{ags} lay in the Direktionsbezirk {DIREKTIONSBEZIRKE[ags[2]]} (third digit), not in {bezirk!r}"
            )


def _service_problems(tables: Tables) -> Iterator[Problem]:
    services, offers = tables["services.yaml"], tables["offers.yaml"]
    centers = _keys(tables, "WELCOME_CENTER")
    codes = {row.values["service"] for row in services}
    yield from _twice(services, "service")
    for row in services:
        if not _CODE.match(row.values["service"]):
            yield row.problem(f"service {row.values['service']!r} is not lower-case words joined by hyphens")
        yield from _known(row, "event type", row.values["events"], load_contracts())
    for row in offers:
        if row.values["center"] not in centers:
            yield row.problem(f"center {row.values['center']!r} is no Welcome Center of agencies.yaml")
        yield from _known(row, "service", row.values["services"], {*codes, ALL})
    for center, same in _grouped(offers, "center").items():
        if _share_a_day(same):
            yield same[-1].problem(f"two rows say what {center[0]} offers on the same day")


def _fallback_problems(tables: Tables) -> Iterator[Problem]:
    rows, keys = tables["fallbacks.yaml"], _keys(tables)
    districts = {row.values["ags"] for row in tables["districts.yaml"]}
    for row in rows:
        yield from _known(row, "kind", [row.values["instead_of"]], AGENCY_KINDS)
        if row.values["to"] not in keys:
            yield row.problem(f"{row.values['to']!r} is no agency of agencies.yaml")
        if row.values.get("district") not in {None, *districts}:
            yield row.problem(f"district {row.values['district']!r} is no Saxon AGS (5 digits, quoted)")
    for (kind, district), same in _grouped(rows, "instead_of", "district").items():
        if _share_a_day(same):
            place = district or "every district"
            yield same[-1].problem(f"two rows say who stands in for {kind} in {place} on the same day")


def _uncovered_districts(tables: Tables) -> Iterator[Problem]:
    """A referral to the Welcome Center has somewhere to go, in every district and on every day."""
    centers = [row for row in tables["agencies.yaml"] if row.values["kind"] == "WELCOME_CENTER"]
    stand_ins = [row for row in tables["fallbacks.yaml"] if row.values["instead_of"] == "WELCOME_CENTER"]
    starts = [row.values["from"] for row in (*centers, *stand_ins)]
    for row in tables["districts.yaml"] if starts else ():
        ags = row.values["ags"]
        covered = [
            *(one for one in centers if ags in (one.values.get("districts") or ()) and "switch" not in one.values),
            *(one for one in stand_ins if one.values.get("district") in {None, ags}),
        ]
        bare = remaining([(min(starts), dt.date.max)], [_span_of(one.values) for one in covered])
        if bare:
            yield row.problem(
                f"{ags} has no Welcome Center from {bare[0][0]} on and nobody in its stead; add a row to fallbacks.yaml"
            )


def _switch_problems(tables: Tables) -> Iterator[Problem]:
    rows = tables["switches.yaml"]
    yield from _twice(rows, "key")
    rights = {(row.values["kind"], row.values["event"]) for row in tables["authority.yaml"]}
    takers: dict[str, set[str]] = {}
    for row in tables["agencies.yaml"]:
        takers.setdefault(row.values.get("switch") or "", set()).add(row.values["kind"])
    touched: dict[tuple[str, str], list[tuple[Row, Span]]] = {}
    for row in rows:
        for change in row.values.get("rights") or ():
            wrong = list(_change_problems(row, change))
            yield from wrong
            if wrong:
                continue
            kind = change["kind"]
            yield from _ending_problems(row, change, rights, takers.get(row.values["key"], set()))
            for event in {one for name in _CHANGES for one in change.get(name) or ()}:
                if row.values.get("from") is not None:
                    touched.setdefault((kind, event), []).append((row, _span_of(row.values)))
    for (kind, event), found in touched.items():
        if overlaps(one for _, one in found):
            yield found[-1][0].problem(f"two switches change {event} of {kind} on the same day")


def _change_problems(row: Row, change: Any) -> Iterator[Problem]:
    if not isinstance(change, dict) or not {"kind"} <= set(change) <= {"kind", *_CHANGES}:
        yield row.problem("an entry of 'rights' has 'kind', and lists of event types under 'ends' or 'begins'")
        return
    yield from _known(row, "kind", [change["kind"]], AGENCY_KINDS)
    for name in _CHANGES:
        yield from _known(row, "event type", change.get(name) or (), load_contracts())


def _ending_problems(
    row: Row, change: Mapping[str, Any], rights: Collection[tuple[str, str]], takers: Collection[str]
) -> Iterator[Problem]:
    """What ends must have been there, and somebody must go on with it."""
    kind = change["kind"]
    for event in change.get("ends") or ():
        if event in (change.get("begins") or ()):
            yield row.problem(f"{event} of {kind} both ends and begins")
        if (kind, event) not in rights:
            yield row.problem(f"{kind} has no right to {event} that could end")
        if not any((taker, event) in rights for taker in takers):
            yield row.problem(f"nobody would go on with {event}: no agency of this switch has the right")


def _competence_problems(tables: Tables) -> Iterator[Problem]:
    bodies = _keys(tables, "RECOGNITION_BODY")
    laws = _symbols("ApplicationReceived", "procedure_law")
    for row in tables["competences.yaml"]:
        values = row.values
        if values["body"] not in bodies:
            yield row.problem(f"body {values['body']!r} is no recognition body of agencies.yaml")
        yield from _known(row, "kind of body", [values["body_kind"]], BODY_KINDS)
        yield from _known(row, "task", values["tasks"], TASKS)
        yield from _known(row, "law", values["laws"], laws)
        yield from _known(row, "value of regulated", values["regulated"], ("YES", "NO"))
        yield from _known(row, "basis", [values["basis"]], ("SOURCED", "UNVERIFIED"))
        bezirk = values.get("direktionsbezirk")
        yield from _known(row, "Direktionsbezirk", [bezirk] if bezirk else (), DIREKTIONSBEZIRKE.values())


def _symbols(contract: str, name: str) -> list[str]:
    kind = next(one["type"] for one in load_contracts()[contract].schema["fields"] if one["name"] == name)
    return [symbol for symbol in kind["symbols"] if symbol != "UNKNOWN"]


def _known(row: Row, what: str, values: Iterable[Any], known: Iterable[str]) -> Iterator[Problem]:
    words = list(known)
    for value in values:
        if value not in words:
            listed = f"; known: {', '.join(words)}" if len(words) < 20 else ""
            yield row.problem(f"unknown {what} {value!r}{listed}")


def _twice(rows: Sequence[Row], name: str) -> Iterator[Problem]:
    for (value,), same in _grouped(rows, name).items():
        for row in same[1:]:
            yield row.problem(f"{name} {value!r} is listed twice")


def _grouped(rows: Sequence[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.get(name) for name in names), []).append(row)
    return groups


def _keys(tables: Tables, kind: str | None = None) -> set[str]:
    return {row.values["key"] for row in tables["agencies.yaml"] if kind in {None, row.values["kind"]}}


def _share_a_day(rows: Sequence[Row]) -> bool:
    return overlaps((row.values["from"], row.values.get("until")) for row in rows)


def _span_of(values: Mapping[str, Any]) -> Span:
    return span(values["from"], values.get("until"))
