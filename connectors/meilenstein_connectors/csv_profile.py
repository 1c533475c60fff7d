"""CSV profiles: how the rows of an export become events, as reviewed data (`profiles/*.yaml`).

    name: permit-receipts            # with `version` the name space of the event ids
    version: 1
    agency: my-agency                # whose topic; `publisher` if another body is responsible for the facts
    source_system: files
    key: [case, task]                # columns that identify a row for ever
    encoding: utf-8                  # default; `delimiter` defaults to a comma
    empty: ["", "EMPTY"]             # values that stand for nothing; default: the empty text
    zone: Europe/Berlin              # of times without offset; without it they are refused
    rows:                            # the first rule that matches decides; a row without a rule is refused
      - when: {activity: [Received, Taken in]}
        event: ApplicationReceived
        fields:
          case_reference: {column: case}
          occurred_on: {column: start, format: "%d.%m.%Y"}      # default format: ISO 8601
          procedure_law: {constant: OTHER}
          regulated: {column: kind, values: {R: "YES", N: "NO"}} # any other value is refused
          references:
            - {agency: {constant: zefas}, kind: {constant: REFERRAL}, reference: {column: referral}}
      - when: {activity: Archived}
        skip: no milestone

Nothing is guessed: an empty column leaves a field at its contract's default and is refused where there is none.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from meilenstein_connectors.avro_shape import Shape
from meilenstein_connectors.codec import contract_schema
from meilenstein_connectors.errors import ConfigurationError
from meilenstein_connectors.plain_json import read_value
from meilenstein_connectors.profile_lint import ISO, lint_profile
from meilenstein_connectors.yaml_lines import Entry, read_entry
from meilenstein_schemas.tables import refuse

__all__ = ["SHIPPED", "Mapped", "Profile", "RowRule", "load_profile"]

SHIPPED = Path(__file__).with_name("profiles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Where the value of one field comes from: exactly one of a constant, a column, or parts of list entries."""

    shape: Shape
    constant: Any = None
    column: str | None = None
    format: str = ISO
    """`iso` or a strptime format, for dates and instants."""
    values: Mapping[str, str] | None = None
    """Values of the column and what they mean; None takes the text as it is."""
    entries: tuple[Mapping[str, Mapped], ...] | None = None
    """One mapping of part to source for each entry of a list of records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """What happens to the rows that match."""

    when: Mapping[str, frozenset[str]]
    event: str | None
    fields: Mapping[str, Mapped]
    skip: str | None
    """Why such rows are no event; None where `event` is given."""

    def matches(self, row: Mapping[str, str]) -> bool:
        """Say whether every named column has one of its values."""
        return all(row[column] in values for column, values in self.when.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A checked profile."""

    name: str
    version: int
    agency: str
    publisher: str
    source_system: str
    key: tuple[str, ...]
    encoding: str
    delimiter: str
    empty: frozenset[str]
    zone: ZoneInfo | None
    rules: tuple[RowRule, ...]

    @property
    def namespace(self) -> uuid.UUID:
        """Name space of the event ids of this profile and version."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:meilenstein:profile:{self.name}:{self.version}")

    def columns(self) -> set[str]:
        """Return every column that the profile reads."""
        found = set(self.key)
        for rule in self.rules:
            found |= rule.when.keys()
            for mapped in rule.fields.values():
                found |= _columns(mapped)
        return found


def _columns(mapped: Mapped) -> set[str]:
    found = {mapped.column} if mapped.column else set()
    for entry in mapped.entries or ():
        for part in entry.values():
            found |= _columns(part)
    return found


def load_profile(name_or_path: str | Path) -> Profile:
    """Return the profile of a file, or a shipped one by name; every mistake is named by file and line."""
    path = Path(name_or_path)
    if not path.is_file():
        shipped = SHIPPED / f"{str(name_or_path).replace('-', '_')}.yaml"
        if not shipped.is_file():
            known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
            raise ConfigurationError(f"profile {name_or_path}: no such file, and no shipped profile (shipped: {known})")
        path = shipped
    entry = read_entry(path)
    refuse(lint_profile(entry))
    return _profile(entry)


def _profile(entry: Entry) -> Profile:
    fields = entry.fields
    agency = entry.text("agency")
    return Profile(
        name=entry.text("name"),
        version=fields["version"].value,
        agency=agency,
        publisher=entry.text("publisher", agency),
        source_system=entry.text("source_system"),
        key=tuple(fields["key"].plain()),
        encoding=entry.text("encoding", "utf-8"),
        delimiter=entry.text("delimiter", ","),
        empty=frozenset(fields["empty"].plain() if "empty" in fields else [""]),
        zone=ZoneInfo(entry.text("zone")) if "zone" in fields else None,
        rules=tuple(_rule(rule) for rule in fields["rows"].items),
    )


def _rule(rule: Entry) -> RowRule:
    when = {
        column: frozenset(values.plain() if isinstance(values.value, list) else [values.value])
        for column, values in rule.fields["when"].fields.items()
    }
    event = rule.text("event") or None
    shapes = {field.name: field.shape for field in contract_schema(event).shape.fields} if event else {}
    given = rule.fields["fields"].fields if "fields" in rule.fields else {}
    fields = {name: _mapped(source, shapes[name]) for name, source in given.items()}
    return RowRule(when=when, event=event, fields=fields, skip=rule.text("skip") or None)


def _mapped(source: Entry, shape: Shape) -> Mapped:
    if isinstance(source.value, list) and shape.items is not None:
        parts = {field.name: field.shape for field in shape.items.fields}
        entries = tuple(
            {name: _mapped(part, parts[name]) for name, part in entry.fields.items()} for entry in source.items
        )
        return Mapped(shape=shape, entries=entries)
    if "constant" in source.fields:
        return Mapped(shape=shape, constant=read_value(shape, source.fields["constant"].plain(), "value"))
    values = source.fields["values"].plain() if "values" in source.fields else None
    return Mapped(shape=shape, column=source.text("column"), format=source.text("format", ISO), values=values)
