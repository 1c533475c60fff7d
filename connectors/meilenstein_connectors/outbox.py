"""The outbox: events that were taken and must reach the hub, whatever happens to this process or the network.

An event gets its sequence number in the transaction that stores it, after all checks, so numbers are without gaps.
A row leaves the waiting state only when the broker confirmed that very record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from meilenstein_connectors.codec import Body
from meilenstein_connectors.errors import OutboxBusy, OutboxConflict, Violation
from meilenstein_connectors.plain_json import from_line
from meilenstein_connectors.state import StateFile
from meilenstein_connectors.transport import Ack

__all__ = ["Outbox", "OutboxCounts", "Prepared", "Taken", "Waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An event that passed all local checks and is ready to be taken."""

    event_id: str
    event_type: str
    publisher: str
    facts: str
    """See `facts_of`."""
    warnings: tuple[Violation, ...] = ()


class Taken(StrEnum):
    """What became of an event that was put into the outbox."""

    ADDED = "ADDED"
    KNOWN = "KNOWN"
    """The same event id with the same facts was there already; nothing was added."""
    CONFLICT = "CONFLICT"
    """The event id was there with other facts; nothing was added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event that the broker has not confirmed yet."""

    row: int
    event_type: str
    body: Body
    """Complete with sequence; `published_at` once it was handed over for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How much the outbox holds."""

    waiting: int
    acknowledged: int


class Outbox:
    """The outbox of one source system in one state file."""

    def __init__(self, state: StateFile, *, epoch: int | None = None) -> None:
        """Use the file; `epoch` is the numbering's epoch, if the source system ever began to number anew."""
        self._state = state
        self._epoch = epoch

    def put(self, events: Iterable[Prepared], *, now: dt.datetime, all_or_none: bool = True) -> list[Taken]:
        """Take the events in one transaction and say what became of each.

        With `all_or_none` the first conflict raises OutboxConflict and nothing is taken.
        """
        with self._state.transaction() as run:
            return [self._put_one(run, event, now.isoformat(), raising=all_or_none) for event in events]

    def _put_one(self, run: Any, event: Prepared, now: str, *, raising: bool) -> Taken:
        facts = hashlib.sha256(event.facts.encode()).digest()
        known = run("select facts from outbox_event where event_id = ?", (event.event_id,)).fetchone()
        if known is not None:
            if known["facts"] == facts:
                return Taken.KNOWN
            if raising:
                raise OutboxConflict(event.event_id)
            return Taken.CONFLICT
        sequence = self._next_sequence(run, event.publisher)
        numbers = f',"sequence":{sequence}' + ("" if self._epoch is None else f',"source_epoch":{self._epoch}')
        run(
            "insert into outbox_event (event_id, event_type, publisher, sequence, facts, plain, warnings, added_at)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event.event_id,
                event.event_type,
                event.publisher,
                sequence,
                facts,
                f"{event.facts[:-1]}{numbers}}}",
                _warnings_text(event.warnings),
                now,
            ),
        )
        return Taken.ADDED

    def _next_sequence(self, run: Any, publisher: str) -> int:
        row = run(
            "insert into outbox_sequence (publisher, epoch, last) values (?, ?, 1)"
            " on conflict (publisher, epoch) do update set last = last + 1 returning last",
            (publisher, -1 if self._epoch is None else self._epoch),
        ).fetchone()
        return int(row["last"])

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold the right to send from this file; raises OutboxBusy if another process holds it."""
        with self._state.exclusive("sending") as held:
            if not held:
                raise OutboxBusy(f"{self._state.path}: another process is sending from this outbox; try again later")
            yield

    def waiting(self, limit: int) -> list[Waiting]:
        """Return up to `limit` events that are not confirmed, in the order in which they were taken."""
        rows = self._state.rows(
            "select id, plain, published_at from outbox_event where offset is null order by id limit ?", (limit,)
        )
        return [_waiting(row) for row in rows]

    def stamp(self, rows: Sequence[Waiting], now: dt.datetime) -> list[Waiting]:
        """Give `published_at` to those that have none, on disk first, and return all with it."""
        fresh = [waiting.row for waiting in rows if waiting.body["published_at"] is None]
        if fresh:
            with self._state.transaction() as run:
                for row in fresh:
                    run("update outbox_event set published_at = ? where id = ?", (now.isoformat(), row))
        return [
            waiting
            if waiting.body["published_at"] is not None
            else Waiting(row=waiting.row, event_type=waiting.event_type, body={**waiting.body, "published_at": now})
            for waiting in rows
        ]

    def acknowledge(self, acks: Sequence[tuple[Waiting, Ack]], now: dt.datetime) -> None:
        """Mark the events as confirmed at these offsets."""
        if not acks:
            return
        with self._state.transaction() as run:
            for waiting, ack in acks:
                run(
                    "update outbox_event set topic = ?, partition = ?, offset = ?, acknowledged_at = ? where id = ?",
                    (ack.topic, ack.partition, ack.offset, now.isoformat(), waiting.row),
                )

    def counts(self) -> OutboxCounts:
        """Return how many events wait and how many are confirmed."""
        row = self._state.rows("select count(*) as n, count(offset) as done from outbox_event")[0]
        return OutboxCounts(waiting=row["n"] - row["done"], acknowledged=row["done"])

    def last_numbers(self) -> list[tuple[str, int | None, int]]:
        """Return publisher, epoch and last number of each numbering that was begun here."""
        rows = self._state.rows("select publisher, epoch, last from outbox_sequence order by publisher, epoch")
        return [(row["publisher"], None if row["epoch"] == -1 else row["epoch"], row["last"]) for row in rows]

    def warnings(self, event_id: str) -> list[dict[str, Any]]:
        """Return the rules that the event breaks without being refused, as plain dicts; empty if none or unknown."""
        rows = self._state.rows("select warnings from outbox_event where event_id = ?", (event_id,))
        found: list[dict[str, Any]] = json.loads(rows[0]["warnings"]) if rows else []
        return found


def _waiting(row: Any) -> Waiting:
    event_type, body = from_line(row["plain"])
    if row["published_at"] is not None:
        body["published_at"] = dt.datetime.fromisoformat(row["published_at"])
    return Waiting(row=row["id"], event_type=event_type, body=body)


def _warnings_text(warnings: Sequence[Violation]) -> str:
    if not warnings:
        return "[]"
    names = ("rule", "severity", "field", "seen", "expected", "text", "how")
    plain = [{name: getattr(warning, name) for name in names} for warning in warnings]
    for entry in plain:
        entry["text"], entry["how"] = dict(entry["text"]), dict(entry["how"])
    return json.dumps(plain, ensure_ascii=False)
