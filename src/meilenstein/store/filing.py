"""Filing an accepted event: which file it belongs to, what that file thereby mentions, and what changes with it.

Validate files events as it accepts them; rebuild files them again from the journal. Both must do the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from meilenstein.store.events import AcceptedEvent, EventStore, FileName, Mention

__all__ = ["Filing", "change_of", "file_events", "mentions_of"]

_LINKING_KINDS = frozenset({"CASE", "PROCEDURE", "REFERRAL"})
_OWN_IDENTIFIERS = {"procedure_reference": "PROCEDURE", "referral_id": "REFERRAL"}


class Filing(NamedTuple):
    """An event that is to be filed."""

    journal_id: int
    received_at: dt.datetime
    event_type: str
    body: dict[str, Any]

    @property
    def file_name(self) -> FileName:
        """The file it belongs to. Whether the file makes a case is decided when it is folded: only persons do."""
        return self.body["publisher"], self.body["case_reference"], self.body["test"]


def mentions_of(body: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the identifiers that may join this event's file with others, as (owner, kind, reference).

    This is wider than what links: whether a mention links is decided when the case is folded.
    """
    yield body["publisher"], "CASE", body["case_reference"]
    for name, kind in _OWN_IDENTIFIERS.items():
        if body.get(name):
            yield body["publisher"], kind, body[name]
    for named in body["references"]:
        if named["kind"] in _LINKING_KINDS:
            yield named["agency"], named["kind"], named["reference"]
    if body["case_number"]:
        yield "", "NUMBER", body["case_number"]


def change_of(event_type: str, body: dict[str, Any]) -> str:
    """Return what kind of change an event brings to its case."""
    if event_type == "EventRetracted":
        return "RETRACTION"
    return "CORRECTION" if body["corrects"] else "PROGRESS"


def file_events(filings: Sequence[Filing], store: EventStore) -> set[int]:
    """Insert the events with their files, mentions and touched notes; return the journal ids that were inserted.

    An event whose id was taken by another worker in the meantime is left out.
    """
    files = store.files(filing.file_name for filing in filings)
    inserted = store.add(
        [
            AcceptedEvent(
                publisher=filing.body["publisher"],
                event_id=filing.body["event_id"],
                journal_id=filing.journal_id,
                event_type=filing.event_type,
                file_id=files[filing.file_name],
                corrects=filing.body["corrects"],
                received_at=filing.received_at,
            )
            for filing in filings
        ]
    )
    filed = [(filing, files[filing.file_name]) for filing in filings if filing.journal_id in inserted]
    store.mention(
        Mention(file_id, kind, owner, reference, filing.body["test"])
        for filing, file_id in filed
        for owner, kind, reference in mentions_of(filing.body)
    )
    store.touch((file_id, change_of(filing.event_type, filing.body)) for filing, file_id in filed)
    return inserted
