"""Events to bytes and back: Avro in the Confluent wire format, strict on both sides.

`encode` takes only what fits the contract exactly. `decode` takes bytes from anybody: it either returns the one body
that the bytes stand for or raises `Unreadable`; it never crashes, hangs, guesses or allocates more than the input
justifies. A `WriterSchema` exists only for schemas that passed the lint, so no other schema can reach it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import fastavro

from meilenstein_connectors.avro_shape import REQUIRED, Shape, read_shape
from meilenstein_connectors.body_check import DecodedCheck, Test, make_decoded_check, make_test, misfits
from meilenstein_connectors.errors import InvalidEvent, TooLarge, UnknownSchema, Unreadable
from meilenstein_connectors.schema_lint import MAX_SCHEMA_CHARACTERS, lint_writer_schema
from meilenstein_connectors.walker import walk
from meilenstein_schemas.contracts import Contract, load_contracts, similar_types

__all__ = [
    "MAX_RECORD_BYTES",
    "Body",
    "WriterSchema",
    "contract_schema",
    "decode",
    "encode",
    "frame",
    "lint_writer_schema",
    "load_writer_schema",
    "unframe",
]

Body = dict[str, Any]
"""A decoded event: field name to value (dates, aware UTC datetimes, str, int, bool, list, None)."""

MAX_RECORD_BYTES = 65_536
"""Largest value of a record, framing included. CloudEvents asks every relay to carry 64 KB."""

_FRAME = struct.Struct(">bI")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WriterSchema:
    """A linted schema, ready to read and write with; made by `load_writer_schema` and `contract_schema` only."""

    name: str
    """Record name without namespace: the event type."""
    text: str
    parsed: Any
    """The schema as fastavro uses it."""
    shape: Shape
    fits: Test
    """Quick test whether a body can be encoded."""
    check: DecodedCheck
    """Raises where a decoded body breaks an integer range or cannot be stored."""
    filled: Mapping[str, Any]
    """Fields that only our current contract has, with its defaults; added to every decoded body."""


@lru_cache(maxsize=512)
def load_writer_schema(text: str) -> WriterSchema:
    """Return the schema for a text from a registry or archive.

    Raises UnknownSchema, with the problems, if the text is no schema, is unsafe to read with, or is none of our
    contracts: the record name must be one, fields of the same name must have the same type (enum symbols may differ),
    and fields without default must be there.
    """
    problems, schema = _parse(text)
    if not problems:
        problems = lint_writer_schema(schema)
    if not problems:
        try:
            return _build(text, schema)
        except _NotOurs as mismatch:
            problems = [str(mismatch)]
        except Exception as error:  # noqa: BLE001 - a foreign schema may be wrong in ways that fastavro only meets on use
            problems = [f"no usable Avro schema ({type(error).__name__})"]
    raise UnknownSchema(f"not a contract of ours: {problems[0]}", problems=problems)


class _NotOurs(Exception):
    pass


def _parse(text: str) -> tuple[list[str], Any]:
    if len(text) > MAX_SCHEMA_CHARACTERS:
        return [f"longer than {MAX_SCHEMA_CHARACTERS} characters"], None
    try:
        return [], json.loads(text)
    except (ValueError, RecursionError):
        return ["not readable as JSON"], None


def _build(text: str, schema: Any) -> WriterSchema:
    shape = read_shape(schema)
    contract = load_contracts().get(shape.name)
    if contract is None:
        raise _NotOurs("no event type of this name")
    ours = shape if contract.text == text else read_shape(contract.schema)
    return WriterSchema(
        name=shape.name,
        text=text,
        parsed=fastavro.parse_schema(schema, named_schemas={}),
        shape=shape,
        fits=make_test(shape),
        check=make_decoded_check(shape) or _nothing,
        filled=_compare(shape, ours),
    )


def _nothing(_: Any) -> None:
    return None


def _compare(shape: Shape, ours: Shape) -> dict[str, Any]:
    """Return the fields that only our contract has; raise where the schema is no version of it."""
    theirs = {field.name: field.shape for field in shape.fields}
    filled: dict[str, Any] = {}
    for field in ours.fields:
        if field.name in theirs:
            if _outline(theirs[field.name]) != _outline(field.shape):
                raise _NotOurs(f"field {field.name} has another type than in the contract")
        elif field.default is REQUIRED:
            raise _NotOurs(f"field {field.name} is missing")
        else:
            filled[field.name] = field.default
    return filled


def _outline(shape: Shape | None) -> Any:
    if shape is None:
        return None
    fields = tuple((field.name, _outline(field.shape)) for field in shape.fields)
    return (shape.kind, shape.nullable, _outline(shape.items), fields)


def contract_schema(contract: Contract | str) -> WriterSchema:
    """Return the schema of a contract, given itself or by event type name; cached by its text.

    An event type that is no contract raises UnknownSchema.
    """
    if isinstance(contract, str):
        found = load_contracts().get(contract)
        if found is None:
            raise UnknownSchema(f"no event type of this name; {similar_types(contract)}")
        contract = found
    return load_writer_schema(contract.text)


def encode(schema: Contract | WriterSchema, body: Mapping[str, Any]) -> bytes:
    """Return the Avro bytes of a body that fits the schema exactly; otherwise raise InvalidEvent with every misfit.

    Every field must be given (see `plain_json.complete` for defaults). Instants are cut to milliseconds.
    """
    writer = schema if isinstance(schema, WriterSchema) else contract_schema(schema)
    if not writer.fits(body):
        raise InvalidEvent(writer.name, misfits(writer.shape, body))
    return _write(writer, body)


def _write(schema: WriterSchema, body: Mapping[str, Any]) -> bytes:
    stream = BytesIO()
    fastavro.schemaless_writer(stream, schema.parsed, body, strict=True)
    return stream.getvalue()


def frame(schema_id: int, payload: bytes) -> bytes:
    """Return the record value: a zero byte, the schema id in four bytes (big-endian), the Avro bytes."""
    return _FRAME.pack(0, schema_id) + payload


def unframe(raw: bytes | None) -> tuple[int, bytes]:
    """Return schema id and Avro bytes of a record value.

    Raises TooLarge above MAX_RECORD_BYTES and Unreadable where there is no value or no frame.
    """
    if not raw:
        raise Unreadable("NO_VALUE", "the record has no value")
    if len(raw) > MAX_RECORD_BYTES:
        raise TooLarge("TOO_LARGE", f"the record value has more than {MAX_RECORD_BYTES} bytes")
    if len(raw) < _FRAME.size or raw[0] != 0:
        raise Unreadable("BAD_FRAMING", "the value does not start with a zero byte and a schema id")
    schema_id: int = _FRAME.unpack_from(raw)[1]
    return schema_id, raw[_FRAME.size :]


def decode(payload: bytes, schema: WriterSchema) -> Body:
    """Return the body that the Avro bytes stand for, or raise Unreadable (NotStorable for text no database takes).

    Accepted are exactly the bytes that are one legal encoding, wholly consumed, with every number in the range of its
    type and every date between the years 1 and 9999. The message never holds a value. Fields that only our current
    contract has are filled with its defaults.
    """
    stream = BytesIO(payload)
    try:
        decoded: Any = fastavro.schemaless_reader(stream, schema.parsed, None)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - fastavro raises many kinds for bad bytes
        walk(payload, schema.shape)  # says precisely what is wrong
        raise Unreadable("DECODE_FAILED", f"the bytes cannot be decoded ({type(error).__name__})") from None
    body: Body = decoded
    if stream.tell() != len(payload):
        raise Unreadable("TRAILING_BYTES", "bytes follow the end of the event")
    if not _reencodes(body, payload, schema):
        walk(payload, schema.shape)
    schema.check(body)
    body.update(schema.filled)
    return body


def _reencodes(body: Body, payload: bytes, schema: WriterSchema) -> bool:
    try:
        return _write(schema, body) == payload
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a value that cannot be written again is for the strict reader to judge
        return False
