"""Quarantine items: what did not pass, with its record as it came, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg.rows import class_row, dict_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries
from meilenstein.store.stored_rows import StoredRecord

__all__ = ["STATES", "HeldItem", "Origin", "QuarantineRow", "QuarantineStore", "Selection", "item_subject"]

STATES = ("OPEN", "RELEASED", "CORRECTED", "REJECTED")


def item_subject(item: int) -> str:
    """Return what decisions, proposals and the audit trail call an item."""
    return f"item:{item}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which items are meant; None means any. `agency` is the sender or the publisher; ids are bounds, both included."""

    state: str | None = "OPEN"
    code: str | None = None
    agency: str | None = None
    since: dt.datetime | None = None
    """Quarantined at this instant or later."""
    first: int | None = None
    last: int | None = None

    def values(self) -> dict[str, Any]:
        """Return the selection as query values."""
        return {name: getattr(self, name) for name in Selection.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """A quarantined record as a list shows it: where it came from and why, no value of a case."""

    id: int
    journal_id: int
    topic: str
    partition: int
    record_offset: int
    event_type: str | None
    publisher: str | None
    event_id: str | None
    codes: Sequence[str]
    state: str
    created_at: dt.datetime
    correction_of: int | None
    """The item that a steward had corrected by this record, which the hub then refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """An item with its record."""

    id: int
    codes: Sequence[str]
    reasons: Sequence[Mapping[str, Any]]
    state: str
    created_at: dt.datetime
    record: StoredRecord
    event_type: str | None
    publisher: str | None
    event_id: str | None

    @property
    def subject(self) -> str:
        """What decisions and the audit trail call the item."""
        return item_subject(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The record of a partner that an item goes back to, through however many corrections."""

    item: int
    root: int
    """The partner's own item; the same as `item` unless that came from a correction."""
    topic: str
    partition: int
    offset: int
    raw: bytes | None
    event_type: str | None
    publisher: str | None
    event_id: str | None


_RECORD = tuple(StoredRecord.__slots__)


class QuarantineStore:
    """Items on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("quarantine")

    def newest(self, selection: Selection, *, limit: int) -> list[QuarantineRow]:
        """Return the newest items of a selection, newest first."""
        return self._rows("list", selection, limit)

    def pages(self, selection: Selection, *, size: int) -> Iterator[list[QuarantineRow]]:
        """Yield all items of a selection in their order, up to `size` at a time."""
        while rows := self._rows("page", selection, size):
            yield rows
            selection = replace(selection, first=rows[-1].id + 1)

    def _rows(self, name: str, selection: Selection, limit: int) -> list[QuarantineRow]:
        with self._connection.cursor(row_factory=class_row(QuarantineRow)) as rows:
            return rows.execute(self._sql[name], {**selection.values(), "limit": limit}).fetchall()

    def bounds(self, selection: Selection) -> tuple[int, int, int] | None:
        """Return the first and the last item of a selection, and how many there are; None if there is none."""
        first, last, count = self._connection.execute(self._sql["bounds"], selection.values()).fetchone() or (0, 0, 0)
        return (first, last, count) if count else None

    def code_sets(self, selection: Selection) -> list[tuple[str, ...]]:
        """Return the sets of reason codes that occur in a selection."""
        return [tuple(row[0]) for row in self._connection.execute(self._sql["codes"], selection.values())]

    def item(self, item: int) -> dict[str, Any] | None:
        """Return one item with its reasons and the original bytes, or None."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["item"], {"id": item}).fetchone()

    def items(self, ids: Iterable[int]) -> list[HeldItem]:
        """Return those of the items that there are, with their records, by number."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return [_held(row) for row in rows.execute(self._sql["records"], {"ids": sorted(ids)})]

    def hold(self, ids: Iterable[int]) -> list[HeldItem]:
        """Lock the items until the transaction ends, in their order, and return them as they are now."""
        wanted = sorted(ids)
        # The second statement sees what whoever held them before has committed.
        self._connection.execute(self._sql["lock"], {"ids": wanted})
        return self.items(wanted)

    def close(self, item: int, state: str) -> None:
        """Set what became of an open item that the caller holds."""
        done = self._connection.execute(self._sql["set_state"], {"id": item, "state": state})
        if done.rowcount != 1:
            raise ValueError(f"item {item} is not open")

    def origins(self, items: Iterable[int]) -> dict[int, Origin]:
        """Return the partner's record that each of the items goes back to, by item."""
        with self._connection.cursor(row_factory=class_row(Origin)) as rows:
            return {row.item: row for row in rows.execute(self._sql["origins"], {"items": sorted(items)})}

    def corrected_items(self, journal_ids: Iterable[int]) -> dict[int, int]:
        """Return the item that each of the given corrections corrects, by journal id."""
        found = self._connection.execute(self._sql["corrected_items"], {"journal_ids": list(journal_ids)})
        return {row[0]: row[1] for row in found}

    def corrections_of(self, item: int) -> list[dict[str, Any]]:
        """Return the corrections of an item: journal id, fate (None until judged) and the item it became, if any."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["corrections_of"], {"item": item}).fetchall()

    def accepted(self, *, since: dt.datetime, agency: str | None, size: int) -> Iterator[list[StoredRecord]]:
        """Yield the records of accepted events received since then, up to `size` at a time, in journal order."""
        after = -1
        with self._connection.cursor(row_factory=class_row(StoredRecord)) as rows:
            values = {"since": since, "agency": agency, "limit": size}
            while found := rows.execute(self._sql["accepted_since"], {**values, "after": after}).fetchall():
                yield found
                after = found[-1].id


def _held(row: Mapping[str, Any]) -> HeldItem:
    return HeldItem(
        id=row["item"],
        record=StoredRecord(**{name: row[name] for name in _RECORD}),
        **{
            name: row[name]
            for name in ("codes", "reasons", "state", "created_at", "event_type", "publisher", "event_id")
        },
    )
