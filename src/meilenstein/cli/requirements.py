"""How `meilenstein case` shows what bodies asked for in their procedures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meilenstein.cli.output import show_table
from meilenstein_schemas.codes import load_codes

__all__ = ["show_requirements"]

_COLUMNS = ("procedure", "document", "asked", "of", "due", "state", "closed")


def show_requirements(state: Mapping[str, Any], language: str) -> None:
    """Print the documents asked for in each procedure of a case state; nothing where none was asked for."""
    rows = [
        (
            f"{procedure['body']}/{procedure['procedure']}",
            _named(one["item"], language),
            one["asked_on"],
            one["of"],
            one.get("due_on"),
            one["state"],
            f"{one['closed_on']} {one['closed_by']}" if "closed_on" in one else None,
        )
        for procedure in state.get("procedures", ())
        for one in procedure.get("requirements", ())
    ]
    if rows:
        show_table("Documents asked for", _COLUMNS, rows)


def _named(item: str, language: str) -> str:
    """Return the code with its name; a code that is in no list is shown as it is."""
    code = load_codes("document_items").codes.get(item)
    return item if code is None else f"{item} ({code.name[language]})"
