"""Read what the hub answers and which cases one may know, and find out what became of an event.

Everything that is read goes into the state file first, so `fate` and `current_cases` answer without the network, and a
value is handed out again until the caller came back for the next one (at least once: after a crash the last value may
come a second time). Offsets are kept in the state file too; there are no consumer groups.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from meilenstein_connectors.errors import StateMismatch
from meilenstein_connectors.fate import Fate, FateState, find_fate
from meilenstein_connectors.inbox_rows import KEPT_KINDS, case_update, digest, keep_case, keep_reply
from meilenstein_connectors.replies import CaseUpdate, Complete, Reply, read_reply
from meilenstein_connectors.state import StateFile
from meilenstein_connectors.transport import Reader, Transport

__all__ = ["Fate", "FateState", "Inbox"]

_POLL = 1.0


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
                if row["kind"] in KEPT_KINDS:
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
            yield case_update(row)
            with self._state.transaction() as run:
                run("delete from inbox_update where offset = ?", (row["offset"],))

    def current_cases(self) -> list[CaseUpdate]:
        """Return the newest known state of every case that is not removed, by key; does not use the network."""
        rows = self._state.rows("select key, version, value from inbox_case where value is not null order by key")
        return [case_update(row) for row in rows]

    def complete_to(self) -> list[Complete]:
        """Return how far the hub has one's events without a gap, by the newest receipts that were read."""
        rows = self._state.rows(
            "select publisher, source_system, source_epoch, sequence from inbox_complete order by 1, 2, 3"
        )
        return [
            Complete(
                publisher=row["publisher"],
                source_system=row["source_system"],
                source_epoch=None if row["source_epoch"] == -1 else row["source_epoch"],
                sequence=row["sequence"],
            )
            for row in rows
        ]

    def refresh(self, timeout: float = 5.0) -> None:
        """Read all replies and cases there are into the state file without taking them.

        `fate` and `current_cases` then answer with what was known when this was called.
        """
        self._catch_up(self._replies_topic, timeout)
        self._catch_up(self._cases_topic, timeout)

    def fate(self, event_id: str) -> Fate:
        """Return what became of an event, by what is in the state file (see `refresh`)."""
        return find_fate(event_id, outbox=self._outbox, inbox=self._state)

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
                    keep_reply(run, record)
                else:
                    keep_case(run, record)
            last = records[-1]
            run(
                "insert or replace into inbox_cursor (topic, next, last_offset, last_sha256) values (?, ?, ?, ?)",
                (topic, last.offset + 1, last.offset, digest(last)),
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
            if again and again[0].offset == rows[0]["last_offset"] and digest(again[0]) != rows[0]["last_sha256"]:
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
