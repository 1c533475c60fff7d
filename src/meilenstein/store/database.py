"""Connections to PostgreSQL with the bounds every step relies on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads

from meilenstein.errors import ConfigurationError, RetryableError

__all__ = [
    "LOST", "ONLY_LOOK", "Connection", "DatabaseUnavailable", "address_parts", "connect", "retryable",
    "session_options", "snapshot",
]  # fmt: skip

Connection = psycopg.Connection[tuple[Any, ...]]


class DatabaseUnavailable(RetryableError):
    """The database did not answer, ended the session, or did not grant a lock in time."""


ONLY_LOOK = ("metrics", "alarms")
"""Names of connections that only look, and run with every instance; nobody need wait for them to end."""


_REFUSALS = ("authentication failed", "does not exist", "no password supplied", "no pg_hba.conf entry")


def address_parts(url: str, *, setting: str = "MEILENSTEIN_DATABASE_URL") -> Mapping[str, Any]:
    """Return the parts of a database's address; one that is none is a ConfigurationError that names the setting."""
    try:
        info = psycopg.conninfo.conninfo_to_dict(url)
        int(str(info.get("port") or 5432))
    except (psycopg.ProgrammingError, ValueError):
        raise ConfigurationError(
            f"{setting} is no database address; expected postgresql://user:password@host:port/database"
        ) from None
    return info


def session_options(schema: str) -> str:
    """Return what every session of ours is opened with; names without a schema are looked for in `schema`."""
    # Without the idle timeout a frozen worker that holds a cursor row would block everyone for ever.
    return (
        f"-c search_path={schema} -c idle_in_transaction_session_timeout=30s -c lock_timeout=15s "
        "-c statement_timeout=300s -c jit=off -c timezone=UTC"
    )


def connect(url: str, *, name: str, setting: str = "MEILENSTEIN_DATABASE_URL") -> Connection:
    """Open a connection named `name`; a wrong password is a ConfigurationError, an absent server DatabaseUnavailable.

    `setting` is where the address comes from.
    """
    info = address_parts(url, setting=setting)
    try:
        connection = psycopg.connect(
            url, options=session_options("meilenstein"), application_name=f"meilenstein {name}", connect_timeout=10
        )
    except psycopg.OperationalError as error:
        text = str(error).strip().splitlines()[-1]
        where = f"{info.get('host', 'localhost')}:{info.get('port', 5432)}"
        if any(words in text for words in _REFUSALS):
            raise ConfigurationError(
                f"database at {where} refused user {info.get('user')}: check {setting} or the home's instance.json"
            ) from None
        raise DatabaseUnavailable(
            f"database at {where} does not answer; is the instance up (`meilenstein status`)?"
        ) from None
    # On this connection only: Airflow uses the same driver in the same process, with other JSON.
    set_json_dumps(orjson.dumps, connection)
    set_json_loads(orjson.loads, connection)
    return connection


LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.IdleInTransactionSessionTimeout)
"""The server is gone, a lock was not got in time, or the session was ended for idling in a transaction."""


@contextmanager
def snapshot(connection: Connection, doing: str, *, read_only: bool = True) -> Iterator[None]:
    """Make all reads inside see one state, so that sums agree while work goes on.

    At the end what was not committed is rolled back. Errors are turned into others as by `retryable`.
    """
    with retryable(doing):
        connection.rollback()
        connection.execute(f"set transaction isolation level repeatable read{' read only' if read_only else ''}")
        try:
            yield
        finally:
            if not connection.closed:
                connection.rollback()


@contextmanager
def retryable(doing: str) -> Iterator[None]:
    """Turn a lost session or a lock that was not got into DatabaseUnavailable; other database errors pass through.

    The driver's text stays behind: it may quote values of rows.
    """
    try:
        yield
    except LOST as error:
        raise DatabaseUnavailable(
            f"database: {doing} did not finish ({type(error).__name__}); what was committed stays, repeat the command"
        ) from None
