"""The columns that single event types have beside the envelope's: name, PostgreSQL type, how the value is derived."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilenstein_expectations.forms import CODE, KEY

__all__ = ["EVENT_COLUMNS", "Body", "Column", "Scalar", "places"]

Body = Mapping[str, Any]
"""An event as its schema decodes to."""

Scalar = str | int | bool | dt.date | dt.datetime | None
"""A value of a projected row."""

_LONGEST_LIST = 50
_MOST_PLACES = 5
_is_key = re.compile(KEY).match
_is_code = re.compile(CODE).match


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one event type."""

    name: str
    sql: str
    derive: Callable[[Body], Scalar]


def places(entries: Sequence[Any], field: str, is_meant: Callable[[Any], bool]) -> str | None:
    """Return which entries of an array are meant, as `items[2], items[5]`."""
    found = [f"{field}[{place}]" for place, entry in enumerate(entries) if is_meant(entry)]
    return ", ".join(found[:_MOST_PLACES]) or None


def _plain(field: str, sql: str = "text") -> Column:
    """The field as it is; an absent enum value counts as UNKNOWN by the contract's default, other values as NULL."""
    return Column(field, sql, lambda body: body.get(field))


def _enum(field: str) -> Column:
    return Column(field, "text", lambda body: body.get(field) or "UNKNOWN")


def _required(field: str) -> Column:
    """A text the type cannot do without: null becomes the empty text, so that the rule on its form refuses it."""
    return Column(field, "text", lambda body: body.get(field) or "")


def _count(field: str) -> Column:
    return Column(f"{field}_count", "bigint", lambda body: len(body.get(field) or ()))


def _malformed(field: str, is_well_formed: Callable[[str], Any]) -> Column:
    """Entries of a list that have not the agreed form, or stand beyond the longest list."""

    def derive(body: Body) -> Scalar:
        entries = body.get(field) or ()
        wrong = [n for n, entry in enumerate(entries) if n >= _LONGEST_LIST or is_well_formed(entry) is None]
        return ", ".join(f"{field}[{place}]" for place in wrong[:_MOST_PLACES]) or None

    return Column(f"{field}_malformed", "text", derive)


def _of_kind(body: Body, kind: str) -> list[str]:
    return [entry.get("reference") or "" for entry in body.get("references") or () if entry.get("kind") == kind]


def _procedure_named(body: Body) -> str:
    """The procedure's identifier: the body's own, or the only one that another agency refers to."""
    named = _of_kind(body, "PROCEDURE")
    return body.get("procedure_reference") or (named[0] if len(named) == 1 else "")


_PURPOSES_KNOWN = Column(
    "purposes_known", "bigint", lambda body: len({entry for entry in body.get("purposes") or () if entry != "UNKNOWN"})
)
_PURPOSES_UNKNOWN = Column(
    "purposes_unknown", "bigint", lambda body: sum(entry == "UNKNOWN" for entry in body.get("purposes") or ())
)
_VALID_FIRST_DAY = Column("valid_first_day", "date", lambda body: body.get("valid_from") or body.get("occurred_on"))
_TARGET_IS_PUBLISHER = Column(
    "target_is_publisher",
    "boolean",
    lambda body: body.get("target") is not None and body["target"] == body.get("publisher"),
)
_REFERRAL_REFERENCES = Column("referral_references", "bigint", lambda body: len(_of_kind(body, "REFERRAL")))
_COMPLETE_WITH_MISSING = Column(
    "complete_with_missing_items",
    "boolean",
    lambda body: body.get("documents_complete") == "YES" and bool(body.get("missing_items")),
)
_PROCEDURE = _required("procedure_reference")

EVENT_COLUMNS: Mapping[str, tuple[Column, ...]] = {
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
        Column("procedure_named", "text", _procedure_named),
        _enum("outcome"),
        _plain("dispatched_on", "date"),
        _plain("announced_on", "date"),
        _enum("announcement"),
        _enum("remedies_instruction"),
    ),
    "WelcomeCenterOnboardingStarted": (_malformed("services", _is_code),),
}
