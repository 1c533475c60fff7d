"""Projected rows as columns, from the decoded bytes to the scratch table without a Python object per value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from psycopg import Connection, sql

from meilenstein.validation.column_projection import ARROW, ColumnProjection
from meilenstein.validation.copy_columns import copy_stream
from meilenstein.validation.parts import Part, Row

__all__ = ["AlikePart", "ColumnPart", "columns_of"]

_Cells = Sequence[tuple[str, pa.Array]]
_MOST = 2**31


class ColumnPart(ColumnProjection):
    """A part for the judge."""

    def load(self, connection: Connection[Any], table: sql.Identifier, columns: Mapping[str, str]) -> None:
        """Copy the given columns, behind the journal id, into a table that has exactly these."""
        copy = sql.SQL("copy {} from stdin (format binary)").format(table)
        with connection.cursor().copy(copy) as stream:
            for piece in copy_stream([("bigint", pa.array(self.keys, pa.int64())), *self.columns(columns)]):
                stream.write(piece)

    def members(self, key: int) -> Sequence[int]:
        """Return the journal ids that a row stands for: its own."""
        return (key,)

    def alike(self, columns: Mapping[str, str]) -> AlikePart:
        """Return the part in which one row stands for all that are alike in the given columns."""
        return AlikePart(self, columns)


class AlikePart:
    """One row of a part, the first, for each combination of values that the part has in some columns."""

    def __init__(self, rows: Part, columns: Mapping[str, str]) -> None:
        self._rows = rows
        self.looked_at = dict(columns)
        """The columns in which the rows differ, with PostgreSQL types."""
        self._cells = rows.columns(columns)
        self._first, self._which = _combinations([cells for _, cells in self._cells], len(rows.keys))
        self.keys = [rows.keys[place] for place in self._first]
        self._place = {key: place for place, key in enumerate(self.keys)}

    def members(self, key: int) -> Sequence[int]:
        """Return the journal ids of all rows that a row stands for."""
        return [self._rows.keys[place] for place in np.flatnonzero(self._which == self._place[key]).tolist()]

    def cells(self) -> _Cells:
        """Return the columns for which the part was made, in their order, each with its type."""
        first = pa.array(self._first)
        return [(kind, column.take(first)) for kind, column in self._cells]


def columns_of(rows: Sequence[Row], wanted: Mapping[str, str]) -> list[tuple[str, pa.Array]]:
    """Return columns of single rows, each with its type."""
    return [(kind, pa.array([row[name] for row in rows], ARROW[kind])) for name, kind in wanted.items()]


def _combinations(columns: Sequence[pa.Array], rows: int) -> tuple[Any, Any]:
    """Return the place of the first row of each combination, and for each row which combination it has."""
    which, kinds = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        coded = column.dictionary_encode(null_encoding="encode")
        if len(coded.dictionary) == 1:
            continue
        which = which * len(coded.dictionary) + coded.indices.to_numpy()
        kinds *= len(coded.dictionary)
        if kinds > _MOST:
            found, which = np.unique(which, return_inverse=True)
            kinds = len(found)
    _, first, which = np.unique(which, return_index=True, return_inverse=True)
    return first, which
