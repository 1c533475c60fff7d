"""Numbers that came, from whole columns: the same ranges as `arrivals.spans_by_rows`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meilenstein.cases.sequences import NO_EPOCH
from meilenstein.validation.arrivals import LARGEST, Admits, Key, Numbers, Spans
from meilenstein.validation.column_projection import ColumnProjection
from meilenstein.validation.reading import Sheet

__all__ = ["spans_by_columns"]

_BELOW_ALL_EPOCHS = -2
_NOT_ADMITTED = -1


def spans_by_columns(sheets: Sequence[Sheet], admits: Admits) -> Spans:
    """Return the ranges of numbers in the sheets, by key."""
    codes: dict[Key, int] = {}
    parts = [_numbered(sheet, codes, admits) for sheet in sheets]
    which, numbers = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    events = np.bincount(which[which != _NOT_ADMITTED], minlength=len(codes)).tolist()
    kept = (which != _NOT_ADMITTED) & (numbers >= 0) & (numbers <= LARGEST)
    which, numbers = which[kept], numbers[kept]
    order = np.lexsort((numbers, which))
    which, numbers = which[order], numbers[order]
    spans: list[list[tuple[int, int]]] = [[] for _ in codes]
    if len(numbers):
        ends = np.append(np.flatnonzero((np.diff(which) != 0) | (np.diff(numbers) > 1)), len(numbers) - 1)
        starts = np.append(0, ends[:-1] + 1)
        rows = zip(which[starts].tolist(), numbers[starts].tolist(), numbers[ends].tolist(), strict=True)
        for code, first, last in rows:
            spans[code].append((first, last))
    return {key: Numbers(spans[code], events[code]) for key, code in codes.items()}


def _numbered(sheet: Sheet, codes: dict[Key, int], admits: Admits) -> tuple[Any, Any]:
    """Return for each row the code of its key, and its number or -1; `codes` grows by the keys that are new."""
    fields = ColumnProjection(sheet.group, sheet.keys)  # type: ignore[arg-type]  # only such sheets come here
    origins = sheet.origins
    places = {origin: place for place, origin in enumerate(dict.fromkeys(origins))}
    topics = [origin.topic for origin in places]
    which = np.fromiter(map(places.__getitem__, origins), dtype=np.int64, count=len(origins))
    values: list[Any] = []
    for name in ("publisher", "source_system", "source_epoch"):
        coded = _plain(fields.field(name), name).dictionary_encode()
        values.append(coded.dictionary)
        which = which * len(coded.dictionary) + coded.indices.to_numpy()
    kinds, inverse = np.unique(which, return_inverse=True)
    of_kind = []
    for kind in kinds.tolist():
        rest, epoch = divmod(kind, len(values[2]))
        rest, system = divmod(rest, len(values[1]))
        place, publisher = divmod(rest, len(values[0]))
        key = Key(topics[place], values[0][publisher].as_py(), values[1][system].as_py(), values[2][epoch].as_py())
        of_kind.append(codes.setdefault(key, len(codes)) if admits(key) else _NOT_ADMITTED)
    numbers = _plain(fields.field("sequence"), "sequence").to_numpy()
    return np.array(of_kind, dtype=np.int64)[inverse], numbers


def _plain(column: pa.Array, name: str) -> pa.Array:
    """Return a column without nulls; an epoch that is given and means nothing stays apart from none."""
    if name == "source_epoch":
        known = column.cast(pa.int64())
        known = pc.if_else(pc.less(known, 0), pa.scalar(_BELOW_ALL_EPOCHS, pa.int64()), known)
        return pc.fill_null(known, NO_EPOCH)
    return pc.fill_null(column.cast(pa.int64()), -1) if name == "sequence" else column
