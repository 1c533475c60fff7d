"""Airflow of one instance: its four components as our own children, its tables in PostgreSQL.

The components are started by hand because `airflow standalone` leaves its children behind when it is ended.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

from meilenstein.embedded.airflow_environment import airflow_environment
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.probes import AIRFLOW_COMPONENTS, airflow_missing
from meilenstein.embedded.processes import Children, Command
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.new_file import write_private

__all__ = ["NAMES", "STOP_ORDER", "Airflow", "find_dags_folder"]

NAMES = ("airflow-api-server", "airflow-dag-processor", "airflow-scheduler", "airflow-triggerer")
"""In the order in which they are started."""

STOP_ORDER = tuple(reversed(NAMES[1:])) + NAMES[:1]
"""Running tasks report to the API server, so it goes last."""

_PRELOAD = '''\
"""Written at every start. Imported by the scheduler before it forks its workers, so that no task waits for imports."""

import os

if os.environ.get("MEILENSTEIN_PRELOAD") == "1":
    import fastavro
    import great_expectations
    import great_expectations.expectations
    import holidays
    import kafka
    import pandas
    import psycopg

    import meilenstein.bootstrap
    from meilenstein.decoding import decode

    decode.warm()
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Airflow:
    """The four components and their tables."""

    home: Home
    ports: Ports
    credentials: Credentials
    database_url: str
    """libpq URL of Airflow's own database."""
    dags_folder: Path

    @property
    def url(self) -> str:
        """Where a person finds Airflow's pages."""
        return f"http://{HOST}:{self.ports.airflow}"

    def needs_migration(self) -> bool:
        """Return whether Airflow's tables are missing or were made by another version."""
        return not self._migrated.is_file() or self._migrated.read_text().strip() != _version()

    def migrate(self, children: Children) -> None:
        """Make or change Airflow's tables to fit the installed version. Needs a running PostgreSQL."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        children.run(self._command("airflow-tables", "db", "migrate"), seconds=300)
        write_private(self._migrated, _version() + "\n")

    def start(self, children: Children) -> None:
        """Start the four components and wait until all of them beat."""
        self._forget_earlier_components()
        (self._folder / "config").mkdir(exist_ok=True)
        (self._folder / "config" / "airflow_local_settings.py").write_text(_PRELOAD)
        write_private(self._folder / "passwords.json", json.dumps(self.credentials.airflow_logins()) + "\n")
        commands = {
            "airflow-api-server": [
                *("api-server", "--host", HOST, "--port", str(self.ports.airflow)),
                # Also the time that an open browser page may delay the end.
                *("--worker-timeout", "5"),
            ],
            "airflow-dag-processor": ["dag-processor"],
            # The log servers listen on every address. They serve other machines; here the files are at hand.
            "airflow-scheduler": ["scheduler", "--skip-serve-logs"],
            "airflow-triggerer": ["triggerer", "--skip-serve-logs"],
        }
        started = [children.start(self._command(name, *commands[name])) for name in NAMES]

        def probe() -> str | None:
            for child in started:
                if child.exit_code is not None:
                    raise PermanentError(child.obituary())
            return airflow_missing(self.ports, *AIRFLOW_COMPONENTS)

        started[0].wait_healthy(probe, seconds=300, cancelled=children.cancelled)

    def _forget_earlier_components(self) -> None:
        """Close the records of components that were killed: until then Airflow waits for them to come back.

        Whoever starts Airflow holds the home alone, so every open record is of the dead.
        """
        with psycopg.connect(self.database_url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("update job set state = 'failed', end_date = now() where end_date is null")

    @property
    def _folder(self) -> Path:
        return self.home.path / "airflow"

    @property
    def _migrated(self) -> Path:
        return self._folder / "tables.version"

    def _command(self, name: str, *arguments: str) -> Command:
        environment = airflow_environment(
            home=self.home,
            folder=self._folder,
            ports=self.ports,
            credentials=self.credentials,
            dags_folder=self.dags_folder,
        )
        if name == "airflow-scheduler":
            environment["MEILENSTEIN_PRELOAD"] = "1"
        return Command(
            name=name,
            argv=[sys.executable, "-P", "-m", "airflow", *arguments],
            env=environment,
            cwd=self._folder,
            port=self.ports.airflow if name == NAMES[0] else None,
            # The triggerer often waits ten seconds for a child that has gone, see _forget_earlier_components.
            stop_seconds=3.0 if name == NAMES[3] else 20.0,
        )


def find_dags_folder(given: Path | None) -> Path:
    """Return the folder of the DAG files: the given one, or `dags/` of the checkout that is installed."""
    if find_spec("airflow") is None:
        raise ConfigurationError("the package apache-airflow is missing: install meilenstein[pipeline]")
    spec = find_spec("meilenstein")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    folder = given.expanduser().absolute() if given else package.parent.parent / "dags"
    if not folder.is_dir():
        raise ConfigurationError(
            f"there are no DAGs in {folder}: install meilenstein from a checkout (`pip install -e`), "
            "or give the folder of the DAG files"
        )
    return folder


def _version() -> str:
    return version("apache-airflow-core")
