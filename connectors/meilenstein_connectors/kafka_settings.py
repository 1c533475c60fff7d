"""How to reach a Kafka broker, and as whom; checked when it is made, so a mistake is told before anything is tried."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Any

from meilenstein_connectors.errors import ConfigurationError

__all__ = ["KafkaSettings"]

_NO_SUCH_HOST = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """How to reach the broker, and as whom."""

    bootstrap_servers: str
    """`host:port`, several separated by commas."""
    security_protocol: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    connect_timeout: float = 5.0
    """Seconds until a broker must have answered the first time."""
    metadata_timeout: float = 3.0
    """Seconds to learn about a topic before sending to it."""

    def __post_init__(self) -> None:
        if self.security_protocol not in _PROTOCOLS:
            raise ConfigurationError(f"security protocol {self.security_protocol!r}: one of {', '.join(_PROTOCOLS)}")
        if self.security_protocol.startswith("SASL") and not (self.sasl_mechanism and self.sasl_username):
            raise ConfigurationError(f"{self.security_protocol} needs a SASL mechanism, user name and password")
        self.addresses()

    def addresses(self) -> list[tuple[str, int]]:
        """Return host and port of each server; raises ConfigurationError for anything else."""
        found = []
        for server in self.bootstrap_servers.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isdecimal():
                raise ConfigurationError(f"Kafka address {server.strip()!r}: expected host:port")
            found.append((host.strip("[]"), int(port)))
        return found

    def require_known_hosts(self) -> None:
        """Raise ConfigurationError if no address names a host that exists; a name server that is away says nothing."""
        for host, port in self.addresses():
            try:
                socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                if error.errno not in _NO_SUCH_HOST:
                    return
            else:
                return
        raise ConfigurationError(
            f"Kafka address {self.bootstrap_servers}: no host of this name is known; check its spelling"
        )

    def client_arguments(self) -> dict[str, Any]:
        """Return the arguments that every kafka-python client takes."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "security_protocol": self.security_protocol,
            "bootstrap_timeout_ms": int(self.connect_timeout * 1000),
            "reconnect_backoff_max_ms": 500,
            "allow_auto_create_topics": False,
        }
        if self.sasl_mechanism:
            arguments["sasl_mechanism"] = self.sasl_mechanism
            arguments["sasl_plain_username"] = self.sasl_username
            arguments["sasl_plain_password"] = self.sasl_password
        if self.ssl_cafile:
            arguments["ssl_cafile"] = self.ssl_cafile
        return arguments
