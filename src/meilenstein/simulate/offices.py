"""Who does what in the simulated Land: offices by district, how each writes its files, and who sends for whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.tables import in_force

__all__ = ["BODY_BY_REGION", "Offices", "Registers", "region"]

BODY_BY_REGION = "hwk"
"""Stands for the chamber of crafts of the region a district lies in."""
_REGIONS: Mapping[str, str] = {"5": "chemnitz", "6": "dresden", "7": "leipzig"}
_SERVICE_DESK = "zefas"
_BODIES = ("hwk-chemnitz", "hwk-dresden", "hwk-leipzig", "ihk-fosa", "ksv-sachsen", "lds", "lasub")
_SMALL_BODIES = ("lfulg", "laek-sachsen", "body-example-3")
_OTHERS = (
    "ba-sachsen", "bfaa", "mission-example", "zab", "ibas", "fizu", "bamf", "jobcenter-example", "info-portal",
    "course-provider-example", "course-provider-example-2", "body-example-st",
)  # fmt: skip
_SYSTEMS: Mapping[str | None, str] = {
    "ZEFAS": "servicedesk",
    "RECOGNITION_BODY": "fachverfahren",
    "WELCOME_CENTER": "beratungskartei",
    "FOREIGNERS_OFFICE": "abh-fachverfahren",
    "TECHNICAL_SENDER": "rechenzentrum",
    "ADVICE_CENTRE": "beratungskartei",
    "LABOUR_AGENCY": "fachverfahren",
    "VISA_OFFICE": "visumverfahren",
    "ASSESSMENT_OFFICE": "fachverfahren",
    "INFO_PORTAL": "portal",
    "COURSE_OFFICE": "fachverfahren",
    "COURSE_PROVIDER": "kursverwaltung",
}
_SETTLED = dt.timedelta(days=30)
"""How long an agreement on sending is in force before it is used."""


def region(district: str) -> str:
    """Return the city that gives a Saxon district's former Direktionsbezirk its name (third digit of the AGS)."""
    return _REGIONS[district[2]]


class Offices:
    """Looks up the competent agency in the registry data as it is in force on one day.

    Registry data without an office that the simulation needs raise ConfigurationError.
    """

    def __init__(self, directory: Directory, on: dt.date) -> None:
        self._directory = directory
        self._on = on
        self.service_desk = _SERVICE_DESK
        self.labour_agency, self.assessment_office, self.info_portal = "ba-sachsen", "zab", "info-portal"
        self.language_examiner, self.course_office, self.body_elsewhere = "laek-sachsen", "bamf", "body-example-st"
        self.advice_centre = "ibas"
        self.visa_offices = ("bfaa", "mission-example")
        self.course_providers = ("course-provider-example", "course-provider-example-2")
        self._foreigners_office = self._by_district("FOREIGNERS_OFFICE", on)
        self._welcome_center = self._by_district("WELCOME_CENTER", on)
        self._technical = directory.keys("TECHNICAL_SENDER")
        for key in (_SERVICE_DESK, *_BODIES, *_SMALL_BODIES, *_OTHERS):
            if not self._in_force(key, on):
                raise ConfigurationError(
                    f"agencies.yaml: the simulation needs {key!r} in force on {on}; add the agency"
                )
        for district in directory.districts:
            if district not in self._foreigners_office:
                raise ConfigurationError(f"agencies.yaml: no foreigners' office serves {district} on {on}; add one")

    def _in_force(self, key: str, on: dt.date) -> bool:
        agency = self._directory.agencies.get(key)
        return agency is not None and in_force(agency.valid_from, agency.valid_until, on)

    def _by_district(self, kind: str, on: dt.date) -> Mapping[str, str]:
        """Return the agency of the kind by district; of several, the first by key."""
        return {
            ags: key
            for key in reversed(self._directory.keys(kind, land="SN"))
            if self._in_force(key, on)
            for ags in self._directory.agencies[key].districts
        }

    def body(self, name: str, district: str) -> str:
        """Return the recognition body: `name` itself, or the region's chamber for BODY_BY_REGION."""
        return f"{name}-{region(district)}" if name == BODY_BY_REGION else name

    def other_body(self, body: str) -> str:
        """Return a recognition body that is not `body`."""
        return _BODIES[(_BODIES.index(body) + 1) % len(_BODIES)] if body in _BODIES else _BODIES[0]

    def foreigners_office(self, district: str) -> str:
        """Return the foreigners' office of the district."""
        return self._foreigners_office[district]

    def welcome_center(self, district: str) -> str | None:
        """Return the Welcome Center of the district; not every one has one."""
        return self._welcome_center.get(district)

    def offers(self, center: str, service: str, day: dt.date) -> bool:
        """Say whether the Welcome Center offers a service; one of which nothing is known offers all."""
        rows = [row for row in self._directory.offers if row.center == center]
        return not rows or any(
            not row.services or service in row.services
            for row in rows
            if in_force(row.valid_from, row.valid_until, day)
        )

    @property
    def accompanied(self) -> frozenset[str]:
        """The districts that have a Welcome Center."""
        return frozenset(self._welcome_center)

    def advises(self, district: str) -> bool:
        """Say whether federal money covers recognition counselling in the district."""
        return self._directory.districts[district].federal_advice

    def sender(self, publisher: str, event_type: str, day: dt.date) -> str:
        """Return who sends for `publisher`: a data centre with an agreement, else the agency itself.

        The agreement is a month old at least: what is wrongly said to be some days older is still covered by it.
        """
        earlier = day - _SETTLED
        for technical in self._technical:
            if all(self._directory.may_send(technical, publisher, event_type, on) for on in (earlier, day)):
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
    title: str = "AT-{n:06d}-{yy}"
    course: str = "BSK-{yy}-{n:06d}"


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
        """Return the next number of a series (a field of the style: `file`, `procedure`, `title` ...)."""
        self._given[agency, series] += 1
        number = self._offset + self._given[agency, series]
        kind, _, place = agency.partition("-")
        style = _STYLES.get(agency) or _BY_KIND.get(kind) or _OTHER
        template: str = getattr(style, series)
        place = "".join(word[:3] for word in (place or kind).split("-")).upper()
        return template.format(n=number, year=day.year, yy=f"{day.year % 100:02d}", place=place)
