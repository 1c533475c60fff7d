"""Arrow columns as Python values. Days and instants are made here: Arrow's own way takes microseconds for each."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

import pyarrow as pa

__all__ = ["instant_of", "values_of"]

_FIRST_DAY = dt.date(1970, 1, 1).toordinal()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


def values_of(column: pa.Array) -> list[Any]:
    """Return the values of a column: days as `date`, instants (milliseconds) in UTC, None where there is none."""
    if pa.types.is_date32(column.type):
        return [None if days is None else _day(days) for days in column.cast(pa.int32()).to_pylist()]
    if pa.types.is_timestamp(column.type) and column.type.unit == "ms":
        return [None if ms is None else instant_of(ms) for ms in column.cast(pa.int64()).to_pylist()]
    found: list[Any] = column.to_pylist()
    return found


def instant_of(milliseconds: int) -> dt.datetime:
    """Return the instant so many milliseconds after 1970 began, in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


@lru_cache(maxsize=65536)
def _day(days: int) -> dt.date:
    """Return the day so many days after 1970 began. Few days occur, and each very often."""
    return dt.date.fromordinal(_FIRST_DAY + days)
