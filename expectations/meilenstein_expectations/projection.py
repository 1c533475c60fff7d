"""An event as one flat row: what the rules look at.

`project` is pure and the only place where a rule's input is derived: Berlin dates, facts about arrays, conditional
values. The hub loads its rows into a table for Great Expectations, the plain interpreter reads the same rows, so both
see the same values. A column is NULL where its rule has nothing to say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meilenstein_expectations.forms import CODE, IDENTIFIER, KEY
from meilenstein_expectations.textfacts import text_facts
from meilenstein_expectations.violations import Scalar
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.errors import ConfigurationError, PermanentError

__all__ = ["COMMON_COLUMNS", "columns", "own_columns", "project"]

Body = dict[str, Any]

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
_LONGEST_LIST = 50
_MOST_PLACES = 5
_is_key = re.compile(KEY).match
_is_identifier = re.compile(IDENTIFIER).match
_is_code = re.compile(CODE).match


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of one event type: name, PostgreSQL type, and how its value follows from the body."""

    name: str
    sql: str
    derive: Callable[[Body], Scalar]


def columns(event_type: str) -> dict[str, str]:
    """Return the PostgreSQL type of each column that `project` gives for the event type, by name and in order."""
    return {**COMMON_COLUMNS, **own_columns(event_type)}


def own_columns(event_type: str) -> dict[str, str]:
    """Return the columns that only this event type has."""
    return {column.name: column.sql for column in _own(event_type)}


def project(event_type: str, body: Body, *, received_at: dt.datetime | None = None) -> dict[str, Scalar]:
    """Return the row of an event; total over everything that the event's schema can decode to.

    `received_at` (aware) bounds the facts of an event whose `published_at` is missing or lies ahead of the receiver's
    clock; the hub gives the broker's time, a sender may give its own or none.
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
        "references_count": len(references),
        "references_incomplete": _places(references, "references", _is_incomplete) if references else None,
        "references_own": _places(references, "references", lambda entry: entry.get("agency") == publisher)
        if references
        else None,
        "occurred_on": occurred_on,
        "occurred_at_other_day": _other_day(body.get("occurred_at"), occurred_on),
        "recorded_on": _berlin_date(recorded_at),
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


def _berlin_date(instant: dt.datetime | None) -> dt.date | None:
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
    berlin = _berlin_date(instant)
    return None if berlin == day else berlin


def _handed_over_on(published_at: dt.datetime | None, received_at: dt.datetime | None) -> dt.date | None:
    if received_at is None:
        return _berlin_date(published_at)
    latest = received_at + _CLOCK_TOLERANCE
    return _berlin_date(latest if published_at is None else min(published_at, latest))


def _seconds(later: dt.datetime, earlier: dt.datetime) -> int:
    return (later - earlier) // dt.timedelta(seconds=1)


def _is_incomplete(reference: Mapping[str, Any]) -> bool:
    return (
        _is_key(reference.get("agency") or "") is None
        or (reference.get("kind") or "UNKNOWN") == "UNKNOWN"
        or _is_identifier(reference.get("reference") or "") is None
    )


def _places(entries: Sequence[Any], field: str, is_meant: Callable[[Any], bool]) -> str | None:
    """Return which entries of an array are meant, as `items[2], items[5]`."""
    found = [f"{field}[{place}]" for place, entry in enumerate(entries) if is_meant(entry)]
    return ", ".join(found[:_MOST_PLACES]) or None


def _plain(field: str, sql: str = "text") -> _Column:
    """The field as it is; an absent enum value counts as UNKNOWN by the contract's default, other values as NULL."""
    return _Column(field, sql, lambda body: body.get(field))


def _enum(field: str) -> _Column:
    return _Column(field, "text", lambda body: body.get(field) or "UNKNOWN")


def _required(field: str) -> _Column:
    """A text the type cannot do without: null becomes the empty text, so that the rule on its form refuses it."""
    return _Column(field, "text", lambda body: body.get(field) or "")


def _count(field: str) -> _Column:
    return _Column(f"{field}_count", "bigint", lambda body: len(body.get(field) or ()))


