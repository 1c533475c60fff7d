"""Reviewed YAML tables: rows that know the line they stand on, so that a mistake can be named by file and line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from meilenstein_schemas.errors import ConfigurationError

__all__ = ["Problem", "Row", "in_force", "overlaps", "read_rows", "refuse", "yaml_document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a table, as a maintainer needs it: where it stands and what to change."""

    file: str
    line: int
    mistake: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.mistake}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mapping of a YAML list, with the line on which it starts (1 is the first)."""

    file: str
    line: int
    values: Mapping[str, Any]

    def problem(self, mistake: str) -> Problem:
        """Return the mistake as found in this row."""
        return Problem(file=self.file, line=self.line, mistake=mistake)

    def check(self, *, required: Mapping[str, type], optional: Mapping[str, type]) -> Iterator[Problem]:
        """Yield unknown fields, missing fields and values of the wrong type."""
        known = {**required, **optional}
        for name in self.values:
            if name not in known:
                yield self.problem(f"unknown field {name!r}; known: {', '.join(known)}")
        for name in required:
            if self.values.get(name) is None:
                yield self.problem(f"field {name!r} is missing")
        for name, kind in known.items():
            value = self.values.get(name)
            if value is not None and (not isinstance(value, kind) or isinstance(value, dt.datetime)):
                yield self.problem(f"{name!r} is {value!r}; expected a value of type {kind.__name__}")


@contextmanager
def yaml_document(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a YAML file for reading with lines: yields the loader and the root node (None for an empty file).

    A file that cannot be read or is no YAML raises ConfigurationError naming file and line.
    """
    try:
        import yaml  # noqa: PLC0415 - the base install of the SDK has no YAML
    except ImportError:
        raise ConfigurationError(
            f"{path}: reading YAML needs one more package: pip install 'meilenstein[csv]'"
        ) from None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error})") from None
    try:
        # The same loader in C, where the package has it: five times as fast, and every command reads these files.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            yield loader, loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path.name}:{line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise ConfigurationError(f"{path.name}:1: not valid YAML: it holds control characters") from None


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a YAML file that holds one list of mappings.

    A file that is no such list, is missing, or is no YAML raises ConfigurationError naming file and line.
    """
    with yaml_document(path) as (loader, node):
        return [] if node is None else list(_rows(path.name, loader, node))


def _rows(name: str, loader: Any, node: Any) -> Iterator[Row]:
    import yaml  # noqa: PLC0415 - see yaml_document

    if not isinstance(node, yaml.SequenceNode):
        raise ConfigurationError(f"{name}:{node.start_mark.line + 1}: expected a list of rows, each starting with '- '")
    for item in node.value:
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.MappingNode):
            raise ConfigurationError(f"{name}:{line}: expected 'field: value' pairs")
        keys = [key.value for key, _ in item.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ConfigurationError(f"{name}:{line}: field given twice: {', '.join(sorted(twice))}")
        yield Row(file=name, line=line, values=loader.construct_document(item))


def in_force(valid_from: dt.date, valid_until: dt.date | None, day: dt.date) -> bool:
    """Say whether a row that runs from and until the given days (both included) is in force on `day`."""
    return valid_from <= day and (valid_until is None or day <= valid_until)


def overlaps(rows: Iterable[tuple[dt.date, dt.date | None]]) -> bool:
    """Say whether any two of the spans share a day."""
    spans = sorted((start, until or dt.date.max) for start, until in rows)
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ConfigurationError with all problems, one a line, if there are any."""
    found = list(problems)
    if found:
        raise ConfigurationError("\n".join(str(problem) for problem in found))
