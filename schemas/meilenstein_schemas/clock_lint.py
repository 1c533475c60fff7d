"""Checks of the clock table: what a row may say, and that no two rows apply to the same thing on the same day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.tables import Problem, Row, overlaps

__all__ = [
    "ALARMS", "CLOCK_FIELDS", "COUNTS", "FACETS", "LABELS", "PERIODS", "SETTING_FIELDS", "SPANS", "UNITS",
    "clock_problems", "clock_shape", "facet_values",
]  # fmt: skip

LABELS = ("MUST", "SHALL_NORMALLY", "REGULAR", "SERVICE")
UNITS = ("DAYS", "WEEKS", "MONTHS", "WERKTAGE")
ALARMS = ("DUE", "OVER")
SOURCES = ("law", "general-knowledge", "project-rule")
PERIODS: Mapping[str, str] = {
    "RECEIPT": "PROCEDURE",
    "DECISION": "PROCEDURE",
    "EXAM": "PROCEDURE",
    "INVITATION": "NOTIFICATION",
    "LABOUR_CONSENT": "TITLE",
    "APPOINTMENT": "TITLE",
    "VISA": "TITLE",
    "VISA_CONSENT": "TITLE",
    "AFTER_ENTRY": "ENTRY",
    "PERMIT": "TITLE",
    "PERMIT_TOTAL": "TITLE",
    "EMPLOYER_REPORT": "EMPLOYMENT",
    "PERSON_REPORT": "EMPLOYMENT",
    "COURSE_START": "COURSE",
    "PLACEMENT": "COURSE",
    "APPEAL": "DECISION",
    "CONSENT_VALIDITY": "TITLE",
    "REFERRAL": "REFERRAL",
    "INQUIRY": "INQUIRY",
}
"""Every wait or span that a clock measures, and what one clock of it runs for. Of its rows exactly one may apply."""

FACETS: Mapping[str, tuple[str, str] | frozenset[str]] = {
    "procedure_law": ("ApplicationReceived", "procedure_law"),
    "regulated": ("ApplicationReceived", "regulated"),
    "training_state_group": ("ApplicationReceived", "training_state_group"),
    "legal_route": ("ApplicationReceived", "legal_route"),
    "decision_object": ("DecisionIssued", "decision_object"),
    "remedies_instruction": ("DecisionIssued", "remedies_instruction"),
    "title_norm": ("ResidenceTitleIssued", "title_norm"),
    "consent_norm": ("LabourAgencyConsentRequested", "consent_norm"),
    "consent_case": ("VisaDataTransmitted", "consent_case"),
    "course_kind": ("CourseRegistered", "course_kind"),
    "exam_start": frozenset({"CHOICE", "DECISION", "WAIVER", "UNKNOWN"}),
}
"""What a row may look at: the field of a contract that knows the values, or the values themselves."""

SETTINGS: Mapping[str, type] = {
    "parking_days": int,
    "saturday_is_werktag": bool,
    "fictions_roll_over": bool,
    "announcement_day_shifts": bool,
    "suspension_includes_first_day": bool,
    "announcement_days": int,
    "referral_answer_werktage": int,
    "inquiry_answer_werktage": int,
    "recognition_application_days": int,
    "application_after_referral_days": int,
    "pause_open_days": int,
    "pause_set_date_days": int,
    "same_profession_digits": int,
}
COUNTS = ("saturday_is_werktag", "fictions_roll_over", "announcement_day_shifts", "suspension_includes_first_day")
"""Settings that are switches of counting."""
SPANS = ("application_after_referral_days", "pause_open_days", "pause_set_date_days", "same_profession_digits")
"""Settings that findings measure by."""

SETTING_FIELDS: tuple[Mapping[str, type], Mapping[str, type]] = (
    {"setting": str, "value": object, "reason": str},
    {"from": dt.date, "until": dt.date},
)
CLOCK_FIELDS: tuple[Mapping[str, type], Mapping[str, type]] = (
    {
        "id": str, "period": str, "label": str, "name_de": str, "name_en": str, "start": list,
        "stop": list, "unit": str, "roll_over": bool, "due_within_days": int, "source": str, "from": dt.date,
    },
    {
        "when": dict, "unless": dict, "length": int, "length_setting": str, "fiction": bool, "pausable": bool,
        "extendable": bool, "extension_months": int, "alarms": list, "shown_without_start": bool, "note_de": str,
        "note_en": str, "paragraph_de": str, "paragraph_en": str, "law_version": str, "until": dt.date,
    },
)  # fmt: skip
_CLOCK_ID = re.compile(r"\A[CS][0-9]{2}\Z")


@cache
def facet_values(facet: str) -> frozenset[str]:
    """Return the values a facet may have."""
    known = FACETS[facet]
    if isinstance(known, frozenset):
        return known
    contract, field = known
    for candidate in load_contracts()[contract].schema["fields"]:
        if candidate["name"] == field:
            return frozenset(candidate["type"]["symbols"])
    raise LookupError(f"{contract}.{field}")


def clock_shape(row: Row) -> Iterator[Problem]:
    """Yield what is wrong with the conditions of a row, before anything relies on them."""
    for side in ("when", "unless"):
        for facet, values in (row.values.get(side) or {}).items():
            if facet not in FACETS:
                yield row.problem(f"unknown facet {facet!r} in {side!r}; known: {', '.join(FACETS)}")
            elif not isinstance(values, list) or not values:
                yield row.problem(f"{side!r} needs a list of values for {facet!r}")
            else:
                for item in values:
                    if not isinstance(item, str):
                        yield row.problem(f"{facet!r} holds {item!r}, which is no text; put it in quotes")
                    elif item not in facet_values(facet):
                        yield row.problem(f"unknown {facet} {item!r}; known: {', '.join(sorted(facet_values(facet)))}")


def clock_problems(table: list[Row]) -> Iterator[Problem]:
    """Yield the mistakes in the clock table; the shape of its rows is checked before."""
    yield from _setting_problems([row for row in table if "setting" in row.values])
    rows = [row for row in table if "setting" not in row.values]
    for row in rows:
        yield from _row_problems(row)
    for first, second in combinations(rows, 2):
        yield from _clash(first, second)


def _setting_problems(rows: list[Row]) -> Iterator[Problem]:
    seen: dict[str, list[Row]] = {}
    for row in rows:
        name, value = row.values["setting"], row.values["value"]
        kind = SETTINGS.get(name)
        if kind is None:
            yield row.problem(f"unknown setting {name!r}; known: {', '.join(SETTINGS)}")
        elif type(value) is not kind or (isinstance(value, int) and value < 0):
            yield row.problem(f"setting {name!r} is {value!r}; expected a value of type {kind.__name__}, not below 0")
        seen.setdefault(name, []).append(row)
    for name, given in seen.items():
        spans = [(row.values.get("from") or dt.date.min, row.values.get("until")) for row in given]
        if name != "announcement_days" and len(given) > 1:
            yield given[1].problem(f"setting {name!r} is given twice")
        elif overlaps(spans):
            yield given[1].problem(f"setting {name!r} has two values on the same day")
    for name in SETTINGS:
        if name not in seen:
            yield Problem(file="clocks.yaml", line=1, mistake=f"setting {name!r} is missing")


def _row_problems(row: Row) -> Iterator[Problem]:
    values = row.values
    events = tuple(load_contracts())
    if not _CLOCK_ID.match(values["id"]):
        yield row.problem(f"id {values['id']!r} is not C or S with two digits")
    yield from _one_of(row, "period", tuple(PERIODS))
    for field, known in (("label", LABELS), ("unit", UNITS), ("source", SOURCES), ("alarms", ALARMS)):
        yield from _one_of(row, field, known)
    for field in ("start", "stop"):
        yield from _one_of(row, field, events)
    if not values["start"]:
        yield row.problem("a clock needs at least one event type that starts it")
    yield from _length_problems(row)
    yield from _source_problems(row)
    if bool(values.get("note_de")) != bool(values.get("note_en")):
        yield row.problem("a note is written in both languages: note_de and note_en")
    if values.get("extension_months") is not None and not values.get("extendable"):
        yield row.problem("extension_months is for a clock that is extendable")


def _length_problems(row: Row) -> Iterator[Problem]:
    length, setting = row.values.get("length"), row.values.get("length_setting")
    if (length is None) == (setting is None):
        yield row.problem("give either 'length' or 'length_setting'")
    if (length is not None and length < 1) or row.values["due_within_days"] < 0:
        yield row.problem("length must be at least 1 and due_within_days at least 0")
    if setting is not None and SETTINGS.get(setting) is not int:
        yield row.problem(f"length_setting {setting!r} is no setting that holds a number")


def _one_of(row: Row, field: str, known: tuple[str, ...]) -> Iterator[Problem]:
    value = row.values.get(field)
    for item in value if isinstance(value, list) else [value]:
        if item is not None and item not in known:
            yield row.problem(f"unknown {field} {item!r}; known: {', '.join(known)}")


def _source_problems(row: Row) -> Iterator[Problem]:
    fields = ("paragraph_de", "paragraph_en", "law_version")
    if row.values["label"] == "SERVICE":
        if row.values["source"] == "law" or any(row.values.get(field) for field in fields):
            yield row.problem("a service target has no source, paragraph or version in the law")
    else:
        for field in fields:
            if not row.values.get(field):
                yield row.problem(f"field {field!r} is missing: a legal period names its provision")


def _clash(first: Row, second: Row) -> Iterator[Problem]:
    one, two = first.values, second.values
    if one["period"] == two["period"] and _meet(one, two):
        spans = [(row["from"], row.get("until")) for row in (one, two)]
        if overlaps(spans):
            yield second.problem(f"two rows of {two['period']} apply to the same thing on the same day")


def _meet(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Say whether something could fall under both rows."""
    facets = {name for row in (one, two) for side in ("when", "unless") for name in row.get(side) or ()}
    return all(_allowed(one, facet) & _allowed(two, facet) for facet in facets)


def _allowed(row: Mapping[str, Any], facet: str) -> frozenset[str]:
    when, unless = row.get("when") or {}, row.get("unless") or {}
    return frozenset(when.get(facet) or facet_values(facet)) - frozenset(unless.get(facet) or ())
