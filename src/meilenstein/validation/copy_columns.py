"""Arrow columns in PostgreSQL's binary COPY format, without a Python object per value."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meilenstein.store.copy_format import END, START

__all__ = ["copy_rows", "copy_stream"]

_NULL = pa.scalar(b"\xff\xff\xff\xff", pa.binary())
_NOTHING = pa.scalar(b"", pa.binary())
_ROWS = 10_000
"""Rows of one part of the stream."""
_DAYS_BEFORE_2000 = 10_957


def copy_stream(columns: Sequence[tuple[str, pa.Array]]) -> Iterator[bytes]:
    """Yield a COPY stream of columns of one length, given with their PostgreSQL types; see `copy_rows`."""
    yield START
    yield from copy_rows(columns)
    yield END


def copy_rows(columns: Sequence[tuple[str, pa.Array]]) -> Iterator[bytes]:
    """Yield the rows of a COPY stream.

    Types: text, bigint, date, boolean, and timestamptz as microseconds since 2000. Texts must be storable.
    """
    head = pa.scalar(struct.pack(">h", len(columns)), pa.binary())
    for start in range(0, len(columns[0][1]), _ROWS):
        pieces = [piece for sql, column in columns for piece in _ENCODERS[sql](column.slice(start, _ROWS))]
        joined = pc.binary_join_element_wise(head, *pieces, _NOTHING)
        offsets = np.frombuffer(joined.buffers()[1], dtype=np.int32)
        yield joined.buffers()[2][int(offsets[joined.offset]) : int(offsets[joined.offset + len(joined)])].to_pybytes()


def _text(column: pa.Array) -> Sequence[pa.Array]:
    sizes = pc.fill_null(pc.binary_length(column.cast(pa.binary())), -1).to_numpy(zero_copy_only=False)
    prefix = _fixed(sizes.astype(">i4"), 4)
    return prefix, pc.fill_null(column.cast(pa.binary()), b"")


def _bigint(column: pa.Array) -> Sequence[pa.Array]:
    return (_with_size(column.cast(pa.int64()), 8, "i8"),)


def _date(column: pa.Array) -> Sequence[pa.Array]:
    days = pc.subtract(column.cast(pa.int32()), pa.scalar(_DAYS_BEFORE_2000, pa.int32()))
    return (_with_size(days, 4, "i4"),)


def _boolean(column: pa.Array) -> Sequence[pa.Array]:
    return (_with_size(column.cast(pa.int8()), 1, "i1"),)


def _with_size(column: pa.Array, size: int, kind: str) -> pa.Array:
    cells = np.empty(len(column), dtype=[("size", ">i4"), ("value", f">{kind}")])
    cells["size"] = size
    cells["value"] = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
    found = _fixed(cells, 4 + size)
    return found if column.null_count == 0 else pc.if_else(pc.is_valid(column), found, _NULL)


def _fixed(values: Any, size: int) -> pa.Array:
    """Return the items of a NumPy array as binary values of `size` bytes each."""
    offsets = pa.py_buffer(np.arange(0, (len(values) + 1) * size, size, dtype=np.int32).tobytes())
    return pa.Array.from_buffers(pa.binary(), len(values), [None, offsets, pa.py_buffer(values.tobytes())])


_ENCODERS: Mapping[str, Callable[[pa.Array], Sequence[pa.Array]]] = {
    "text": _text,
    "bigint": _bigint,
    "date": _date,
    "boolean": _boolean,
    "timestamptz": _bigint,
}
