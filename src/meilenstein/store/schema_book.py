"""The schemas this process can decode with, taken from the archive alone; the registry is never asked from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meilenstein.decoding.decode import decode_records
from meilenstein.store.archive import ArchivedSchema, SchemaArchive
from meilenstein.store.database import Connection
from meilenstein_connectors.codec import Body, WriterSchema, decode, load_writer_schema, unframe
from meilenstein_connectors.errors import UnknownSchema, Unreadable

__all__ = ["SchemaBook"]


class SchemaBook:
    """Writer schemas by registry id. Ids never change their meaning, so what was learnt once stays."""

    def __init__(self) -> None:
        self._schemas: dict[int, WriterSchema | None] = {}
        self._texts: dict[int, str] = {}
        self._distrusted: frozenset[int] = frozenset()

    def refresh(self, connection: Connection) -> None:
        """Learn what the archive has learnt since."""
        for archived in SchemaArchive(connection).all():
            if archived.schema_id not in self._schemas:
                self._schemas[archived.schema_id] = _ours(archived.text)
                self._texts[archived.schema_id] = archived.text

    def schema_of(self, schema_id: int) -> WriterSchema | None:
        """Return the schema, or None while it is not known or distrusted; UnknownSchema if it is none of ours."""
        if schema_id in self._distrusted:
            return None
        schema = self._schemas.get(schema_id)
        if schema is None and schema_id in self._schemas:
            raise UnknownSchema(f"schema {schema_id} of the registry is none of our contracts")
        return schema

    def texts(self) -> dict[int, str]:
        """Return the archived text behind each known id."""
        return dict(self._texts)

    def distrust(self, schema_ids: Iterable[int]) -> None:
        """Let records with these ids wait: the registry says that they mean something else now."""
        self._distrusted = frozenset(schema_ids)

    def distrusts(self, schema_id: int) -> bool:
        """Say whether records with this id must wait."""
        return schema_id in self._distrusted

    def learn(self, connection: Connection, schema_id: int, text: str) -> WriterSchema | None:
        """Archive a schema text the registry gave for an id; None if it is none of our contracts."""
        schema = _ours(text)
        name = schema.name if schema else None
        SchemaArchive(connection).add(ArchivedSchema(schema_id=schema_id, text=text, event_type=name))
        self._schemas[schema_id] = schema
        self._texts[schema_id] = text
        return schema

    def read(self, raw: bytes) -> tuple[str, Body]:
        """Return event type and body of a record that was accepted, hence is known to be readable."""
        schema_id, payload = unframe(raw)
        schema = self._of_accepted(schema_id)
        return schema.name, decode(payload, schema)

    def try_read(self, raw: bytes | None) -> tuple[str, Body] | None:
        """Return event type and body of a record, or None where its bytes cannot be read with what is archived."""
        if raw is None:
            return None
        try:
            return self.read(raw)
        except (LookupError, UnknownSchema, Unreadable):
            return None

    def read_all(self, raws: Sequence[bytes]) -> list[tuple[str, Body]]:
        """Return event types and bodies of records that were accepted, in their order."""
        decoded = decode_records(raws, self._of_accepted)
        if decoded.refusals:
            raise LookupError(f"a record that was accepted is unreadable now ({decoded.refusals[0].detail})")
        found: list[tuple[str, Body]] = [("", {})] * len(raws)
        for group in decoded.groups:
            for position, body in zip(group.positions, group.bodies, strict=True):
                found[position] = (group.schema.name, body)
        return found

    def _of_accepted(self, schema_id: int) -> WriterSchema:
        # What was accepted was read with the archived schema, whatever the registry says of the id by now.
        schema = self._schemas.get(schema_id)
        if schema is None:
            raise LookupError(f"schema {schema_id} is not archived although a record with it was accepted")
        return schema


def _ours(text: str) -> WriterSchema | None:
    """Return the schema if it is a contract of the code that runs now, whatever earlier code thought of it."""
    try:
        return load_writer_schema(text)
    except UnknownSchema:
        return None
