"""What `meilenstein up` and `meilenstein down` do: start an instance, watch it in the foreground, end it, remove it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import FrameType

import psutil

from meilenstein.embedded.home import Home
from meilenstein.embedded.lock import hold, read_holder
from meilenstein.embedded.progress import Progress, SilentProgress
from meilenstein.embedded.stack import Stack, end_survivors, home_of
from meilenstein.errors import ConfigurationError, PermanentError, RetryableError
from meilenstein.settings import INSTANCE_FILE, Endpoints, Settings

__all__ = ["request_stop", "run", "stop_on_signals", "wipe"]

_WATCH_SECONDS = 0.5
_STOP_SECONDS = 120.0
_EXIT_SECONDS = 5.0


def run(
    settings: Settings,
    *,
    airflow: bool = True,
    watching: bool = True,
    dags_folder: Path | None = None,
    progress: Progress | None = None,
    on_ready: Callable[[Endpoints], None] | None = None,
    on_started: Callable[[Endpoints], None] | None = None,
) -> None:
    """Start an instance and keep it until Ctrl-C, SIGTERM or `request_stop`; returns when everything has ended.

    `on_ready` runs before Airflow starts, `on_started` when everything is healthy (to print where to look).
    Raises PermanentError when a part dies by itself; the others are ended first. For the main thread only.
    """
    progress = progress or SilentProgress()
    stack = Stack(
        settings, airflow=airflow, watch=watching, dags_folder=dags_folder, progress=progress, on_ready=on_ready
    )
    with stop_on_signals() as stopping, suppress(KeyboardInterrupt):
        endpoints = stack.start()
        try:
            if on_started is not None:
                on_started(endpoints)
            watch(stack, stopping)
        finally:
            stopping.set()  # from here on a Ctrl-C must not interrupt the orderly end
            begun = time.monotonic()
            stack.stop()
            progress.done("everything has ended", time.monotonic() - begun)


def watch(stack: Stack, stopping: Event) -> None:
    """Return when `stopping` is set; raise PermanentError when a part dies by itself."""
    while not stopping.wait(_WATCH_SECONDS):
        dead = stack.dead()
        if dead is not None:
            raise PermanentError(dead.obituary())


@contextmanager
def stop_on_signals() -> Iterator[Event]:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into KeyboardInterrupt and an event; ignore those that follow."""
    stopping = Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def request_stop(settings: Settings) -> list[str]:
    """End the instance of this home, whoever runs it, and wait until it is gone.

    Returns the parts that a dead supervisor had left behind. No instance at all is fine.
    """
    home = home_of(settings)
    if not home.exists:
        return []
    _ask_holder(home)
    with hold(home):
        survivors = end_survivors(home)
        (home.path / INSTANCE_FILE).unlink(missing_ok=True)
    return survivors


def wipe(settings: Settings) -> None:
    """End the instance and remove its home with all data, for ever; a folder that is no home is refused."""
    home = home_of(settings)
    if not home.path.exists():
        return
    if not home.exists:
        raise ConfigurationError(f"{home.path} is not a Meilenstein home: nothing was removed")
    request_stop(settings)
    with hold(home):
        home.remove()


def _ask_holder(home: Home) -> None:
    """Signal the process that holds the home and wait until it gives the home free."""
    holder = read_holder(home)
    process = holder.process() if holder else None
    if process is None:
        return
    process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    while read_holder(home) is not None:
        if time.monotonic() > deadline:
            raise RetryableError(
                f"process {process.pid} still holds {home.path} after {_STOP_SECONDS:.0f} seconds: look at {home.logs} "
                "and try again"
            )
        time.sleep(0.1)
    with suppress(psutil.TimeoutExpired):
        process.wait(_EXIT_SECONDS)
