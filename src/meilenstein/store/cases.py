"""Case states with their findings and clocks, what each recipient was last told, and ticks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Json, Jsonb

from meilenstein.errors import RetryableError
from meilenstein.store.array_text import numbers, uuids
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["CaseMovedError", "CaseRow", "CaseStore", "ClockRow", "Feed", "FindingRow", "TickRow"]


class CaseMovedError(RetryableError):
    """Another worker wrote this case first; it will be folded again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A folded case: `state` is its canonical JSON, `version` counts its changes."""

    case_id: UUID
    version: int
    file_ids: Sequence[int]
    state: bytes
    rule_version: str
    next_change_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding as stored."""

    case_id: UUID
    code: str
    about: str
    severity: str
    since: dt.date | None
    detail: Mapping[str, Any]
    asked: str | None = None
    """The agency to which it is put as a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """A clock as stored; the steps explain it line by line."""

    case_id: UUID
    clock_id: str
    about: str
    label: str
    paragraph: str | None
    starts_on: dt.date | None
    due_on: dt.date | None
    stopped_on: dt.date | None
    state: str
    stop_publisher: str | None
    steps: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a recipient was last told of a case; `view` is None once it was revoked."""

    recipient: str
    case_id: UUID
    key: UUID
    version: int
    state: str
    view: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRow:
    """The day the fold takes as today, and how each publisher's feed does."""

    as_of: dt.date
    feed_health: Mapping[str, str]


