"""Journal rows to bodies: what drain refused, what waits for the registry, and what can be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from meilenstein.decoding.decode import Group, decode_records
from meilenstein.store.database import Connection
from meilenstein.store.filing import Filing
from meilenstein.store.journal import StoredRecord
from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.patience import Patience
from meilenstein.validation.reasons import Reason, refused, unknown_schema
from meilenstein_connectors.codec import Body, WriterSchema
from meilenstein_connectors.errors import RegistryUnavailable, UnknownSchema

__all__ = ["Candidate", "Lookup", "Reading", "Registry", "read_records"]


class Registry(Protocol):
    """What validate asks of the schema registry."""

    def schema_text(self, schema_id: int) -> str:
        """Return the schema behind an id; UnknownSchema if there is none, RegistryUnavailable if it did not answer."""


_HEAD = (
    "publisher", "event_id", "sent_by", "occurred_on", "case_reference", "test", "corrects", "case_number",
    "references", "procedure_reference", "referral_id",
)  # fmt: skip
"""The fields that rights and filing look at."""


class Candidate:
    """A readable record. `head` holds the fields that every candidate is asked for; `body` all of them, made on demand.

    Give either `body`, or `head` with the group and the row that the event stands in.
    """

    __slots__ = ("_body", "event_type", "group", "head", "record", "row")

    def __init__(
        self,
        *,
        record: StoredRecord,
        event_type: str,
        body: Body | None = None,
        head: Body | None = None,
        group: Group | None = None,
        row: int = 0,
    ) -> None:
        self.record = record
        self.event_type = event_type
        self._body = body
        self.head: Body = head if head is not None else body or {}
        self.group = group
        self.row = row

    @property
    def body(self) -> Body:
        """The whole event."""
        if self._body is None:
            assert self.group is not None, "a candidate has its body or its group"
            self._body = self.group.body(self.row)
        return self._body

    @property
    def event(self) -> tuple[str, str]:
        """The identity of the event: (publisher, event_id)."""
        return self.head["publisher"], self.head["event_id"]

    def filing(self) -> Filing:
        """Return what is filed if the event is accepted."""
        return Filing(
            journal_id=self.record.id,
            received_at=self.record.received_at,
            event_type=self.event_type,
            body=self.head,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of the rows of a batch: every row is in exactly one of the three."""

    candidates: list[Candidate] = field(default_factory=list)
    refused: list[tuple[StoredRecord, Reason]] = field(default_factory=list)
    waiting: list[StoredRecord] = field(default_factory=list)


class Lookup:
    """Schemas by id for one run: from the book, else from the registry, which is asked at most once per id.

    A registry that does not answer is not asked again in the run. `connection` may be committed.
    """

    def __init__(self, connection: Connection, book: SchemaBook, registry: Registry, patience: Patience) -> None:
        self._connection = connection
        self._book = book
        self._registry = registry
        self._patience = patience
        self._absent: set[int] = set()
        self._down = False

    def __call__(self, schema_id: int) -> WriterSchema | None:
        """Return the schema, or None while nobody can say; UnknownSchema if it is none of ours."""
        known = self._book.schema_of(schema_id)
        if known is not None or self._down or self._book.distrusts(schema_id):
            return known
        if schema_id in self._absent:
            raise UnknownSchema(f"the registry has no schema {schema_id}")
        try:
            with self._patience.asking():
                text = self._registry.schema_text(schema_id)
        except UnknownSchema:
            self._absent.add(schema_id)
            raise
        except RegistryUnavailable:
            self._down = True
            return None
        self._book.learn(self._connection, schema_id, text)
        self._connection.commit()
        return self._book.schema_of(schema_id)


def read_records(records: Sequence[StoredRecord], lookup: Lookup) -> Reading:
    """Read the rows again, now with the schemas that drain did not know."""
    reading = Reading()
    readable = []
    for record in records:
        if record.decode_state == "REFUSED":
            reading.refused.append((record, refused(record.refusal_code or "UNREADABLE", record.refusal_detail)))
        else:
            readable.append(record)
    decoded = decode_records([record.raw for record in readable], lookup)
    for group in decoded.groups:
        name = group.schema.name
        heads = zip(*(group.column(field) for field in _HEAD), strict=True)
        reading.candidates.extend(
            Candidate(
                record=readable[position],
                event_type=name,
                head=dict(zip(_HEAD, head, strict=True)),
                group=group,
                row=row,
            )
            for row, (position, head) in enumerate(zip(group.positions, heads, strict=True))
        )
    for refusal in decoded.refusals:
        record = readable[refusal.position]
        unknown = refusal.reason == "UNKNOWN_SCHEMA"
        reason = unknown_schema(refusal.schema_id) if unknown else refused(refusal.reason, refusal.detail)
        reading.refused.append((record, reason))
    reading.waiting.extend(readable[pending.position] for pending in decoded.pending)
    reading.candidates.sort(key=lambda candidate: candidate.record.id)
    return reading
