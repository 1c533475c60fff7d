"""Values that a consumer has to refuse: made from a right event by damaging its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from meilenstein.simulate.records import Body
from meilenstein_connectors.codec import contract_schema, encode, frame

__all__ = ["UNREGISTERED", "VARIANTS", "Damaged", "damage"]

UNREGISTERED = "UNREGISTERED_ID"
"""The variant that is well-formed but names a schema nobody registered."""
_FIRST_UNREGISTERED_ID = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """Damaged bytes."""

    value: bytes
    framed_by_publisher: bool
    """True: Avro bytes that still need the header with the registered id. False: the whole record value."""


def _avro(event_type: str, body: Body) -> bytes:
    return encode(contract_schema(event_type), body)


def _truncated(event_type: str, body: Body, _rng: Random) -> Damaged:
    payload = _avro(event_type, body)
    return Damaged(value=payload[: len(payload) // 2], framed_by_publisher=True)


def _trailing(event_type: str, body: Body, _rng: Random) -> Damaged:
    return Damaged(value=_avro(event_type, body) + b"\x00", framed_by_publisher=True)


def _enum_out_of_range(event_type: str, body: Body, _rng: Random) -> Damaged:
    person = bytearray(_avro(event_type, {**body, "subject_kind": "PERSON"}))
    employer = _avro(event_type, {**body, "subject_kind": "EMPLOYER"})
    position = next(place for place, byte in enumerate(person) if byte != employer[place])
    person[position] = 0x7E  # index 63 of four symbols
    return Damaged(value=bytes(person), framed_by_publisher=True)


def _random(_event_type: str, _body: Body, rng: Random) -> Damaged:
    return Damaged(value=b"\xff" + rng.randbytes(rng.randint(20, 200)), framed_by_publisher=False)


def _json_text(event_type: str, body: Body, _rng: Random) -> Damaged:
    text = f'{{"type":"{event_type}","event_id":"{body["event_id"]}","publisher":"{body["publisher"]}"}}'
    return Damaged(value=text.encode(), framed_by_publisher=False)


def _header_only(_event_type: str, _body: Body, _rng: Random) -> Damaged:
    return Damaged(value=b"\x00\x00\x00", framed_by_publisher=False)


def _unregistered(event_type: str, body: Body, rng: Random) -> Damaged:
    number = _FIRST_UNREGISTERED_ID + rng.randrange(100_000_000)
    return Damaged(value=frame(number, _avro(event_type, body)), framed_by_publisher=False)


VARIANTS: Mapping[str, Callable[[str, Body, Random], Damaged]] = {
    "TRUNCATED": _truncated,
    "TRAILING_BYTE": _trailing,
    "ENUM_OUT_OF_RANGE": _enum_out_of_range,
    "RANDOM": _random,
    "JSON_TEXT": _json_text,
    "HEADER_CUT": _header_only,
}
"""The ways to make an event unreadable."""


def damage(variant: str, event_type: str, body: Body, rng: Random) -> Damaged:
    """Return the bytes of an event damaged in the given way (one of VARIANTS, or UNREGISTERED)."""
    make = _unregistered if variant == UNREGISTERED else VARIANTS[variant]
    return make(event_type, body, rng)
