"""An event as one flat row: what the rules look at.

`project` is pure and the only place where a rule's input is derived: Berlin dates, facts about arrays, conditional
values. The hub loads its rows into a table for Great Expectations, the plain interpreter reads the same rows, so both
see the same values. A column is NULL where its rule has nothing to say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meilenstein_expectations.event_columns import EVENT_COLUMNS, Body, Column, Scalar, places
from meilenstein_expectations.forms import IDENTIFIER, KEY
from meilenstein_expectations.textfacts import text_facts
from meilenstein_schemas.case_number import is_case_number
from meilenstein_schemas.contracts import load_contracts, similar_types
from meilenstein_schemas.errors import ConfigurationError, PermanentError

__all__ = [
    "ARGUMENTS",
    "COMMON_COLUMNS", "berlin_date", "columns", "is_incomplete", "mistyped_number", "own_columns", "project",
]  # fmt: skip

ARGUMENTS = ("column", "column_A", "column_B")
"""The arguments of an expectation that name a column."""

COMMON_COLUMNS: Mapping[str, str] = {
    "event_id": "text",
    "publisher": "text",
    "sent_by": "text",
    "source_system": "text",
    "source_epoch": "bigint",
    "sequence": "bigint",
    "subject_kind": "text",
    "case_reference": "text",
    "case_number": "text",
    "case_number_mistyped": "text",
    "references_count": "bigint",
    "references_incomplete": "text",
    "references_own": "text",
    "occurred_on": "date",
    "occurred_at_other_day": "date",
    "recorded_on": "date",
    "handed_over_on": "date",
    "recorded_ahead_s": "bigint",
    "district_ags": "text",
    "corrects": "text",
    "corrects_itself": "boolean",
    "correction_reason_given": "text",
    "consent_id": "text",
    "azr_like_in": "text",
    "hidden_characters_in": "text",
    "not_nfc_in": "text",
}
"""Columns of every event with their PostgreSQL types, in the order of the row."""

_CLOCK_TOLERANCE = dt.timedelta(minutes=15)
_is_key = re.compile(KEY).match
_is_identifier = re.compile(IDENTIFIER).match


def columns(event_type: str) -> dict[str, str]:
    """Return the PostgreSQL type of each column that `project` gives for the event type, by name and in order."""
    return {**COMMON_COLUMNS, **own_columns(event_type)}


def own_columns(event_type: str) -> dict[str, str]:
    """Return the columns that only this event type has."""
    return {column.name: column.sql for column in _own(event_type)}


def project(event_type: str, body: Body, *, received_at: dt.datetime | None = None) -> dict[str, Scalar]:
    """Return the row of an event; total over everything that the event's schema can decode to.

    `received_at` (aware) bounds the facts of an event whose `published_at` is missing or lies ahead of the receiver's
    clock. A sender gives its own time; the hub gives none, so that no verdict depends on the hub's clock.
    """
    row = _common(body, received_at)
    row["azr_like_in"], row["hidden_characters_in"], row["not_nfc_in"] = text_facts(body, _text_fields(event_type))
    for column in _own(event_type):
        row[column.name] = column.derive(body)
    return row


def _common(body: Body, received_at: dt.datetime | None) -> dict[str, Scalar]:
    publisher, occurred_on, corrects = body.get("publisher"), body.get("occurred_on"), body.get("corrects")
    recorded_at, published_at = body.get("recorded_at"), body.get("published_at")
    references: Sequence[Mapping[str, Any]] = body.get("references") or ()
    return {
        "event_id": body.get("event_id") or "",
        "publisher": publisher or "",
        "sent_by": body.get("sent_by"),
        "source_system": body.get("source_system") or "",
        "source_epoch": body.get("source_epoch"),
        "sequence": body.get("sequence"),
        "subject_kind": body.get("subject_kind") or "UNKNOWN",
        "case_reference": body.get("case_reference") or "",
        "case_number": body.get("case_number"),
        "case_number_mistyped": mistyped_number(body.get("case_number")),
        "references_count": len(references),
        "references_incomplete": places(references, "references", is_incomplete) if references else None,
        "references_own": places(references, "references", lambda entry: entry.get("agency") == publisher)
        if references
        else None,
        "occurred_on": occurred_on,
        "occurred_at_other_day": _other_day(body.get("occurred_at"), occurred_on),
        "recorded_on": berlin_date(recorded_at),
        "handed_over_on": _handed_over_on(published_at, received_at),
        "recorded_ahead_s": None
        if recorded_at is None or published_at is None
        else _seconds(recorded_at, published_at),
        "district_ags": body.get("district_ags"),
        "corrects": corrects,
        "corrects_itself": corrects is not None and corrects == body.get("event_id"),
        "correction_reason_given": None if corrects is None else body.get("correction_reason") or "UNKNOWN",
        "consent_id": body.get("consent_id"),
    }


def mistyped_number(number: str | None) -> str | None:
    """Return the case number if it is none as it is written; None where it is one, or none is given."""
    return None if number is None or is_case_number(number) else number


def berlin_date(instant: dt.datetime | None) -> dt.date | None:
    """Return the calendar date of an instant in Berlin."""
    if instant is None:
        return None
    try:
        return instant.astimezone(_berlin()).date()
    except OverflowError:  # within an hour of the last instant a datetime can hold
        return dt.date.max


@cache
def _berlin() -> ZoneInfo:
    try:
        return ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        raise ConfigurationError("no time zone data on this machine: `pip install tzdata`") from None


def _other_day(instant: dt.datetime | None, day: dt.date | None) -> dt.date | None:
    berlin = berlin_date(instant)
    return None if berlin == day else berlin


def _handed_over_on(published_at: dt.datetime | None, received_at: dt.datetime | None) -> dt.date | None:
    if received_at is None:
        return berlin_date(published_at)
    latest = received_at + _CLOCK_TOLERANCE
    return berlin_date(latest if published_at is None else min(published_at, latest))


def _seconds(later: dt.datetime, earlier: dt.datetime) -> int:
    return (later - earlier) // dt.timedelta(seconds=1)


def is_incomplete(reference: Mapping[str, Any]) -> bool:
    """Say whether a reference lacks an agency's key, a kind, or an identifier of the agreed form."""
    return (
        _is_key(reference.get("agency") or "") is None
        or (reference.get("kind") or "UNKNOWN") == "UNKNOWN"
        or _is_identifier(reference.get("reference") or "") is None
    )


def _own(event_type: str) -> tuple[Column, ...]:
    return EVENT_COLUMNS.get(event_type, ())


@cache
def _text_fields(event_type: str) -> tuple[str, ...]:
    """Return the fields of the event that hold texts or lists of texts; references are looked at apart."""
    contract = load_contracts().get(event_type)
    if contract is None:
        raise PermanentError(f"unknown event type {event_type!r}; {similar_types(event_type)}")
    return tuple(field["name"] for field in contract.schema["fields"] if _holds_text(field["type"]))


def _holds_text(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(_holds_text(branch) for branch in kind)
    if isinstance(kind, dict):
        return bool(kind["type"] == "array" and kind["items"] == "string")
    return bool(kind == "string")
