"""Feedback: send what the outbox holds, and mark each message only after its own acknowledgement."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from meilenstein.errors import MeilensteinError, RetryableError
from meilenstein.store.database import Connection, retryable
from meilenstein.store.outbox import Outbox, Unsent
from meilenstein.summary import Summary

__all__ = ["Feedback", "Sender"]

_WINDOW = 1000
_KEEP_CASES_DAYS = 7
_KEEP_REPLIES_DAYS = 90
"""Replies stay readable from the store as long as on their topic."""


class Sender(Protocol):
    """Sends to partners' topics."""

    def prepare(self, topics: Iterable[str]) -> None:
        """Learn about topics that are about to be sent to."""

    def send(self, messages: Sequence[Unsent]) -> Iterable[int]:
        """Send in the given order and return the ids of the messages that the broker acknowledged."""


class Feedback:
    """One run: everything unsent, recipient by recipient; other workers take other recipients."""

    def __init__(self, *, connection: Connection, sender: Sender) -> None:
        self._connection = connection
        self._outbox = Outbox(connection)
        self._sender = sender
        self._counts: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()

    def run(self) -> Summary:
        """Send until nothing is left that this worker can hold; a message may be repeated after a crash, never lost.

        Raises, after all others were served, what kept a recipient from being served.
        """
        began = time.monotonic()
        with retryable("feedback"):
            waiting = self._outbox.waiting()
            self._connection.commit()
            if waiting:
                self._sender.prepare(topic for _, topic in waiting)
            faults = [
                fault
                for recipient in sorted({recipient for recipient, _ in waiting})
                if (fault := self._try_recipient(recipient)) is not None
            ]
            self._outbox.forget(case_days=_KEEP_CASES_DAYS, reply_days=_KEEP_REPLIES_DAYS)
            self._connection.commit()
        if faults:
            raise next((fault for fault in faults if isinstance(fault, RetryableError)), faults[0])
        seconds = time.monotonic() - began
        return Summary(step="feedback", seconds=seconds, counts=dict(self._counts), waits=dict(self._waits))

    def _try_recipient(self, recipient: str) -> MeilensteinError | None:
        """Send to one recipient; what keeps it from being sent delays nobody else and is returned."""
        try:
            self._recipient(recipient)
        except MeilensteinError as fault:
            self._connection.rollback()
            return fault
        return None

    def _recipient(self, recipient: str) -> None:
        left = True
        while left:
            left = False
            if self._outbox.hold(recipient):
                waiting = self._outbox.unsent(recipient, _WINDOW)
                acknowledged = set(self._sender.send(waiting)) if waiting else set()
                self._outbox.mark(sorted(acknowledged))
                self._counts["sent"] += len(acknowledged)
                self._waits["unsent"] += len(waiting) - len(acknowledged)
                left = len(waiting) == _WINDOW and len(acknowledged) == _WINDOW
            self._connection.commit()
