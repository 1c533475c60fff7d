"""Text from elsewhere, fit to be shown and logged."""

from __future__ import annotations

__all__ = ["visible"]


def visible(text: str) -> str:
    """Return the text with everything that could break a line, steer a terminal or not be stored made visible."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
