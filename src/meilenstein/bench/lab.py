"""What the bench measures on: an instance of its own, the records in it, and what each part has used."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from meilenstein.bench.emptying import forget_records, forget_rows, owner_url
from meilenstein.bench.events import SENDERS
from meilenstein.bootstrap import Hub
from meilenstein.embedded.ports import SPAN, is_free
from meilenstein.embedded.records import read_records
from meilenstein.embedded.stack import Stack, home_of
from meilenstein.errors import PermanentError
from meilenstein.settings import Endpoints, Settings

__all__ = ["TOPICS", "Lab", "Worker", "free_port_base", "open_lab"]

TOPICS = tuple(f"milestones.{sender}" for sender in SENDERS)
_BASES = range(20_000, 32_000, SPAN)


def free_port_base() -> int:
    """Return a base below the ports that the system gives to outgoing connections, all of its ports free."""
    bases = random.sample(_BASES, len(_BASES))
    return next(base for base in bases if all(is_free(port) for port in range(base, base + SPAN)))


@dataclass(slots=True)
class Worker:
    """A measured process."""

    process: subprocess.Popen[str]

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self, given: str | None = None) -> dict[str, Any]:
        """Give it its last input, wait for it and return what it says; PermanentError if it failed."""
        out, _ = self.process.communicate(given, timeout=1800)
        lines = out.strip().splitlines()
        if self.process.returncode or not lines:
            raise PermanentError(f"bench: a measured process ended with exit code {self.process.returncode}")
        told: dict[str, Any] = json.loads(lines[-1])
        return told


class Lab:
    """A running instance that belongs to the bench."""

    def __init__(self, settings: Settings, endpoints: Endpoints) -> None:
        self.settings = settings
        self.endpoints = endpoints

    def environment(self) -> dict[str, str]:
        """Return the environment in which a program finds this instance and no other."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
        return {
            **kept,
            "MEILENSTEIN_HOME": str(self.settings.home),
            "MEILENSTEIN_PORT_BASE": str(self.settings.port_base),
        }

    def run(self, *command: str) -> dict[str, Any]:
        """Run a Python script to its end and return the JSON of its last line."""
        return self.run_with(Path(sys.executable), *command)

    def run_with(self, python: Path, *command: str, given: str | None = None) -> dict[str, Any]:
        """The same with another Python; `given` is its input."""
        return Worker(self._start(*command, python=python)).result(given)

    def worker(self, mode: str, steps: Sequence[str]) -> Worker:
        """Start a process that runs steps; it waits for `go`."""
        process = self._start("-m", "meilenstein.bench.worker", mode, *steps)
        assert process.stdout is not None
        if '"ready"' not in process.stdout.readline():
            process.communicate()
            raise PermanentError(f"bench: the process for {', '.join(steps)} did not start")
        return Worker(process)

    def _start(self, *command: str, python: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(python or sys.executable), *command],
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def empty(self) -> None:
        """Empty the store; the records stay in Kafka and are new to it."""
        forget_rows(self.endpoints)
        with Hub(self.endpoints) as hub:
            hub.clocks()

    def outdate_cases(self) -> None:
        """Let every case have been folded under other rules."""
        with psycopg.connect(owner_url(self.endpoints), autocommit=True) as connection:
            connection.execute("update meilenstein.case_state set rule_version = 'before'")

    def renew_topics(self) -> None:
        """Delete all records: the topics of all agencies are made anew."""
        forget_records(self.endpoints)
        with Hub(self.endpoints) as hub:
            hub.apply_topics()

    def part_cpu(self) -> dict[str, float]:
        """Return the CPU seconds that each part of the instance has used so far, ended children included."""
        used: dict[str, float] = {}
        for record in read_records(home_of(self.settings).children):
            for process in record.family():
                try:
                    times = process.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                used[record.name] = used.get(record.name, 0.0) + sum(times[:4])
        return used


@contextmanager
def open_lab(settings: Settings, *, airflow: bool = False, dags_folder: Path | None = None) -> Iterator[Lab]:
    """Start the instance of the settings, and end it afterwards."""

    def prepare(endpoints: Endpoints) -> None:
        with Hub(endpoints) as hub:
            hub.prepare()

    stack = Stack(settings, airflow=airflow, dags_folder=dags_folder, on_ready=prepare)
    try:
        yield Lab(settings, stack.start())
    finally:
        stack.stop()
