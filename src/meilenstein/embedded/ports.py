"""The ports of one instance: all of them follow from one base, so that instances live side by side."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import psutil

from meilenstein.errors import ConfigurationError

__all__ = ["HOST", "SPAN", "Ports", "is_free", "require_free"]

HOST = "127.0.0.1"
"""The one address everything listens on."""

SPAN = 10
"""Ports that one instance may use, from its base on; the next instance needs a base at least this far away."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Port numbers by role. The offsets never change, so a bookmark stays right; 7 to 9 are kept for later parts."""

    base: int

    @property
    def airflow(self) -> int:
        """Base + 0: Airflow's pages and API, the one address a person types."""
        return self.base

    @property
    def kafka(self) -> int:
        """Base + 1: Kafka for clients."""
        return self.base + 1

    @property
    def registry(self) -> int:
        """Base + 2: the registry's API and pages."""
        return self.base + 2

    @property
    def postgres(self) -> int:
        """Base + 3: PostgreSQL."""
        return self.base + 3

    @property
    def kafka_controller(self) -> int:
        """Base + 4: Kafka's controller, used by the broker itself only."""
        return self.base + 4

    @property
    def registry_management(self) -> int:
        """Base + 5: the registry's health checks."""
        return self.base + 5

    @property
    def watch(self) -> int:
        """Base + 6: metrics and health."""
        return self.base + 6

    def named(self, *, airflow: bool = True, watch: bool = True) -> dict[str, int]:
        """Return what each port is for, in words for messages; without the parts that are not wanted."""
        named = {
            "Kafka": self.kafka,
            "registry": self.registry,
            "PostgreSQL": self.postgres,
            "Kafka controller": self.kafka_controller,
            "registry health": self.registry_management,
        }
        if watch:
            named["metrics"] = self.watch
        return {"Airflow": self.airflow, **named} if airflow else named


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: connections of an earlier server that still time out do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(ports: dict[str, int]) -> None:
    """Refuse with one line that names the first taken port, who has it, and the setting to change."""
    for role, port in ports.items():
        if not is_free(port):
            raise ConfigurationError(
                f"port {port} ({role}) is taken{_holder(port)}: end that program, or set MEILENSTEIN_PORT_BASE to a "
                f"base with {SPAN} free ports"
            )


def _holder(port: int) -> str:
    """Name the program on the port, if this user may see it."""
    try:
        found = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for connection in found:
        local = connection.laddr
        if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
            try:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                return f" by process {connection.pid}"
    return ""
