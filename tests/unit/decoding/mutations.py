"""Events with their bytes changed as transport faults and attackers change them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.unit.connectors.strategies import varint

__all__ = ["mutated"]

_NUMBERS = (
    -1,
    1,
    2,
    63,
    64,
    2**31 - 1,
    2**31,
    2**40,
    2**62,
    -(2**63),
    -719163,
    2932897,
    253402300800000,
    -62135596800001,
)


def mutated(payloads: list[bytes], count: int, *, seed: int) -> Iterator[bytes]:
    """Yield `count` payloads, each damaged in one of ten ways."""
    random = Random(seed)
    for _ in range(count):
        payload = bytearray(random.choice(payloads))
        place = random.randrange(len(payload))
        match random.randrange(10):
            case 0:
                payload[place] ^= 1 << random.randrange(8)
            case 1:
                payload[place] = random.randrange(256)
            case 2:
                del payload[place]
            case 3:
                payload.insert(place, random.randrange(256))
            case 4:
                del payload[place:]
            case 5:
                payload += bytes([random.randrange(256)])
            case 6:
                payload[place : place + 1] = varint(random.choice(_NUMBERS))
            case 7:
                payload[place : place + 1] = varint(random.randrange(128), size=random.choice((2, 5, 10)))
            case 8:
                payload[place : place + 1] = random.choice((b"\0", b"\xff", b"\xed\xa0\x80", b"\xc0\x80"))
            case 9:
                other = random.choice(payloads)
                payload[place:] = other[random.randrange(len(other)) :]
        yield bytes(payload)
