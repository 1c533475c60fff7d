"""What people type: dates and agency keys, checked before anything is opened."""

from __future__ import annotations

import datetime as dt

from meilenstein.errors import ConfigurationError
from meilenstein_schemas.agencies import load_directory

__all__ = ["parse_day", "require_agency"]


def parse_day(text: str) -> dt.date:
    """Return the date; anything but YYYY-MM-DD is a ConfigurationError."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise ConfigurationError(f"{text!r} is no date; write YYYY-MM-DD, for instance 2026-03-31") from None


def require_agency(key: str | None) -> None:
    """Raise ConfigurationError for a key that the directory does not have; None names no agency."""
    if key is not None and key not in load_directory().agencies:
        raise ConfigurationError(f"agency {key!r} is not in the directory (schemas/meilenstein_schemas/data)")
