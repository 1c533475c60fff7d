"""YAML whose every value knows its line, so that a mistake in a reviewed file can be named by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meilenstein_schemas.errors import ConfigurationError
from meilenstein_schemas.tables import Problem, yaml_document

__all__ = ["Entry", "read_entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A scalar, a list of entries, or a mapping of text to entries."""

    file: str
    line: int
    value: Any

    @property
    def items(self) -> list[Entry]:
        """The entries of a list; none if it is no list."""
        return self.value if isinstance(self.value, list) else []

    @property
    def fields(self) -> dict[str, Entry]:
        """The entries of a mapping; none if it is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def plain(self) -> Any:
        """Return the value without lines."""
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        return self.value

    def text(self, name: str, default: str = "") -> str:
        """Return a text field; the default if it is missing or no text."""
        entry = self.fields.get(name)
        return entry.value if entry is not None and isinstance(entry.value, str) else default

    def problem(self, mistake: str) -> Problem:
        """Return the mistake as found on this line."""
        return Problem(file=self.file, line=self.line, mistake=mistake)

    def check_fields(self, *, required: dict[str, type], optional: dict[str, type]) -> Iterator[Problem]:
        """Yield unknown fields, missing fields and values of the wrong type."""
        known = {**required, **optional}
        if not isinstance(self.value, dict):
            yield self.problem(f"expected fields: {', '.join(known)}")
            return
        for name, entry in self.fields.items():
            if name not in known:
                yield entry.problem(f"unknown field {name!r}; known: {', '.join(known)}")
            elif not isinstance(entry.value, known[name]) or isinstance(entry.value, bool):
                yield entry.problem(f"{name!r}: expected {_WORDS[known[name]]}")
        for name in required:
            if name not in self.fields:
                yield self.problem(f"field {name!r} is missing")


_WORDS: dict[type, str] = {str: "text", int: "a whole number", list: "a list", dict: "fields"}


def read_entry(path: Path) -> Entry:
    """Return what a YAML file holds; a file that is missing or no YAML raises ConfigurationError with file and line."""
    with yaml_document(path) as (loader, node):
        return Entry(file=path.name, line=1, value=None) if node is None else _entry(path.name, loader, node)


def _entry(file: str, loader: Any, node: Any) -> Entry:
    import yaml  # noqa: PLC0415 - see yaml_document

    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Entry(file=file, line=line, value=[_entry(file, loader, item) for item in node.value])
    if not isinstance(node, yaml.MappingNode):
        return Entry(file=file, line=line, value=loader.construct_object(node))
    held: dict[str, Entry] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in held:
            raise ConfigurationError(f"{file}:{key.start_mark.line + 1}: field given twice: {name}")
        held[name] = _entry(file, loader, value)
    return Entry(file=file, line=line, value=held)
