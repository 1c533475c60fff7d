"""The parts of a running instance, ended as an operator or a fault would end them, and started again as they were."""

from __future__ import annotations

import signal
import time

import psutil
from tests.support.stack import living, wait_until

from meilenstein.embedded import kafka, postgres, registry
from meilenstein.embedded.artifacts import ArtifactCache, MavenFetch
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.kafka import Kafka
from meilenstein.embedded.ports import Ports
from meilenstein.embedded.postgres import Postgres
from meilenstein.embedded.processes import Children
from meilenstein.embedded.progress import SilentProgress
from meilenstein.embedded.records import read_records
from meilenstein.embedded.registry import Registry
from meilenstein.embedded.stack import Stack, cache_folder, home_of
from meilenstein.errors import PermanentError
from meilenstein.settings import Settings

__all__ = ["Parts"]


class Parts:
    """Ends and starts single parts of a `Stack`; what it has started it ends itself (`close`, after `Stack.stop`)."""

    def __init__(self, settings: Settings, stack: Stack) -> None:
        home, ports = home_of(settings), Ports(settings.port_base)
        credentials = Credentials.read(home)
        cache = ArtifactCache(cache_folder(settings), progress=SilentProgress(), fetch=MavenFetch(settings.maven_url))
        self._stack = stack
        self._home = home
        self._children = Children(home)
        self._starts = {
            postgres.NAME: Postgres(home=home, ports=ports, credentials=credentials).start,
            kafka.NAME: Kafka(home=home, ports=ports, class_path=cache.class_path()).start,
            registry.NAME: Registry(
                home=home, ports=ports, credentials=credentials, tree=cache.tree(registry.ARCHIVE)
            ).start,
        }

    def stop(self, name: str, number: signal.Signals) -> None:
        """End a part by a signal and wait until it and everything it started has gone."""
        (record,) = [record for record in read_records(self._home.children) if record.name == name]
        family: list[psutil.Process] = record.family()
        psutil.Process(record.pid).send_signal(number)
        wait_until(lambda: not living(family), seconds=120, message=f"{name} did not end by {number.name}")
        # Whoever started it takes notice, or PostgreSQL would hold its own former process for a living one.
        self._stack.dead()
        self._children.stop(name)

    def start(self, name: str) -> None:
        """Start a part again and wait until it answers; one that ends because another is away is started once more."""
        deadline = time.monotonic() + 180
        while True:
            try:
                return self._starts[name](self._children)
            except PermanentError:
                if time.monotonic() > deadline:
                    raise
                self._children.stop(name)

    def bounce(self, name: str, number: signal.Signals, *, down: float = 0.0) -> None:
        """End a part, leave it ended for so many seconds, start it and wait until it answers."""
        self.stop(name, number)
        time.sleep(down)
        self.start(name)

    def close(self) -> None:
        """End what was started here, the database last."""
        self._children.close()
        self._children.stop(kafka.NAME, registry.NAME, postgres.NAME)
