"""Read what the hub answers and which cases one may know, and find out what became of an event.

Everything that is read goes into the state file first, so `fate` and `current_cases` answer without the network, and a
value is handed out again until the caller came back for the next one (at least once: after a crash the last value may
come a second time). Offsets are kept in the state file too; there are no consumer groups.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from meilenstein_connectors.errors import StateMismatch
from meilenstein_connectors.replies import (
    CaseUpdate,
    Duplicate,
    Place,
    Reason,
    Receipt,
    Rejection,
    Reply,
    read_case_update,
    read_reply,
)
from meilenstein_connectors.state import StateFile
from meilenstein_connectors.transport import Reader, Record, Transport

__all__ = ["Fate", "FateState", "Inbox"]

_log = logging.getLogger(__name__)
_POLL = 1.0
_KINDS = {Receipt: "RECEIPT", Rejection: "REJECTED", Duplicate: "DUPLICATE"}
_KEPT = ("REJECTED", "DUPLICATE")


class FateState(StrEnum):
    """What became of one of this agency's events, as far as is known here."""

    UNKNOWN = "UNKNOWN"
    """Neither the outbox nor a reply names it."""
    PENDING_HERE = "PENDING_HERE"
    """In the outbox; the broker has not confirmed it."""
    SENT = "SENT"
    """The broker holds it; the hub has not answered, or its answer was not read yet."""
    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    """The hub had accepted the same event before; nothing is missing."""
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The answer to: what became of this event?"""

    event_id: str
    state: FateState
    place: Place | None = None
    """Where the broker holds it."""
    reasons: tuple[Reason, ...] = ()
    duplicate_of: Place | None = None


class Inbox:
    """The answers to one agency."""

    def __init__(
        self,
        *,
        agency: str,
        transport: Transport,
        state: Path,
        outbox: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the state file; no network is used yet.

        `state` may be the file of the agency's outbox. If it is another one, name the outbox as well, so that `fate`
        knows which event stands at which offset.
        """
        self._replies_topic = f"replies.{agency}"
        self._cases_topic = f"cases.{agency}"
        self._transport = transport
        self._monotonic = monotonic
        self._state = StateFile(state, flush=False)
        self._state.claim({"agency": agency})
        self._outbox = StateFile(outbox) if outbox and outbox != state else self._state
        self._readers: dict[str, Reader] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def replies(self, timeout: float = 5.0) -> Iterator[Reply]:
        """Yield the replies that were not taken yet, oldest first; end after `timeout` seconds without a new one.

        A reply counts as taken when the next one is asked for. BrokerUnavailable and TopicMissing may be raised.
        """
        for row in self._stream(
            self._replies_topic, "select offset, kind, value from inbox_reply where not taken order by offset", timeout
        ):
            yield read_reply(row["offset"], row["value"])
            with self._state.transaction() as run:
                if row["kind"] in _KEPT:
                    run("update inbox_reply set taken = 1 where offset = ?", (row["offset"],))
                else:
                    run("delete from inbox_reply where offset = ?", (row["offset"],))

    def cases(self, timeout: float = 5.0) -> Iterator[CaseUpdate]:
        """Yield changes of cases that were not taken yet, oldest first; end after `timeout` seconds without a new one.

        Versions of one case never go back: a state that comes after a higher version is passed over.
        """
        for row in self._stream(
            self._cases_topic,
            "select u.offset, u.key, u.value, c.version from inbox_update u join inbox_case c using (key) order by 1",
            timeout,
        ):
            yield _case_update(row)
            with self._state.transaction() as run:
                run("delete from inbox_update where offset = ?", (row["offset"],))

    def current_cases(self) -> list[CaseUpdate]:
        """Return the newest known state of every case that is not removed, by key; does not use the network."""
        rows = self._state.rows("select key, version, value from inbox_case where value is not null order by key")
        return [_case_update(row) for row in rows]

    def refresh(self, timeout: float = 5.0) -> None:
        """Read all replies and cases there are into the state file without taking them.

        `fate` and `current_cases` then answer with what was known when this was called.
        """
        self._catch_up(self._replies_topic, timeout)
        self._catch_up(self._cases_topic, timeout)

    def fate(self, event_id: str) -> Fate:
        """Return what became of an event, by what is in the state file (see `refresh`)."""
        sent = self._outbox.rows('select topic, "partition", offset from outbox_event where event_id = ?', (event_id,))
        if not sent:
            found = self._answer("event_id = ?", (event_id,))
            return _answered(event_id, None, found) if found else Fate(event_id=event_id, state=FateState.UNKNOWN)
        if sent[0]["offset"] is None:
            return Fate(event_id=event_id, state=FateState.PENDING_HERE)
        place = Place(topic=sent[0]["topic"], partition=sent[0]["partition"], offset=sent[0]["offset"])
        where = (place.topic, place.partition, place.offset)
        if self._state.rows(
            'select 1 from inbox_accepted where topic = ? and "partition" = ? and ? between first and last limit 1',
            where,
        ):
            return Fate(event_id=event_id, state=FateState.ACCEPTED, place=place)
        found = self._answer('topic = ? and "partition" = ? and about = ?', where)
        return (
            _answered(event_id, place, found) if found else Fate(event_id=event_id, state=FateState.SENT, place=place)
        )

    def _answer(self, condition: str, values: tuple[Any, ...]) -> Rejection | Duplicate | None:
        rows = self._state.rows(
            f"select offset, value from inbox_reply where {condition} order by offset desc limit 1",  # noqa: S608 - ours
            values,
        )
        reply = read_reply(rows[0]["offset"], rows[0]["value"]) if rows else None
        return reply if isinstance(reply, Rejection | Duplicate) else None

    def _stream(self, topic: str, waiting: str, timeout: float) -> Iterator[Any]:
        """Yield the waiting rows one by one, reading on whenever none is left."""
        end = self._require_same_topic(topic)
        quiet_since = self._monotonic()
        while True:
            rows = self._state.rows(f"{waiting} limit 1")
            if rows:
                yield rows[0]
                quiet_since = self._monotonic()
                continue
            left = quiet_since + self._patience(topic, end, timeout) - self._monotonic()
            if self._fetch(topic, max(0.0, min(left, _POLL))):
                quiet_since = self._monotonic()
            elif left <= 0:
                return

    def _catch_up(self, topic: str, timeout: float) -> None:
        end = self._require_same_topic(topic)
        deadline = self._monotonic() + timeout
        while self._next(topic) < end and self._monotonic() < deadline:
            self._fetch(topic, _POLL)

    def _patience(self, topic: str, end: int, timeout: float) -> float:
        # What was there at the start is worth waiting for even if the caller does not want to wait for more.
        return max(timeout, _POLL) if self._next(topic) < end else timeout

    def _next(self, topic: str) -> int:
        rows = self._state.rows("select next from inbox_cursor where topic = ?", (topic,))
        return int(rows[0]["next"]) if rows else 0

    def _require_same_topic(self, topic: str) -> int:
        """Return where the topic ends now; raise StateMismatch if this file has read further than that."""
        end = self._transport.bounds(topic)[1]
        if self._next(topic) > end:
            raise self._other_topic(topic)
        return end

    def _other_topic(self, topic: str) -> StateMismatch:
        return StateMismatch(
            f"{self._state.path}: was read from another topic {topic} (the hub was set up anew): use another state file"
        )

    def _fetch(self, topic: str, timeout: float) -> bool:
        """Read on once, into the state file; say whether anything new came."""
        try:
            reader = self._readers.get(topic) or self._open(topic)
            records = [record for record in reader.read(timeout) if record.offset >= self._next(topic)]
        except BaseException:
            self._drop_reader(topic)
            raise
        if not records:
            return False
        with self._state.transaction() as run:
            for record in records:
                if topic == self._replies_topic:
                    _keep_reply(run, record)
                else:
                    _keep_case(run, record)
            last = records[-1]
            run(
                "insert or replace into inbox_cursor (topic, next, last_offset, last_sha256) values (?, ?, ?, ?)",
                (topic, last.offset + 1, last.offset, _digest(last)),
            )
        return True

    def _open(self, topic: str) -> Reader:
        """Return a reader at the next record; the last one is read again to see that it is still the same topic."""
        rows = self._state.rows("select last_offset, last_sha256 from inbox_cursor where topic = ?", (topic,))
        if rows:
            probe = self._transport.reader(topic, rows[0]["last_offset"])
            try:
                again = probe.read(_POLL)
            finally:
                probe.close()
            if again and again[0].offset == rows[0]["last_offset"] and _digest(again[0]) != rows[0]["last_sha256"]:
                raise self._other_topic(topic)
        reader = self._readers[topic] = self._transport.reader(topic, self._next(topic))
        return reader

    def _drop_reader(self, topic: str) -> None:
        reader = self._readers.pop(topic, None)
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """Close connections and files."""
        for topic in list(self._readers):
            self._drop_reader(topic)
        self._state.close()
        if self._outbox is not self._state:
            self._outbox.close()


