"""What recipients are to be told: what they may know of a case now, against what they were last told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from meilenstein.store.cases import Feed
from meilenstein.store.outbox import Message

__all__ = ["CaseNews", "changed_paths", "revoked_message", "strongest_change", "tell"]

# The kind that explains a record best, if several changes came together.
_STRENGTH = ("MERGE", "UNMERGE", "RETRACTION", "CORRECTION", "PROGRESS", "RULE_CHANGE", "RECALCULATION")

_KEYS_DRAWN = 64


def strongest_change(changes: Iterable[str]) -> str:
    """Return the kind of change to name when several happened at once."""
    return min(changes, key=_STRENGTH.index, default="RECALCULATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNews:
    """A case after folding, as far as recipients are concerned."""

    case_id: UUID
    change: str
    views: Mapping[str, bytes]
    parts: Mapping[str, Sequence[str]]
    """The names at the top of each view."""
    own_references: Mapping[str, Sequence[Any]]


def tell(told: Iterable[CaseNews], gone: Iterable[UUID], feeds: Iterable[Feed]) -> Iterator[tuple[Feed, Message]]:
    """Yield the feed rows that change, each with its message: only where this recipient's view changed.

    `gone` are cases that were merged into others: whoever knew them is told that they ended. Versions only grow.
    """
    keys = _keys()
    known: dict[UUID, dict[str, Feed]] = {}
    for feed in feeds:
        known.setdefault(feed.case_id, {})[feed.recipient] = feed
    for case in told:
        former = known.pop(case.case_id, {})
        for recipient, view in sorted(case.views.items()):
            before = former.pop(recipient, None)
            if before is None or before.state != "ACTIVE" or before.view != view:
                yield _active(case, recipient, view, before, keys)
        for before in former.values():
            if before.state == "ACTIVE":
                yield revoked_message(before, case.change)
    left = [feed for case_id in gone for feed in known.get(case_id, {}).values() if feed.state == "ACTIVE"]
    for before in sorted(left, key=lambda feed: (feed.recipient, feed.case_id.hex)):
        yield revoked_message(before, "MERGE")


def _keys() -> Iterator[UUID]:
    """Yield random keys (UUID 4). The system is asked for many at once, since asking costs more than a key."""
    while True:
        drawn = os.urandom(16 * _KEYS_DRAWN)
        for place in range(0, len(drawn), 16):
            yield UUID(bytes=drawn[place : place + 16], version=4)


def _active(
    case: CaseNews, recipient: str, view: bytes, before: Feed | None, keys: Iterator[UUID]
) -> tuple[Feed, Message]:
    feed = Feed(
        recipient=recipient,
        case_id=case.case_id,
        key=before.key if before else next(keys),
        version=before.version + 1 if before else 1,
        state="ACTIVE",
        view=view,
    )
    content = {
        "change": case.change,
        # The first view is new as a whole: nothing needs to be taken apart for that.
        "changed": changed_paths(before.view, view) if before and before.view else sorted(case.parts[recipient]),
        "references": list(case.own_references.get(recipient, ())),
        "view": orjson.Fragment(view),
    }
    return feed, _message(feed, content)


def revoked_message(before: Feed, change: str) -> tuple[Feed, Message]:
    """Return the row and the message by which a recipient is told that it sees nothing of the case any more."""
    feed = Feed(
        recipient=before.recipient,
        case_id=before.case_id,
        key=before.key,
        version=before.version + 1,
        state="REVOKED",
        view=None,
    )
    return feed, _message(feed, {"change": change, "changed": [], "references": [], "view": None})


def _message(feed: Feed, content: Mapping[str, Any]) -> Message:
    value = {"version": feed.version, "state": feed.state, **content}
    return Message(
        recipient=feed.recipient,
        topic=f"cases.{feed.recipient}",
        key=str(feed.key),
        value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
        kind="CASE",
    )


def changed_paths(before: bytes, after: bytes) -> list[str]:
    """Return the top-level parts of the view that differ, in order."""
    old: dict[str, Any] = orjson.loads(before)
    new: dict[str, Any] = orjson.loads(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
