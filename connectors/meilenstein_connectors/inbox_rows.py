"""How records of the reply and case topics are kept in the state file."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from meilenstein_connectors.replies import (
    CaseUpdate,
    Decision,
    Duplicate,
    Receipt,
    Rejection,
    read_case_update,
    read_reply,
)
from meilenstein_connectors.transport import Record

__all__ = ["KEPT_KINDS", "case_update", "digest", "keep_case", "keep_reply"]

KEPT_KINDS = ("REJECTED", "DUPLICATE", "DECIDED")
"""Replies that stay in the file after they were taken, because they decide the fate of an event."""

_log = logging.getLogger(__name__)
_KINDS = {Receipt: "RECEIPT", Rejection: "REJECTED", Duplicate: "DUPLICATE", Decision: "DECIDED"}


def digest(record: Record) -> bytes:
    """Return the SHA-256 of a record's key and value."""
    return hashlib.sha256(repr((record.key, record.value)).encode()).digest()


def case_update(row: Any) -> CaseUpdate:
    """Return the update of a row with key, version and value; without value the case was removed."""
    if row["value"] is not None:
        return read_case_update(row["key"], row["value"])
    return CaseUpdate(
        key=row["key"], version=row["version"], state="REMOVED", change=None, changed=(), references=(), view=None
    )


def keep_reply(run: Any, record: Record) -> None:
    """Keep a reply until it is taken, and what it says about events for good."""
    text = (record.value or b"").decode("utf-8", "replace")
    reply = read_reply(record.offset, text)
    if isinstance(reply, Receipt):
        for first, last in reply.accepted:
            run(
                'insert or ignore into inbox_accepted (topic, "partition", first, last) values (?, ?, ?, ?)',
                (reply.topic, reply.partition, first, last),
            )
        for one in reply.complete_to:
            epoch = -1 if one.source_epoch is None else one.source_epoch
            run(
                "insert or replace into inbox_complete (publisher, source_system, source_epoch, sequence)"
                " values (?, ?, ?, ?)",
                (one.publisher, one.source_system, epoch, one.sequence),
            )
    place = reply.place if isinstance(reply, Rejection | Duplicate | Decision) else None
    run(
        'insert or ignore into inbox_reply (offset, kind, event_id, topic, "partition", about, value)'
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            record.offset,
            _KINDS.get(type(reply), "OTHER"),
            reply.event_id if isinstance(reply, Rejection | Duplicate | Decision) else None,
            place.topic if place else None,
            place.partition if place else None,
            place.offset if place else None,
            text,
        ),
    )


def keep_case(run: Any, record: Record) -> None:
    """Keep the state of a case, unless a higher or the same version is known; it waits to be taken."""
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
