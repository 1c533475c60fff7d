"""Who does what in the simulated Land: offices by district, how each writes its files, and who sends for whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.directory_lint import SAXON_DISTRICTS
from meilenstein_schemas.tables import in_force

__all__ = ["BODY_BY_REGION", "Offices", "Registers", "region"]

BODY_BY_REGION = "hwk"
"""Stands for the chamber of crafts of the region a district lies in."""
_REGIONS: Mapping[str, str] = {"5": "chemnitz", "6": "dresden", "7": "leipzig"}
_SERVICE_DESK = "zefas"
_CENTERS = tuple(f"wc-{city}" for city in _REGIONS.values())
_BODIES = ("hwk-chemnitz", "hwk-dresden", "hwk-leipzig", "ihk-fosa", "ksv-sachsen", "lds", "lasub")
_SYSTEMS: Mapping[str | None, str] = {
    "ZEFAS": "servicedesk",
    "RECOGNITION_BODY": "fachverfahren",
    "WELCOME_CENTER": "beratungskartei",
    "FOREIGNERS_OFFICE": "abh-fachverfahren",
    "LABOUR_AGENCY": "fachverfahren",
    "TECHNICAL_SENDER": "rechenzentrum",
}


def region(district: str) -> str:
    """Return the city that gives a Saxon district's former Direktionsbezirk its name (third digit of the AGS)."""
    return _REGIONS[district[2]]


class Offices:
    """Looks up the competent agency in the registry data as it is in force on one day.

    Registry data without an office that the simulation needs raise ConfigurationError.
    """

    def __init__(self, directory: Directory, on: dt.date) -> None:
        self._directory = directory
        self.service_desk = _SERVICE_DESK
        self._foreigners_office = self._by_district("FOREIGNERS_OFFICE", on)
        self._welcome_center = self._by_district("WELCOME_CENTER", on)
        self._technical = directory.keys("TECHNICAL_SENDER")
        for key in (_SERVICE_DESK, *_BODIES, *_CENTERS):
            if not self._in_force(key, on):
                raise ConfigurationError(
                    f"agencies.yaml: the simulation needs {key!r} in force on {on}; add the agency"
                )
        for district in SAXON_DISTRICTS:
            if district not in self._foreigners_office:
                raise ConfigurationError(f"agencies.yaml: no foreigners' office serves {district} on {on}; add one")

    def _in_force(self, key: str, on: dt.date) -> bool:
        agency = self._directory.agencies.get(key)
        return agency is not None and in_force(agency.valid_from, agency.valid_until, on)

    def _by_district(self, kind: str, on: dt.date) -> Mapping[str, str]:
        """Return the agency of the kind by district; of several, the first by key."""
        return {
            ags: key
            for key in reversed(self._directory.keys(kind))
            if self._in_force(key, on)
            for ags in self._directory.agencies[key].districts
        }

    def body(self, name: str, district: str) -> str:
        """Return the recognition body: `name` itself, or the region's chamber for BODY_BY_REGION."""
        return f"{name}-{region(district)}" if name == BODY_BY_REGION else name

    def other_body(self, body: str) -> str:
        """Return a recognition body that is not `body`."""
        return _BODIES[(_BODIES.index(body) + 1) % len(_BODIES)]

    def foreigners_office(self, district: str) -> str:
        """Return the foreigners' office of the district."""
        return self._foreigners_office[district]

    def welcome_center(self, district: str) -> str:
        """Return the Welcome Center of the district; a district without one is served by that of its region's city."""
        return self._welcome_center.get(district) or f"wc-{region(district)}"

    def sender(self, publisher: str, event_type: str, day: dt.date) -> str:
        """Return who sends for `publisher`: a data centre with an agreement, else the agency itself."""
        for technical in self._technical:
            if self._directory.may_send(technical, publisher, event_type, day):
                return technical
        return publisher

    def system(self, sender: str) -> str:
        """Return the (invented) name of the business application the sender publishes from."""
        return _SYSTEMS[self._directory.kind(sender)]

    def late_after_days(self, publisher: str) -> int:
        """Return after how many days between fact and record a report of this agency counts as late."""
        return self._directory.agencies[publisher].late_after_days


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """How an office writes its numbers; `{n}` counts, `{year}` and `{yy}` are the year it was given out."""

    file: str
    procedure: str = "V-{year}-{n:06d}"
    referral: str = "V-{year}-{n:06d}"
    consent: str = "E-{year}-{n:06d}"
    contact: str = "K-{year}-{n:06d}"


_STYLES: Mapping[str, _Style] = {
    "zefas": _Style(file="Z-{year}-{n:06d}", referral="Z-V-{year}-{n:06d}", consent="Z-E-{year}-{n:06d}"),
    "hwk-chemnitz": _Style(file="C {n:06d}/{yy}", procedure="C-AV {n:06d}/{yy}"),
    "hwk-dresden": _Style(file="HWK-DD/{n:06d}/{yy}", procedure="HWK-DD/AV/{n:06d}/{yy}"),
    "hwk-leipzig": _Style(file="L.{yy}.{n:06d}", procedure="L.{yy}.{n:06d}.AV"),
    "ihk-fosa": _Style(file="FOSA-{n:06d}", procedure="FOSA-{year}-{n:06d}"),
    "ksv-sachsen": _Style(file="KSV 3/{n:06d}-{yy}", procedure="KSV 3/{n:06d}-{yy}-A"),
    "lds": _Style(file="24-{n:06d}/{year}", procedure="24-{n:06d}/{year}/A"),
    "lasub": _Style(file="42/{n:06d}/{yy}", procedure="42/{n:06d}/{yy}/ZAST"),
}
_BY_KIND: Mapping[str, _Style] = {
    "wc": _Style(file="WC-{place}-{yy}/{n:06d}", referral="WC-{place}-V{n:06d}", consent="WC-{place}-E{n:06d}"),
    "abh": _Style(file="33.{place}.{n:06d}", procedure="33.{place}.{n:06d}"),
}
_OTHER = _Style(file="{place}-{yy}-{n:06d}")


class Registers:
    """Gives out each agency's file, procedure, referral, consent and contact numbers, each once.

    Numbers count up from `offset`, so that simulations with other arguments do not share files in one hub. They do not
    start anew with the year, because some offices write no year.
    """

    def __init__(self, *, offset: int) -> None:
        self._offset = offset
        self._given: Counter[tuple[str, str]] = Counter()

    def next(self, agency: str, series: str, day: dt.date) -> str:
        """Return the next number of a series (`file`, `procedure`, `referral`, `consent`, `contact`)."""
        self._given[agency, series] += 1
        number = self._offset + self._given[agency, series]
        kind, _, place = agency.partition("-")
        style = _STYLES.get(agency) or _BY_KIND.get(kind) or _OTHER
        template: str = getattr(style, series)
        place = "".join(word[:3] for word in (place or kind).split("-")).upper()
        return template.format(n=number, year=day.year, yy=f"{day.year % 100:02d}", place=place)
