"""What groups are called, in German and English, and in which order they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.codes import load_codes
from meilenstein_schemas.labels import Text, load_labels

__all__ = ["FEATURES", "LEVELS", "Names", "codes_of"]

LEVELS: Mapping[str, Text] = {
    "LAND": {"de": "Land", "en": "Land"},
    "DIREKTIONSBEZIRK": {"de": "Ehemaliger Direktionsbezirk", "en": "Former Direktionsbezirk"},
    "DISTRICT": {"de": "Kreis", "en": "District"},
    "BODY": {"de": "Anerkennungsstelle", "en": "Recognition body"},
    "SENDER": {"de": "Verweisende Stelle", "en": "Sender"},
    "TARGET": {"de": "Ziel des Verweises", "en": "Target"},
    "AGENCY": {"de": "Stelle", "en": "Agency"},
    "TRAINING": {"de": "Gruppe des Ausbildungsstaats", "en": "Group of the state of training"},
    "ROUTE": {"de": "Rechtlicher Weg", "en": "Legal route"},
}
"""What a row is about."""

FEATURES: Mapping[str, Text] = {
    "FAST_TRACK": {"de": "beschleunigtes Fachkräfteverfahren", "en": "fast-track procedure"},
    "OTHER_PROCEDURE": {"de": "sonstiges Verfahren zur Feststellung", "en": "other procedure of assessment"},
    "EVIDENCE_REQUESTED": {"de": "weitere Nachweise verlangt", "en": "further evidence requested"},
    "EXTENDED": {"de": "Frist verlängert", "en": "period extended"},
    "CHECK_WAIVED": {"de": "Verzicht auf die Gleichwertigkeitsprüfung", "en": "check of equivalence waived"},
}
_ENUMS = {
    "TRAINING": ("TrainingStateGroup",),
    "ROUTE": ("LegalRoute",),
    "PROCEDURE_LAW": ("ProcedureLaw",),
    "APPLICATION_KIND": ("ApplicationKind",),
    "DECISION_OBJECT": ("DecisionObject",),
    "REMEDY": ("AppealKind", "AppealResult"),
}
_LISTS = {"TRAINING_STATE": "iso_3166_1", "PROFESSION": "kldb_2010"}
_UNKNOWN: Text = {"de": "nicht angegeben", "en": "not stated"}
_NOWHERE: Text = {"de": "nicht bekannt oder außerhalb Sachsens", "en": "not known, or outside Saxony"}
_OTHER: Text = {"de": "andere Stelle", "en": "other agency"}
_SAXONY: Text = {"de": "Sachsen", "en": "Saxony"}


@cache
def codes_of(enum: str) -> tuple[str, ...]:
    """Return the symbols of an enum of the contracts, UNKNOWN last."""
    found = [name.partition(".")[2] for name in load_labels().codes if name.partition(".")[0] == enum]
    return (*(code for code in found if code != "UNKNOWN"), "UNKNOWN")


class Names:
    """Names of groups by the registry, the code lists and the labels."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def districts(self) -> Sequence[str]:
        """Return the AGS of the districts in order."""
        return sorted(self._directory.districts)

    def bezirk(self, district: str) -> str | None:
        """Return the former Direktionsbezirk of a district; None for what is no district."""
        found = self._directory.districts.get(district)
        return found.direktionsbezirk if found is not None else None

    def of(self, level: str, key: str) -> Text:
        """Return the name of a group; `level` is a level of a row or the name of a variable."""
        if level in _ENUMS:
            labels = load_labels().codes
            return next((labels[f"{enum}.{key}"] for enum in _ENUMS[level] if f"{enum}.{key}" in labels), _UNKNOWN)
        if level in _LISTS:
            code = load_codes(_LISTS[level]).codes.get(key)
            return code.name if code is not None else _former(key)
        return self._registered(level, key)

    def _registered(self, level: str, key: str) -> Text:
        if level == "DISTRICT":
            district = self._directory.districts.get(key)
            return {"de": district.name_de, "en": district.name_en} if district is not None else _NOWHERE
        fixed = {"LAND": _SAXONY, "DIREKTIONSBEZIRK": {"de": key.capitalize(), "en": key.capitalize()}}
        if level in fixed or level == "FEATURE":
            return FEATURES[key] if level == "FEATURE" else fixed[level]
        agency = self._directory.agencies.get(key)
        return {"de": agency.name_de, "en": agency.name_en} if agency is not None else _OTHER


def _former(key: str) -> Text:
    """Return the name of a state that no longer exists."""
    codes = load_codes("iso_3166_3").codes.values()
    return next((code.name for code in codes if code.more["alpha_2"] == key), _UNKNOWN)
