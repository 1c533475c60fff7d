"""Facts about all texts of an event at once: forbidden numbers, hidden characters, decomposed letters.

They are looked for in every text, not only in the fields where one would expect them; what is reported are names of
fields, never the texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["TextFacts", "mask_forbidden", "text_facts", "texts"]

TextFacts = tuple[str | None, str | None, str | None]
"""Names of the fields with a number like an AZR number, with hidden characters, with decomposed letters; None: none."""

_CLEAN: TextFacts = (None, None, None)
_MOST_NAMES = 5
# No text ends or begins a number, or a composed letter, across this mark.
_SEPARATOR = "|"
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
# UUIDs and long hexadecimal digests hold twelve digits in a row by chance (a UUID one time in 280): passed over.
_AZR_LIKE = re.compile(
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
    r"|[0-9A-Fa-f]{20,}"
    r"|(?<![0-9])([0-9]{12})(?![0-9])"
)


def texts(body: Mapping[str, Any], fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each text of the event: the given fields, entries of arrays, and references."""
    for field in fields:
        value = body.get(field)
        if isinstance(value, str):
            yield field, value
        elif value:
            for place, entry in enumerate(value):
                yield f"{field}[{place}]", entry
    for place, reference in enumerate(body.get("references") or ()):
        yield f"references[{place}].agency", reference.get("agency") or ""
        yield f"references[{place}].reference", reference.get("reference") or ""


def text_facts(body: Mapping[str, Any], fields: Sequence[str]) -> TextFacts:
    """Return what is wrong with the texts of the event, by the names of the fields."""
    found = list(texts(body, fields))
    joined = _SEPARATOR.join([value for _, value in found])
    if (
        joined.isprintable()
        and (joined.isascii() or unicodedata.is_normalized("NFC", joined))
        and _TWELVE_DIGITS.search(joined) is None
    ):
        return _CLEAN
    return (
        _names(found, _is_azr_like),
        _names(found, lambda value: not value.isprintable()),
        _names(found, lambda value: not unicodedata.is_normalized("NFC", value)),
    )


def mask_forbidden(value: str) -> str:
    """Return the text with each number like an AZR number replaced by asterisks."""
    if _TWELVE_DIGITS.search(value) is None:
        return value
    return _AZR_LIKE.sub(lambda match: "*" * 12 if match.group(1) else match.group(), value)


def _is_azr_like(value: str) -> bool:
    return any(match.group(1) for match in _AZR_LIKE.finditer(value))


def _names(found: Sequence[tuple[str, str]], is_wrong: Callable[[str], bool]) -> str | None:
    names = [name for name, value in found if is_wrong(value)]
    return ", ".join(names[:_MOST_NAMES]) or None
