"""Corrections by stewards among the rows of a batch: on whose rights they stand, and what the sender is told of them.

A correction is judged like any other event, with the rights of the topic on which the original came. If it is accepted
(or says what was accepted meanwhile), the sender of the original is told what was changed. If it is refused, the sender
is told nothing: its own record stays refused, and the correction becomes an item for the stewards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from meilenstein.store.corrections import HUB
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionStore
from meilenstein.store.outbox import Message
from meilenstein.store.quarantine import Origin, QuarantineStore, item_subject
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation import replies
from meilenstein.validation.reading import Candidate, Sheet
from meilenstein_connectors.plain_json import to_plain
from meilenstein_expectations.violations import shown

__all__ = ["CORRECTED", "Corrections", "changes", "find_corrections"]

CORRECTED = "QUARANTINE_CORRECTED"
"""Kind of the decision that set a corrected event beside an original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The corrections in a batch, by journal id."""

    origins: Mapping[int, Origin] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Why the steward corrected."""

    def topics(self, sheet: Sheet) -> list[str]:
        """Return the topics by whose rights the records of a sheet are judged."""
        topics = [origin.topic for origin in sheet.origins]
        if self.origins:
            for row, key in enumerate(sheet.keys):
                if key in self.origins:
                    topics[row] = self.origins[key].topic
        return topics

    def answers(self, candidates: Iterable[Candidate], book: SchemaBook, decided_at: datetime) -> list[Message]:
        """Return what the senders of the originals are told of those candidates that are corrections."""
        messages = []
        for candidate in candidates:
            origin = self.origins.get(candidate.record.id)
            if origin is None:
                continue
            original = book.try_read(origin.raw)
            messages.append(
                replies.decided(
                    (origin.topic, origin.partition, origin.offset),
                    words="CORRECTED",
                    item=origin.root,
                    event=(original[0], original[1]["event_id"])
                    if original
                    else (candidate.event_type, candidate.body["event_id"]),
                    changed=changes(original, (candidate.event_type, candidate.body)) if original else None,
                    reason=self.reasons[candidate.record.id],
                    decided_at=decided_at,
                )
            )
        return messages


def find_corrections(connection: Connection, records: Iterable[StoredRecord]) -> Corrections:
    """Return what is known of the corrections among the records; asks the store only if there are any."""
    ids = [record.id for record in records if record.topic_id == HUB]
    if not ids:
        return Corrections()
    store = QuarantineStore(connection)
    items = store.corrected_items(ids)
    origins = store.origins(items.values())
    decisions = DecisionStore(connection).latest([CORRECTED], [item_subject(item) for item in items.values()])
    return Corrections(
        origins={journal_id: origins[item] for journal_id, item in items.items()},
        reasons={journal_id: decisions[item_subject(item)].reason for journal_id, item in items.items()},
    )


def changes(was: tuple[str, Mapping[str, Any]], now: tuple[str, Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """Return the fields in which two events differ, by name; long values are cut, forbidden numbers masked."""
    before, after = to_plain(*was), to_plain(*now)
    return [
        {"field": name, "was": _text(before.get(name)), "now": _text(after.get(name))}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _text(value: Any) -> str | None:
    return shown(orjson.dumps(value).decode() if isinstance(value, list | dict) else value)
