"""The rows that the rules look at, derived by whole columns: the same values as `meilenstein_expectations.project`.

What has no column-wise form is derived row by row from the fields it needs, or from the whole event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.decoding.arrow_values import instant_of, values_of
from meilenstein_expectations.event_columns import EVENT_COLUMNS, Column, Scalar, places
from meilenstein_expectations.projection import COMMON_COLUMNS, berlin_date, is_incomplete, mistyped_number, project

__all__ = ["ARROW", "ColumnProjection"]

ARROW = {"text": pa.string(), "bigint": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}
"""Arrow's type for each of PostgreSQL's that a column can have."""
_FACTS = ("azr_like_in", "hidden_characters_in", "not_nfc_in")
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "purposes_known": ("purposes",),
    "purposes_unknown": ("purposes",),
    "recipients_count": ("recipients",),
    "recipients_malformed": ("recipients",),
    "items_count": ("items",),
    "items_malformed": ("items",),
    "items_unlisted": ("items",),
    "missing_items_malformed": ("missing_items",),
    "missing_items_unlisted": ("missing_items",),
    "services_malformed": ("services",),
    "valid_first_day": ("valid_from", "occurred_on"),
    "target_is_publisher": ("target", "publisher"),
    "complete_with_missing_items": ("documents_complete", "missing_items"),
    "referral_references": ("references",),
    "procedure_named": ("procedure_reference", "references"),
    "procedure_references": ("references",),
    "title_named": ("title_reference", "references"),
    "title_references": ("references",),
    "training_state_unlisted": ("training_state",),
    "outcome_contradicts_differences": ("outcome", "differences"),
    "temporary_without_end": ("licence_kind", "valid_until"),
    "instant_known": ("occurred_at",),
    "missing_information_known": ("missing_information",),
    "district_outside_land": ("target_district_ags", "target_land"),
}
"""The fields that a derived column is made of; a derived column that is not here is made of the whole event."""
_HOUR = 3_600_000
_EVEN_HOURS = (-631_152_000_000, 253_000_000_000_000)
"""From 1950 to 9987 Berlin's offset is a number of whole hours, so an hour of UTC lies on one day of Berlin."""


