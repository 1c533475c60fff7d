"""How people call what the contracts name, in German and English: `data/labels.yaml`, read and checked here.

English sentences about events and fields stand in the contracts (`doc`); the table adds the German ones, and names in
both languages for fields, codes, kinds of agencies and parts of a view. The lint holds it complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_lint import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.rule_lint import PARTS
from meilenstein_schemas.tables import Problem, Row, read_rows, refuse

__all__ = ["LANGUAGES", "Labels", "Text", "lint_labels", "load_labels"]

LANGUAGES = ("de", "en")
Text = Mapping[str, str]
"""A text by language."""

_FILE = "labels.yaml"
_KINDS: Mapping[str, tuple[str, ...]] = {
    "event": ("de",),
    "field": ("de", "en", "meaning_de"),
    "code": ("de", "en"),
    "kind": ("de", "en"),
    "view": ("de", "en"),
}
"""What each kind of row must give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Names and meanings, each by language."""

    events: Mapping[str, Text]
    """What an event of the type says."""
    fields: Mapping[str, Text]
    """Name of a field; `Reference.kind` is a field of a record inside."""
    meanings: Mapping[str, Text]
    """What the field means."""
    codes: Mapping[str, Text]
    """Name of a symbol, by `Enum.SYMBOL`."""
    kinds: Mapping[str, Text]
    """Name of a kind of agency."""
    views: Mapping[str, Text]
    """Name of a part of a view, by `part`, or of one of its fields, by `part.field`."""


@cache
def load_labels(folder: Path = DATA_FOLDER) -> Labels:
    """Return the labels of `folder`; mistakes and gaps raise ConfigurationError with file and line."""
    refuse(lint_labels(folder))
    rows: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in _KINDS}
    for row in read_rows(folder / _FILE):
        kind = _kind(row)
        rows[kind][row.values[kind]] = row.values
    docs = _field_docs()
    return Labels(
        events={
            name: {"de": row["de"], "en": load_contracts()[name].schema["doc"]} for name, row in rows["event"].items()
        },
        fields=_names(rows["field"]),
        meanings={name: {"de": row["meaning_de"], "en": docs[name]} for name, row in rows["field"].items()},
        codes=_names(rows["code"]),
        kinds=_names(rows["kind"]),
        views=_names(rows["view"]),
    )


def _names(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Text]:
    return {name: {language: row[language] for language in LANGUAGES} for name, row in rows.items()}


def lint_labels(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake: rows that name nothing, names given twice, texts that are missing, names without a row."""
    rows = read_rows(folder / _FILE)
    known = _known()
    seen: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    for row in rows:
        kind = _kind(row)
        problems.extend(row.check(required={kind: str, **dict.fromkeys(_KINDS[kind], str)}, optional={}))
        name = row.values.get(kind)
        if name not in known[kind]:
            problems.append(row.problem(f"{kind} {name!r} is in no contract or table"))
        if (kind, str(name)) in seen:
            problems.append(row.problem(f"{kind} {name!r} is labelled twice"))
        seen.add((kind, str(name)))
        blank = sorted(key for key, text in row.values.items() if isinstance(text, str) and not text.strip())
        problems.extend(row.problem(f"{key!r} is blank") for key in blank)
    last = rows[-1].line if rows else 1
    for kind, names in known.items():
        problems.extend(
            Problem(file=_FILE, line=last, mistake=f"add a row for {kind} {name!r}")
            for name in names
            if (kind, name) not in seen
        )
    return problems


def _kind(row: Row) -> str:
    """Return what the row is about; by what it has first where it has none or several."""
    return next((name for name in _KINDS if name in row.values), "field")


def _known() -> dict[str, list[str]]:
    """Return every name that needs a row, by kind."""
    return {
        "event": list(load_contracts()),
        "field": list(_field_docs()),
        "code": sorted({f"{name}.{symbol}" for name, symbols in _enums() for symbol in symbols}),
        "kind": list(AGENCY_KINDS),
        "view": [name for part, fields in PARTS.items() for name in (part, *(f"{part}.{field}" for field in fields))],
    }


def _field_docs() -> dict[str, str]:
    """Return the English meaning of every field, in the order of the contracts."""
    docs: dict[str, str] = {}
    for contract in load_contracts().values():
        for field in contract.schema["fields"]:
            docs.setdefault(field["name"], field["doc"])
            for inner in _named(field["type"], "record"):
                docs.update((f"{inner['name']}.{one['name']}", one["doc"]) for one in inner["fields"])
    return docs


def _enums() -> Iterator[tuple[str, list[str]]]:
    for contract in load_contracts().values():
        for field in contract.schema["fields"]:
            for inner in _named(field["type"], "enum"):
                yield inner["name"], inner["symbols"]


def _named(kind: Any, what: str) -> Iterator[Mapping[str, Any]]:
    """Yield the enums or records inside a type."""
    if isinstance(kind, list):
        for one in kind:
            yield from _named(one, what)
    elif isinstance(kind, dict):
        if kind["type"] == what:
            yield kind
        if kind["type"] == "array":
            yield from _named(kind["items"], what)
        if kind["type"] == "record":
            for field in kind["fields"]:
                yield from _named(field["type"], what)
