"""The manual as tests see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["ROOT", "blocks", "page", "pages", "section", "table_rows"]

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return every page that people read."""
    top = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docker/README.md")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    """Return the text of a page below docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#|\Z)", _without_blocks(text), re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading!r}"
    return found.group(1)


def _without_blocks(text: str) -> str:
    return _FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return [content for name, content in _FENCE.findall(text) if name == language]


def table_rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every table row, without code marks."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
