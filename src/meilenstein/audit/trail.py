"""Appending to the audit trail: in the transaction of the act, or, for what was refused, in one of its own."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from meilenstein.audit.chain import GENESIS, canonical, entry_hash, head
from meilenstein.errors import MeilensteinError
from meilenstein.store.audit import AuditRow, AuditStore
from meilenstein.store.database import Connection
from meilenstein.store.outbox import Message, Outbox
from meilenstein_schemas.visible import visible

__all__ = ["HEADS_TOPIC", "OUTCOMES", "RECIPIENT", "AuditTrail"]

RECIPIENT = "audit"
HEADS_TOPIC = "audit.heads"
"""Where the number and hash of every entry are published; kept for ever."""
OUTCOMES = ("DONE", "PROPOSED", "REFUSED", "VIEWED")

_LONGEST = 1000
"""Characters of one text; what people may type is shorter."""
_LOG = logging.getLogger("meilenstein.audit")


class AuditTrail:
    """The trail on one connection, which must not be in autocommit.

    Lock order, the same for everybody: first what is decided upon, then its proposal, the trail last. So record as the
    last thing before the commit: nobody else can append until the transaction ends.
    """

    def __init__(self, connection: Connection, clock: Callable[[], dt.datetime]) -> None:
        self._connection = connection
        self._clock = clock
        self._store = AuditStore(connection)
        self._outbox = Outbox(connection)

    def record(
        self, *, actor: str, act: str, subject: str, outcome: str, reason: str = "", digest: bytes | None = None
    ) -> None:
        """Append to the chain in the caller's transaction, and put the new head into the outbox.

        `outcome` is one of OUTCOMES. `digest` is a hash of what was decided or seen, never the thing itself. Entries
        have no gap and stand in the order of their commits. Takes the chain's lock until the transaction ends.
        """
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome {outcome!r} is none of {', '.join(OUTCOMES)}")
        self._store.lock()
        last, prev_hash = self._store.head() or (0, GENESIS)
        seq, at = last + 1, self._clock().astimezone(dt.UTC)
        texts = {"actor": actor, "act": act, "subject": subject, "outcome": outcome, "reason": reason}
        plain = {name: visible(text)[:_LONGEST] for name, text in texts.items()}
        code = digest.hex() if digest is not None else None
        hashed = entry_hash(canonical(seq=seq, prev_hash=prev_hash, at=at, digest=code, **plain))
        self._store.add(AuditRow(seq=seq, prev_hash=prev_hash, hash=hashed, at=at, digest=code, **plain))
        published = head(seq=seq, hash_=hashed, at=at)
        self._outbox.add([Message(recipient=RECIPIENT, topic=HEADS_TOPIC, key=RECIPIENT, value=published, kind="HEAD")])

    @contextmanager
    def attempt(self, *, actor: str, act: str, subject: str) -> Iterator[None]:
        """Around an act: a MeilensteinError rolls the transaction back, is recorded as REFUSED, and passes on.

        The record has a transaction of its own, and holds the error's `audit_line`, or only its class: an error's line
        may name people's references, and the trail is kept for ever. If the database is gone too, the log tells that a
        record is missing.
        """
        try:
            yield
        except MeilensteinError as error:
            self._refused(actor=actor, act=act, subject=subject, reason=error.audit_line or type(error).__name__)
            raise

    def _refused(self, *, actor: str, act: str, subject: str, reason: str) -> None:
        try:
            self._connection.rollback()
            self.record(actor=actor, act=act, subject=subject, outcome="REFUSED", reason=reason)
            self._connection.commit()
        except psycopg.Error as fault:
            _LOG.error("audit: a refused %s could not be recorded (%s)", act, type(fault).__name__)
