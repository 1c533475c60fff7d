"""The tables of the registry data: which files there are, their fields, and the words that may stand in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from meilenstein_schemas.tables import Row, read_rows

__all__ = [
    "AGENCY_KINDS",
    "ALL",
    "BODY_KINDS",
    "DATA_FOLDER",
    "DIRECTORY_FILES",
    "DIREKTIONSBEZIRKE",
    "DISTRICT_KINDS",
    "HOME_LAND",
    "KINDS_WITHOUT_CASES",
    "LANDS",
    "RANKS",
    "REFERENCE_KINDS",
    "TASKS",
    "read_tables",
]

DATA_FOLDER = Path(__file__).parent / "data"
AGENCY_KINDS = (
    "ZEFAS", "RECOGNITION_BODY", "WELCOME_CENTER", "FOREIGNERS_OFFICE", "LABOUR_AGENCY", "ADVICE_CENTRE", "VISA_OFFICE",
    "ASSESSMENT_OFFICE", "COURSE_OFFICE", "COURSE_PROVIDER", "COORDINATION", "INFO_PORTAL", "CROSS_LAND",
    "TECHNICAL_SENDER",
)  # fmt: skip
KINDS_WITHOUT_CASES = frozenset({"COORDINATION", "INFO_PORTAL", "TECHNICAL_SENDER"})
"""Kinds that are never told of a case: they read aggregates, know nobody, or only carry what others say."""

RANKS = ("AUTHORITATIVE", "INFORMATIVE", "FORBIDDEN")
REFERENCE_KINDS = ("CASE", "PROCEDURE", "REFERRAL", "MANDATE", "TITLE")
DISTRICT_KINDS = ("KREISFREIE_STADT", "LANDKREIS")
DIREKTIONSBEZIRKE: Mapping[str, str] = {"5": "CHEMNITZ", "6": "DRESDEN", "7": "LEIPZIG"}
"""The former Direktionsbezirke by the third digit of the AGS."""

HOME_LAND = "SN"
LANDS = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
"""ISO 3166-2 without the leading DE-."""

BODY_KINDS = ("CHAMBER", "MUNICIPAL_ASSOCIATION", "STATE_AUTHORITY", "MINISTRY")
TASKS = ("EQUIVALENCE", "LICENCE", "LANGUAGE_EXAM", "FURTHER_TRAINING", "TITLE")
ALL = "ALL"
"""Stands for every event type in an agreement, and for every service in an offer."""

_SPAN: Mapping[str, type] = {"from": dt.date}
_UNTIL: Mapping[str, type] = {"until": dt.date}
_NAMES: Mapping[str, type] = {"name_de": str, "name_en": str}
DIRECTORY_FILES: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "agencies.yaml": (
        {"key": str, "kind": str, **_NAMES, "origin": str, **_SPAN},
        {
            "districts": list,
            "late_after_days": int,
            "land": str,
            "operator": str,
            "source": str,
            "switch": str,
            **_UNTIL,
        },
    ),
    "authority.yaml": ({"kind": str, "event": str, "rank": str, **_SPAN}, _UNTIL),
    "claims.yaml": ({"kind": str, "reference_kind": str, **_SPAN}, {"of_other_land": bool, **_UNTIL}),
    "agreements.yaml": ({"sender": str, "publisher": str, "events": list, **_SPAN}, _UNTIL),
    "districts.yaml": (
        {"ags": str, **_NAMES, "kind": str, "direktionsbezirk": str, "federal_advice": bool},
        {"trap": str},
    ),
    "services.yaml": ({"service": str, **_NAMES, "events": list}, {}),
    "offers.yaml": ({"center": str, "services": list, **_SPAN}, _UNTIL),
    "fallbacks.yaml": ({"instead_of": str, "to": str, **_SPAN}, {"district": str, **_UNTIL}),
    "switches.yaml": ({"key": str, **_NAMES, "source": str}, {"rights": list, **_SPAN, **_UNTIL}),
    "competences.yaml": (
        {
            "body": str,
            "body_kind": str,
            "tasks": list,
            "laws": list,
            "regulated": list,
            "professions_de": str,
            "professions_en": str,
            "basis": str,
            **_SPAN,
        },
        {"direktionsbezirk": str, **_UNTIL},
    ),
}
"""Required and optional fields of each table."""


def read_tables(folder: Path = DATA_FOLDER) -> dict[str, list[Row]]:
    """Return the rows of every table below `folder`; a file that is no table raises ConfigurationError."""
    return {name: read_rows(folder / name) for name in DIRECTORY_FILES}
