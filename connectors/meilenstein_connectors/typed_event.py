"""What every typed event can do: become a body, and be read from one. The classes themselves are in `events`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

from meilenstein_connectors.codec import Body

__all__ = ["TypedEvent"]


class TypedEvent:
    """Base of the generated event classes."""

    __slots__ = ()
    EVENT_TYPE: ClassVar[str]
    """Name of the contract."""

    def to_body(self) -> Body:
        """Return the event as a plain body: codes as text, records as dicts, tuples as lists."""
        return {name: _plain(getattr(self, name)) for name in _readers(type(self))}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Return the typed event of a decoded body; fields that the contract does not have are left out.

        A code that this version of the contract does not have raises ValueError.
        """
        readers = _readers(cls)
        return cls(**{name: readers[name](value) for name, value in body.items() if name in readers})


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def _readers(cls: Any) -> Mapping[str, Callable[[Any], Any]]:
    return _cached_readers(cls)


@cache
def _cached_readers(cls: Any) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda value: tuple(map(item, value))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        parts = _readers(hint)
        return lambda value: hint(**{name: parts[name](item) for name, item in value.items() if name in parts})
    return lambda value: value
