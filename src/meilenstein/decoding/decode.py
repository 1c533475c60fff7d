"""Many records to events: `decode_records` keeps the contract of the SDK's `decode_batch`, and is faster.

With the extra `fast`, records are decoded a schema at a time; whatever cannot be proved clean that way is decided by
the reference, record by record. Without it, all of them are.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from meilenstein_connectors.batch import DecodedBatch, Pending, Refusal, SchemaOf, decode_batch, refusal_of
from meilenstein_connectors.codec import Body, WriterSchema, decode, encode, unframe
from meilenstein_connectors.errors import UnknownSchema, Unreadable

__all__ = ["Decoded", "Group", "decode_records", "has_fast_path", "warm"]

_NEEDED = ("numpy", "pyarrow", "pyruhvro")
_WORTH_IT = 16
"""Fewer records are decoded faster one by one."""


class Group(Protocol):
    """The decoded records of one schema id."""

    @property
    def schema_id(self) -> int:
        """The id all of them carry."""

    @property
    def schema(self) -> WriterSchema:
        """The schema behind it."""

    @property
    def positions(self) -> list[int]:
        """Places in the input, ascending."""

    @property
    def bodies(self) -> list[Body]:
        """The events, in the order of `positions`."""

    def body(self, row: int) -> Body:
        """Return one of the events."""

    def column(self, name: str) -> Sequence[Any]:
        """Return one field of all records, in the order of `positions`; None where the schema lacks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What became of each record of a batch."""

    groups: Sequence[Group]
    refusals: Sequence[Refusal]
    pending: Sequence[Pending]


@cache
def has_fast_path() -> bool:
    """Say whether the extra `fast` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


def warm() -> None:
    """Import now what the fast path needs, which takes a second; opens nothing."""
    if has_fast_path():
        for name in ("arrow_group", "clean"):
            importlib.import_module(f"meilenstein.decoding.{name}")


def decode_records(records: Sequence[bytes | None], schema_of: SchemaOf) -> Decoded:
    """Decode record values; see `meilenstein_connectors.batch` for what is guaranteed."""
    if not has_fast_path() or len(records) < _WORTH_IT:
        return _as_decoded(decode_batch(records, schema_of))
    return _decode_fast(records, schema_of)


def _as_decoded(batch: DecodedBatch) -> Decoded:
    return Decoded(groups=batch.groups, refusals=batch.refusals, pending=batch.pending)


@dataclass(slots=True)
class _Kin:
    """The records of one schema id on their way; `schema` is None while it is not known here."""

    schema_id: int
    schema: WriterSchema | None
    fault: UnknownSchema | None = None
    positions: list[int] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)


def _decode_fast(records: Sequence[bytes | None], schema_of: SchemaOf) -> Decoded:
    refusals: list[Refusal] = []
    kinds = _sorted_by_schema(records, schema_of, refusals)
    groups: list[Group] = []
    pending: list[Pending] = []
    for kin in kinds:
        if kin.fault is not None:
            refusals.extend(refusal_of(place, kin.schema_id, kin.fault, None) for place in kin.positions)
        elif kin.schema is None:
            pending.extend(Pending(position=place, schema_id=kin.schema_id) for place in kin.positions)
        else:
            group = _group(kin, kin.schema, refusals)
            kin.payloads.clear()  # half of the memory that decoding takes
            if group.positions:
                groups.append(group)
    return Decoded(
        groups=groups,
        refusals=sorted(refusals, key=lambda refusal: refusal.position),
        pending=sorted(pending, key=lambda waiting: waiting.position),
    )


def _sorted_by_schema(records: Sequence[bytes | None], schema_of: SchemaOf, refusals: list[Refusal]) -> Sequence[_Kin]:
    """Strip the frames and put records of one schema together, in the order in which the schemas are met."""
    kinds: dict[int, _Kin] = {}
    for position, raw in enumerate(records):
        try:
            schema_id, payload = unframe(raw)
        except Unreadable as error:
            refusals.append(refusal_of(position, None, error, None))
            continue
        kin = kinds.get(schema_id)
        if kin is None:
            kin = kinds[schema_id] = _Kin(schema_id, None)
            try:
                kin.schema = schema_of(schema_id)
            except UnknownSchema as error:
                kin.fault = error
        kin.positions.append(position)
        kin.payloads.append(payload)
    return list(kinds.values())


def _group(kin: _Kin, schema: WriterSchema, refusals: list[Refusal]) -> Group:
    from meilenstein.decoding.arrow_group import ArrowGroup  # noqa: PLC0415 - only where the extra is installed
    from meilenstein.decoding.clean import is_supported, read_clean  # noqa: PLC0415 - as above
    from meilenstein_connectors.batch import DecodedGroup  # noqa: PLC0415 - beside its twin

    supported = is_supported(schema.shape)
    places, rows = read_clean(kin.payloads, schema.text) if supported else ([], None)
    clean = set(places)
    doubtful: list[tuple[int, Body]] = []
    for place in [place for place in range(len(kin.payloads)) if place not in clean]:
        try:
            doubtful.append((place, decode(kin.payloads[place], schema)))
        except Unreadable as error:
            refusals.append(refusal_of(kin.positions[place], kin.schema_id, error, schema))
    if doubtful and supported:
        # What the reference takes has one plain form, and that form is clean.
        plain = [encode(schema, _own(body, schema)) for _, body in doubtful]
        again, more = read_clean(plain, schema.text)
        if len(again) == len(plain):
            places, rows = _merged(places, rows, [place for place, _ in doubtful], more)
            doubtful = []
    if doubtful or rows is None:
        if rows is not None:
            doubtful += zip(
                places, ArrowGroup(schema_id=0, schema=schema, positions=[], batch=rows).bodies, strict=True
            )
        doubtful.sort(key=lambda entry: entry[0])
        return DecodedGroup(
            schema_id=kin.schema_id,
            schema=schema,
            positions=[kin.positions[place] for place, _ in doubtful],
            bodies=[body for _, body in doubtful],
        )
    positions = kin.positions if len(places) == len(kin.positions) else [kin.positions[place] for place in places]
    return ArrowGroup(schema_id=kin.schema_id, schema=schema, positions=positions, batch=rows)


def _own(body: Body, schema: WriterSchema) -> Body:
    """Return the event without the fields that were filled in."""
    return {name: value for name, value in body.items() if name not in schema.filled}


def _merged(places: list[int], rows: Any, others: list[int], more: Any) -> tuple[list[int], Any]:
    if rows is None:
        return others, more
    import numpy as np  # noqa: PLC0415 - only where the extra is installed
    import pyarrow as pa  # noqa: PLC0415 - as above

    together = np.array(places + others)
    order = np.argsort(together)
    # Made from a buffer: `pa.array` would import pandas.
    places_of = pa.Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order.astype(np.int64))])
    return together[order].tolist(), pa.concat_batches([rows, more]).take(places_of)