class ColumnProjection:
    """The projected rows of one decoded group, with their journal ids."""

    def __init__(self, group: ArrowGroup, keys: Sequence[int]) -> None:
        """`keys` are the journal ids of the group's rows, in their order."""
        self.event_type = group.schema.name
        self.keys = keys
        self._group = group
        self._places: dict[int, int] | None = None
        self._known: dict[str, pa.Array] = {}

    def rows(self, keys: Sequence[int], columns: Sequence[str]) -> list[Mapping[str, Scalar]]:
        """Return the projected rows of some journal ids, in their order, with the given columns."""
        if self._places is None:
            self._places = {known: place for place, known in enumerate(self.keys)}
        places = pa.array([self._places[key] for key in keys], pa.int64())
        values = {name: values_of(self._column(name).take(places)) for name in columns}
        return [{name: found[number] for name, found in values.items()} for number in range(len(keys))]

    def columns(self, wanted: Mapping[str, str]) -> list[tuple[str, pa.Array]]:
        """Return the wanted columns (by name, with PostgreSQL types), each with its type."""
        return [(sql, self._column(name).cast(ARROW[sql])) for name, sql in wanted.items()]

    def _column(self, name: str) -> pa.Array:
        if name not in self._known:
            if name in _FACTS:
                self._known.update(zip(_FACTS, self._text_facts(), strict=True))
            elif name in _COMMON:
                self._known[name] = _COMMON[name](self)
            else:
                self._known[name] = self._own(name)
        return self._known[name]

    def field(self, name: str) -> pa.Array:
        """Return a field of the events."""
        if name in self._group.batch.schema.names:
            return self._group.batch.column(name)
        value = self._group.schema.filled.get(name)
        kind = pa.list_(pa.string()) if isinstance(value, list) else None
        return pa.array([value] * len(self.keys), kind)

    def _own(self, name: str) -> pa.Array:
        (column,) = [column for column in EVENT_COLUMNS.get(self.event_type, ()) if column.name == name]
        if name in _NEEDS:
            return self._derived(column, _NEEDS[name])
        if name not in {field.name for field in self._group.schema.shape.fields}:
            return pa.array([column.derive(body) for body in self._group.bodies], ARROW[column.sql])
        found = self.field(name)
        absent = column.derive({})  # what the column holds where the field is null: NULL, "" or UNKNOWN
        if pa.types.is_string(found.type) and absent is not None:
            return pc.if_else(pc.equal(pc.fill_null(found, ""), ""), pa.scalar(absent, pa.string()), found)
        return found

    def _derived(self, column: Column, needs: Sequence[str]) -> pa.Array:
        values = zip(*(self.field(name).to_pylist() for name in needs), strict=True)
        return pa.array([column.derive(dict(zip(needs, one, strict=True))) for one in values], ARROW[column.sql])

    def from_references(self, fact: Callable[[Any, str], bool]) -> pa.Array:
        """Return which references are meant, given each with the publisher; most events have none."""
        column = self.field("references")
        sizes = pc.list_value_length(column).to_numpy(zero_copy_only=False)
        found: list[str | None] = [None] * len(self.keys)
        some = np.flatnonzero(sizes).tolist()
        chosen = pa.array(some, pa.int64())
        publishers = self.field("publisher").take(chosen).to_pylist()
        for place, references, publisher in zip(some, column.take(chosen).to_pylist(), publishers, strict=True):
            found[place] = places(references, "references", partial(_swapped, fact, publisher))
        return pa.array(found, pa.string())

    def _text_facts(self) -> list[pa.Array]:
        """Look at all texts of an event at once; only those of unusual events are looked at one by one."""
        fields = [field.name for field in self._group.schema.shape.fields if field.shape.kind in {"string", "array"}]
        filled = self._group.schema.filled
        fields += [name for name, value in filled.items() if isinstance(value, (str, list)) and value]
        texts = [text for name in fields for text in _texts(self.field(name))]
        joined = pc.binary_join_element_wise(*texts, "|", null_handling="replace", null_replacement="")
        plain = pc.and_(pc.string_is_ascii(joined), pc.ascii_is_printable(joined))
        clean = pc.and_not(plain, pc.match_substring_regex(joined, "[0-9]{12}"))
        facts: list[list[Scalar]] = [[None] * len(self.keys) for _ in _FACTS]
        for place in np.flatnonzero(~clean.to_numpy(zero_copy_only=False)).tolist():
            row = project(self.event_type, self._group.body(place))
            for name, column in zip(_FACTS, facts, strict=True):
                column[place] = row[name]
        return [pa.array(column, pa.string()) for column in facts]

    def day(self, name: str) -> pa.Array:
        """Return the Berlin date of an instant."""
        return _berlin_days(self.field(name))


def _swapped(fact: Callable[[Any, str], bool], publisher: str, reference: Any) -> bool:
    return fact(reference, publisher)


def _texts(column: pa.Array) -> Sequence[pa.Array]:
    kind = column.type
    if pa.types.is_string(kind):
        return (column,)
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        struct = column.values
        inner = [struct.field(place) for place in range(struct.type.num_fields)]
    elif pa.types.is_list(kind):
        inner = [column.values]
    else:
        return ()
    return [pc.binary_join(pa.ListArray.from_arrays(column.offsets, pc.fill_null(one, "")), "|") for one in inner]


