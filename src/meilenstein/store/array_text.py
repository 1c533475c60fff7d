"""Long lists as PostgreSQL's array literals, for parameters that are cast in the query: the driver's way is slow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

__all__ = ["flags", "numbers", "texts", "uuids"]


def texts(values: Sequence[str]) -> str:
    """Return a text[] literal."""
    if not values:
        return "{}"
    inner = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return f'{{"{inner}"}}'


def numbers(values: Iterable[int]) -> str:
    """Return a bigint[] literal."""
    return "{" + ",".join(map(str, values)) + "}"


def flags(values: Iterable[bool]) -> str:
    """Return a boolean[] literal."""
    return "{" + ",".join(["t" if value else "f" for value in values]) + "}"


def uuids(values: Iterable[UUID]) -> str:
    """Return a uuid[] literal."""
    return "{" + ",".join(map(str, values)) + "}"
