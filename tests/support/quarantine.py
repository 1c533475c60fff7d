"""Quarantined records for tests, and what can be compared before and after a decision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, entry, rows, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.stewardship.acts import Decider
from meilenstein.store.quarantine import Selection
from meilenstein.summary import STEPS
from meilenstein_connectors.inbox import Inbox

__all__ = [
    "ANNA",
    "BERND",
    "OFFICE",
    "TABLES",
    "Partner",
    "digests",
    "item_of",
    "journal_digest",
    "send_bytes",
    "steps",
    "verify",
]

ANNA = Decider(actor="anna", reason="checked by telephone")
BERND = Decider(actor="bernd", reason="seen the letter")
OFFICE = "abh-dresden"
TABLES = (
    "journal", "verdict", "event", "quarantine_item", "decision", "batch", "cursor", "proposal", "bulk_job", "outbox",
    "touched", "case_file", "mention",
)  # fmt: skip
"""What a refused command must leave as it is; only the audit trail and its head may grow."""


def steps(hub: Hub) -> None:
    """Run the four steps once."""
    for name in STEPS:
        hub.step(name)


def item_of(endpoints: Endpoints, event_id: str) -> int:
    """Return the newest item of an event."""
    found = rows(
        endpoints,
        "select q.id from quarantine_item q join journal j on j.id = q.journal_id where j.event_id = %s order by q.id",
        event_id,
    )
    return int(found[-1][0])


def digests(endpoints: Endpoints, tables: tuple[str, ...] = TABLES) -> dict[str, Any]:
    """Return rows and digest of each table; heads of the audit trail in the outbox are left out."""
    found = {}
    for table in tables:
        where = "where kind <> 'HEAD'" if table == "outbox" else ""
        query = (
            f"select count(*), md5(coalesce(string_agg(md5(t::text), '' order by t::text), '')) from {table} t {where}"
        )
        found[table] = rows(endpoints, query)[0]
    return found


def journal_digest(endpoints: Endpoints) -> str:
    """Return a digest over all partners' records as they are kept."""
    found = rows(endpoints, "select id, topic, record_offset, raw from journal where topic_id <> 'hub' order by id")
    return hashlib.sha256(repr([(a, b, c, bytes(raw or b"")) for a, b, c, raw in found]).encode()).hexdigest()


class Partner:
    """The foreigners' office with its own outbox and inbox; it sends without checking first."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self._hub = hub
        self._state = folder / "office.sqlite"

    def send(self, *bodies: tuple[int, dict[str, Any]]) -> list[str]:
        """Publish EntryReported events, each a number and what is different in it; return their ids."""
        sent = []
        with self._hub.publisher(OFFICE, "test", self._state, checked=False) as publisher:
            for number, fields in bodies:
                sent.append(publisher.publish(("EntryReported", entry(number, **fields))))
        return sent

    @contextmanager
    def inbox(self) -> Iterator[Inbox]:
        """Open the inbox, with everything read that there is."""
        with Inbox(agency=OFFICE, transport=self._hub.transport, state=self._state) as inbox:
            inbox.refresh(timeout=5)
            yield inbox


def send_bytes(endpoints: Endpoints, hub: Hub, *values: bytes) -> list[int]:
    """Publish bytes on the office's topic; return the items that they become, in the same order."""
    offsets = send_raw(endpoints, [Raw(topic=f"milestones.{OFFICE}", value=value) for value in values])
    steps(hub)
    items = {row.record_offset: row.id for row in hub.quarantine().items.newest(Selection(), limit=1000)}
    hub.connection("steward").rollback()  # a test may wait longer than a transaction may be idle
    return [items[offset] for offset in offsets if offset in items]


def verify(endpoints: Endpoints, hub: Hub) -> None:
    """Nothing is lost, and everything derived comes out the same once more."""
    check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)
    assert hub.balance().conserved
    assert hub.rebuild(keep=False, progress=lambda *_: None).differing == ()
