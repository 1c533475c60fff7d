"""The tables and their columns: names in files, labels in German and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meilenstein_schemas.codes import load_codes
from meilenstein_schemas.labels import Text

__all__ = ["CLASSES", "COLUMNS", "DECIDED", "HEAD", "TABLES", "columns_of"]

CLASSES: Sequence[str] = tuple(
    code.lower() for code, one in load_codes("outcome_classes").codes.items() if one.more["decided"]
)
"""Columns of the outcome classes that are a decision."""

DECIDED: tuple[str, ...] = (*CLASSES, "outcome_unknown")
"""What the decisions add up from."""

TABLES: Mapping[str, Text] = {
    "procedures": {"de": "Verfahren", "en": "Procedures"},
    "durations": {"de": "Dauern", "en": "Durations"},
    "referrals": {"de": "Verweise", "en": "Referrals"},
    "variables": {"de": "Merkmale nach § 17 Abs. 2 BQFG", "en": "Variables of BQFG § 17(2)"},
}

HEAD: Sequence[str] = ("month", "level", "key", "name_de", "name_en", "direktionsbezirk")
"""What every row of procedures, durations and referrals begins with."""

_OUTCOMES = load_codes("outcome_classes").codes
COLUMNS: Mapping[str, Text] = {
    "month": {"de": "Monat", "en": "Month"},
    "level": {"de": "Ebene", "en": "Level"},
    "key": {"de": "Schlüssel", "en": "Key"},
    "name_de": {"de": "Name (deutsch)", "en": "Name (German)"},
    "name_en": {"de": "Name (englisch)", "en": "Name (English)"},
    "direktionsbezirk": {"de": "Ehemaliger Direktionsbezirk", "en": "Former Direktionsbezirk"},
    "applications": {"de": "Anträge eingegangen", "en": "Applications received"},
    "receipts_confirmed": {"de": "Eingang bestätigt", "en": "Receipt confirmed"},
    "documents_complete": {"de": "Unterlagen vollständig", "en": "Documents complete"},
    "forwarded": {"de": "abgegeben", "en": "Forwarded"},
    "decisions": {"de": "Erste Bescheide", "en": "First decisions"},
    **{name: _OUTCOMES[name.upper()].name for name in CLASSES},
    "outcome_unknown": {"de": "Ergebnis nicht angegeben", "en": "outcome not stated"},
    "no_decision": _OUTCOMES["NO_DECISION"].name,
    "pending": _OUTCOMES["PENDING"].name,
    "overdue": {"de": "davon Frist vorbei", "en": "of these overdue"},
    "clock": {"de": "Uhr", "en": "Clock"},
    "clock_de": {"de": "Uhr (deutsch)", "en": "Clock (German)"},
    "clock_en": {"de": "Uhr (englisch)", "en": "Clock (English)"},
    "label": {"de": "Art der Frist", "en": "Kind of period"},
    "share_within": {"de": "Anteil fristgerecht", "en": "Share within the period"},
    "days_q1": {"de": "Tage, unteres Viertel", "en": "Days, lower quartile"},
    "days_median": {"de": "Tage, Median", "en": "Days, median"},
    "days_q3": {"de": "Tage, oberes Viertel", "en": "Days, upper quartile"},
    "sent": {"de": "gesendet", "en": "Sent"},
    "accepted": {"de": "angenommen", "en": "Accepted"},
    "declined": {"de": "abgelehnt", "en": "Declined"},
    "returned": {"de": "zurückgegeben", "en": "Returned"},
    "to_application": {"de": "führten zum Antrag", "en": "Led to an application"},
    "unanswered": {"de": "unbeantwortet", "en": "Unanswered"},
    "population": {"de": "Grundgesamtheit", "en": "Population"},
    "variable": {"de": "Merkmal", "en": "Variable"},
    "count": {"de": "Anzahl", "en": "Count"},
}
"""Every column of every table."""

_OF_TABLE: Mapping[str, Sequence[str]] = {
    "procedures": (
        *HEAD, "applications", "receipts_confirmed", "documents_complete", "forwarded", "decisions", *DECIDED,
        "no_decision", "pending", "overdue",
    ),
    "durations": (
        *HEAD, "clock", "clock_de", "clock_en", "label", "share_within", "days_q1", "days_median", "days_q3",
    ),
    "referrals": (
        *HEAD, "sent", "accepted", "declined", "returned", "to_application", "unanswered", "overdue",
    ),
    "variables": ("month", "population", "variable", "key", "name_de", "name_en", "count"),
}  # fmt: skip


def columns_of(table: str) -> Sequence[str]:
    """Return the columns of a table in order."""
    return _OF_TABLE[table]
