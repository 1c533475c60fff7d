"""Rows of several suites side by side in one table: its n-th row holds the n-th row of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from psycopg import Connection, sql

from meilenstein.validation.column_part import AlikePart
from meilenstein.validation.copy_columns import copy_stream
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.parts import Part
from meilenstein_expectations import Rule

__all__ = ["Abreast", "Lot"]

_NOT_NULL = "expect_column_values_to_not_be_null"
_ARGUMENTS = ("column", "column_A", "column_B")


@dataclass(frozen=True)
class Lot:
    """Rows of one or more parts, the columns that some rules need of them, and the rules."""

    rules: Sequence[Rule]
    columns: Mapping[str, str]
    parts: Sequence[Part | AlikePart]

    @cached_property
    def rows(self) -> list[tuple[Part | AlikePart, int]]:
        """Part and key of each row."""
        return [(part, key) for part in self.parts for key in part.keys]

    @property
    def not_null(self) -> set[str]:
        """The columns that must not be NULL."""
        return {name for rule in self.rules if rule.type == _NOT_NULL for name in rule.columns}

    def cells(self) -> list[tuple[str, pa.Array]]:
        """Return the columns of all parts, one after the other, each with its type."""
        found = [part.columns(self.columns) for part in self.parts]
        return [(some[0][0], pa.concat_arrays([column for _, column in some])) for some in zip(*found, strict=True)]


class Abreast:
    """Lots side by side.

    A lot with fewer rows than the longest is filled up with NULLs, which every rule passes but the one against NULLs:
    for that one its last value is repeated. Keys are row numbers, since a row stands for other events in each lot.
    """

    def __init__(self, lots: Sequence[Lot]) -> None:
        """No lot may be without rows."""
        self._lots = lots
        self._lot_of = {rule.id: lot for lot in lots for rule in lot.rules}
        self.keys = range(max(len(lot.rows) for lot in lots))
        self.columns = {
            _name(place, name): kind for place, lot in enumerate(lots) for name, kind in lot.columns.items()
        }
        self.rules = [_renamed(rule, place) for place, lot in enumerate(lots) for rule in lot.rules]

    def members(self, rule_id: str, keys: Iterable[int]) -> list[int]:
        """Return the journal ids of all events for which the named rows stand before a rule."""
        rows = self._lot_of[rule_id].rows
        named = set(keys)
        if not named <= set(self.keys):
            raise JudgeFailed(f"rule {rule_id}: rows are named that are not in the batch: no verdict")
        chosen = [rows[key] for key in sorted(named) if key < len(rows)]
        return [member for part, key in chosen for member in part.members(key)]

    def load(self, connection: Connection[Any], table: sql.Identifier, columns: Mapping[str, str]) -> None:
        """Copy the columns, behind the row number, into a table that has exactly these."""
        assert columns == self.columns, "these rows have columns of their own"
        numbers = np.arange(len(self.keys), dtype=np.int64)
        cells = [("bigint", pa.array(numbers))]
        for lot in self._lots:
            with_nulls = pa.array(numbers, mask=numbers >= len(lot.rows))
            with_last = pa.array(np.minimum(numbers, len(lot.rows) - 1))
            for name, (kind, column) in zip(lot.columns, lot.cells(), strict=True):
                cells.append((kind, column.take(with_last if name in lot.not_null else with_nulls)))
        copy = sql.SQL("copy {} from stdin (format binary)").format(table)
        with connection.cursor().copy(copy) as stream:
            for piece in copy_stream(cells):
                stream.write(piece)


def _name(place: int, column: str) -> str:
    return f"l{place}_{column}"


def _renamed(rule: Rule, place: int) -> Rule:
    own = {name: _name(place, rule.kwargs[name]) for name in _ARGUMENTS if name in rule.kwargs}
    return replace(rule, kwargs={**rule.kwargs, **own})
