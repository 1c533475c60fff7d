"""Many Avro payloads of one schema at once, and proof that they are what the strict reader would have accepted.

A row is called clean only if written again it gives the same bytes, every text is UTF-8 without U+0000, and every date
and instant lies in Python's range. All other payloads are doubtful, which says nothing against them: the reference
decides. One bad payload can spoil a batch for the library, so a batch that fails is halved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyruhvro

from meilenstein_connectors.avro_shape import MAX_INSTANT, MIN_INSTANT, Shape

__all__ = ["Cleaned", "is_supported", "read_clean"]

_SMALLEST = 32
"""A part of this size that fails is left to the reference."""
_PLAIN = frozenset({"boolean", "int", "long", "date", "instant", "string", "enum"})
_TEXTS = frozenset({"string", "enum"})
_DAYS = (-719162, 2932896)
"""0001-01-01 and 9999-12-31 as days since 1970."""
_UTC = pa.timestamp("ms", tz="UTC")

Cleaned = tuple[list[int], pa.RecordBatch | None]
"""Places of the clean payloads, ascending, and their rows."""


def is_supported(shape: Shape) -> bool:
    """Say whether every value of the shape can be proved clean here; all contracts of this version can."""
    return shape.kind == "record" and not shape.nullable and all(_is_field(field.shape) for field in shape.fields)


def _is_field(shape: Shape) -> bool:
    if shape.kind != "array" or shape.items is None:
        return shape.kind in _PLAIN
    item = shape.items
    if shape.nullable or item.nullable:
        return False
    if item.kind == "record":
        return all(field.shape.kind in _TEXTS and not field.shape.nullable for field in item.fields)
    return item.kind in _TEXTS


def read_clean(payloads: Sequence[bytes], schema_text: str) -> Cleaned:
    """Return which payloads are clean, with their rows; a row's instants are in UTC."""
    places: list[int] = []
    parts: list[pa.RecordBatch] = []
    for first, rows, kept in _parts(list(payloads), 0, schema_text):
        if kept is None:
            places.extend(range(first, first + rows.num_rows))
            parts.append(rows)
        elif kept.any():
            places.extend((np.flatnonzero(kept) + first).tolist())
            parts.append(rows.filter(_mask_array(kept)))
    if not parts:
        return [], None
    whole = parts[0] if len(parts) == 1 else pa.concat_batches(parts)
    return places, _in_utc(whole)


def _parts(payloads: list[bytes], first: int, text: str) -> Iterator[tuple[int, pa.RecordBatch, Any]]:
    """Yield place, rows and mask of the clean ones (None: all) of each part that the library could read."""
    rows = _deserialised(payloads, text)
    if rows is not None:
        yield first, rows, _mask(rows, payloads, text)
    elif len(payloads) > _SMALLEST:
        middle = len(payloads) // 2
        yield from _parts(payloads[:middle], first, text)
        yield from _parts(payloads[middle:], first + middle, text)


def _deserialised(payloads: list[bytes], text: str) -> pa.RecordBatch | None:
    try:
        rows = pyruhvro.deserialize_array(payloads, text)
        rows.validate(full=True)  # the library takes bytes that are no UTF-8
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001 - a panic of the library is no Exception; the reference judges these bytes
        return None
    return rows if rows.num_rows == len(payloads) else None


def _mask(rows: pa.RecordBatch, payloads: list[bytes], text: str) -> Any:
    try:
        again = pa.chunked_array(pyruhvro.serialize_record_batch(rows, text, 1))
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001 - as above
        return np.zeros(rows.num_rows, dtype=bool)
    same = pc.equal(again, _binary_array(payloads))
    masks = [mask for column in rows.columns if (mask := _fault(column)) is not None]
    if not masks and pc.all(same).as_py():
        return None
    kept = same.to_numpy(zero_copy_only=False)
    for mask in masks:
        kept &= ~mask
    return kept


# Made from buffers: `pa.array` would import pandas, which takes a second and 60 MB.
def _binary_array(values: list[bytes]) -> pa.Array:
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, values), dtype=np.int32, count=len(values)), out=offsets[1:])
    return pa.Array.from_buffers(
        pa.binary(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )


def _mask_array(kept: Any) -> pa.Array:
    return pa.Array.from_buffers(pa.bool_(), len(kept), [None, pa.py_buffer(np.packbits(kept, bitorder="little"))])


def _fault(column: pa.Array) -> Any:
    """Return which rows of the column are not clean; None where all are."""
    kind = column.type
    if pa.types.is_date32(kind):
        return _outside(column.view(pa.int32()), *_DAYS)
    if pa.types.is_timestamp(kind):
        return _outside(column.view(pa.int64()), MIN_INSTANT, MAX_INSTANT)
    if pa.types.is_string(kind):
        return _flags(pc.match_substring(column, "\0")) if _has_nul(column) else None
    if pa.types.is_list(kind):
        leaves = column.values.flatten() if pa.types.is_struct(column.values.type) else [column.values]
        if any(_has_nul(leaf) for leaf in leaves):
            return _flags(pc.greater(pc.list_value_length(column), 0))
    return None


def _outside(numbers: pa.Array, low: int, high: int) -> Any:
    if len(numbers) == numbers.null_count:
        return None
    least, most = pc.min_max(numbers).as_py().values()
    if low <= least and most <= high:
        return None
    return _flags(pc.or_(pc.less(numbers, low), pc.greater(numbers, high)))


def _flags(found: pa.Array) -> Any:
    return np.array(pc.fill_null(found, True), dtype=bool)


def _has_nul(texts: pa.Array) -> bool:
    buffer = texts.buffers()[2]
    return buffer is not None and b"\0" in memoryview(buffer).tobytes()


def _in_utc(rows: pa.RecordBatch) -> pa.RecordBatch:
    columns = [column.cast(_UTC) if pa.types.is_timestamp(column.type) else column for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)
