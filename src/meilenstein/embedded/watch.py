"""The watch of one instance: metrics, health and alarms, in a process that outlives a fault of any other part."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial

from meilenstein.embedded.home import Home
from meilenstein.embedded.ports import HOST, Ports
from meilenstein.embedded.probes import watch_missing
from meilenstein.embedded.processes import Children, Command, base_environment
from meilenstein.settings import Settings

__all__ = ["NAME", "WatchPart"]

NAME = "watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPart:
    """`meilenstein watch` as a child of the supervisor."""

    home: Home
    ports: Ports
    settings: Settings

    @property
    def url(self) -> str:
        """Where metrics and health are asked for."""
        return f"http://{HOST}:{self.ports.watch}"

    def start(self, children: Children) -> None:
        """Start it; it finds the other parts by the home's `instance.json`."""
        child = children.start(
            Command(
                name=NAME,
                argv=[sys.executable, "-P", "-m", "meilenstein", "watch", "--port", str(self.ports.watch)],
                env={
                    **base_environment(self.home),
                    "MEILENSTEIN_HOME": str(self.home.path),
                    **self.settings.environment("alarm_"),
                    **self.settings.environment("log_"),
                    "PYTHONUNBUFFERED": "1",
                },
                cwd=self.home.temporary,
                port=self.ports.watch,
                stop_seconds=10.0,
            )
        )
        child.wait_healthy(partial(watch_missing, self.ports), seconds=60, cancelled=children.cancelled)
