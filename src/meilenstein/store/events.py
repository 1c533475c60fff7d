"""Accepted events, the files they belong to, and what files mention: the ground that cases are folded from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from meilenstein.store.array_text import flags, numbers, texts
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["AcceptedEvent", "CaseFile", "EventStore", "FileName", "KnownEvent", "Mention", "StoredEvent"]

FileName = tuple[str, str, bool]
"""(publisher, case_reference, test): how an agency names its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file with the id it got when it was first met and the case id minted with it."""

    id: int
    publisher: str
    case_reference: str
    test: bool
    case_id: UUID

    @property
    def name(self) -> FileName:
        """How its agency names it."""
        return self.publisher, self.case_reference, self.test


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An event id that has been accepted before, with the bytes it was accepted with."""

    publisher: str
    event_id: str
    journal_id: int
    topic: str
    partition: int
    record_offset: int
    raw: bytes
    schema_id: int


class AcceptedEvent(NamedTuple):
    """An event about to be accepted."""

    publisher: str
    event_id: str
    journal_id: int
    event_type: str
    file_id: int
    corrects: str | None
    received_at: dt.datetime


class Mention(NamedTuple):
    """A file mentions an identifier, its own or another agency's."""

    file_id: int
    kind: str
    owner: str
    reference: str
    test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An accepted event as bytes, with the warnings of its verdict."""

    event_type: str
    raw: bytes
    schema_id: int
    warnings: Sequence[str]
    file_id: int


class EventStore:
    """Events, files and mentions on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("events")

    def known(self, ids: Iterable[tuple[str, str]]) -> dict[tuple[str, str], KnownEvent]:
        """Return those of the given (publisher, event_id) that have been accepted."""
        pairs = sorted(set(ids))
        with self._connection.cursor(row_factory=class_row(KnownEvent)) as rows:
            found = rows.execute(
                self._sql["known"],
                {
                    "publishers": texts([publisher for publisher, _ in pairs]),
                    "event_ids": texts([event for _, event in pairs]),
                },
            )
            return {(event.publisher, event.event_id): event for event in found}

    def files(self, names: Iterable[FileName]) -> dict[FileName, int]:
        """Return the ids of the files, minting those met for the first time."""
        wanted = sorted(set(names))
        found: dict[FileName, int] = {}
        while len(found) < len(wanted):
            # A file minted by a concurrent transaction is invisible to the first statement, but not to the next.
            rows = self._connection.execute(
                self._sql["files"],
                {
                    "publishers": texts([name[0] for name in wanted]),
                    "references": texts([name[1] for name in wanted]),
                    "tests": flags(name[2] for name in wanted),
                },
            )
            found = {(publisher, reference, test): file_id for file_id, publisher, reference, test in rows}
        return found

    def add(self, events: Sequence[AcceptedEvent]) -> set[int]:
        """Insert the events in one order for all workers; return the journal ids whose event id was not taken."""
        if not events:
            return set()
        self._connection.execute(self._sql["stage"])
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy_staged"]) as copy:
            copy.set_types(["text", "text", "int8", "text", "int8", "text", "timestamptz"])
            for event in events:
                copy.write_row(event)
        inserted = {row[0] for row in self._connection.execute(self._sql["insert_staged"])}
        self._connection.execute(self._sql["unstage"])
        return inserted

    def mention(self, mentions: Iterable[Mention]) -> None:
        """Note the identifiers; what is known already stays."""
        # Sorted, so that two workers that note the same identifiers cannot wait for each other.
        rows = sorted(set(mentions))
        if rows:
            self._connection.execute(
                self._sql["mention"],
                {
                    "file_ids": numbers(row.file_id for row in rows),
                    "kinds": texts([row.kind for row in rows]),
                    "owners": texts([row.owner for row in rows]),
                    "references": texts([row.reference for row in rows]),
                    "tests": flags(row.test for row in rows),
                },
            )

    def touch(self, changes: Iterable[tuple[int, str]]) -> None:
        """Note that the case of a file must be folded again, and what kind of change asks for it."""
        rows = sorted(set(changes))
        if rows:
            self._connection.execute(
                self._sql["touch"],
                {"file_ids": numbers(row[0] for row in rows), "changes": texts([row[1] for row in rows])},
            )

    def take_touched(self, limit: int) -> list[tuple[int, str]]:
        """Remove and return up to `limit` of the oldest notes that no other worker holds."""
        return [(row[0], row[1]) for row in self._connection.execute(self._sql["take_touched"], {"limit": limit})]

    def take_touched_of(self, file_ids: Iterable[int]) -> list[tuple[int, str]]:
        """Remove and return all notes about the given files."""
        rows = self._connection.execute(self._sql["take_touched_of"], {"file_ids": numbers(file_ids)})
        return [(row[0], row[1]) for row in rows]

    def of_files(self, file_ids: Iterable[int]) -> list[StoredEvent]:
        """Return every accepted event of the files."""
        with self._connection.cursor(row_factory=class_row(StoredEvent), binary=True) as rows:
            return rows.execute(self._sql["of_files"], {"file_ids": sorted(file_ids)}).fetchall()

    def describe_files(self, file_ids: Iterable[int]) -> Mapping[FileName, CaseFile]:
        """Return the files by name."""
        with self._connection.cursor(row_factory=class_row(CaseFile)) as rows:
            found = rows.execute(self._sql["describe_files"], {"file_ids": sorted(file_ids)})
            return {file.name: file for file in found}

    def accepted(self, *, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield lists of up to `size` accepted rows (journal id, raw, schema id, received at), in journal order."""
        after = -1
        while rows := self._connection.execute(self._sql["accepted"], {"after": after, "limit": size}).fetchall():
            yield rows
            after = rows[-1][0]

    def file_ids(self) -> list[int]:
        """Return the ids of all files that have an accepted event."""
        return [row[0] for row in self._connection.execute(self._sql["file_ids"])]
