"""Reads a page as a strict reader does: every element closed, every reference found, headings and tables in order."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "Page", "check_headings", "check_references", "check_tables", "read_page"]

VOID = {"meta", "link", "br", "hr", "img", "input", "rect"}


@dataclass
class Element:
    """One element with its attributes, and the text inside it, that of its children included."""

    tag: str
    attributes: dict[str, str]
    ancestors: tuple[str, ...]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        return [one for child in self.children for one in ([child] if child.tag == tag else []) + child.all(tag)]


class Page(HTMLParser):
    """A page as a tree; anything that is not closed, or closed twice, is an AssertionError."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, ())
        self.open = [self.root]
        self.elements: list[Element] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(one.tag for one in self.open[1:]))
        self.open[-1].children.append(element)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, f"<{tag}/> closes itself"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        last = self.open.pop()
        assert last.tag == tag, f"</{tag}> closes <{last.tag}>"

    def handle_data(self, data: str) -> None:
        if self.open[-1].tag == "style":
            self.style += data
            return
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def ids(self) -> Counter[str]:
        return Counter(element.attributes["id"] for element in self.elements if "id" in element.attributes)


def read_page(html: str) -> Page:
    """Return the page as a tree."""
    assert html.startswith("<!doctype html>\n")
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == [page.root], f"never closed: {[element.tag for element in page.open[1:]]}"
    return page


def check_references(page: Page) -> None:
    """Every id stands once, and whatever names an id names one that is there."""
    assert [name for name, times in page.ids().items() if times > 1] == []
    for element in page.elements:
        wanted = " ".join(element.attributes.get(name, "") for name in ("aria-labelledby", "aria-describedby", "for"))
        href = element.attributes.get("href", "")
        assert set(wanted.split()) | ({href[1:]} if href.startswith("#") else set()) <= set(page.ids()), element.tag


def check_headings(page: Page) -> None:
    """One h1 comes first, and no level is left out."""
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def check_tables(page: Page) -> None:
    """There are tables; each has a caption, scoped headings in every row, and rows of one width."""
    tables = page.all("table")
    for table in tables:
        assert table.children[0].tag == "caption"
        rows = table.all("tr")
        assert {cell.attributes.get("scope") for cell in table.all("th")} <= {"col", "row"}
        assert all(cell.tag == "th" for cell in rows[0].children)
        widths = {sum(int(cell.attributes.get("colspan", 1)) for cell in row.children) for row in rows}
        assert len(widths) == 1, "every row has as many cells as the head"
        assert all(any(cell.tag == "th" for cell in row.children) for row in rows)
    assert tables
