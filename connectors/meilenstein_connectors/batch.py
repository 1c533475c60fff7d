"""Many records to bodies: the reference implementation, one record after the other.

Contract of `decode_batch`, which a vectorised path has to keep:

* every record of the input appears exactly once: decoded, refused or pending;
* a record is decoded if and only if `decode` accepts it, with the same values;
* decoded records stand in groups of one schema id each, so that a group can be turned into typed columns; inside a
  group they keep the order of the input;
* only faults of the record's own bytes refuse it; whatever `schema_of` raises for other reasons, and lack of memory,
  passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from meilenstein_connectors.codec import Body, WriterSchema, decode, unframe
from meilenstein_connectors.errors import UnknownSchema, Unreadable

__all__ = ["DecodedBatch", "DecodedGroup", "Pending", "Refusal", "SchemaOf", "decode_batch", "refusal_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedGroup:
    """The decoded records of one schema id."""

    schema_id: int
    schema: WriterSchema
    positions: list[int] = field(default_factory=list)
    """Places in the input, ascending."""
    bodies: list[Body] = field(default_factory=list)

    def body(self, row: int) -> Body:
        """Return one of the bodies."""
        return self.bodies[row]

    def column(self, name: str) -> list[Any]:
        """Return one field of all records, in the order of `positions`; None where the schema lacks it."""
        return [body.get(name) for body in self.bodies]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A record whose bytes are no event."""

    position: int
    schema_id: int | None
    reason: str
    """UNREADABLE, UNKNOWN_SCHEMA, NOT_STORABLE or TOO_LARGE."""
    detail: str
    """Short machine code; DECODE_FAILED is the one that nobody foresaw."""
    words: str
    field: str | None
    event_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A record whose schema is not known here yet."""

    position: int
    schema_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedBatch:
    """What became of each record of a batch."""

    groups: tuple[DecodedGroup, ...]
    refusals: tuple[Refusal, ...]
    pending: tuple[Pending, ...]


SchemaOf = Callable[[int], WriterSchema | None]
"""The schema behind an id; None if it is not known here yet; raises UnknownSchema if it is known to be none of ours."""


def decode_batch(records: Sequence[bytes | None], schema_of: SchemaOf) -> DecodedBatch:
    """Decode record values; see the module for what is guaranteed."""
    groups: dict[int, DecodedGroup] = {}
    refusals: list[Refusal] = []
    pending: list[Pending] = []
    for position, raw in enumerate(records):
        schema_id: int | None = None
        schema: WriterSchema | None = None
        try:
            schema_id, payload = unframe(raw)
            group = groups.get(schema_id)
            if group is None:
                schema = schema_of(schema_id)
                if schema is None:
                    pending.append(Pending(position=position, schema_id=schema_id))
                    continue
                group = groups[schema_id] = DecodedGroup(schema_id=schema_id, schema=schema)
            schema = group.schema
            body = decode(payload, schema)
        except (Unreadable, UnknownSchema) as error:
            refusals.append(refusal_of(position, schema_id, error, schema))
        else:
            group.positions.append(position)
            group.bodies.append(body)
    return DecodedBatch(
        groups=tuple(group for group in groups.values() if group.positions),
        refusals=tuple(refusals),
        pending=tuple(pending),
    )


def refusal_of(
    position: int, schema_id: int | None, error: Unreadable | UnknownSchema, schema: WriterSchema | None
) -> Refusal:
    """Return what is said of a record whose bytes are no event; `schema` as far as it was known."""
    unreadable = error if isinstance(error, Unreadable) else None
    return Refusal(
        position=position,
        schema_id=schema_id,
        reason=unreadable.reason if unreadable else "UNKNOWN_SCHEMA",
        detail=unreadable.detail if unreadable else "UNKNOWN_SCHEMA",
        words=unreadable.words if unreadable else str(error),
        field=unreadable.field if unreadable else None,
        event_type=schema.name if schema else None,
    )
