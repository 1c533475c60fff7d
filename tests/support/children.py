"""Steps in processes of their own, so that they can be killed, frozen, measured, and run side by side."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from typing import Any

from meilenstein.bootstrap import Hub
from meilenstein.errors import MeilensteinError, RetryableError
from meilenstein.feedback import feedback
from meilenstein.ingest.drain import Drain
from meilenstein.ingest.kafka_log import Poll
from meilenstein.settings import Endpoints

__all__ = ["Child", "DrainInBatches", "PeakMemory", "Step", "Work", "drain_of", "freeze_in_drain", "together"]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["meilenstein.bootstrap", "great_expectations.expectations"])

Work = Callable[[Hub, Callable[[Any], None]], Any]
"""What a child does with its hub; it may tell its parent something on the way."""


class Child:
    """A process that opens a hub, says "ready", works, and says how it ended."""

    def __init__(self, endpoints: Endpoints, work: Work) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_run, args=(endpoints, work, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert self.told() == "ready"

    def go(self) -> None:
        """Let it begin."""
        self._pipe.send("go")

    def told(self, seconds: float = 60) -> Any:
        """Return the next thing it says on the way."""
        what, said = self._hear(seconds)
        assert what == "says", f"it ended already: {said}"
        return said

    def outcome(self, seconds: float = 120) -> Any:
        """Return what the work returned, or the error it ended with, as text."""
        try:
            while True:
                what, said = self._hear(seconds)
                if what == "ends":
                    return said
        finally:
            self._process.join(10)
            self._pipe.close()

    def _hear(self, seconds: float) -> tuple[str, Any]:
        if not self._pipe.poll(seconds):
            os.kill(self._process.pid or 0, signal.SIGUSR1)  # it writes to stderr where it stands
            time.sleep(1)
            raise AssertionError("the child is silent")
        heard: tuple[str, Any] = self._pipe.recv()
        return heard

    def kill(self) -> bool:
        """Kill -9; say whether it was still at work."""
        self._process.kill()
        self._process.join(10)
        ended = False
        try:
            while not ended:
                ended = self._hear(10)[0] == "ends"  # it had finished before it was hit
        except EOFError:
            pass
        self._pipe.close()
        return self._process.exitcode == -signal.SIGKILL and not ended

    def end(self) -> None:
        """Kill -9, whatever it does."""
        self._process.kill()
        self._process.join(10)

    def resume(self) -> None:
        """Wake it from SIGSTOP."""
        os.kill(self._process.pid or 0, signal.SIGCONT)

    def is_stopped(self) -> bool:
        """Say whether it stands still."""
        with open(f"/proc/{self._process.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "T"


def _run(endpoints: Endpoints, work: Work, pipe: Pipe) -> None:
    faulthandler.register(signal.SIGUSR1, all_threads=True)

    def tell(said: Any) -> None:
        pipe.send(("says", said))

    with Hub(endpoints) as hub:
        hub.log()
        tell("ready")
        pipe.recv()
        try:
            ending = work(hub, tell)
        except RetryableError as error:
            ending = f"RetryableError: {error}"
        except MeilensteinError as error:
            ending = f"{type(error).__name__}: {error}"
        except Exception:  # noqa: BLE001 - the parent must hear of it
            ending = traceback.format_exc()
        pipe.send(("ends", ending))


def together(endpoints: Endpoints, works: Sequence[Work]) -> list[Any]:
    """Run the works at the same time, each in its own process; return what each ended with."""
    children = [Child(endpoints, work) for work in works]
    for child in children:
        child.go()
    return [child.outcome() for child in children]


@dataclass(frozen=True)
class DrainInBatches:
    """Drain in batches of so many records; say "reading" before the first read."""

    records: int

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> dict[str, int]:
        log = hub.log()
        read = log.read

        def read_and_tell(*arguments: Any) -> Poll:
            log.read = read  # type: ignore[method-assign]
            tell("reading")
            return read(*arguments)

        log.read = read_and_tell  # type: ignore[method-assign]
        return dict(drain_of(hub, self.records).run().counts)


def drain_of(hub: Hub, batch_records: int) -> Drain:
    """Return the hub's drain, with smaller batches than it would choose itself."""
    return Drain(
        connection=hub.connection("drain"),
        log=hub.log(),
        book=hub.book,
        topics=hub.topics(),
        linked=hub.linked_topics(),
        batch_records=batch_records,
    )


@dataclass(frozen=True)
class Step:
    """Run one of the four steps; feedback with few messages under way at once, so that it can be caught at work."""

    name: str

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> dict[str, int]:
        feedback._WINDOW = 20
        return dict(hub.step(self.name).counts)


def freeze_in_drain(hub: Hub, tell: Callable[[Any], None]) -> Any:
    """Drain, and stop by SIGSTOP after the first read, with the cursor rows locked; short patience of the database."""
    connection = hub.connection("drain")
    connection.execute("set idle_in_transaction_session_timeout = '1500ms'")
    connection.commit()
    log = hub.log()
    read = log.read

    def read_and_freeze(*arguments: Any) -> Poll:
        found = read(*arguments)
        tell("frozen")
        os.kill(os.getpid(), signal.SIGSTOP)
        return found

    log.read = read_and_freeze  # type: ignore[method-assign]
    return dict(drain_of(hub, 1000).run().counts)


@dataclass(frozen=True)
class PeakMemory:
    """Run steps and return by how many bytes the process grew at most."""

    names: tuple[str, ...]

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> int:
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")  # the peak begins anew
        before = _peak()
        for name in self.names:
            hub.step(name)
        return _peak() - before


def _peak() -> int:
    with open("/proc/self/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
