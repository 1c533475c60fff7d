"""What the judge is given: projected rows of one event type, as rows or as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from psycopg import Connection, sql

from meilenstein.validation.reading import Candidates, Sheet
from meilenstein_expectations import project
from meilenstein_expectations.event_columns import Scalar

__all__ = ["Part", "Row", "RowPart", "parts_of"]

Row = Mapping[str, Scalar]
_COPY_TYPES = {"text": "text", "bigint": "int8", "date": "date", "boolean": "bool", "timestamptz": "timestamptz"}


class Part(Protocol):
    """Projected rows with their journal ids."""

    @property
    def keys(self) -> Sequence[int]:
        """The journal ids."""

    def rows(self, keys: Sequence[int], columns: Sequence[str]) -> list[Row]:
        """Return the rows of some journal ids, in their order, at least with the given columns."""

    def columns(self, wanted: Mapping[str, str]) -> Any:
        """Return the wanted columns as Arrow arrays, each with its type; only where the extra is installed."""

    def members(self, key: int) -> Sequence[int]:
        """Return the journal ids that a row stands for."""

    def alike(self, columns: Mapping[str, str]) -> Any:
        """Return the part in which one row stands for all alike in the columns; only where the extra is installed."""

    def load(self, connection: Connection[Any], table: sql.Identifier, columns: Mapping[str, str]) -> None:
        """Copy the given columns, behind the journal id, into a table that has exactly these."""


class RowPart:
    """Rows that were projected one by one."""

    def __init__(self, entries: Sequence[tuple[int, Row]]) -> None:
        self._entries = entries
        self._rows = dict(entries)
        self.keys = [key for key, _ in entries]

    def rows(self, keys: Sequence[int], columns: Sequence[str]) -> list[Row]:  # noqa: ARG002 - it has all columns
        """Return the rows of some journal ids, in their order, with all columns."""
        return [self._rows[key] for key in keys]

    def load(self, connection: Connection[Any], table: sql.Identifier, columns: Mapping[str, str]) -> None:
        """Copy the rows; what PostgreSQL cannot store is replaced in rows that are unacceptable for it anyway."""
        names = list(columns)
        copy = sql.SQL("copy {} from stdin (format binary)").format(table)
        with connection.cursor().copy(copy) as stream:
            stream.set_types(["int8", *(_COPY_TYPES[columns[column]] for column in names)])
            for key, row in self._storable():
                stream.write_row((key, *[row[column] for column in names]))

    def columns(self, wanted: Mapping[str, str]) -> Any:
        """Return the wanted columns as Arrow arrays, each with its type; only where the extra is installed."""
        from meilenstein.validation.column_part import columns_of  # noqa: PLC0415 - see above

        return columns_of([row for _, row in self._storable()], wanted)

    def members(self, key: int) -> Sequence[int]:
        """Return the journal ids that a row stands for: its own."""
        return (key,)

    def alike(self, columns: Mapping[str, str]) -> Any:
        """Return the part in which one row stands for all alike in the columns; only where the extra is installed."""
        from meilenstein.validation.column_part import AlikePart  # noqa: PLC0415 - see above

        return AlikePart(self, columns)

    def _storable(self) -> Iterator[tuple[int, Row]]:
        for key, row in self._entries:
            yield key, _without_unstorable(row) if row["hidden_characters_in"] else row


def _without_unstorable(row: Row) -> Row:
    return {
        name: value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd") if isinstance(value, str) else value
        for name, value in row.items()
    }


def parts_of(candidates: Candidates) -> dict[str, list[Part]]:
    """Return the projected rows of the candidates by event type: as columns where they were decoded as columns."""
    parts: dict[str, list[Part]] = {}
    for sheet in candidates.sheets:
        parts.setdefault(sheet.event_type, []).append(_columns(sheet) if sheet.has_columns else _rows(sheet))
    return parts


def _rows(sheet: Sheet) -> Part:
    bodies = zip(sheet.keys, sheet.group.bodies, strict=True)
    return RowPart([(key, project(sheet.event_type, body)) for key, body in bodies])


def _columns(sheet: Sheet) -> Part:
    from meilenstein.validation.column_part import ColumnPart  # noqa: PLC0415 - only where the extra is installed

    group: Any = sheet.group
    return ColumnPart(group, sheet.keys)
