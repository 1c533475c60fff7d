"""The pipeline's name for the shared error tree (see `meilenstein_schemas.errors`), and how any other fault is told."""

from __future__ import annotations

import traceback

from meilenstein_schemas.errors import ConfigurationError, MeilensteinError, PermanentError, RetryableError

__all__ = ["ConfigurationError", "MeilensteinError", "PermanentError", "RetryableError", "fault_of"]


def fault_of(error: BaseException) -> str:
    """Return class and place of a fault that is not ours; its text, which may quote values of rows, stays behind."""
    places = [
        f"{frame.filename.rpartition('/meilenstein/')[2]}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "/meilenstein/" in frame.filename
    ]
    return f"{type(error).__name__} at {places[-1]}" if places else type(error).__name__
