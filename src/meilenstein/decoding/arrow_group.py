"""The decoded records of one schema id as columns; rows become Python values only where somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from meilenstein.decoding.arrow_values import values_of
from meilenstein_connectors.codec import Body, WriterSchema

__all__ = ["ArrowGroup"]


@dataclass(slots=True, kw_only=True)
class ArrowGroup:
    """Like `DecodedGroup`, held as an Arrow record batch."""

    schema_id: int
    schema: WriterSchema
    positions: list[int]
    """Places in the input, ascending."""
    batch: pa.RecordBatch
    """One row per position: the fields of the writer's schema, instants in UTC."""
    _bodies: list[Body] | None = field(default=None, init=False)

    @property
    def bodies(self) -> list[Body]:
        """All rows as decoded events."""
        if self._bodies is None:
            self._bodies = self.rows(self.batch)
        return self._bodies

    def body(self, row: int) -> Body:
        """Return one row as a decoded event."""
        return self.rows(self.batch.slice(row, 1))[0] if self._bodies is None else self._bodies[row]

    def rows(self, batch: pa.RecordBatch) -> list[Body]:
        """Return rows of this schema as decoded events, the fields that only our contract has filled in."""
        columns = [values_of(column) for column in batch.columns]
        names = batch.schema.names
        bodies: list[Body] = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if self.schema.filled:
            for body in bodies:
                body.update(self.schema.filled)
        return bodies

    def column(self, name: str) -> Sequence[Any]:
        """Return one field of all records, in the order of `positions`; None where the schema lacks it."""
        if name in self.batch.schema.names:
            return values_of(self.batch.column(name))
        return [self.schema.filled.get(name)] * len(self.positions)