def _berlin_days(instants: pa.Array) -> pa.Array:
    if instants.null_count == len(instants):
        return pa.nulls(len(instants), pa.date32())
    numbers = pc.fill_null(instants.cast(pa.timestamp("ms", tz="UTC")).view(pa.int64()), 0).to_numpy()
    even = (numbers >= _EVEN_HOURS[0]) & (numbers < _EVEN_HOURS[1])
    hours, which = np.unique(np.where(even, numbers // _HOUR * _HOUR, numbers), return_inverse=True)
    days = pa.array([_berlin_day(hour) for hour in hours.tolist()], pa.date32()).take(pa.array(which))
    return days if instants.null_count == 0 else pc.if_else(pc.is_valid(instants), days, pa.scalar(None, pa.date32()))


@lru_cache(maxsize=65536)
def _berlin_day(milliseconds: int) -> dt.date | None:
    """Return the Berlin date of so many milliseconds after 1970 began. The hours of a year return in all columns."""
    return berlin_date(instant_of(milliseconds))


def _or_empty(name: str) -> Callable[[ColumnProjection], pa.Array]:
    return lambda rows: pc.fill_null(rows.field(name), "")


def _same(name: str) -> Callable[[ColumnProjection], pa.Array]:
    return lambda rows: rows.field(name)


def _other_day(rows: ColumnProjection) -> pa.Array:
    days = rows.day("occurred_at")
    same = pc.fill_null(pc.equal(days, rows.field("occurred_on")), False)
    return pc.if_else(same, pa.scalar(None, pa.date32()), days)


def _recorded_ahead(rows: ColumnProjection) -> pa.Array:
    recorded, published = (rows.field(name) for name in ("recorded_at", "published_at"))
    if recorded.null_count == len(recorded) or published.null_count == len(published):
        return pa.nulls(len(recorded), pa.int64())
    known = pc.and_(pc.is_valid(recorded), pc.is_valid(published))
    ahead = [pc.fill_null(column.view(pa.int64()), 0).to_numpy() for column in (recorded, published)]
    return pc.if_else(known, pa.array((ahead[0] - ahead[1]) // 1000), pa.scalar(None, pa.int64()))


def _corrects_itself(rows: ColumnProjection) -> pa.Array:
    if rows.field("corrects").null_count == len(rows.keys):
        return pa.array(np.zeros(len(rows.keys), dtype=bool))
    return pc.fill_null(pc.equal(rows.field("corrects"), rows.field("event_id")), False)


def _mistyped(rows: ColumnProjection) -> pa.Array:
    numbers = rows.field("case_number")
    if numbers.null_count == len(numbers):
        return pa.nulls(len(numbers), pa.string())
    return pa.array([mistyped_number(number) for number in numbers.to_pylist()], pa.string())


def _correction_reason(rows: ColumnProjection) -> pa.Array:
    given = pc.is_valid(rows.field("corrects"))
    return pc.if_else(given, pc.fill_null(rows.field("correction_reason"), "UNKNOWN"), pa.scalar(None, pa.string()))


_COMMON: Mapping[str, Callable[[ColumnProjection], pa.Array]] = {
    **{name: _or_empty(name) for name in ("event_id", "publisher", "source_system", "case_reference")},
    **{
        name: _same(name)
        for name in (
            "sent_by", "source_epoch", "sequence", "subject_kind", "case_number", "occurred_on", "district_ags",
            "corrects", "consent_id",
        )
    },
    "references_count": lambda rows: pc.list_value_length(rows.field("references")).cast(pa.int64()),
    "references_incomplete": lambda rows: rows.from_references(lambda one, _: is_incomplete(one)),
    "references_own": lambda rows: rows.from_references(lambda one, publisher: one["agency"] == publisher),
    "occurred_at_other_day": _other_day,
    "recorded_on": lambda rows: rows.day("recorded_at"),
    "handed_over_on": lambda rows: rows.day("published_at"),
    "recorded_ahead_s": _recorded_ahead,
    "corrects_itself": _corrects_itself,
    "case_number_mistyped": _mistyped,
    "correction_reason_given": _correction_reason,
}  # fmt: skip
assert _COMMON.keys() | set(_FACTS) == COMMON_COLUMNS.keys(), "every column of the envelope has its form here"
