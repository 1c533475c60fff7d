"""Accepted events, the files they belong to, and what files mention: the ground that cases are folded from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from meilenstein.errors import PermanentError
from meilenstein.store.array_text import flags, numbers, texts
from meilenstein.store.copy_format import END, START
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["CaseFile", "EventStore", "FileName", "Filed", "KnownEvent", "Mention"]

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


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of staged events."""

    count: int
    """How many were inserted."""
    lost: Sequence[int]
    """Journal ids of those that were not, because their event id was taken."""


class Mention(NamedTuple):
    """A file mentions an identifier, its own or another agency's."""

    file_id: int
    kind: str
    owner: str
    reference: str
    test: bool


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

    def file(self, events: Iterable[bytes], references: Iterable[bytes]) -> Filed:
        """Insert events with their files, mentions and touched notes; an event id that is taken stays as it is.

        `events` and `references` are rows of the tables that events.sql stages, in PostgreSQL's binary COPY format; of
        references only those of a linking kind. Every worker inserts in the same order, so that none waits for one that
        waits for it.
        """
        for name in ("stage", "stage_references", "sort_in_memory", "join_by_hashing"):
            self._connection.execute(self._sql[name])
        for table, rows in (("copy_staged", events), ("copy_staged_references", references)):
            with self._connection.cursor() as cursor, cursor.copy(self._sql[table]) as copy:
                copy.write(START)
                for part in rows:
                    copy.write(part)
                copy.write(END)
        # A file minted by a concurrent transaction is invisible to this statement, but not to the next.
        self._connection.execute(self._sql["mint"])
        staged, count, lost = self._connection.execute(self._sql["file"]).fetchone() or (0, 0, [])
        self._connection.execute(self._sql["unstage"])
        if staged != count + len(lost):
            raise PermanentError(f"filing: {staged} events were staged, {count} inserted, {len(lost)} found taken")
        return Filed(count, lost)

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

    def instant(self) -> dt.datetime:
        """Return the time by which notes are dated: the database's."""
        (instant,) = self._connection.execute(self._sql["instant"]).fetchone() or (None,)
        assert isinstance(instant, dt.datetime)
        return instant

    def take_touched(self, limit: int, *, until: dt.datetime) -> list[tuple[int, str]]:
        """Remove and return up to `limit` of the oldest notes, made by `until`, that no other worker holds."""
        found = self._connection.execute(self._sql["take_touched"], {"limit": limit, "until": until})
        return [(row[0], row[1]) for row in found]

    def take_touched_of(self, file_ids: Iterable[int]) -> list[tuple[int, str]]:
        """Remove and return all notes about the given files."""
        rows = self._connection.execute(self._sql["take_touched_of"], {"file_ids": numbers(file_ids)})
        return [(row[0], row[1]) for row in rows]

    def of_files(self, file_ids: Iterable[int]) -> tuple[list[bytes], list[Sequence[str]]]:
        """Return every accepted event of the files as bytes, and for each the rules it was accepted against."""
        with self._connection.cursor(binary=True) as rows:
            found = rows.execute(self._sql["of_files"], {"file_ids": numbers(file_ids)}).fetchall()
        return [row[0] for row in found], [row[1] for row in found]

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