class CaseStore:
    """Cases on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("cases")

    def states_of_files(self, file_ids: Iterable[int]) -> dict[UUID, CaseRow]:
        """Return the cases that any of the files belongs to, by case id."""
        with self._connection.cursor(row_factory=class_row(CaseRow)) as rows:
            found = rows.execute(self._sql["states_of_files"], {"file_ids": sorted(file_ids)})
            return {row.case_id: row for row in found}

    def drop(self, case_ids: Iterable[UUID]) -> None:
        """Remove cases that were merged into others; their files keep their ids."""
        self._connection.execute(self._sql["drop_case"], {"case_ids": list(case_ids)})

    def write(self, rows: Sequence[tuple[CaseRow, int | None]]) -> None:
        """Write cases; each comes with the version it replaces (None for a new one). CaseMovedError if that is gone."""
        replaced = [(row.case_id, expected) for row, expected in rows if expected is not None]
        if replaced:
            case_ids, versions = zip(*replaced, strict=True)
            made_room = self._connection.execute(
                self._sql["give_way"], {"case_ids": uuids(case_ids), "versions": numbers(versions)}
            )
            if made_room.rowcount != len(replaced):
                raise CaseMovedError
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy_cases"]) as copy:
            copy.set_types(["uuid", "int4", "int8[]", "bytea", "text", "date"])
            for row, _ in rows:
                copy.write_row(
                    (row.case_id, row.version, list(row.file_ids), row.state, row.rule_version, row.next_change_on)
                )

    def postpone(self, rows: Sequence[CaseRow]) -> None:
        """Set the next day on which an unchanged case may change by itself."""
        if rows:
            values = [
                {name: getattr(row, name) for name in ("case_id", "version", "rule_version", "next_change_on")}
                for row in rows
            ]
            with self._connection.cursor() as cursor:
                cursor.executemany(self._sql["postpone"], values)

    def replace_details(
        self,
        case_ids: Sequence[UUID],
        *,
        members: Iterable[tuple[int, UUID]],
        findings: Iterable[FindingRow],
        clocks: Iterable[ClockRow],
    ) -> None:
        """Replace members, findings and clocks of the given cases."""
        self._connection.execute(self._sql["clear_details"], {"case_ids": list(case_ids)})
        with self._connection.cursor() as cursor:
            with cursor.copy(self._sql["copy_members"]) as copy:
                copy.set_types(["int8", "uuid"])
                for member in members:
                    copy.write_row(member)
            with cursor.copy(self._sql["copy_findings"]) as copy:
                copy.set_types(["uuid", "text", "text", "text", "date", "jsonb", "text"])
                for f in findings:
                    copy.write_row((f.case_id, f.code, f.about, f.severity, f.since, Jsonb(dict(f.detail)), f.asked))
            with cursor.copy(self._sql["copy_clocks"]) as copy:
                copy.set_types(["uuid", "text", "text", "text", "text", "date", "date", "date", "text", "text", "json"])
                for c in clocks:
                    copy.write_row(
                        (
                            c.case_id,
                            c.clock_id,
                            c.about,
                            c.label,
                            c.paragraph,
                            c.starts_on,
                            c.due_on,
                            c.stopped_on,
                            c.state,
                            c.stop_publisher,
                            Json(list(c.steps)),
                        )
                    )

    def findings_of(self, case_ids: Iterable[UUID]) -> set[tuple[str, str]]:
        """Return (code, about) of the stored findings of the cases."""
        rows = self._connection.execute(self._sql["findings_of"], {"case_ids": list(case_ids)})
        return {(row[1], row[2]) for row in rows}

    def feeds_of(self, case_ids: Iterable[UUID]) -> list[Feed]:
        """Return what recipients were told of the cases."""
        with self._connection.cursor(row_factory=class_row(Feed)) as rows:
            return rows.execute(self._sql["feeds_of"], {"case_ids": list(case_ids)}).fetchall()

    def write_feeds(self, feeds: Sequence[Feed]) -> None:
        """Note what recipients are being told; the caller writes the outbox rows in the same transaction."""
        if not feeds:
            return
        self._connection.execute(self._sql["stage_feeds"])
        with self._connection.cursor() as cursor, cursor.copy(self._sql["copy_feeds"]) as copy:
            copy.set_types(["text", "uuid", "uuid", "int4", "text", "bytea"])
            for feed in feeds:
                copy.write_row((feed.recipient, feed.case_id, feed.key, feed.version, feed.state, feed.view))
        self._connection.execute(self._sql["write_feeds"])

    def latest_tick(self) -> TickRow | None:
        """Return the last tick, or None before the first `meilenstein up`."""
        with self._connection.cursor(row_factory=class_row(TickRow)) as rows:
            return rows.execute(self._sql["latest_tick"]).fetchone()

    def add_tick(self, tick: TickRow) -> None:
        """Append a tick; the caller has made sure that `as_of` does not decrease."""
        self._connection.execute(
            self._sql["add_tick"], {"as_of": tick.as_of, "feed_health": Jsonb(dict(tick.feed_health))}
        )

    def touch_due(self, as_of: dt.date) -> int:
        """Touch the cases that a tick on `as_of` can change; return how many files that are."""
        return self._connection.execute(self._sql["due"], {"as_of": as_of, "change": "RECALCULATION"}).rowcount

    def touch_outdated(self, rule_version: str) -> int:
        """Touch the cases that were folded under other rules."""
        return self._connection.execute(self._sql["outdated"], {"rule_version": rule_version}).rowcount

    def touch_waiting_on(self, publishers: Iterable[str], as_of: dt.date) -> int:
        """Touch cases with a clock whose end is judged by the feed health of one of the publishers."""
        return self._connection.execute(
            self._sql["waiting_on"], {"publishers": list(publishers), "as_of": as_of}
        ).rowcount

    def find(
        self, *, case_id: UUID | None = None, reference: str | None = None, publisher: str | None = None
    ) -> list[dict[str, Any]]:
        """Return cases by any of their ids, or by an agency's file reference."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            if case_id is not None:
                return rows.execute(self._sql["by_id"], {"case_id": case_id}).fetchall()
            return rows.execute(self._sql["by_file"], {"reference": reference, "publisher": publisher}).fetchall()

    def clocks_of(self, case_id: UUID) -> list[dict[str, Any]]:
        """Return the clocks of a case."""
        with self._connection.cursor(row_factory=dict_row) as rows:
            return rows.execute(self._sql["clocks_of"], {"case_id": case_id}).fetchall()
