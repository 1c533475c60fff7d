"""Who is competent: the Welcome Center or its stand-in, the foreigners' office, the recognition bodies of a law.

Pure lookups in the registry data, by the day that is asked about.
"""

from __future__ import annotations

import datetime as dt

from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.directory_tables import HOME_LAND
from meilenstein_schemas.tables import in_force

__all__ = ["competent_bodies", "fallback_for", "foreigners_office_for", "referral_target_for", "welcome_center_for"]


def welcome_center_for(directory: Directory, district: str, on: dt.date) -> str | None:
    """Return the Welcome Center of the district (of several, the first by key), or None where it has none."""
    return next(iter(_serving(directory, "WELCOME_CENTER", district, on)), None)


def fallback_for(directory: Directory, kind: str, district: str, on: dt.date) -> str | None:
    """Return who stands in for an agency of the kind in the district; a row for the district goes first."""
    rows = [
        row
        for row in directory.fallbacks
        if row.instead_of == kind
        and row.district in {None, district}
        and in_force(row.valid_from, row.valid_until, on)
        and directory.takes_part(row.to, on)
    ]
    return next((row.to for row in sorted(rows, key=lambda row: row.district is None)), None)


def referral_target_for(directory: Directory, district: str, on: dt.date) -> str | None:
    """Return who gets a referral to the Welcome Center of the district: that center, else its stand-in."""
    return welcome_center_for(directory, district, on) or fallback_for(directory, "WELCOME_CENTER", district, on)


def foreigners_office_for(directory: Directory, district: str, on: dt.date, event: str) -> str | None:
    """Return the foreigners' office that may say `event` about a person of the district: the local or a central one."""
    local = _serving(directory, "FOREIGNERS_OFFICE", district, on)
    offices = directory.keys("FOREIGNERS_OFFICE", land=HOME_LAND)
    central = [key for key in offices if not directory.agencies[key].districts and directory.takes_part(key, on)]
    return next((key for key in (*local, *central) if directory.rank(key, event, on) == "AUTHORITATIVE"), None)


def competent_bodies(
    directory: Directory, law: str, on: dt.date, *, district: str | None = None, task: str = "EQUIVALENCE"
) -> list[str]:
    """Return the recognition bodies that have the task under the law, as far as that is known.

    Without a district, those of every part of the Land. An empty list says nothing: not every competence is known.
    """
    place = directory.districts.get(district) if district else None
    return sorted(
        {
            row.body
            for row in directory.competences
            if law in row.laws
            and task in row.tasks
            and in_force(row.valid_from, row.valid_until, on)
            and directory.takes_part(row.body, on)
            and (place is None or row.direktionsbezirk in {None, place.direktionsbezirk})
        }
    )


def _serving(directory: Directory, kind: str, district: str, on: dt.date) -> list[str]:
    """Return the agencies of the kind that name the district, in order."""
    return [
        key
        for key in directory.keys(kind)
        if district in directory.agencies[key].districts and directory.takes_part(key, on)
    ]
