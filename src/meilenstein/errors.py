"""The pipeline's name for the shared error tree (see `meilenstein_schemas.errors`), and how any other fault is told."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from meilenstein_schemas.errors import ConfigurationError, MeilensteinError, PermanentError, RetryableError

__all__ = ["ConfigurationError", "MeilensteinError", "PermanentError", "RetryableError", "fault_of", "told"]

_HOME = Path(__file__).parent
_SIBLINGS = ("meilenstein_connectors", "meilenstein_expectations", "meilenstein_schemas")


def told(error: BaseException) -> str:
    """Return the line of an error of ours, and of any other fault class and place; fit for logs that many read."""
    return str(error) if isinstance(error, MeilensteinError) else fault_of(error)


def fault_of(error: BaseException) -> str:
    """Return class and place of a fault that is not ours; its text, which may quote values of rows, stays behind.

    The place is the innermost line of this project's packages; a library that lies below a folder of the same name, as
    one does in a checkout, is none of them.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{place}:{frame.lineno}" for frame in frames if (place := _place(Path(frame.filename))) is not None]
    return f"{type(error).__name__} at {places[-1]}" if places else type(error).__name__


def _place(file: Path) -> Path | None:
    if file.is_relative_to(_HOME):
        return file.relative_to(_HOME)
    return next((file.relative_to(home.parent) for home in _sibling_homes() if file.is_relative_to(home)), None)


def _sibling_homes() -> Iterator[Path]:
    for name in _SIBLINGS:
        module = sys.modules.get(name)  # whatever failed is imported
        if module is not None and module.__file__ is not None:
            yield Path(module.__file__).parent
