"""Case numbers that were given out, which of them are used, and how many look-ups of a person failed lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from meilenstein.store.array_text import texts
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["CaseNumberStore", "FoundNumber", "Naming", "UnreservedNumber"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNumber:
    """A number that was given out."""

    number: str
    agency: str
    reserved_at: dt.datetime
    expires_on: dt.date
    used_by: Sequence[str]
    """Agencies whose accepted events name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreservedNumber:
    """A number that events name and that was not given out here."""

    number: str
    used_by: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """An accepted event of a file that names a number; whether the event itself does, its bytes tell."""

    raw: bytes
    publisher: str
    event_type: str
    received_at: dt.datetime


class CaseNumberStore:
    """Case numbers on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("case_numbers")

    def reserve(
        self, numbers: Sequence[str], *, agency: str, reserved_at: dt.datetime, expires_on: dt.date
    ) -> list[str]:
        """Give out those of the numbers that nobody has, and return them."""
        values = {"agency": agency, "reserved_at": reserved_at, "expires_on": expires_on, "numbers": texts(numbers)}
        return sorted(row[0] for row in self._connection.execute(self._sql["reserve"], values))

    def search(
        self,
        *,
        today: dt.date,
        soon: dt.date | None = None,
        agency: str | None = None,
        number: str | None = None,
        state: str | None = None,
        limit: int = 50,
    ) -> list[FoundNumber]:
        """Return numbers that were given out, newest first.

        `state`: USED, UNUSED, EXPIRING (unused until `soon`) or EXPIRED (unused until its last day); None: all.
        """
        values: dict[str, Any] = {"today": today, "soon": soon or today, "agency": agency, "number": number}
        with self._connection.cursor(row_factory=class_row(FoundNumber)) as rows:
            return rows.execute(self._sql["list"], {**values, "state": state, "limit": limit}).fetchall()

    def not_reserved(
        self, *, agency: str | None = None, number: str | None = None, limit: int = 50
    ) -> list[UnreservedNumber]:
        """Return numbers that accepted events name and that were not given out here."""
        values = {"agency": agency, "number": number, "limit": limit}
        found = self._connection.execute(self._sql["not_reserved"], values)
        return [UnreservedNumber(number=row[0], used_by=row[1]) for row in found]

    def events_of(self, number: str) -> Iterator[Naming]:
        """Yield the accepted events of the files that name the number, in the order in which they came."""
        with self._connection.cursor(row_factory=class_row(Naming)) as rows:
            yield from rows.execute(self._sql["naming_events"], {"number": number})

    def failed(self, actor: str, *, since: dt.datetime, most: int) -> tuple[int, dt.datetime | None]:
        """Return how many look-ups of the actor failed since then, `most` at most, and when the first of these did."""
        values = {"actor": actor, "since": since, "most": most}
        count, first = self._connection.execute(self._sql["failed"], values).fetchone() or (0, None)
        return count, first
