"""PostgreSQL's binary COPY format, as far as whole rows are packed here instead of by the driver."""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["BYTEA", "END", "INT8", "NULL", "START", "TEXT", "pack_array", "pack_bytes", "pack_text"]

START = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
INT8 = struct.Struct(">iq").pack
"""To be called with the size, 8, and the number."""

TEXT, BYTEA = 25, 17
"""Type ids of array elements."""
_LENGTH = struct.Struct(">i").pack
_ARRAY = struct.Struct(">iiiii").pack
_EMPTY_ARRAY = struct.Struct(">iii").pack
_LENGTHS = tuple(_LENGTH(size) for size in range(1024))


def pack_bytes(value: bytes | None) -> bytes:
    """Return a value with its length."""
    if value is None:
        return NULL
    size = len(value)
    return (_LENGTHS[size] if size < 1024 else _LENGTH(size)) + value


def pack_text(text: str | None) -> bytes:
    """Return a text with its length."""
    return NULL if text is None else pack_bytes(text.encode())


def pack_array(element: int, values: Sequence[bytes | None]) -> bytes:
    """Return a one-dimensional array of elements of a type, with its length."""
    if not values:
        return _LENGTH(12) + _EMPTY_ARRAY(0, 0, element)
    content = b"".join([pack_bytes(value) for value in values])
    return _LENGTH(20 + len(content)) + _ARRAY(1, int(None in values), element, len(values), 1) + content
