"""Instances for tests, and what can be seen of them from outside."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from meilenstein.embedded.ports import Ports, is_free
from meilenstein.embedded.records import read_records
from meilenstein.embedded.stack import home_of
from meilenstein.settings import Settings

__all__ = ["assert_ended", "foreign_listeners", "living", "processes_of", "supervisor", "wait_until"]

_LOOPBACK = {"127.0.0.1", "::ffff:127.0.0.1"}

_SUPERVISOR = """
import sys
from pathlib import Path
from meilenstein.embedded.supervisor import run
from meilenstein.settings import load_settings
home, port_base, cache, dags = sys.argv[1:]
run(
    load_settings(home=home, port_base=int(port_base), cache=cache),
    airflow=bool(dags),
    dags_folder=Path(dags) if dags else None,
    on_started=lambda _: print("started", flush=True),
)
"""


def processes_of(settings: Settings) -> list[psutil.Process]:
    """Return every living process of the instance, workers included."""
    records = read_records(home_of(settings).children)
    return [process for record in records for process in record.family()]


def foreign_listeners(processes: list[psutil.Process]) -> list[str]:
    """Return the addresses beyond 127.0.0.1 on which the processes listen."""
    found = []
    for process in processes:
        for connection in process.net_connections("inet"):
            listens = connection.status == psutil.CONN_LISTEN or not connection.raddr
            if listens and connection.laddr and connection.laddr.ip not in _LOOPBACK:
                found.append(f"{process.name()} {connection.laddr.ip}:{connection.laddr.port}")
    return found


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that have not ended; one whose parent has only not taken notice yet has ended."""
    return [process for process in processes if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def assert_ended(processes: list[psutil.Process], settings: Settings) -> None:
    """Fail unless all processes are gone, their ports free, and nothing is recorded as running."""
    home = home_of(settings)
    assert living(processes) == []
    assert [port for port in Ports(settings.port_base).named().values() if not is_free(port)] == []
    assert list(home.children.glob("*")) == []


@contextmanager
def supervisor(settings: Settings, *, dags_folder: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run `supervisor.run` in a process of its own; yields when everything is healthy, ends it if it still runs."""
    arguments = [str(settings.home), str(settings.port_base), str(settings.cache), str(dags_folder or "")]
    process = subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n", f"the instance in {settings.home} did not start"
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def wait_until(condition, *, seconds: float, message: str) -> None:
    """Wait for a condition; fail with the message after the given seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(0.05)
