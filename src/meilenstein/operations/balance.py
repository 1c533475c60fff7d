"""The balance of an instance: where every record is, what became of it, and whether the sums agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from meilenstein.store.database import Connection, snapshot
from meilenstein.store.queries import load_queries

__all__ = ["COUNTED", "Balance", "PartitionBalance", "read_balance"]


COUNTED = ("records", "fates", "reasons", "cases", "findings", "clocks", "unfinished", "halted", "conserved")
"""Names under which a balance is told to machines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionBalance:
    """`[start, next)` of a partition must be journal rows plus recorded gaps."""

    topic: str
    partition: int
    topic_id: str
    start_offset: int
    next_offset: int
    journal: int
    gaps: int
    halted_reason: str | None
    halted_detail: str | None

    @property
    def conserved(self) -> bool:
        """Whether the sum agrees."""
        return self.next_offset - self.start_offset == self.journal + self.gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Counts over the whole store."""

    partitions: Sequence[PartitionBalance]
    records: int
    fates: Mapping[str, int]
    reasons: Mapping[str, int]
    cases: int
    findings: Mapping[str, int]
    clocks: Mapping[str, int]
    unfinished: Mapping[str, int]
    """Batches to judge, files to fold, messages to send."""

    @property
    def halted(self) -> Sequence[PartitionBalance]:
        """The partitions that stand still."""
        return [partition for partition in self.partitions if partition.halted_reason]

    @property
    def conserved(self) -> bool:
        """Whether no record is missing and none is counted twice."""
        return all(partition.conserved for partition in self.partitions) and self.records == sum(self.fates.values())

    def as_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return {
            "records": self.records,
            "fates": dict(self.fates),
            "reasons": dict(self.reasons),
            "cases": self.cases,
            "findings": dict(self.findings),
            "clocks": dict(self.clocks),
            "unfinished": dict(self.unfinished),
            "halted": {
                f"{partition.topic}-{partition.partition}": partition.halted_reason for partition in self.halted
            },
            "conserved": self.conserved,
        }


def read_balance(connection: Connection) -> Balance:
    """Count everything in one snapshot, so that the sums can be compared while work goes on."""
    sql = load_queries("status")
    with snapshot(connection, "status"):
        with connection.cursor(row_factory=dict_row) as rows:
            partitions = [PartitionBalance(**row) for row in rows.execute(sql["partitions"])]
            fates = rows.execute(sql["fates"]).fetchone() or {}
        work = connection.execute(sql["work"]).fetchone() or (0, 0, 0)
        (cases,) = connection.execute(sql["cases"]).fetchone() or (0,)
        counted = {
            name: {str(key): int(count) for key, count in connection.execute(sql[name])}
            for name in ("reasons", "findings", "clocks")
        }
    return Balance(
        partitions=partitions,
        records=fates["records"],
        fates={name: fates[name] for name in ("accepted", "duplicate", "quarantined", "pending")},
        cases=cases,
        unfinished={"batches": work[0], "files": work[1], "messages": work[2]},
        **counted,
    )
