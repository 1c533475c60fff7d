"""Quarantine items as a file for people and spreadsheets: CSV (RFC 4180), or JSON lines.

Without `values` a file holds ids and reason codes, nothing of a case. With them it holds the whole events, and that it
was made is recorded in the audit trail before anything is written.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import orjson

from meilenstein.audit.trail import AuditTrail
from meilenstein.new_file import new_file
from meilenstein.stewardship.acts import Decider
from meilenstein.store.database import Connection, retryable, snapshot
from meilenstein.store.quarantine import QuarantineRow, QuarantineStore, Selection
from meilenstein.store.schema_book import SchemaBook
from meilenstein_connectors.plain_json import to_plain

__all__ = ["COLUMNS", "VALUE_COLUMNS", "Exporter", "safe_cell", "write_csv"]

COLUMNS = (
    "item", "state", "codes", "event_type", "publisher", "event_id", "topic", "partition", "offset", "since",
    "correction_of",
)  # fmt: skip
VALUE_COLUMNS = ("reasons", "event")
_PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that spreadsheets take for a formula, or skip before one."""


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula: with an apostrophe before what looks like one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_csv(out: TextIO, columns: tuple[str, ...], rows: Iterator[Mapping[str, Any]]) -> int:
    """Write a heading and one line per row, as RFC 4180 has it; `out` must not translate line ends."""
    writer = csv.writer(out, dialect="excel", lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([safe_cell(_cell(row[name])) for name in columns])
        count += 1
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else str(value)


def _write_lines(out: TextIO, columns: tuple[str, ...], rows: Iterator[Mapping[str, Any]]) -> int:
    count = 0
    for row in rows:
        out.write(orjson.dumps({name: row[name] for name in columns}).decode() + "\n")
        count += 1
    return count


class Exporter:
    """Writes selections of items to files."""

    def __init__(self, connection: Connection, *, trail: AuditTrail, book: SchemaBook) -> None:
        self._connection = connection
        self._trail = trail
        self._book = book
        self._store = QuarantineStore(connection)

    def export(self, path: Path, selection: Selection, *, lines: bool, viewer: Decider | None) -> int:
        """Write a new file and return the number of items; with a `viewer` the file holds values of cases.

        A file that exists already is a ConfigurationError: nothing is ever overwritten.
        """
        columns = (*COLUMNS, *VALUE_COLUMNS) if viewer else COLUMNS
        with retryable("quarantine export"), new_file(path) as out:
            if viewer:
                selection = self._record(viewer, selection)
            # The file shows the items as they were at one moment.
            with snapshot(self._connection, "quarantine export"):
                self._book.refresh(self._connection)
                rows = self._rows(selection, values=viewer is not None)
                return (_write_lines if lines else write_csv)(out, columns, rows)

    def _record(self, viewer: Decider, selection: Selection) -> Selection:
        """Record what will be seen; return that selection, within the recorded items: nothing newer is written."""
        plain = {name: value for name, value in selection.values().items() if value is not None}
        digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()
        with self._trail.attempt(actor=viewer.actor, act="quarantine.export", subject="quarantine"):
            found = self._store.bounds(selection)
            subject = f"items:{found[0]}-{found[1]}" if found else "items:none"
            self._trail.record(
                actor=viewer.actor,
                act="quarantine.export",
                subject=subject,
                outcome="VIEWED",
                reason=viewer.reason,
                digest=digest,
            )
            self._connection.commit()
        first, last, _ = found or (1, 0, 0)
        return replace(selection, first=first, last=last)

    def _rows(self, selection: Selection, *, values: bool) -> Iterator[Mapping[str, Any]]:
        for page in self._store.pages(selection, size=_PAGE):
            held = {item.id: item for item in self._store.items([row.id for row in page])} if values else {}
            for row in page:
                plain = _plain(row)
                if values:
                    item = held[row.id]
                    event = self._book.try_read(item.record.raw)
                    plain |= {"reasons": list(item.reasons), "event": to_plain(*event) if event else None}
                yield plain


def _plain(row: QuarantineRow) -> dict[str, Any]:
    return {
        "item": row.id,
        "state": row.state,
        "codes": list(row.codes),
        "event_type": row.event_type,
        "publisher": row.publisher,
        "event_id": row.event_id,
        "topic": row.topic,
        "partition": row.partition,
        "offset": row.record_offset,
        "since": row.created_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "correction_of": row.correction_of,
    }
