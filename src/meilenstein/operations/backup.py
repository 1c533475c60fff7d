"""Backup and restore of the database, with PostgreSQL's own programs.

A backup holds what only the database knows: decisions, audit, case ids, feed keys. What partners sent stays in Kafka,
so a restored database catches up by draining again from the cursors it had then.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from meilenstein.errors import ConfigurationError, PermanentError, RetryableError
from meilenstein.store.database import ONLY_LOOK, address_parts, connect, retryable

__all__ = ["Programs", "back_up", "restore"]

_WORKERS = (
    "select string_agg(distinct application_name, ', ') from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid() and application_name like 'meilenstein %%' "
    "and not application_name = any(%(only_look)s)"
)
"""Who may work with the database just now."""
_ABSENT = (
    "Connection refused",
    "No route to host",
    "timeout expired",
    "server closed the connection",
    "the database system is",
    "terminating connection",
)
"""What PostgreSQL's programs say, in English, when the server is not there or goes away."""
_MAGIC = b"PGDMP"
OWNER_SETTING = "owner_database_url"
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


@dataclass(frozen=True, slots=True)
class Programs:
    """Where PostgreSQL's programs are: a folder, or None for the ones on the PATH."""

    folder: Path | None = None

    def path(self, name: str) -> str:
        """Return how to call a program."""
        return str(self.folder / name) if self.folder else name


def back_up(owner_url: str, file: Path, programs: Programs) -> int:
    """Write the whole database as it is at one instant, readable by the owner of the file only; return its size.

    Work goes on meanwhile. The file appears under its name when it is whole; one that is there is not overwritten.
    """
    if file.exists():
        raise ConfigurationError(f"backup: {file} is there already; name another file")
    fresh = file.with_name(f"{file.name}.unfinished")
    try:
        fresh.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            f"backup: cannot write to {file.parent} ({error.strerror}); name another folder"
        ) from None
    try:
        _run([programs.path("pg_dump"), "--format=custom", "--no-owner", f"--file={fresh}"], owner_url, "backup")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return file.stat().st_size


def restore(owner_url: str, file: Path, programs: Programs) -> None:
    """Replace the database by the backup, whole or not at all; refused while anything but the watch is connected.

    The caller then applies migrations and aligns the feeds, before any step runs.
    """
    if not file.is_file():
        raise ConfigurationError(f"restore: there is no file {file}")
    if not _is_backup(file):
        raise ConfigurationError(f"restore: {file} is no file that `meilenstein backup` wrote; nothing was changed")
    with connect(owner_url, name="restore", setting=OWNER_SETTING) as connection, retryable("restore"):
        watch = [f"meilenstein {name}" for name in ONLY_LOOK]
        (busy,) = connection.execute(_WORKERS, {"only_look": watch}).fetchone() or (None,)
    if busy:
        raise RetryableError(
            f"restore: still connected: {busy}. Stop the instance, start it without Airflow "
            "(`meilenstein up --no-airflow`), and try again"
        )
    arguments = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    database = str(address_parts(owner_url, setting=OWNER_SETTING)["dbname"])
    _run([programs.path("pg_restore"), *arguments, f"--dbname={database}", str(file)], owner_url, "restore")


def _is_backup(file: Path) -> bool:
    """Say whether a file begins as pg_dump's own format does."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise ConfigurationError(f"restore: {file} cannot be read ({error.strerror})") from None


def _run(command: list[str], owner_url: str, doing: str) -> None:
    """Run a program with the address in its environment, where no process list shows the password."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **_environment(owner_url), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise ConfigurationError(
            f"{doing}: {command[0]} is not installed; install PostgreSQL's client programs"
        ) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        if any(words in done.stderr for words in _ABSENT):
            raise RetryableError(f"{doing}: the database does not answer; is the instance up (`meilenstein status`)?")
        raise PermanentError(
            f"{doing}: {Path(command[0]).name} ended with {done.returncode}: {said}; nothing was changed"
        )


def _environment(owner_url: str) -> Mapping[str, str]:
    parts = address_parts(owner_url, setting=OWNER_SETTING)
    return {variable: str(parts[name]) for name, variable in _VARIABLES.items() if parts.get(name)}
