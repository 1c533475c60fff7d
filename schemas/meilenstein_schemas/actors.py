"""Who is named in the sources of the mandate, and what becomes of it here: `data/actors.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from meilenstein_schemas.directory_tables import AGENCY_KINDS, DATA_FOLDER
from meilenstein_schemas.tables import Problem, Row, read_rows, refuse

__all__ = ["PARTS", "SOURCES", "Actor", "lint_actors", "load_actors"]

PARTS: Mapping[str, str] = {
    "PUBLISHES": "publishes",
    "READS_AGGREGATES": "reads figures only",
    "LATER": "later, behind a switch",
    "NONE": "takes no part",
}
"""How somebody takes part, with words for people."""

SOURCES = ("SN", "ST", "LAW")
_FILE = "actors.yaml"
_REQUIRED: Mapping[str, type] = {"name_de": str, "source": str, "part": str}
_OPTIONAL: Mapping[str, type] = {"agencies": list, "kinds": list, "reads": str, "remark": str, "why": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody whom the sources of the mandate name, or who publishes."""

    name_de: str
    source: str
    part: str
    agencies: tuple[str, ...]
    kinds: tuple[str, ...]
    """Stands for every agency of these kinds."""
    reads: str | None
    remark: str | None
    why: str | None
    """Why it takes no part."""


def load_actors(folder: Path = DATA_FOLDER) -> tuple[Actor, ...]:
    """Return the actors in the order of the file; mistakes raise ConfigurationError with file, line and mistake."""
    refuse(lint_actors(folder))
    return tuple(_actor(row) for row in read_rows(folder / _FILE))


def lint_actors(folder: Path = DATA_FOLDER) -> list[Problem]:
    """Return every mistake in the table of actors."""
    rows = read_rows(folder / _FILE)
    problems = [problem for row in rows for problem in row.check(required=_REQUIRED, optional=_OPTIONAL)]
    if problems:
        return problems
    agencies = {row.values["key"]: row.values for row in read_rows(folder / "agencies.yaml")}
    found = [problem for row in rows for problem in _problems(row, agencies)]
    found.extend(_twice(rows))
    found.extend(_missing(rows, agencies))
    return found


def _problems(row: Row, agencies: Mapping[str, Mapping[str, object]]) -> Iterator[Problem]:
    values = row.values
    part, keys = values["part"], values.get("agencies") or ()
    if values["source"] not in SOURCES:
        yield row.problem(f"unknown source {values['source']!r}; known: {', '.join(SOURCES)}")
    if part not in PARTS:
        yield row.problem(f"unknown part {part!r}; known: {', '.join(PARTS)}")
    for key in keys:
        if key not in agencies:
            yield row.problem(f"{key!r} is no agency of agencies.yaml")
    for kind in values.get("kinds") or ():
        if kind not in AGENCY_KINDS:
            yield row.problem(f"unknown kind {kind!r}; known: {', '.join(AGENCY_KINDS)}")
    if part in {"PUBLISHES", "LATER"} and not keys and not values.get("kinds"):
        yield row.problem(f"{PARTS[part]}, but names neither 'agencies' nor 'kinds'")
    if (part == "NONE") != bool(values.get("why")):
        yield row.problem("'why' stands where, and only where, the part is NONE")
    if (part == "NONE") == bool(values.get("reads")):
        yield row.problem("'reads' says what it may read; only who takes no part reads nothing")


def _twice(rows: list[Row]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in rows:
        if row.values["name_de"] in seen:
            yield row.problem(f"{row.values['name_de']!r} is listed twice")
        seen.add(row.values["name_de"])


def _missing(rows: list[Row], agencies: Mapping[str, Mapping[str, object]]) -> Iterator[Problem]:
    keys = {key for row in rows for key in row.values.get("agencies") or ()}
    kinds = {kind for row in rows for kind in row.values.get("kinds") or ()}
    for key, agency in agencies.items():
        if key not in keys and agency.get("kind") not in kinds:
            yield Problem(file=_FILE, line=1, mistake=f"agency {key!r} has no row: name it, or its kind")


def _actor(row: Row) -> Actor:
    values = row.values
    return Actor(
        name_de=values["name_de"],
        source=values["source"],
        part=values["part"],
        agencies=tuple(values.get("agencies") or ()),
        kinds=tuple(values.get("kinds") or ()),
        reads=values.get("reads"),
        remark=values.get("remark"),
        why=values.get("why"),
    )
