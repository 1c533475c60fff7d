"""Tables that live for one attempt at one batch: what Great Expectations looks at from its own connection.

A name holds the batch, the database session that made it and random digits, so that no two attempts share one. An
attempt drops its tables; what a killed worker leaves behind is dropped by the next attempt of any worker.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from meilenstein.validation.parts import Part

__all__ = ["KEY_COLUMN", "SCHEMA", "Scratch", "drop_abandoned", "open_scratch"]

SCHEMA = "scratch"
KEY_COLUMN = "jid"
"""Column with the journal id."""

_log = logging.getLogger(__name__)
_OWNER = re.compile(r"\Ab[0-9]+_p([0-9]+)_")


class Scratch:
    """The tables of one attempt; every table is committed when its method returns."""

    def __init__(self, connection: psycopg.Connection, batch_id: int) -> None:
        self._connection = connection
        self._prefix = f"b{batch_id}_p{connection.info.backend_pid}_{secrets.token_hex(3)}"
        self._tables: list[str] = []

    def load(self, label: str, columns: Mapping[str, str], parts: Iterable[Part]) -> str:
        """Make a table of the given columns from projected rows and return its name (without the schema)."""
        name, names = self._name(label), list(columns)
        with self._connection.transaction():
            self._connection.execute(
                sql.SQL("create unlogged table {} ({} bigint not null, {})").format(
                    _qualified(name),
                    sql.Identifier(KEY_COLUMN),
                    sql.SQL(", ").join(
                        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(columns[column])) for column in names
                    ),
                )
            )
            for part in parts:
                part.load(self._connection, _qualified(name), columns)
        return name

    def subset(self, label: str, table: str, keys: Sequence[int]) -> str:
        """Make a table of the rows with the given keys and return its name."""
        name = self._name(label)
        with self._connection.transaction():
            self._connection.execute(
                sql.SQL("create unlogged table {} as select * from {} where {} = any(%s)").format(
                    _qualified(name), _qualified(table), sql.Identifier(KEY_COLUMN)
                ),
                (list(keys),),
            )
        return name

    def keys(self, query: str, table: str) -> list[int]:
        """Return the keys that a rule's own query finds in a table."""
        text = query.format(batch=f"{SCHEMA}.{table}")
        with self._connection.transaction():
            return [row[0] for row in self._connection.execute(text.encode()).fetchall()]

    def drop(self) -> None:
        """Drop the tables of this attempt."""
        with self._connection.transaction():
            _drop(self._connection, self._tables)
        self._tables.clear()

    def _name(self, label: str) -> str:
        name = f"{self._prefix}_{label}_{len(self._tables)}"
        self._tables.append(name)
        return name


@contextlib.contextmanager
def open_scratch(connection: psycopg.Connection, batch_id: int) -> Iterator[Scratch]:
    """Give an attempt its tables and drop them afterwards.

    The connection must not be in a transaction: what is not committed is invisible to Great Expectations.
    """
    if connection.info.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):  # unknown: lost
        raise ValueError("the connection is inside a transaction; a batch is judged between transactions")
    drop_abandoned(connection)
    scratch = Scratch(connection, batch_id)
    try:
        yield scratch
    finally:
        try:
            scratch.drop()
        except psycopg.Error as error:  # the verdict, or the fault that is on its way, matters more
            _log.warning("scratch tables of batch %d stay until the next attempt (%s)", batch_id, type(error).__name__)


def drop_abandoned(connection: psycopg.Connection) -> None:
    """Drop the tables whose session is gone."""
    with connection.transaction():
        names = connection.execute("select tablename from pg_tables where schemaname = %s", (SCHEMA,)).fetchall()
        if not names:
            return
        alive = {str(row[0]) for row in connection.execute("select pid from pg_stat_activity").fetchall()}
        owners = {name: match.group(1) for (name,) in names if (match := _OWNER.match(name))}
        abandoned = [name for name, owner in owners.items() if owner not in alive]
        _drop(connection, abandoned)


def _drop(connection: psycopg.Connection, tables: Sequence[str]) -> None:
    if tables:
        connection.execute(sql.SQL("drop table if exists {}").format(sql.SQL(", ").join(map(_qualified, tables))))


def _qualified(table: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table)
