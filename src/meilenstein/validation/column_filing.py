"""Events to be filed as columns: the same rows as `meilenstein.store.filing` makes of single events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.store.filing import LINKING_KINDS, since_2000
from meilenstein.validation.column_projection import ColumnProjection
from meilenstein.validation.copy_columns import copy_rows
from meilenstein.validation.reading import Sheet

__all__ = ["ColumnFiling"]

_NAMES = ("publisher", "event_id", "case_reference", "test", "corrects", "procedure_reference", "referral_id",
          "case_number")  # fmt: skip
_KINDS = pa.array(LINKING_KINDS, pa.string())


class ColumnFiling:
    """Some events of one type."""

    def __init__(self, group: ArrowGroup, keys: pa.Array, received: pa.Array) -> None:
        """`keys` are journal ids, `received` microseconds since 2000, both in the order of the group."""
        self._event_type = group.schema.name
        self._fields = ColumnProjection(group, range(len(keys)))
        self._keys = keys
        self._received = received

    @classmethod
    def of(cls, sheet: Sheet, rows: Sequence[int] | None) -> ColumnFiling:
        """Return those of the given rows of a sheet; None: all of them."""
        group: Any = sheet.group
        keys, received = np.array(sheet.keys), _received(sheet)
        if rows is not None:
            keys, received = keys[list(rows)], received[list(rows)]
            group = replace(group, batch=group.batch.take(pa.array(rows, pa.int64())))
        return cls(group, pa.array(keys), pa.array(received))

    def events(self) -> Iterator[bytes]:
        """Yield rows of `staged` in the COPY format."""
        field = {name: self._fields.field(name) for name in _NAMES}
        yield from copy_rows(
            [
                ("bigint", self._keys),
                ("text", field["publisher"]),
                ("text", field["event_id"]),
                ("text", field["case_reference"]),
                ("boolean", field["test"]),
                ("text", pa.repeat(self._event_type, len(self._keys))),
                ("text", field["corrects"]),
                ("timestamptz", self._received),
                ("text", field["procedure_reference"]),
                ("text", field["referral_id"]),
                ("text", field["case_number"]),
            ]
        )

    def references(self) -> Iterator[bytes]:
        """Yield rows of `staged_reference` in the COPY format; most events have none."""
        column = self._fields.field("references")
        named = column.flatten()
        if len(named) == 0:
            return
        agency, kind, reference = (named.field(name) for name in ("agency", "kind", "reference"))
        linking = pc.is_in(kind, _KINDS)
        keys = self._keys.take(pc.list_parent_indices(column))
        chosen = [one.filter(linking) for one in (keys, agency, kind, reference)]
        if len(chosen[0]):
            yield from copy_rows(list(zip(("bigint", "text", "text", "text"), chosen, strict=True)))


def _received(sheet: Sheet) -> Any:
    origins = sheet.origins
    instants = {origin: since_2000(origin.received_at) for origin in set(origins)}
    return np.array([instants[origin] for origin in origins], dtype=np.int64)
