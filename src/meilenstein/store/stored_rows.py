"""Journal rows by columns: fifty thousand at a time, of which few are ever looked at one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

__all__ = ["Origin", "StoredRecord", "StoredRows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One record as validate reads it back."""

    id: int
    topic: str
    topic_id: str
    partition: int
    record_offset: int
    raw: bytes | None
    schema_id: int | None
    decode_state: str
    refusal_code: str | None
    refusal_detail: str | None
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What many rows have in common; told apart by identity, since it is compared for every row."""

    topic: str
    topic_id: str
    partition: int
    received_at: dt.datetime
    decode_state: str
    schema_id: int | None


@dataclass(slots=True)
class StoredRows:
    """Rows that drain did not refuse, as columns of one length, in no particular order."""

    ids: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    raws: list[bytes | None] = field(default_factory=list)
    _singles: list[StoredRecord] = field(default_factory=list)

    @classmethod
    def of(cls, records: Iterable[StoredRecord]) -> StoredRows:
        """Return single records as columns."""
        rows = cls(_singles=list(records))
        for record in rows._singles:
            rows.ids.append(record.id)
            rows.offsets.append(record.record_offset)
            rows.raws.append(record.raw)
            rows.origins.append(Origin(*[getattr(record, name) for name in Origin.__slots__]))
        return rows

    def extend(
        self, origin: Origin, ids: Sequence[int], offsets: Sequence[int], sizes: Sequence[int], raw: bytes
    ) -> None:
        """Add rows of one origin; `raw` holds their bytes one after the other, `sizes` how many each has."""
        self.ids += ids
        self.offsets += offsets
        self.origins += [origin] * len(ids)
        self.raws += [raw[start:end] for start, end in pairwise(accumulate(sizes, initial=0))]

    def __len__(self) -> int:
        return len(self.ids)

    def of_topic(self, topic_id: str) -> list[StoredRecord]:
        """Return the rows of one topic."""
        if all(origin.topic_id != topic_id for origin in set(self.origins)):
            return []
        return [self.record(place) for place, origin in enumerate(self.origins) if origin.topic_id == topic_id]

    def record(self, place: int) -> StoredRecord:
        """Return one row."""
        if self._singles:
            return self._singles[place]
        return StoredRecord(
            id=self.ids[place],
            record_offset=self.offsets[place],
            raw=self.raws[place],
            refusal_code=None,
            refusal_detail=None,
            **{name: getattr(self.origins[place], name) for name in Origin.__slots__},
        )
