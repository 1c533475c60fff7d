"""The official code lists as a page of the manual: version, source and every code of each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from meilenstein_schemas.codes import CODE_LISTS, Code, CodeList, load_codes

__all__ = ["codes_page"]

_ORIGINS = {
    "sourced": "compared with the source",
    "general-knowledge": "not compared with the official publication",
    "example": "example until one is agreed",
}


def codes_page() -> str:
    """Return the page; the same data give the same text."""
    lists = [load_codes(name) for name in CODE_LISTS]
    return "\n".join(chain(_head(lists), *map(_list, lists)))


def _head(lists: list[CodeList]) -> Iterator[str]:
    yield from (
        "# Code lists",
        "",
        "Official codes that events carry, as data: `schemas/meilenstein_schemas/data/codes/*.json`, one file a list,",
        "each with its version and source. `document_items` is no official list but an example of one. A code that is",
        "not in its list is refused or reported by a",
        "[data rule](rules.md); nothing is guessed or mapped silently. Codes are text: a leading zero is part of them.",
        "`meilenstein contracts lint` names a mistake by file and line; a changed list is a new version of the rules.",
        "",
        "| list | what | codes | version | source | |",
        "|---|---|---|---|---|---|",
    )
    for one in lists:
        cells = (f"[{one.name}](#{one.name})", one.title["en"], str(len(one.codes)), one.version, one.source)
        yield f"| {' | '.join(cells)} | {_ORIGINS[one.origin]} |"
    yield ""


def _list(codes: CodeList) -> Iterator[str]:
    more = [entry for entry in CODE_LISTS[codes.name] if entry not in {"from", "until"}]
    more = [entry for entry in more if any(code.more.get(entry) is not None for code in codes.codes.values())]
    dated = any(code.valid_from for code in codes.codes.values())
    heads = (
        "code",
        "Deutsch",
        "English",
        *(("existed",) if dated else ()),
        *(entry.replace("_", " ") for entry in more),
    )
    yield from (f"## {codes.name}", "", f"{codes.title['de']} / {codes.title['en']}.", "")
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for code in codes.codes.values():
        cells = [f"`{code.code}`", code.name["de"], code.name["en"], *([_span(code)] if dated else [])]
        yield f"| {' | '.join([*cells, *(_cell(code.more.get(entry)) for entry in more)])} |"
    yield ""


def _span(code: Code) -> str:
    return f"{code.valid_from or ''} to {code.valid_until or 'today'}"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
