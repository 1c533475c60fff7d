"""The SDK's memory: one SQLite file with the outbox and the inbox of one agency.

Written in WAL mode. The outbox flushes every commit to disk, so that an event counts as taken only when it survives a
power cut; the inbox need not, since it reads again what was lost. Any number of processes may use one file; sending is
one at a time (see `Outbox.sending`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meilenstein_connectors.errors import ConfigurationError, OutboxBusy, RetryableError, StateMismatch

__all__ = ["STATE_VERSION", "StateFile"]

STATE_VERSION = 1
_BUSY_SECONDS = 30.0
_TABLES = """
create table identity (name text primary key, value text not null) without rowid;
create table outbox_sequence (
  publisher text not null, epoch integer not null, last integer not null, primary key (publisher, epoch)
) without rowid;
create table outbox_event (
  id integer primary key,
  event_id text not null unique,
  event_type text not null,
  publisher text not null,
  sequence integer not null,
  facts blob not null,           -- SHA-256 of what the event says
  plain text not null,           -- the event as plain JSON, without published_at
  warnings text not null,        -- JSON list of broken rules that do not keep it from being taken
  added_at text not null,
  published_at text,             -- given at the first hand-over, never changed
  topic text, partition integer, offset integer, acknowledged_at text
);
create index outbox_waiting on outbox_event (id) where offset is null;
create table inbox_cursor (
  topic text primary key, next integer not null,
  last_offset integer, last_sha256 blob  -- the last record that was read, to notice another topic of the same name
) without rowid;
create table inbox_reply (
  offset integer primary key, kind text not null, event_id text,
  topic text, partition integer, about integer,  -- the record that the reply is about
  value text not null, taken integer not null default 0
);
create index inbox_reply_about on inbox_reply (about);
create index inbox_reply_event on inbox_reply (event_id);
create index inbox_reply_waiting on inbox_reply (offset) where not taken;
create table inbox_accepted (
  topic text not null, partition integer not null, first integer not null, last integer not null,
  primary key (topic, partition, first, last)
) without rowid;
create table inbox_update (offset integer primary key, key text not null, value text);
create table inbox_case (key text primary key, version integer not null, value text) without rowid;
"""
_LATER_TABLES = """
create table if not exists inbox_complete (
  publisher text not null, source_system text not null, source_epoch integer not null, sequence integer not null,
  primary key (publisher, source_system, source_epoch)
) without rowid
"""
"""What older files of the same format lack: a version that does not know it leaves it alone."""


class StateFile:
    """One connection to the file; may be shared by threads, one transaction at a time."""

    def __init__(self, path: Path, *, flush: bool = True) -> None:
        """Open the file, creating it and its tables where they are missing."""
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # it holds references; SQLite gives its side files the same rights
            self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            self._db.execute("pragma journal_mode = wal")
            self._db.execute(f"pragma synchronous = {'full' if flush else 'normal'}")
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise ConfigurationError(f"{path}: cannot be used as state file ({error})") from None

    def _prepare(self) -> None:
        with self.transaction():
            version = self._db.execute("pragma user_version").fetchone()[0]
            if version == 0:
                for statement in _TABLES.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"pragma user_version = {STATE_VERSION}")
            elif version != STATE_VERSION:
                raise ConfigurationError(
                    f"{self.path}: written by another version of the SDK "
                    f"(format {version}, this one uses {STATE_VERSION}); use the version that wrote it, or another file"
                )
            self._db.execute(_LATER_TABLES)

    def claim(self, identity: Mapping[str, str]) -> None:
        """Bind the file to these names (agency, source system) for ever; raise StateMismatch if it has others."""
        with self.transaction() as run:
            for name, value in identity.items():
                run("insert into identity (name, value) values (?, ?) on conflict do nothing", (name, value))
                held = run("select value from identity where name = ?", (name,)).fetchone()[0]
                if held != value:
                    raise StateMismatch(
                        f"{self.path}: belongs to {name.replace('_', ' ')} {held!r}, not {value!r}; use another file"
                    )

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Yield a function that runs one statement; everything is written and on disk at the end, or nothing is.

        Raises OutboxBusy if another process keeps the file locked, RetryableError if the disk refuses.
        """
        with self._lock:
            try:
                self._db.execute("begin immediate")
            except sqlite3.OperationalError as error:
                raise OutboxBusy(f"{self.path}: another process keeps it locked ({error}); try again later") from None
            try:
                yield self._db.execute
                self._db.execute("commit")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                if isinstance(error, sqlite3.OperationalError):
                    raise RetryableError(f"{self.path}: cannot be written ({error}); nothing was kept") from None
                raise

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def exclusive(self, name: str) -> Iterator[bool]:
        """Yield True while this process alone holds the name; False at once if another one does.

        The lock is one on a second file, so it ends with the process, however it ends.
        """
        db = sqlite3.connect(self.path.with_name(f"{self.path.name}-{name}"), timeout=0, isolation_level=None)
        try:
            try:
                db.execute("begin exclusive")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True
        finally:
            db.close()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()