def _digest(record: Record) -> bytes:
    return hashlib.sha256(repr((record.key, record.value)).encode()).digest()


def _case_update(row: Any) -> CaseUpdate:
    if row["value"] is not None:
        return read_case_update(row["key"], row["value"])
    return CaseUpdate(
        key=row["key"], version=row["version"], state="REMOVED", change=None, changed=(), references=(), view=None
    )


def _answered(event_id: str, place: Place | None, answer: Rejection | Duplicate) -> Fate:
    at = place or answer.place
    if isinstance(answer, Duplicate):
        return Fate(event_id=event_id, state=FateState.DUPLICATE, place=at, duplicate_of=answer.duplicate_of)
    return Fate(event_id=event_id, state=FateState.REJECTED, place=at, reasons=answer.reasons)


def _keep_reply(run: Any, record: Record) -> None:
    text = (record.value or b"").decode("utf-8", "replace")
    reply = read_reply(record.offset, text)
    if isinstance(reply, Receipt):
        for first, last in reply.accepted:
            run(
                'insert or ignore into inbox_accepted (topic, "partition", first, last) values (?, ?, ?, ?)',
                (reply.topic, reply.partition, first, last),
            )
    place = reply.place if isinstance(reply, Rejection | Duplicate) else None
    run(
        'insert or ignore into inbox_reply (offset, kind, event_id, topic, "partition", about, value)'
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            record.offset,
            _KINDS.get(type(reply), "OTHER"),
            reply.event_id if isinstance(reply, Rejection | Duplicate) else None,
            place.topic if place else None,
            place.partition if place else None,
            place.offset if place else None,
            text,
        ),
    )


def _keep_case(run: Any, record: Record) -> None:
    key = (record.key or b"").decode("utf-8", "replace")
    known = run("select version, value from inbox_case where key = ?", (key,)).fetchone()
    if record.value is None:
        if known is None or known["value"] is None:
            return
        version, text = known["version"], None
    else:
        try:
            text = record.value.decode()
            version = read_case_update(key, text).version
        except (ValueError, KeyError, TypeError, RecursionError):
            _log.warning("passed over a record that is no case state: %s offset %d", record.topic, record.offset)
            return
        if known is not None and version <= known["version"]:
            return
    run("insert or replace into inbox_case (key, version, value) values (?, ?, ?)", (key, version, text))
    run("insert or ignore into inbox_update (offset, key, value) values (?, ?, ?)", (record.offset, key, text))
