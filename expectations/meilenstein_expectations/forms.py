"""The forms that texts of an event take, as regular expressions valid alike in Python and PostgreSQL.

The suites hold the same expressions (a test compares them); here they serve the entries of arrays, which no column
rule reaches.
"""

from __future__ import annotations

__all__ = ["CODE", "IDENTIFIER", "KEY"]

_ALPHANUMERIC = "0-9A-Za-zÀ-ÖØ-öø-ſ"
_MARKS = ".,:;/_#+()&*=§-"

KEY = r"\A(?!.{61})[a-z][a-z0-9]*(-[a-z0-9]+)*\Z"
"""Key of an agency."""

IDENTIFIER = rf"\A(?!.{{81}})[{_ALPHANUMERIC}]([{_ALPHANUMERIC} {_MARKS}]*[{_ALPHANUMERIC}{_MARKS}])?\Z"
"""Identifier as its owner writes it. The letters are precomposed ones, so that one spelling has one form; a leading
mark is refused, because spreadsheets take some of them for a formula."""

CODE = r"\A(?!.{61})[a-z0-9]+(-[a-z0-9]+)*\Z"
"""Entry of a coded list."""
