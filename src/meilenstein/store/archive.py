"""Writer schemas by registry id, kept for ever, so that what was once readable stays readable without the registry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["ArchivedSchema", "SchemaArchive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedSchema:
    """A writer schema; `event_type` is None where it is none of our contracts."""

    schema_id: int
    text: str
    event_type: str | None


class SchemaArchive:
    """The archive on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("archive")

    def all(self) -> list[ArchivedSchema]:
        """Return every archived schema."""
        with self._connection.cursor(row_factory=class_row(ArchivedSchema)) as rows:
            return rows.execute(self._sql["all"]).fetchall()

    def add(self, schema: ArchivedSchema) -> None:
        """Keep a schema with the SHA-256 of its text; a known id stays as it is."""
        digest = hashlib.sha256(schema.text.encode()).digest()
        self._connection.execute(
            self._sql["add"],
            {"schema_id": schema.schema_id, "text": schema.text, "sha256": digest, "event_type": schema.event_type},
        )
