"""SQL as data: `sql/*.sql` holds blocks that begin with `-- name: <query>`; this turns them into a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["load_queries", "parse_queries"]

_HEADING = re.compile(r"^-- name: ([a-z_0-9]+)\s*$", re.MULTILINE)


def parse_queries(text: str) -> Mapping[str, str]:
    """Return the blocks of a query file by name; a repeated name raises ValueError."""
    parts = _HEADING.split(text)
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"query named twice: {min(name for name in names if names.count(name) > 1)}")
    return {name: body.strip() for name, body in zip(names, bodies, strict=True)}


@cache
def load_queries(aggregate: str) -> Mapping[str, Any]:
    """Return the named queries of one aggregate; they are our own files, which psycopg cannot see in the types."""
    text = (files("meilenstein.store") / "sql" / f"{aggregate}.sql").read_text(encoding="utf-8")
    return parse_queries(text)
