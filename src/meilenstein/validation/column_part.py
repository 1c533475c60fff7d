"""Projected rows as columns, from the decoded bytes to the scratch table without a Python object per value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from psycopg import Connection, sql

from meilenstein.decoding.arrow_group import ArrowGroup
from meilenstein.validation.column_projection import ColumnProjection
from meilenstein.validation.copy_columns import copy_stream

__all__ = ["ColumnPart"]


class ColumnPart(ColumnProjection):
    """A part for the judge."""

    @classmethod
    def of(cls, group: ArrowGroup, rows: Sequence[int], keys: Sequence[int]) -> ColumnPart:
        """Return the part of some rows of a group, with their journal ids."""
        whole = len(rows) == len(group.positions) and list(rows) == list(range(len(rows)))
        return cls(group if whole else replace(group, batch=group.batch.take(pa.array(rows))), keys)

    def load(self, connection: Connection[Any], table: sql.Identifier, columns: Mapping[str, str]) -> None:
        """Copy the given columns, behind the journal id, into a table that has exactly these."""
        copy = sql.SQL("copy {} from stdin (format binary)").format(table)
        cells = [("bigint", pa.array(self.keys, pa.int64())), *self.columns(columns)]
        with connection.cursor().copy(copy) as stream:
            for piece in copy_stream(cells):
                stream.write(piece)
