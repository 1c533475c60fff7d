"""Filing the sound events of a batch: as columns where they were decoded as columns, else row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from meilenstein.store.events import EventStore, Filed
from meilenstein.store.filing import pack_events, pack_references
from meilenstein.validation.reading import Sheet

__all__ = ["Chosen", "file_sheets"]

Chosen = tuple[Sheet, Sequence[int] | None]
"""A sheet and which of its rows are meant; None: all of them."""


def file_sheets(chosen: Sequence[Chosen], store: EventStore) -> Filed:
    """Insert the chosen events with their files, mentions and touched notes; see `EventStore.file`."""
    return store.file(_events(chosen), _references(chosen))


def _events(chosen: Iterable[Chosen]) -> Iterator[bytes]:
    for sheet, rows in chosen:
        if sheet.has_columns:
            yield from _columns(sheet, rows).events()
        else:
            yield pack_events([sheet.candidate(row).filing() for row in _listed(sheet, rows)])


def _references(chosen: Iterable[Chosen]) -> Iterator[bytes]:
    for sheet, rows in chosen:
        if sheet.has_columns:
            yield from _columns(sheet, rows).references()
        else:
            yield pack_references([sheet.candidate(row).filing() for row in _listed(sheet, rows)])


def _listed(sheet: Sheet, rows: Sequence[int] | None) -> Sequence[int]:
    return range(len(sheet.keys)) if rows is None else rows


def _columns(sheet: Sheet, rows: Sequence[int] | None) -> Any:
    from meilenstein.validation.column_filing import ColumnFiling  # noqa: PLC0415 - only where the extra is installed

    return ColumnFiling.of(sheet, rows)