def _malformed(field: str, is_well_formed: Callable[[str], Any]) -> _Column:
    """Entries of a list that have not the agreed form, or stand beyond the longest list."""

    def derive(body: Body) -> Scalar:
        entries = body.get(field) or ()
        wrong = [n for n, entry in enumerate(entries) if n >= _LONGEST_LIST or is_well_formed(entry) is None]
        return ", ".join(f"{field}[{place}]" for place in wrong[:_MOST_PLACES]) or None

    return _Column(f"{field}_malformed", "text", derive)


def _of_kind(body: Body, kind: str) -> list[str]:
    return [entry.get("reference") or "" for entry in body.get("references") or () if entry.get("kind") == kind]


def _procedure_named(body: Body) -> str:
    """The procedure's identifier: the body's own, or the only one that another agency refers to."""
    named = _of_kind(body, "PROCEDURE")
    return body.get("procedure_reference") or (named[0] if len(named) == 1 else "")


_PURPOSES_KNOWN = _Column(
    "purposes_known", "bigint", lambda body: len({entry for entry in body.get("purposes") or () if entry != "UNKNOWN"})
)
_PURPOSES_UNKNOWN = _Column(
    "purposes_unknown", "bigint", lambda body: sum(entry == "UNKNOWN" for entry in body.get("purposes") or ())
)
_VALID_FIRST_DAY = _Column("valid_first_day", "date", lambda body: body.get("valid_from") or body.get("occurred_on"))
_TARGET_IS_PUBLISHER = _Column(
    "target_is_publisher",
    "boolean",
    lambda body: body.get("target") is not None and body["target"] == body.get("publisher"),
)
_REFERRAL_REFERENCES = _Column("referral_references", "bigint", lambda body: len(_of_kind(body, "REFERRAL")))
_COMPLETE_WITH_MISSING = _Column(
    "complete_with_missing_items",
    "boolean",
    lambda body: body.get("documents_complete") == "YES" and bool(body.get("missing_items")),
)
_PROCEDURE = _required("procedure_reference")

_OWN: Mapping[str, tuple[_Column, ...]] = {
    "InquiryReceived": (_plain("language"), _enum("channel"), _enum("asker_role")),
    "ConsentGiven": (
        _PURPOSES_KNOWN,
        _PURPOSES_UNKNOWN,
        _count("recipients"),
        _malformed("recipients", _is_key),
        _VALID_FIRST_DAY,
        _plain("valid_until", "date"),
        _plain("form_version"),
    ),
    "ReferralSent": (
        _required("referral_id"),
        _required("target"),
        _TARGET_IS_PUBLISHER,
        _enum("legal_basis"),
        _enum("reason"),
    ),
    "ReferralAccepted": (_REFERRAL_REFERENCES,),
    "ReferralDeclined": (_REFERRAL_REFERENCES, _enum("decline_reason")),
    "ApplicationReceived": (
        _PROCEDURE,
        _enum("procedure_law"),
        _enum("regulated"),
        _plain("profession_kldb"),
        _plain("training_state"),
    ),
    "ReceiptConfirmed": (_PROCEDURE, _malformed("missing_items", _is_code), _COMPLETE_WITH_MISSING),
    "DocumentsRequested": (_PROCEDURE, _count("items"), _malformed("items", _is_code), _plain("due_on", "date")),
    "DocumentsComplete": (_PROCEDURE,),
    "DecisionIssued": (
        _Column("procedure_named", "text", _procedure_named),
        _enum("outcome"),
        _plain("dispatched_on", "date"),
        _plain("announced_on", "date"),
        _enum("announcement"),
        _enum("remedies_instruction"),
    ),
    "WelcomeCenterOnboardingStarted": (_malformed("services", _is_code),),
}


def _own(event_type: str) -> tuple[_Column, ...]:
    return _OWN.get(event_type, ())


@cache
def _text_fields(event_type: str) -> tuple[str, ...]:
    """Return the fields of the event that hold texts or lists of texts; references are looked at apart."""
    contract = load_contracts().get(event_type)
    if contract is None:
        raise PermanentError(f"unknown event type {event_type!r}; known: {', '.join(load_contracts())}")
    return tuple(field["name"] for field in contract.schema["fields"] if _holds_text(field["type"]))


def _holds_text(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(_holds_text(branch) for branch in kind)
    if isinstance(kind, dict):
        return kind["type"] == "array" and kind["items"] == "string"
    return bool(kind == "string")
