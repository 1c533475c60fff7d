"""After the database was restored from a backup: no recipient may be told less than it knows already.

The topics `cases.*` are ahead of a restored database: they hold versions it has forgotten, and keys of cases it never
told of. Both are revoked under the next higher version, so that what recipients keep is never newer than what they
are told from now on; the next reconcile tells them anew what they may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

import orjson

from meilenstein.errors import RetryableError
from meilenstein.reconciliation.feeds import revoked_message
from meilenstein.store.cases import CaseStore, Feed
from meilenstein.store.database import Connection, retryable
from meilenstein.store.feeds import FeedStore
from meilenstein.store.outbox import Message, Outbox
from meilenstein_connectors.transport import Reader

__all__ = ["AlignReport", "Topics", "align_feeds"]

_NOWHERE = UUID(int=0)
_PATIENCE = 5.0


class Topics(Protocol):
    """Read access to the topics of recipients."""

    def reader(self, topic: str, offset: int) -> Reader:
        """Return a reader from the offset on."""

    def bounds(self, topic: str) -> tuple[int, int]:
        """Return the first offset that is there and the next one that will be given out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignReport:
    """What had to be revoked, in numbers of (recipient, case)."""

    behind: int
    """Known to the database under a lower version."""
    forgotten: int
    """Not known to the database at all."""


def align_feeds(connection: Connection, topics: Topics, recipients: Iterable[str]) -> AlignReport:
    """Compare database and topics of all recipients and revoke what the database has forgotten; safe to repeat.

    The topics are read first, however long that takes; then one transaction: an error leaves everything as it was.
    """
    store, cases, outbox = FeedStore(connection), CaseStore(connection), Outbox(connection)
    behind = forgotten = 0
    topics_told = {recipient: _versions(topics, f"cases.{recipient}") for recipient in recipients}
    with retryable("aligning feeds"):
        for recipient, told in topics_told.items():
            known = store.of_recipient(recipient)
            news = list(_revocations(recipient, told, known))
            cases.write_feeds([feed for feed, _ in news if feed.case_id != _NOWHERE])
            store.touch_cases(feed.case_id for feed, _ in news if feed.case_id != _NOWHERE)
            outbox.add([message for _, message in news])
            forgotten += sum(feed.case_id == _NOWHERE for feed, _ in news)
            behind += sum(feed.case_id != _NOWHERE for feed, _ in news)
        connection.commit()
    return AlignReport(behind=behind, forgotten=forgotten)


def _revocations(
    recipient: str, told: Mapping[str, tuple[int, str]], known: Mapping[str, Feed]
) -> Iterator[tuple[Feed, Message]]:
    for key, (version, state) in sorted(told.items()):
        feed = known.get(key)
        if feed is None and state != "REVOKED":
            feed = Feed(
                recipient=recipient, case_id=_NOWHERE, key=UUID(key), version=version, state="ACTIVE", view=None
            )
        elif feed is None or feed.version >= version:
            continue
        yield revoked_message(replace(feed, version=version), "RECALCULATION")


def _versions(topics: Topics, topic: str) -> dict[str, tuple[int, str]]:
    """Return version and state of each key as the topic ends now; keys whose tombstone came are left out."""
    start, end = topics.bounds(topic)
    found: dict[str, tuple[int, str]] = {}
    if start >= end:
        return found
    reader = topics.reader(topic, start)
    try:
        position = start
        while position < end:
            records = reader.read(_PATIENCE)
            if not records:
                raise RetryableError(f"Kafka delivered nothing of {topic} for {_PATIENCE:.0f} s; nothing was changed")
            for record in records:
                key = (record.key or b"").decode()
                if record.value is None:
                    found.pop(key, None)
                    continue
                value = orjson.loads(record.value)
                if value["version"] >= found.get(key, (0, ""))[0]:
                    found[key] = value["version"], value["state"]
            position = records[-1].offset + 1
    finally:
        reader.close()
    return found
