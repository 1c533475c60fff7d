"""The folder in which one instance keeps everything: data, logs, passwords and what is running."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private

__all__ = ["Home"]

_MARKER = "meilenstein.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below the home, and the rules for taking one into use."""

    path: Path

    @property
    def logs(self) -> Path:
        """One log per part."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What is running now: the lock, the supervisor and its children."""
        return self.path / "run"

    @property
    def children(self) -> Path:
        """One record per running child process."""
        return self.run / "children"

    @property
    def temporary(self) -> Path:
        """Scratch files of the children; emptied at every start."""
        return self.path / "tmp"

    @property
    def exists(self) -> bool:
        """Whether the folder is a home: one that `prepare` made."""
        return (self.path / _MARKER).is_file()

    def create(self) -> None:
        """Make the folder, which must not be there yet; ConfigurationError if it is, whatever it holds."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=_mode())
        except FileExistsError:
            raise ConfigurationError(f"{self.path} exists already and is left alone; name another folder") from None
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror or error}; name a folder you may write") from None

    def prepare(self) -> None:
        """Make the folder a home, or check that it is one; a folder with other contents is refused."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=_mode())
            if not self.exists and any(self.path.iterdir()):
                raise ConfigurationError(
                    f"{self.path} is not empty and not a Meilenstein home: set MEILENSTEIN_HOME to another folder"
                )
            for folder in (self.logs, self.run, self.children, self.temporary):
                folder.mkdir(exist_ok=True, mode=0o700)
            if not self.exists:
                write_private(self.path / _MARKER, json.dumps({"format": _FORMAT}) + "\n")
        except OSError as error:
            raise ConfigurationError(
                f"home {self.path}: {error.strerror or error}; set MEILENSTEIN_HOME to a folder you may write"
            ) from None
        self._check_format()

    def clear_temporary(self) -> None:
        """Remove scratch files that an earlier instance left; only its lock holder may call this."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(exist_ok=True, mode=0o700)

    def remove(self) -> None:
        """Remove the home with everything in it; only its lock holder may call this."""
        # The marker goes last, so that an interrupted removal can be repeated.
        for entry in sorted(self.path.iterdir(), key=lambda entry: entry.name == _MARKER):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        with suppress(OSError):  # a mount point, or a folder somebody works in, stays as an empty folder
            self.path.rmdir()

    def _check_format(self) -> None:
        try:
            found = json.loads((self.path / _MARKER).read_text())["format"]
        except (ValueError, KeyError, TypeError):
            found = "unreadable"
        if found != _FORMAT:
            raise ConfigurationError(
                f"{self.path} has format {found}, this version needs {_FORMAT}: `meilenstein down --wipe` removes it"
            )


def _mode() -> int:
    """Return the mode of a new home: root's must let PostgreSQL's own user pass through it, see postgres_user.py."""
    return 0o711 if os.geteuid() == 0 else 0o700
