"""From a row of text to the fields of an event, strictly: what is not exactly as the profile says refuses the row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from meilenstein_connectors.codec import Body
from meilenstein_connectors.csv_profile import Mapped, Profile, RowRule
from meilenstein_connectors.errors import InvalidLine
from meilenstein_connectors.plain_json import read_value
from meilenstein_connectors.profile_lint import ISO

__all__ = ["RowRefused", "body_of"]

BERLIN = ZoneInfo("Europe/Berlin")


class RowRefused(Exception):
    """A row cannot become an event; the message is the reason and names columns, never values."""


def body_of(profile: Profile, rule: RowRule, row: Mapping[str, str]) -> Body:
    """Return the fields that the rule fills for this row; raises RowRefused."""
    body: Body = {"publisher": profile.publisher}
    for name, mapped in rule.fields.items():
        value = _value(profile, mapped, row)
        if value is not None:
            body[name] = value
    return body


def _value(profile: Profile, mapped: Mapped, row: Mapping[str, str]) -> Any:
    """Return the value of a field; None stands for its default."""
    if mapped.entries is not None:
        found = [{name: _value(profile, part, row) for name, part in entry.items()} for entry in mapped.entries]
        # An entry that lacks a part says nothing; it is left out as a whole.
        return [entry for entry in found if None not in entry.values()]
    if mapped.column is None:
        return mapped.constant
    text = row[mapped.column]
    return None if text in profile.empty else _column_value(profile, mapped, mapped.column, text)


def _column_value(profile: Profile, mapped: Mapped, column: str, text: str) -> Any:
    if mapped.values is not None:
        if text not in mapped.values:
            raise RowRefused(f"column {column} has a value that the profile does not list")
        return read_value(mapped.shape, mapped.values[text], column)
    if mapped.shape.kind in ("date", "instant"):
        return _time(profile, mapped, text)
    if mapped.shape.kind in ("int", "long"):
        return _number(column, text)
    try:
        return read_value(mapped.shape, text, column)
    except InvalidLine as error:
        raise RowRefused(f"column {column}: {error.mistake}") from None


def _number(column: str, text: str) -> int:
    if not text.lstrip("-").isdecimal() or not text.isascii():
        raise RowRefused(f"column {column}: expected a whole number")
    return int(text[:40])


def _time(profile: Profile, mapped: Mapped, text: str) -> dt.date | dt.datetime:
    parsed = _parsed(mapped, text)
    if mapped.shape.kind == "date":
        if not isinstance(parsed, dt.datetime):
            return parsed
        # A time of day names an instant; its calendar date is the one in Berlin, as contracts have it.
        return _instant(profile, mapped, parsed).astimezone(BERLIN).date()
    if not isinstance(parsed, dt.datetime):
        raise RowRefused(f"column {mapped.column}: a date without time of day where an instant is expected")
    return _instant(profile, mapped, parsed)


def _parsed(mapped: Mapped, text: str) -> dt.date | dt.datetime:
    try:
        if mapped.format == ISO:
            with_time = ":" in text or "T" in text
            return dt.datetime.fromisoformat(text) if with_time else dt.date.fromisoformat(text)
        read = dt.datetime.strptime(text, mapped.format)  # noqa: DTZ007 - the zone is the profile's, see _instant
    except ValueError:
        expected = "an ISO 8601 date or time" if mapped.format == ISO else f"the format {mapped.format}"
        raise RowRefused(f"column {mapped.column}: not {expected}") from None
    with_time = any(code in mapped.format for code in ("%H", "%I", "%c", "%X"))
    return read if with_time else read.date()


def _instant(profile: Profile, mapped: Mapped, value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        value = _local(profile, mapped, value)
    try:
        instant = value.astimezone(dt.UTC)
    except OverflowError:
        raise RowRefused(f"column {mapped.column}: outside the years 1 to 9999") from None
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _local(profile: Profile, mapped: Mapped, value: dt.datetime) -> dt.datetime:
    """Return the local time with its zone; refuse times that the change to or from summer time makes ambiguous."""
    if profile.zone is None:
        raise RowRefused(f"column {mapped.column}: a time without offset, and the profile names no zone")
    early, late = value.replace(tzinfo=profile.zone, fold=0), value.replace(tzinfo=profile.zone, fold=1)
    if early.utcoffset() != late.utcoffset():
        raise RowRefused(
            f"column {mapped.column}: a local time that occurs twice or not at all (change of summer time)"
        )
    return early
