"""The schema registry of one instance: Apicurio Registry, which keeps its schemas in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.java import java_command
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.probes import registry_missing
from meilenstein.embedded.processes import Children, Command, base_environment

__all__ = ["ARCHIVE", "NAME", "Registry"]

NAME = "registry"
ARCHIVE = "apicurio-registry-app"
"""The artifact that holds it."""

_MEMORY_MB = 384


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The registry server."""

    home: Home
    ports: Ports
    credentials: Credentials
    tree: Path
    """The unpacked distribution."""

    @property
    def url(self) -> str:
        """The Confluent-compatible API, which the SDK speaks."""
        return f"http://{HOST}:{self.ports.registry}/apis/ccompat/v7"

    def start(self, children: Children) -> None:
        """Start the registry; it makes its tables itself. Needs a running PostgreSQL."""
        child = children.start(
            Command(
                name=NAME,
                argv=[*java_command(self.home, max_memory_mb=_MEMORY_MB), "-jar", self.tree / "quarkus-run.jar"],
                env=self._environment(),
                cwd=self.home.temporary,
                port=self.ports.registry,
            )
        )
        child.wait_healthy(partial(registry_missing, self.ports), seconds=180, cancelled=children.cancelled)

    def _environment(self) -> dict[str, str]:
        return {
            **base_environment(self.home),
            "APICURIO_STORAGE_KIND": "sql",
            "APICURIO_STORAGE_SQL_KIND": "postgresql",
            "APICURIO_DATASOURCE_URL": f"jdbc:postgresql://{HOST}:{self.ports.postgres}/apicurio",
            "APICURIO_DATASOURCE_USERNAME": "apicurio",
            "APICURIO_DATASOURCE_PASSWORD": self.credentials.apicurio,
            "APICURIO_DATASOURCE_JDBC_INITIAL_SIZE": "2",
            "APICURIO_DATASOURCE_JDBC_MIN_SIZE": "2",
            "APICURIO_DATASOURCE_JDBC_MAX_SIZE": "10",
            "QUARKUS_HTTP_HOST": HOST,
            "QUARKUS_HTTP_PORT": str(self.ports.registry),
            # The management interface listens on every address unless told otherwise.
            "QUARKUS_MANAGEMENT_HOST": HOST,
            "QUARKUS_MANAGEMENT_PORT": str(self.ports.registry_management),
            "QUARKUS_LOG_CONSOLE_COLOR": "false",
            "QUARKUS_BANNER_ENABLED": "false",
        }
