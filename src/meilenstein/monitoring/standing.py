"""Whether an agency sends: said once, for the view of one agency and for the alarm alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from meilenstein.cases.calendar import berlin_date
from meilenstein.cases.sequences import silent_since
from meilenstein.store.levels import PartitionLevel

__all__ = ["Standing", "standing_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with what an agency sends."""

    state: Literal["HALTED", "SILENT", "NOTHING_SENT", "LIVE"]
    last_record_at: dt.datetime | None
    """Of all partitions of its own topic."""
    seen_at: dt.datetime | None
    """The last sign of life: a record, or an accepted event that came through another agency's topic."""


def standing_of(
    partitions: Iterable[PartitionLevel],
    *,
    last_event_at: dt.datetime | None,
    now: dt.datetime,
    working_days: int,
) -> Standing:
    """Judge by all partitions of the agency's topic together; one that is halted says nothing about the agency.

    `working_days` is the agency's rhythm.
    """
    rows = list(partitions)
    last = max((row.received_at for row in rows if row.received_at), default=None)
    seen = max((at for at in (last, last_event_at) if at), default=None)
    if any(row.halted_reason for row in rows):
        return Standing(state="HALTED", last_record_at=last, seen_at=seen)
    if seen is None:
        return Standing(state="NOTHING_SENT", last_record_at=last, seen_at=seen)
    silent = berlin_date(now) >= silent_since(berlin_date(seen), working_days)
    return Standing(state="SILENT" if silent else "LIVE", last_record_at=last, seen_at=seen)
