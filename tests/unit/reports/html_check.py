"""Reads a page as a strict reader does: every element closed, every reference found, headings and tables in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "Page", "read_page"]

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
