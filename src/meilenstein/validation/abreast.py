"""Rows of several suites side by side in one table: its n-th row holds the n-th row of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
from psycopg import Connection, sql

from meilenstein.validation.column_part import AlikePart
from meilenstein.validation.copy_columns import copy_stream
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.parts import Part
from meilenstein_expectations import Rule
from meilenstein_expectations.projection import ARGUMENTS

__all__ = ["Abreast", "Lot"]

_NOT_NULL = "expect_column_values_to_not_be_null"


@dataclass(frozen=True)
class Lot:
    """Rows of one or more parts, the columns that some rules need of them, and the rules."""

    rules: Sequence[Rule]
    columns: Mapping[str, str]
    parts: Sequence[Part | AlikePart]
    told_as: Sequence[Sequence[str]]
    """For each part, under which ids it is told that a row of it breaks the rules, in their order."""

    @classmethod
    def of_suite(cls, rules: Sequence[Rule], columns: Mapping[str, str], parts: Sequence[Part | AlikePart]) -> Self:
        """Return the rules of one suite with the rows that they are about."""
        ids = [rule.id for rule in rules]
        return cls(rules, columns, parts, [ids] * len(parts))

    @classmethod
    def of_rules_alike(cls, alike: Sequence[tuple[Rule, AlikePart]]) -> Self:
        """Return what several rules say in one voice of columns of the same kinds, each of its own rows."""
        (first, part), *_ = alike
        names = {column: f"c{place}" for place, column in enumerate(first.columns)}
        columns = {names[column]: kind for column, kind in part.looked_at.items()}
        return cls([_renamed(first, names)], columns, [rows for _, rows in alike], [[rule.id] for rule, _ in alike])

    @cached_property
    def rows(self) -> list[tuple[int, int]]:
        """Number of the part and key of each row."""
        return [(number, key) for number, part in enumerate(self.parts) for key in part.keys]

    @property
    def not_null(self) -> set[str]:
        """The columns that must not be NULL."""
        return {name for rule in self.rules if rule.type == _NOT_NULL for name in rule.columns}

    def cells(self) -> list[tuple[str, pa.Array]]:
        """Return the columns of all parts, one after the other, each with its type."""
        found = [part.cells() if isinstance(part, AlikePart) else part.columns(self.columns) for part in self.parts]
        return [(some[0][0], pa.concat_arrays([column for _, column in some])) for some in zip(*found, strict=True)]

    def violating(self, rule: Rule, keys: Iterable[int]) -> dict[str, list[int]]:
        """Return the journal ids of all events for which the named rows stand, by the id that the rule has for them."""
        place = self.rules.index(rule)
        found: dict[str, list[int]] = {ids[place]: [] for ids in self.told_as}
        for key in sorted(keys):
            if key < len(self.rows):
                number, row = self.rows[key]
                found[self.told_as[number][place]].extend(self.parts[number].members(row))
        return found


class Abreast:
    """Lots side by side.

    A lot with fewer rows than the longest is filled up with NULLs, which every rule passes but the one against NULLs:
    for that one its last value is repeated. Keys are row numbers, since a row stands for other events in each lot.
    """

    def __init__(self, lots: Sequence[Lot]) -> None:
        """No lot may be without rows."""
        self._lots = lots
        self._lot_of = {rule.id: (lot, rule) for lot in lots for rule in lot.rules}
        self.keys = range(max(len(lot.rows) for lot in lots))
        self.columns = {
            _name(place, name): kind for place, lot in enumerate(lots) for name, kind in lot.columns.items()
        }
        self.rules = [
            _renamed(rule, {column: _name(place, column) for column in rule.columns})
            for place, lot in enumerate(lots)
            for rule in lot.rules
        ]

    def violating(self, rule_id: str, keys: Iterable[int]) -> dict[str, list[int]]:
        """Return the journal ids of all events for which the named rows stand, by the rules that these events break.

        A rule that stands for others is told under their ids; each of them is there, also where nothing breaks it.
        """
        lot, rule = self._lot_of[rule_id]
        named = set(keys)
        if not all(key in self.keys for key in named):
            raise JudgeFailed(f"rule {rule_id}: rows are named that are not in the batch: no verdict")
        return lot.violating(rule, named)

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


def _renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    own = {name: names[rule.kwargs[name]] for name in ARGUMENTS if name in rule.kwargs}
    return replace(rule, kwargs={**rule.kwargs, **own})
