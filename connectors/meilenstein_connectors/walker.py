"""A strict reader of Avro binary: says whether bytes are a legal encoding, without building a value.

Avro allows one value several encodings (arrays and maps may come in blocks, with or without a byte size) and says
nothing about others that libraries accept (numbers with needless bytes, an index of -1). Re-encoding equal to the input
proves an encoding good; where it differs, this reader decides. It accepts every legal block form and refuses the rest.

Depth is bounded by the schema, which the lint holds to a few levels; each array item takes at least one byte, so the
work is bounded by the length of the input.
"""

from __future__ import annotations

import datetime as dt

from meilenstein_connectors.avro_shape import EPOCH, MAX_INSTANT, MIN_INSTANT, Shape
from meilenstein_connectors.errors import Unreadable

__all__ = ["walk"]

_MIN_DAY = dt.date.min.toordinal() - EPOCH.toordinal()
_MAX_DAY = dt.date.max.toordinal() - EPOCH.toordinal()
_RANGES = {
    "int": (-(2**31), 2**31 - 1, "INT_RANGE"),
    "long": (-(2**63), 2**63 - 1, "INT_RANGE"),
    "date": (_MIN_DAY, _MAX_DAY, "DATE_RANGE"),
    "instant": (MIN_INSTANT, MAX_INSTANT, "DATE_RANGE"),
}


def walk(payload: bytes, shape: Shape) -> None:
    """Return if `payload` is exactly one legal encoding of a value of this shape; raise Unreadable otherwise."""
    walker = _Walker(payload)
    walker.value(shape, "")
    if walker.position != len(payload):
        raise Unreadable("TRAILING_BYTES", "bytes follow the end of the event")


class _Walker:
    """The position in one payload."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self.position = 0

    def value(self, shape: Shape, field: str) -> None:
        """Read over one value."""
        if shape.nullable:
            branch = self._number(field)
            if branch not in (0, 1):
                raise Unreadable("BAD_INDEX", "a union index that the schema does not have", field=field)
            if branch == shape.null_branch:
                return
        if shape.kind in _RANGES:
            self._ranged(shape.kind, field)
        elif shape.kind == "string":
            self._text(field)
        elif shape.kind == "record":
            for part in shape.fields:
                self.value(part.shape, f"{field}.{part.name}".lstrip("."))
        else:
            self._other(shape, field)

    def _other(self, shape: Shape, field: str) -> None:
        if shape.kind == "boolean":
            if self._byte(field) > 1:
                raise Unreadable("BAD_BOOLEAN", "a boolean byte other than 0 and 1", field=field)
        elif shape.kind == "enum":
            if not 0 <= self._number(field) < len(shape.symbols):
                raise Unreadable("BAD_INDEX", "an enum index that the schema does not have", field=field)
        elif shape.items is not None:
            self._blocks(shape.items, field, keyed=shape.kind == "map")

    def _byte(self, field: str) -> int:
        if self.position >= len(self._payload):
            raise Unreadable("TRUNCATED", "the bytes end before the event does", field=field)
        byte = self._payload[self.position]
        self.position += 1
        return byte

    def _number(self, field: str) -> int:
        number = shift = 0
        while True:
            byte = self._byte(field)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= 70:
                raise Unreadable("BAD_VARINT", "a number of more than ten bytes", field=field)
        if (byte == 0 and shift > 7) or number >= 2**64:
            raise Unreadable("BAD_VARINT", "a number that is not written in its shortest form", field=field)
        return (number >> 1) ^ -(number & 1)

    def _ranged(self, kind: str, field: str) -> None:
        low, high, detail = _RANGES[kind]
        if not low <= self._number(field) <= high:
            raise Unreadable(detail, f"a number outside the range of {kind}", field=field)

    def _text(self, field: str) -> bytes:
        size = self._number(field)
        if size < 0:
            raise Unreadable("BAD_LENGTH", "a text of negative length", field=field)
        if size > len(self._payload) - self.position:
            raise Unreadable("TRUNCATED", "a text longer than the remaining bytes", field=field)
        start, self.position = self.position, self.position + size
        text = self._payload[start : self.position]
        try:
            text.decode()
        except UnicodeDecodeError:
            raise Unreadable("BAD_UTF8", "a text that is not UTF-8", field=field) from None
        return text

    def _blocks(self, items: Shape, field: str, *, keyed: bool) -> None:
        keys: set[bytes] = set()
        while count := self._number(field):
            end = self._block_end(field) if count < 0 else None
            if abs(count) > len(self._payload) - self.position:
                raise Unreadable("BAD_COUNT", "more items than remaining bytes", field=field)
            for _ in range(abs(count)):
                if keyed:
                    self._key(keys, field)
                self.value(items, field + "[]")
            if end is not None and self.position != end:
                raise Unreadable("BAD_LENGTH", "a block whose stated size is not its size", field=field)

    def _block_end(self, field: str) -> int:
        size = self._number(field)
        if not 0 <= size <= len(self._payload) - self.position:
            raise Unreadable("BAD_LENGTH", "a block size outside the remaining bytes", field=field)
        return self.position + size

    def _key(self, keys: set[bytes], field: str) -> None:
        key = self._text(field)
        if key in keys:
            raise Unreadable("DUPLICATE_MAP_KEY", "a map with the same key twice", field=field)
        keys.add(key)
