"""Which numbers of each source came, which are missing, and findings about sources and publishers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from meilenstein.cases.sequences import Gap, Source
from meilenstein.store.array_text import flags, numbers, texts
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["MOST_RANGES", "Came", "HeaderRow", "LastSeen", "SequenceStore", "SourceFinding"]

MOST_RANGES = 1000
"""With more separate ranges than this a numbering is none without gaps, and its gaps are not followed."""


class Came(NamedTuple):
    """Numbers of a source that came, both ends included; None where events came that have none."""

    source: Source
    first: int | None
    last: int | None
    sound: bool
    """Whether some of the source's events were not refused."""


class LastSeen(NamedTuple):
    """When something of a publisher came last, and when last something of which not all was refused."""

    seen_at: dt.datetime
    accepted_at: dt.datetime | None


class HeaderRow(NamedTuple):
    """A record as its headers tell it."""

    topic: str
    names: Sequence[str]
    values: Sequence[bytes | None]
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFinding:
    """A doubt about a source or a publisher as a whole."""

    code: str
    about: str
    severity: str
    since: dt.date
    detail: Mapping[str, Any]
    asked: str | None
    """The agency to which it is put as a question."""
    state: str = "OPEN"
    """OPEN, or DECIDED by a steward as it stands."""


class SequenceStore:
    """Sources on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("sequences")

    def note(self, came: Iterable[Came], *, seen_at: dt.datetime) -> dict[Source, int]:
        """Note what came; return up to which number each of these sources is complete now.

        A source without numbers, or whose gaps are not followed, is left out. Holds the sources' rows until the
        transaction ends, so note last.
        """
        rows = list(came)
        values = {
            "publishers": texts([row.source.publisher for row in rows]),
            "systems": texts([row.source.source_system for row in rows]),
            "epochs": numbers(row.source.source_epoch for row in rows),
            "firsts": _or_null(row.first for row in rows),
            "lasts": _or_null(row.last for row in rows),
            "sound": flags(row.sound for row in rows),
            "seen_at": seen_at,
        }
        found = self._connection.execute(self._sql["note"], values)
        return {Source(*row[:3]): row[3] for row in found if row[3] is not None}

    def headers(self, journal_ids: Iterable[int]) -> list[HeaderRow]:
        """Return the headers of those of the records that carry a number there."""
        found = self._connection.execute(self._sql["headers"], {"ids": numbers(journal_ids)})
        return [HeaderRow(*row) for row in found]

    def newest_epochs(self, systems: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the epoch that each system of a publisher used last, where one is known."""
        pairs = sorted(set(systems))
        values = {"publishers": texts([pair[0] for pair in pairs]), "systems": texts([pair[1] for pair in pairs])}
        rows = self._connection.execute(self._sql["newest_epochs"], values) if pairs else ()
        return {(row[0], row[1]): row[2] for row in rows}

    def loosen(self, day: dt.date) -> None:
        """Give up to follow the gaps of sources that have more than MOST_RANGES ranges."""
        self._connection.execute(self._sql["loosen"], {"day": day, "most": MOST_RANGES})

    def loose(self) -> list[tuple[Source, dt.date]]:
        """Return the sources whose gaps are not followed, each with the day since which."""
        return [(Source(*row[:3]), row[3]) for row in self._connection.execute(self._sql["loose"])]

    def missing(self) -> list[tuple[Source, int, int]]:
        """Return the numbers that are missing now, both ends included."""
        return [(Source(*row[:3]), row[3], row[4]) for row in self._connection.execute(self._sql["missing"])]

    def gaps(self) -> list[Gap]:
        """Return the gaps of the last clocks run."""
        return [Gap(Source(*row[:3]), *row[3:]) for row in self._connection.execute(self._sql["gaps"])]

    def replace_gaps(self, known: Iterable[Gap], now: Iterable[Gap]) -> None:
        """Write only what differs."""
        before, after = set(known), set(now)
        for name, rows in (("drop_gaps", sorted(before - after)), ("add_gaps", sorted(after - before))):
            if rows:
                values = {
                    "publishers": texts([gap.source.publisher for gap in rows]),
                    "systems": texts([gap.source.source_system for gap in rows]),
                    "epochs": numbers(gap.source.source_epoch for gap in rows),
                    "firsts": numbers(gap.first for gap in rows),
                }
                more = {"lasts": numbers(gap.last for gap in rows), "days": [gap.since for gap in rows]}
                self._connection.execute(self._sql[name], values | (more if name == "add_gaps" else {}))

    def last_seen(self) -> dict[str, LastSeen]:
        """Return when something of each publisher was received last."""
        return {row[0]: LastSeen(*row[1:]) for row in self._connection.execute(self._sql["last_seen"])}

    def findings(self) -> list[SourceFinding]:
        """Return the findings of the last clocks run."""
        with self._connection.cursor(row_factory=class_row(SourceFinding)) as rows:
            return rows.execute(self._sql["findings"]).fetchall()

    def replace_findings(self, gone: Sequence[SourceFinding], added: Sequence[SourceFinding]) -> None:
        """Remove and add findings; one that changed is in both."""
        if gone:
            values = {"codes": texts([one.code for one in gone]), "abouts": texts([one.about for one in gone])}
            self._connection.execute(self._sql["drop_findings"], values)
        for one in added:
            self._connection.execute(self._sql["add_finding"], {**asdict(one), "detail": Jsonb(dict(one.detail))})


def _or_null(values: Iterable[int | None]) -> str:
    return "{" + ",".join(["null" if value is None else str(value) for value in values]) + "}"
