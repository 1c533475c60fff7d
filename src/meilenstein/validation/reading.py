"""Journal rows to bodies: what drain refused, what waits for the registry, and what can be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Protocol, overload

from meilenstein.decoding.decode import Group, decode_records
from meilenstein.store.database import Connection
from meilenstein.store.filing import Filing
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.stored_rows import Origin, StoredRecord, StoredRows
from meilenstein.validation.patience import Patience
from meilenstein.validation.reasons import Reason, refused, unknown_schema
from meilenstein_connectors.batch import SchemaOf
from meilenstein_connectors.codec import Body, WriterSchema
from meilenstein_connectors.errors import RegistryUnavailable, UnknownSchema

__all__ = ["Candidate", "Candidates", "Lookup", "Place", "Reading", "Registry", "Sheet", "read_records", "read_rows"]


_WORTH_ALL = 100


class Registry(Protocol):
    """What validate asks of the schema registry."""

    def schema_text(self, schema_id: int) -> str:
        """Return the schema behind an id; UnknownSchema if there is none, RegistryUnavailable if it did not answer."""


class Candidate:
    """A readable record and the event in it. `row` is the event's place in the group."""

    __slots__ = ("_body", "event_type", "group", "record", "row")

    def __init__(self, *, record: StoredRecord, event_type: str, group: Group, row: int) -> None:
        self.record = record
        self.event_type = event_type
        self._body: Body | None = None
        self.group = group
        self.row = row

    @property
    def body(self) -> Body:
        """The whole event."""
        if self._body is None:
            self._body = self.group.body(self.row)
        return self._body

    @property
    def event(self) -> tuple[str, str]:
        """The identity of the event: (publisher, event_id)."""
        return self.body["publisher"], self.body["event_id"]

    def filing(self) -> Filing:
        """Return what is filed if the event is accepted."""
        return Filing(
            journal_id=self.record.id,
            received_at=self.record.received_at,
            event_type=self.event_type,
            body=self.body,
        )


Place = tuple[int, Origin, int]
"""Journal id, origin and offset of a record."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The readable records of one schema id: their events, and the rows of the journal they come from."""

    group: Group
    rows: StoredRows
    keys: Sequence[int]
    """Journal ids, in the order of the group."""

    @property
    def event_type(self) -> str:
        """The event type of all of them."""
        return self.group.schema.name

    @property
    def has_columns(self) -> bool:
        """Whether the events were decoded as columns; only then are the modules of the extra of use."""
        return hasattr(self.group, "batch")

    @property
    def origins(self) -> list[Origin]:
        """Where each comes from, in the order of the group."""
        return [self.rows.origins[place] for place in self.group.positions]

    def places(self) -> Iterator[Place]:
        """Yield journal id, origin and offset of each."""
        return zip(self.keys, self.origins, [self.rows.offsets[place] for place in self.group.positions], strict=True)

    def candidate(self, row: int) -> Candidate:
        """Return one of them by itself."""
        record = self.rows.record(self.group.positions[row])
        return Candidate(record=record, event_type=self.event_type, group=self.group, row=row)


class Candidates(Sequence[Candidate]):
    """The readable records of a batch in journal order; each is made only where somebody asks for it."""

    def __init__(self, sheets: Sequence[Sheet] = ()) -> None:
        self.sheets = sheets

    @cached_property
    def _places(self) -> list[tuple[int, Sheet, int]]:
        places = [(key, sheet, row) for sheet in self.sheets for row, key in enumerate(sheet.keys)]
        return sorted(places, key=itemgetter(0))

    def __len__(self) -> int:
        return sum(len(sheet.keys) for sheet in self.sheets)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> list[Candidate]: ...
    def __getitem__(self, place: int | slice) -> Candidate | list[Candidate]:
        if isinstance(place, slice):
            return [sheet.candidate(row) for _, sheet, row in self._places[place]]
        _, sheet, row = self._places[place]
        return sheet.candidate(row)

    def of(self, keys: Collection[int]) -> list[Candidate]:
        """Return those of the given journal ids."""
        if not keys:
            return []
        wanted = set(keys)
        for sheet in self.sheets:
            if len(wanted.intersection(sheet.keys)) > _WORTH_ALL:
                _ = sheet.group.bodies  # all at once is cheaper than many one by one
        return [sheet.candidate(row) for key, sheet, row in self._places if key in wanted]


@dataclass(slots=True, kw_only=True)
class Reading:
    """What became of the rows of a batch: every row is in exactly one of the three."""

    candidates: Candidates = field(default_factory=Candidates)
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


def read_records(records: Sequence[StoredRecord], lookup: SchemaOf) -> Reading:
    """Read single rows again, now with the schemas that drain did not know."""
    readable = [record for record in records if record.decode_state != "REFUSED"]
    return read_rows(
        StoredRows.of(readable), [record for record in records if record.decode_state == "REFUSED"], lookup
    )


def read_rows(rows: StoredRows, already_refused: Sequence[StoredRecord], lookup: SchemaOf) -> Reading:
    """Read rows again, now with the schemas that drain did not know; what drain refused stays refused."""
    reading = Reading()
    for record in already_refused:
        reading.refused.append((record, refused(record.refusal_code or "UNREADABLE", record.refusal_detail)))
    decoded = decode_records(rows.raws, lookup)
    reading.candidates = Candidates(
        [Sheet(group, rows, [rows.ids[place] for place in group.positions]) for group in decoded.groups]
    )
    for refusal in decoded.refusals:
        unknown = refusal.reason == "UNKNOWN_SCHEMA"
        reason = unknown_schema(refusal.schema_id) if unknown else refused(refusal.reason, refusal.detail)
        reading.refused.append((rows.record(refusal.position), reason))
    reading.waiting.extend(rows.record(pending.position) for pending in decoded.pending)
    return reading
