"""Does a body fit its contract? Checked before encoding (in words) and after decoding (ranges and storable text).

fastavro is lenient: it takes True for a number, a number beyond 32 bits for an int, a time without zone (as local time)
and, when reading, text that no database stores. Each shape is turned once into a quick test; words are only made up
for values that fail it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein_connectors.avro_shape import Shape
from meilenstein_connectors.errors import NotStorable, Unreadable

__all__ = ["Misfit", "is_storable", "make_decoded_check", "make_test", "misfits"]

Test = Callable[[Any], bool]
DecodedCheck = Callable[[Any], None]
_RANGE = {"int": 2**31, "long": 2**63}
_EXPECTED = {
    "boolean": "true or false",
    "int": "a whole number of 32 bits",
    "long": "a whole number of 64 bits",
    "date": "a date (no time of day)",
    "instant": "an instant with time zone, year 1 to 9999 in UTC",
    "string": "text without U+0000 and lone surrogates",
    "array": "a list",
    "map": "a mapping with text keys",
    "record": "a record with exactly the fields of the contract",
}
_TEXT = {
    "missing": {"de": "Das Feld fehlt.", "en": "The field is missing."},
    "unknown": {"de": "Der Vertrag kennt dieses Feld nicht.", "en": "The contract does not have this field."},
    "misfit": {"de": "Der Wert passt nicht zum Vertrag.", "en": "The value does not fit the contract."},
}
_HOW = {
    "missing": {"de": "Feld angeben.", "en": "Give the field."},
    "unknown": {
        "de": "Feld weglassen oder Schreibweise prüfen.",
        "en": "Leave the field out, or check how it is written.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A place where a body does not fit its contract; reads like any other violation."""

    rule: str = "CONTRACT"
    severity: str = "critical"
    field: str | None
    seen: str | None
    expected: str | None
    text: Mapping[str, str]
    how: Mapping[str, str]


