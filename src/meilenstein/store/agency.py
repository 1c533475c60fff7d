"""One agency as the store knows it: what it sent, what is put to it, what waits for it. Counts only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from meilenstein.store.database import Connection, snapshot
from meilenstein.store.levels import OutboxLevel, PartitionLevel
from meilenstein.store.queries import load_queries

__all__ = ["AgencyLevels", "read_agency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyLevels:
    """Everything about one agency, in one snapshot."""

    agency: str
    partitions: Sequence[PartitionLevel]
    fates: Mapping[str, int]
    """Records of its topic: `records`, and of these `accepted`, `duplicate`, `quarantined`, `pending`."""
    events: int
    """Accepted events that it published, also through another agency's topic."""
    last_event_at: dt.datetime | None
    quarantine: Mapping[str, int]
    """Open items by reason; one item may have several."""
    quarantine_open: int
    quarantine_oldest: dt.datetime | None
    questions: Mapping[str, int]
    """Open findings that were put to it, by code."""
    clocks: Mapping[str, tuple[int, dt.date]]
    """Clocks that wait for it and are DUE or OVER: how many, and the earliest last day."""
    unsent: Sequence[OutboxLevel]
    feeds: Mapping[str, int]


def read_agency(connection: Connection, agency: str) -> AgencyLevels:
    """Read in one snapshot; nothing is changed."""
    sql = load_queries("agency")
    values = {"agency": agency, "topic": f"milestones.{agency}"}

    def rows(name: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql[name], values).fetchall()

    with snapshot(connection, "status"):
        with connection.cursor(row_factory=class_row(PartitionLevel)) as found:
            partitions = found.execute(sql["partitions"], values).fetchall()
        (fates,), (events,), (oldest,) = rows("fates"), rows("events"), rows("quarantine_oldest")
        return AgencyLevels(
            agency=agency,
            partitions=partitions,
            fates=dict(zip(("records", "accepted", "duplicate", "quarantined", "pending"), fates, strict=True)),
            events=events[0],
            last_event_at=events[1],
            quarantine=dict(rows("quarantine")),
            quarantine_open=oldest[0],
            quarantine_oldest=oldest[1],
            questions=dict(rows("questions")),
            clocks={state: (count, due) for state, count, due in rows("clocks")},
            unsent=[
                OutboxLevel(recipient=agency, kind=kind, count=count, oldest=since)
                for kind, count, since in rows("unsent")
            ],
            feeds=dict(rows("feeds")),
        )
