"""Code lists as data: `data/codes/*.json`, each with its version and source, read and checked here.

JSON rather than YAML, because partners check codes too and their install reads no YAML. A list is looked up, never
guessed from: what is not in it is refused or reported by a data rule.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from meilenstein_schemas.tables import Problem, in_force, refuse

__all__ = [
    "CODES_FOLDER",
    "CODE_LISTS",
    "Code",
    "CodeList",
    "lint_codes",
    "load_codes",
    "occupation_groups",
    "states_at",
    "training_states",
]

CODES_FOLDER = Path(__file__).parent / "data" / "codes"
_LANGUAGES = ("de", "en")
_ORIGINS = ("sourced", "general-knowledge", "example")
_HEAD = ("list", "title", "version", "source", "origin", "codes")
CODE_LISTS: Mapping[str, Mapping[str, type]] = {
    "ags_saxony": {"kind": str, "from": str},
    "document_items": {},
    "ger_levels": {"rank": int},
    "iso_3166_1": {"alpha_3": str, "user_assigned": bool},
    "iso_3166_3": {"alpha_2": str, "from": str, "until": str, "became": list},
    "kldb_2010": {"groups": list},
    "laender": {"ags_prefix": str},
    "legal_routes": {"paragraph": str},
    "outcome_classes": {"decided": bool, "regulated": list},
}
"""Each list with the entries that its codes may have beside `code`, `de` and `en`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One entry of a code list."""

    code: str
    name: Mapping[str, str]
    """By language (`de`, `en`)."""
    valid_from: dt.date | None
    """First day on which what the code names existed; None where the list does not say."""
    valid_until: dt.date | None
    more: Mapping[str, Any]
    """Whatever else the list says, by the entries of `CODE_LISTS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """One list in one version."""

    name: str
    title: Mapping[str, str]
    version: str
    source: str
    origin: str
    """`sourced`, `general-knowledge` where it was not compared with the official publication, or `example`."""
    codes: Mapping[str, Code]


@cache
def load_codes(name: str, folder: Path = CODES_FOLDER) -> CodeList:
    """Return a code list; mistakes in any list raise ConfigurationError with file, line and mistake."""
    refuse(lint_codes(folder))
    document = _read(folder / f"{name}.json")
    return CodeList(
        name=name,
        title=document["title"],
        version=document["version"],
        source=document["source"],
        origin=document["origin"],
        codes={row["code"]: _code(row) for row in document["codes"]},
    )


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _code(row: Mapping[str, Any]) -> Code:
    fixed = ("code", "from", "until", *_LANGUAGES)
    return Code(
        code=row["code"],
        name={language: row[language] for language in _LANGUAGES},
        valid_from=_day(row.get("from")),
        valid_until=_day(row.get("until")),
        more={entry: value for entry, value in row.items() if entry not in fixed},
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@cache
def training_states() -> frozenset[str]:
    """Return every alpha-2 code that a qualification may come from, states that no longer exist among them."""
    former = {code.more["alpha_2"] for code in load_codes("iso_3166_3").codes.values()}
    return frozenset(load_codes("iso_3166_1").codes) | former


def states_at(alpha_2: str, day: dt.date) -> list[Code]:
    """Return what an alpha-2 code named on a day: a state of today, or those that have gone since.

    CS named Czechoslovakia until 1992 and Serbia and Montenegro from 2003 to 2006, so the day decides.
    """
    former = [
        code
        for code in load_codes("iso_3166_3").codes.values()
        if code.more["alpha_2"] == alpha_2 and in_force(code.valid_from or dt.date.min, code.valid_until, day)
    ]
    present = load_codes("iso_3166_1").codes.get(alpha_2)
    return [present] if present else former


@cache
def occupation_groups() -> frozenset[str]:
    """Return the groups of KldB 2010: the first three digits of every code of an occupation."""
    return frozenset(group for code in load_codes("kldb_2010").codes.values() for group in code.more["groups"])


def lint_codes(folder: Path = CODES_FOLDER) -> list[Problem]:
    """Return every mistake in the code lists below `folder`; empty means they can be loaded."""
    problems = [problem for name in CODE_LISTS for problem in _list_problems(folder / f"{name}.json", name)]
    problems.extend(
        Problem(file=path.name, line=1, mistake=f"belongs to no code list; known: {', '.join(CODE_LISTS)}")
        for path in sorted(folder.glob("*"))
        if path.stem not in CODE_LISTS
    )
    return problems


def _list_problems(path: Path, name: str) -> Iterator[Problem]:
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
    except (OSError, ValueError) as error:
        yield Problem(file=path.name, line=getattr(error, "lineno", 1), mistake=f"cannot be read: {error}")
        return
    if not isinstance(document, dict) or set(document) != set(_HEAD) or document["list"] != name:
        yield Problem(file=path.name, line=1, mistake=f"needs exactly {', '.join(_HEAD)}, with list {name!r}")
        return
    for mistake in _head_mistakes(document):
        yield Problem(file=path.name, line=1, mistake=mistake)
    seen: set[str] = set()
    for row in document["codes"]:
        code = str(row.get("code"))
        line = text.count("\n", 0, max(text.find(f'"code": "{code}"'), 0)) + 1
        mistakes = [*_row_mistakes(row, CODE_LISTS[name]), *(["is listed twice"] if code in seen else [])]
        seen.add(code)
        yield from (Problem(file=path.name, line=line, mistake=f"code {code!r} {mistake}") for mistake in mistakes)


def _head_mistakes(document: Mapping[str, Any]) -> Iterator[str]:
    if document["origin"] not in _ORIGINS:
        yield f"origin {document['origin']!r}; known: {', '.join(_ORIGINS)}"
    if set(document["title"]) != set(_LANGUAGES):
        yield f"title needs a text for each of {', '.join(_LANGUAGES)}"
    for entry in ("version", "source"):
        if not str(document[entry]).strip():
            yield f"{entry!r} is blank"


def _row_mistakes(row: Mapping[str, Any], more: Mapping[str, type]) -> Iterator[str]:
    known = {"code": str, "de": str, "en": str, **more}
    for entry, value in row.items():
        if entry not in known:
            yield f"has the unknown entry {entry!r}; known: {', '.join(known)}"
        elif value is not None and not isinstance(value, known[entry]):
            yield f"has {entry!r} {value!r}; expected {known[entry].__name__}"
    for entry in ("code", *_LANGUAGES):
        if not str(row.get(entry) or "").strip():
            yield f"lacks {entry!r}"
    for entry in ("from", "until"):
        try:
            _day(row.get(entry))
        except (TypeError, ValueError):
            yield f"has {entry!r} {row[entry]!r}; expected a date YYYY-MM-DD"