def is_storable(text: str) -> bool:
    """Say whether PostgreSQL can store the text: no U+0000, no lone surrogates."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def make_test(shape: Shape) -> Test:
    """Return a quick test whether a value can be encoded as this shape without loss."""
    test = _plain_test(shape)
    if not shape.nullable:
        return test
    return lambda value: value is None or test(value)


def _plain_test(shape: Shape) -> Test:
    if shape.kind in _RANGE:
        limit = _RANGE[shape.kind]
        return lambda value: type(value) is int and -limit <= value < limit
    if shape.kind == "enum":
        symbols = frozenset(shape.symbols)
        return lambda value: isinstance(value, str) and value in symbols
    if shape.kind == "record":
        return _record_test(shape)
    if shape.items is not None:
        return _map_test(make_test(shape.items)) if shape.kind == "map" else _array_test(make_test(shape.items))
    return _SIMPLE_TESTS[shape.kind]


def _is_date(value: Any) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _is_instant(value: Any) -> bool:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        return False
    if value.tzinfo is dt.UTC:
        return True
    try:
        return value.astimezone(dt.UTC) is not None
    except OverflowError:
        return False


_SIMPLE_TESTS: Mapping[str, Test] = {
    "boolean": lambda value: value is True or value is False,
    "date": _is_date,
    "instant": _is_instant,
    "string": lambda value: isinstance(value, str) and is_storable(value),
}


def _array_test(item: Test) -> Test:
    return lambda value: isinstance(value, list | tuple) and all(map(item, value))


def _map_test(item: Test) -> Test:
    text = _SIMPLE_TESTS["string"]
    return lambda value: isinstance(value, Mapping) and all(map(text, value)) and all(map(item, value.values()))


def _record_test(shape: Shape) -> Test:
    tests = [(field.name, make_test(field.shape)) for field in shape.fields]
    names = frozenset(name for name, _ in tests)

    def test(value: Any) -> bool:
        if not isinstance(value, Mapping) or value.keys() != names:
            return False
        return all(fits(value[name]) for name, fits in tests)

    return test


def misfits(shape: Shape, value: Any, field: str = "") -> Iterator[Misfit]:
    """Yield where and why a value does not fit the shape; slow and wordy, for values that failed the quick test."""
    if shape.kind == "record" and isinstance(value, Mapping):
        yield from _record_misfits(shape, value, field)
    elif shape.kind == "array" and shape.items and isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from misfits(shape.items, item, f"{field}[{place}]")
    elif not make_test(shape)(value):
        yield _misfit("misfit", field, value, _expectation(shape))


def _record_misfits(shape: Shape, value: Mapping[str, Any], field: str) -> Iterator[Misfit]:
    known = {part.name: part.shape for part in shape.fields}
    for name in value:
        if name not in known:
            yield _misfit("unknown", f"{field}.{name}".lstrip("."), None, f"one of: {', '.join(known)}")
    for name, part in known.items():
        place = f"{field}.{name}".lstrip(".")
        if name not in value:
            yield _misfit("missing", place, None, _expectation(part))
        else:
            yield from misfits(part, value[name], place)


def _expectation(shape: Shape) -> str:
    words = f"one of: {', '.join(shape.symbols)}" if shape.kind == "enum" else _EXPECTED[shape.kind]
    return f"{words}, or nothing" if shape.nullable else words


def _misfit(mistake: str, field: str, seen: Any, expected: str) -> Misfit:
    how = _HOW.get(mistake) or {"de": f"Erwartet: {expected}", "en": f"Expected: {expected}"}
    text = None if mistake != "misfit" else str(seen).encode("ascii", "backslashreplace").decode()[:80]
    return Misfit(field=field or None, seen=text, expected=expected, text=_TEXT[mistake], how=how)


def make_decoded_check(shape: Shape, field: str = "") -> DecodedCheck | None:
    """Return what must still be checked of a value that fastavro decoded: integer ranges and storable text.

    The check raises Unreadable or NotStorable; None stands for nothing to check.
    """
    if shape.kind in _RANGE:
        return _nullable(shape, _range_check(_RANGE[shape.kind], field))
    if shape.kind == "string":
        return _nullable(shape, _text_check(field))
    if shape.kind == "record":
        return _nullable(shape, _record_check(shape, field))
    if shape.items is not None:
        return _nullable(shape, _items_check(shape, field))
    return None


def _nullable(shape: Shape, check: DecodedCheck | None) -> DecodedCheck | None:
    if check is None or not shape.nullable:
        return check
    inner = check

    def unless_none(value: Any) -> None:
        if value is not None:
            inner(value)

    return unless_none


def _range_check(limit: int, field: str) -> DecodedCheck:
    def check(value: int) -> None:
        if not -limit <= value < limit:
            raise Unreadable("INT_RANGE", "a number outside the range of its type", field=field)

    return check


def _text_check(field: str) -> DecodedCheck:
    def check(value: str) -> None:
        # fastavro decodes UTF-8 strictly, so lone surrogates cannot come this way; U+0000 can.
        if "\0" in value:
            raise NotStorable("NUL", "text with U+0000, which the database cannot store", field=field)

    return check


def _items_check(shape: Shape, field: str) -> DecodedCheck | None:
    assert shape.items is not None
    item = make_decoded_check(shape.items, field + "[]")
    if shape.kind == "map":
        key_check = _text_check(field + "[]")

        def check_map(value: Mapping[str, Any]) -> None:
            for key, held in value.items():
                key_check(key)
                if item is not None:
                    item(held)

        return check_map
    if item is None:
        return None
    each = item

    def check_array(value: list[Any]) -> None:
        for held in value:
            each(held)

    return check_array


def _record_check(shape: Shape, field: str) -> DecodedCheck | None:
    # Plain and nullable texts are most of an event: one loop over their names instead of a call for each.
    texts = tuple(part.name for part in shape.fields if part.shape.kind == "string")
    checks = [
        (part.name, check)
        for part in shape.fields
        if part.shape.kind != "string"
        and (check := make_decoded_check(part.shape, f"{field}.{part.name}".lstrip("."))) is not None
    ]
    place = f"{field}." if field else ""

    def check_record(value: Mapping[str, Any]) -> None:
        for name in texts:
            text = value[name]
            if text is not None and "\0" in text:
                raise NotStorable("NUL", "text with U+0000, which the database cannot store", field=place + name)
        for name, check in checks:
            check(value[name])

    return check_record if texts or checks else None
