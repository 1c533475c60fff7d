"""Rows of the registry data beside agencies and rights: districts, offers of Welcome Centers, switches, competences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein_schemas.directory_tables import ALL
from meilenstein_schemas.spans import Span, span
from meilenstein_schemas.tables import Row

__all__ = ["Competence", "District", "Fallback", "Offer", "RightChange", "Service", "Switch", "registry_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A Landkreis or a kreisfreie Stadt of Saxony."""

    ags: str
    name_de: str
    name_en: str
    kind: str
    """KREISFREIE_STADT or LANDKREIS."""
    direktionsbezirk: str
    """The former CHEMNITZ, DRESDEN or LEIPZIG."""
    federal_advice: bool
    """Whether federal money covers recognition counselling there."""
    trap: str | None
    """What is easily mixed up, if anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that a Welcome Center may offer, and the event types that belong to it."""

    code: str
    name_de: str
    name_en: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one Welcome Center offers, from when until when."""

    center: str
    services: tuple[str, ...]
    """Codes; empty means every service."""
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Who gets what an agency of a kind would get, in a district that has none."""

    instead_of: str
    to: str
    district: str | None
    """None: every district that no other row names."""
    valid_from: dt.date
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightChange:
    """What agencies of a kind lose and gain while a switch is on."""

    kind: str
    ends: tuple[str, ...]
    begins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A change of organisation that may come; off until it has a first day."""

    key: str
    name_de: str
    name_en: str
    source: str
    rights: tuple[RightChange, ...]
    valid_from: dt.date | None
    """None: off."""
    valid_until: dt.date | None

    @property
    def spans(self) -> list[Span]:
        """The days on which it is on."""
        return [] if self.valid_from is None else [span(self.valid_from, self.valid_until)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """One thing a recognition body is competent for."""

    body: str
    body_kind: str
    tasks: tuple[str, ...]
    laws: tuple[str, ...]
    regulated: tuple[str, ...]
    professions_de: str
    professions_en: str
    basis: str
    """SOURCED or UNVERIFIED."""
    direktionsbezirk: str | None
    """None: the whole Land."""
    valid_from: dt.date
    valid_until: dt.date | None


def registry_of(tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """Return the rows of tables without mistakes as values, by the name of the directory's field."""
    rows = {name: [row.values for row in table] for name, table in tables.items()}
    return {
        "districts": {row["ags"]: _district(row) for row in rows["districts.yaml"]},
        "services": {row["service"]: _service(row) for row in rows["services.yaml"]},
        "offers": tuple(map(_offer, rows["offers.yaml"])),
        "fallbacks": tuple(map(_fallback, rows["fallbacks.yaml"])),
        "switches": {row["key"]: _switch(row) for row in rows["switches.yaml"]},
        "competences": tuple(map(_competence, rows["competences.yaml"])),
    }


def _span(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": row.get("from"), "valid_until": row.get("until")}


def _names(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"name_de": row["name_de"], "name_en": row["name_en"]}


def _district(row: Mapping[str, Any]) -> District:
    return District(
        ags=row["ags"],
        kind=row["kind"],
        direktionsbezirk=row["direktionsbezirk"],
        federal_advice=row["federal_advice"],
        trap=row.get("trap"),
        **_names(row),
    )


def _service(row: Mapping[str, Any]) -> Service:
    return Service(code=row["service"], events=tuple(row["events"]), **_names(row))


def _offer(row: Mapping[str, Any]) -> Offer:
    services = () if ALL in row["services"] else tuple(row["services"])
    return Offer(center=row["center"], services=services, **_span(row))


def _fallback(row: Mapping[str, Any]) -> Fallback:
    return Fallback(instead_of=row["instead_of"], to=row["to"], district=row.get("district"), **_span(row))


def _switch(row: Mapping[str, Any]) -> Switch:
    changes = tuple(
        RightChange(kind=one["kind"], ends=tuple(one.get("ends") or ()), begins=tuple(one.get("begins") or ()))
        for one in row.get("rights") or ()
    )
    return Switch(key=row["key"], source=row["source"], rights=changes, **_names(row), **_span(row))


def _competence(row: Mapping[str, Any]) -> Competence:
    return Competence(
        body=row["body"],
        body_kind=row["body_kind"],
        tasks=tuple(row["tasks"]),
        laws=tuple(row["laws"]),
        regulated=tuple(row["regulated"]),
        professions_de=row["professions_de"],
        professions_en=row["professions_en"],
        basis=row["basis"],
        direktionsbezirk=row.get("direktionsbezirk"),
        **_span(row),
    )
