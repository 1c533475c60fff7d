"""Filing an accepted event: which file it belongs to, what that file thereby mentions, and what changes with it.

Validate files events as it accepts them; rebuild files them again from the journal. Both do the same: the events are
staged, as rows or as columns, and filed from there by the same statements.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from meilenstein.store.copy_format import INT8, pack_bytes, pack_text
from meilenstein.store.events import EventStore, FileName

__all__ = ["LINKING_KINDS", "Filing", "file_events", "pack_events", "pack_references", "since_2000"]

LINKING_KINDS = ("CASE", "PROCEDURE", "REFERRAL")
"""The references that may join files. Wider than what links: that is decided when the case is folded."""

_EVENT, _REFERENCE = struct.Struct(">h").pack(11), struct.Struct(">h").pack(4)
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


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


def since_2000(instant: dt.datetime) -> int:
    """Return an instant as PostgreSQL counts: microseconds since 2000."""
    return (instant - _EPOCH) // _MICROSECOND


def file_events(filings: Sequence[Filing], store: EventStore) -> set[int]:
    """Insert the events with their files, mentions and touched notes; return the journal ids that were inserted.

    Of several events of one id the first in the journal is inserted, and none if it is taken already.
    """
    lost = store.file([pack_events(filings)], [pack_references(filings)]).lost if filings else ()
    return {filing.journal_id for filing in filings}.difference(lost)


def pack_events(filings: Sequence[Filing]) -> bytes:
    """Return the events as rows of `staged` in the COPY format."""
    return b"".join([piece for filing in filings for piece in _event(filing)])


def pack_references(filings: Sequence[Filing]) -> bytes:
    """Return their linking references as rows of `staged_reference` in the COPY format."""
    return b"".join([piece for filing in filings for piece in _references(filing)])


def _event(filing: Filing) -> tuple[bytes, ...]:
    body = filing.body
    return (
        _EVENT,
        INT8(8, filing.journal_id),
        pack_text(body["publisher"]),
        pack_text(body["event_id"]),
        pack_text(body["case_reference"]),
        pack_bytes(b"\1" if body["test"] else b"\0"),
        pack_text(filing.event_type),
        pack_text(body["corrects"]),
        INT8(8, since_2000(filing.received_at)),
        pack_text(body.get("procedure_reference")),
        pack_text(body.get("referral_id")),
        pack_text(body["case_number"]),
    )


def _references(filing: Filing) -> Iterator[bytes]:
    for named in filing.body["references"]:
        if named["kind"] in LINKING_KINDS:
            yield _REFERENCE
            yield INT8(8, filing.journal_id)
            yield from map(pack_text, (named["agency"], named["kind"], named["reference"]))
