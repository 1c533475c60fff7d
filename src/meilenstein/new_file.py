"""Files for their owner's eyes only, whole or not there at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from meilenstein.errors import ConfigurationError

__all__ = ["new_file", "write_private"]


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Open a file that is not there yet, for UTF-8 text whose line ends stay as they are written.

    A file that exists is never overwritten: it may be the copy that others are checked against. What cannot be written
    whole, for instance because the disk is full, is removed. Both are a ConfigurationError.
    """
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{path}: exists already and is not overwritten; name another file") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
            yield out
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ConfigurationError(
            f"{path}: could not be written whole ({error.strerror or type(error).__name__}) and is removed"
        ) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_private(path: Path, text: str) -> None:
    """Replace the file as a whole; only its owner can ever read it. OSError where it cannot be written."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
