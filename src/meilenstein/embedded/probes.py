"""Is a part ready? Each probe asks the part itself, and returns None for yes or what is missing."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import requests
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from meilenstein.embedded.ports import HOST, Ports

__all__ = [
    "AIRFLOW_COMPONENTS",
    "airflow_missing",
    "kafka_missing",
    "postgres_missing",
    "registry_missing",
    "watch_missing",
]

AIRFLOW_COMPONENTS = ("metadatabase", "dag_processor", "scheduler", "triggerer")
"""What Airflow's own health check reports on."""


def postgres_missing(url: str) -> str | None:
    """Ask whether the server lets the user of this libpq URL in."""
    try:
        psycopg.connect(url, connect_timeout=2, application_name="meilenstein health").close()
    except psycopg.OperationalError as error:
        return str(error).strip().partition("\n")[0] or "no connection"
    return None


def kafka_missing(ports: Ports) -> str | None:
    """Ask whether the broker is in its own list of live brokers; before that it takes no topics."""
    try:
        socket.create_connection((HOST, ports.kafka), timeout=1).close()
    except OSError as error:
        return error.strerror or str(error)
    with _quiet_client():
        try:
            admin = KafkaAdminClient(bootstrap_servers=f"{HOST}:{ports.kafka}", bootstrap_timeout_ms=2000)
        except KafkaError as error:
            return str(error)
        try:
            brokers = admin.describe_cluster()["brokers"]
        except KafkaError as error:
            return str(error)
        finally:
            admin.close()
    return None if brokers else "the broker has not joined its cluster yet"


def registry_missing(ports: Ports) -> str | None:
    """Ask the registry's readiness check, which includes its database."""
    try:
        answer = _get(f"http://{HOST}:{ports.registry_management}/health/ready")
    except requests.RequestException:
        return "no answer"
    return None if answer.ok else f"its health check says {answer.status_code}"


def airflow_missing(ports: Ports, *components: str) -> str | None:
    """Ask the API server for the heartbeats of the given components; without any, whether it answers itself."""
    try:
        health = _get(f"http://{HOST}:{ports.airflow}/api/v2/monitor/health").json()
    except (requests.RequestException, ValueError):
        return "the API server does not answer"
    for component in components:
        if (health.get(component) or {}).get("status") != "healthy":
            return f"{component} is not healthy"
    return None


def watch_missing(ports: Ports) -> str | None:
    """Ask the watch whether it answers; what it watches may be down all the same."""
    try:
        answer = _get(f"http://{HOST}:{ports.watch}/health/live")
    except requests.RequestException:
        return "no answer"
    return None if answer.ok else f"answers {answer.status_code}"


def _get(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the user's has no business on 127.0.0.1
        return session.get(url, timeout=5)


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Keep the client's complaints about a broker that is only starting off the screen."""
    logger = logging.getLogger("kafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
