"""Is this machine fit for an instance, and is the instance well? One line per question, with the next step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from meilenstein.decoding.decode import has_fast_path
from meilenstein.embedded.artifacts import ArtifactCache, MavenFetch
from meilenstein.embedded.home import Home
from meilenstein.embedded.java import java_command
from meilenstein.embedded.lock import read_holder
from meilenstein.embedded.ports import Ports, require_free
from meilenstein.embedded.postgres import binaries_folder
from meilenstein.embedded.postgres_user import find_user
from meilenstein.embedded.progress import SilentProgress
from meilenstein.embedded.stack import cache_folder, home_of
from meilenstein.embedded.status import HEALTHY, ORPHANED, PartStatus, is_orphaned, status
from meilenstein.errors import ConfigurationError, MeilensteinError
from meilenstein.settings import Settings

__all__ = ["Check", "doctor"]

_PYTHON = (3, 11)
_MEMORY_GB = 3.0
_DISK_GB = 3.0
_TRY_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool
    detail: str
    """One line: what was seen, and where something is wrong, what to do about it."""


def doctor(settings: Settings) -> list[Check]:
    """Answer every question; changes nothing, and a question that fails hides none of the others."""
    home = home_of(settings)
    parts = [part for part in status(settings) if part.state != "stopped"] if home.exists else []
    questions: dict[str, Callable[[], str]] = {
        "Python": _python,
        "fast path": _fast_path,
        "memory": partial(_memory, running=bool(parts)),
        "disk": partial(_disk, home.path),
        "home": partial(_home, home.path),
        "downloads": partial(_downloads, settings),
        "Java": partial(_java, home),
        "PostgreSQL": partial(_postgres, home.path),
        "ports": partial(_ports, settings, home),
        "supervisor": partial(_supervisor, settings, home),
    }
    return [_ask(name, question) for name, question in questions.items()] + [_part(part) for part in parts]


def _ask(name: str, question: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=question())
    except MeilensteinError as error:
        return Check(name=name, ok=False, detail=str(error))
    except OSError as error:
        return Check(name=name, ok=False, detail=f"{error.strerror or error}: {error.filename or 'see above'}")


def _python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _PYTHON:
        raise ConfigurationError(f"{version} is too old: make the environment with Python 3.11 or newer")
    return version


def _fast_path() -> str:
    if has_fast_path():
        return "installed: records are decoded by whole batches"
    return (
        "NOT INSTALLED: records are decoded one by one, with the same outcome at a third of the rate; "
        "install the extra `fast`"
    )


def _memory(*, running: bool) -> str:
    free = psutil.virtual_memory().available / 2**30
    if not running and free < _MEMORY_GB:
        raise ConfigurationError(f"{free:.1f} GB free, {_MEMORY_GB:.0f} GB are needed: end other programs")
    return f"{free:.1f} GB free"


def _disk(home: Path) -> str:
    folder = _existing(home)
    free = psutil.disk_usage(str(folder)).free / 2**30
    if free < _DISK_GB:
        raise ConfigurationError(
            f"{free:.1f} GB free at {folder}, {_DISK_GB:.0f} GB are needed: free the disk or set MEILENSTEIN_HOME"
        )
    return f"{free:.1f} GB free at {folder}"


def _home(home: Path) -> str:
    folder = _existing(home)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{folder} is not writable: set MEILENSTEIN_HOME to a folder you may write")
    return f"{home}" if folder == home else f"{home} will be made"


def _downloads(settings: Settings) -> str:
    cache = ArtifactCache(cache_folder(settings), progress=SilentProgress(), fetch=MavenFetch())
    faults = cache.faults()
    if faults:
        raise ConfigurationError(f"{faults[0]}: `meilenstein up` fetches what is missing or damaged")
    return f"all files in {cache_folder(settings)} are complete and unchanged"


def _java(home: Home) -> str:
    command = [*java_command(home, max_memory_mb=64), "-version"]
    answer = _try(command)
    return next(line for line in answer.splitlines() if "version" in line)


def _postgres(home: Path) -> str:
    program = binaries_folder() / "postgres"
    user = find_user(home, program)
    return _try([*user.prefix, program, "--version"], user.identity.uid if user.identity else None).strip()


def _try(command: list[str | Path], uid: int | None = None) -> str:
    """Run a program that should answer at once; what it writes, or why it does not run."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            check=True,
            timeout=_TRY_SECONDS,
            user=uid,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            f"{Path(command[-2]).name} does not run ({error}): install meilenstein[embedded] again"
        ) from None
    return done.stdout or done.stderr


def _ports(settings: Settings, home: Home) -> str:
    if read_holder(home) is not None:
        return "in use by this instance"
    if is_orphaned(settings):
        return "in use by parts of this instance"
    ports = Ports(settings.port_base)
    require_free(ports.named())
    return f"{ports.base} to {max(ports.named().values())} are free"


def _supervisor(settings: Settings, home: Home) -> str:
    if is_orphaned(settings):
        raise ConfigurationError(ORPHANED)
    holder = read_holder(home)
    return f"process {holder.pid}" if holder else "not running, and nothing of this instance is"


def _part(part: PartStatus) -> Check:
    if part.state == "dead":
        return Check(
            name=part.name, ok=False, detail=f"is gone without being ended: read {part.log}, then run `meilenstein up`"
        )
    ok = part.health == HEALTHY
    return Check(name=part.name, ok=ok, detail=part.health if ok else f"{part.health}: read {part.log}")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.exists())
