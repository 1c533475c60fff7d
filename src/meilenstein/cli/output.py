"""How commands speak: results on stdout, progress on stderr, one JSON object as the last line where asked."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from meilenstein_schemas.visible import visible

__all__ = ["JsonOption", "counted", "print_json", "progress_line", "show_table", "stderr"]

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]


def stderr() -> Console:
    """Return the console for progress and notes."""
    return Console(stderr=True, highlight=False)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | UUID):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"cannot print a {type(value).__name__} as JSON")


def counted(number: int, noun: str, many: str = "") -> str:
    """Return a number with its noun; `many` where the plural does not end in s alone."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table on stdout; nothing is truncated when stdout is no terminal."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # As text, never as markup; what a partner sent may hold both markup and terminal commands.
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
    console.print(table)


def progress_line(text: str) -> None:
    """Print one line of progress on stderr."""
    stderr().print(text, markup=False, soft_wrap=True)
