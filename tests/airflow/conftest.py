"""One Airflow for the modules that need an ordinary one: a start takes half a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.ports import free_port_base

from meilenstein.bootstrap import Hub
from meilenstein.embedded.stack import Stack
from meilenstein.settings import Endpoints, Settings, load_settings

DAGS_FOLDER = Path(__file__).parents[2] / "dags"


class SharedAirflow:
    """An instance with our DAGs: started when it is first asked for, and anew, in a new home, after it was ended."""

    def __init__(self, new_home: Callable[[], Path]) -> None:
        self._new_home = new_home
        self._running: tuple[Stack, Settings, Endpoints] | None = None

    def get(self) -> tuple[Settings, Endpoints]:
        if self._running is None:
            settings = load_settings(home=self._new_home(), port_base=free_port_base())
            stack = Stack(settings, dags_folder=DAGS_FOLDER, on_ready=_prepare)
            self._running = (stack, settings, stack.start())
        return self._running[1:]

    def end(self) -> None:
        if self._running is not None:
            self._running[0].stop()
            self._running = None


def _prepare(endpoints: Endpoints) -> None:
    with Hub(endpoints) as hub:
        hub.prepare()


@pytest.fixture(scope="session")
def shared_airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAirflow]:
    shared = SharedAirflow(lambda: tmp_path_factory.mktemp("airflow-instance"))
    yield shared
    shared.end()
