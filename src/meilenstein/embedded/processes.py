"""Child processes of one instance: started with a log and a record, watched, and ended with everything they started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

from meilenstein.embedded.home import Home
from meilenstein.embedded.records import ProcessRecord, end_recorded
from meilenstein.errors import PermanentError, RetryableError

__all__ = ["Child", "Children", "Command", "Identity", "base_environment", "last_meaningful_line"]

_POLL = 0.05
_TAIL_BYTES = 65536
_LINE_LENGTH = 300
_LOUD = re.compile(r"\b(ERROR|FATAL|CRITICAL|PANIC)\b|(Exception|Error)\b")
_STACK_FRAME = re.compile(r"\s|at \S+\(|\.\.\. \d+ more")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Another user to run a child as; only root can do that."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start, and how it wants to be ended. Nothing secret stands in `argv`: every user may read that."""

    name: str
    """Names the record; also the log, unless `log` says otherwise."""
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    cwd: Path
    log: str | None = None
    port: int | None = None
    identity: Identity | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0


class Child:
    """A started child process."""

    def __init__(self, command: Command, process: subprocess.Popen[bytes], log: Path, run: Path) -> None:
        self.name = command.name
        self.log = log
        self._command = command
        self._process = process
        self._run = run
        self.record = ProcessRecord.of(
            process.pid, name=command.name, port=command.port, stop_signal=command.stop_signal
        )
        self.record.save(run)

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while the child runs."""
        return self._process.poll()

    def wait_healthy(self, probe: Callable[[], str | None], *, seconds: float, cancelled: Event) -> None:
        """Wait until `probe` returns None; what it returns until then says what is missing.

        Raises PermanentError at once when the child dies, RetryableError after `seconds` or when cancelled.
        """
        deadline = time.monotonic() + seconds
        while (missing := probe()) is not None:
            if self.exit_code is not None:
                raise PermanentError(self.obituary())
            if time.monotonic() > deadline:
                raise RetryableError(
                    f"{self.name} was not ready after {seconds:.0f} seconds ({missing}); "
                    f"its log {self.log} ends: {last_meaningful_line(self.log)}"
                )
            if cancelled.wait(_POLL):
                raise RetryableError(f"{self.name}: the start was cancelled")

    def wait_ended(self, *, seconds: float, cancelled: Event) -> None:
        """Wait for a child that ends by itself; anything but exit code 0 is an error."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None:
            if time.monotonic() > deadline:
                raise RetryableError(f"{self.name} was still at work after {seconds:.0f} seconds; read {self.log}")
            if cancelled.wait(_POLL):
                raise RetryableError(f"{self.name}: the start was cancelled")
        if self.exit_code != 0:
            raise PermanentError(self.obituary())
        self.record.remove(self._run)

    def obituary(self) -> str:
        """Say in one line how the child ended and where to read more."""
        code = self.exit_code
        cause = f"was ended by {signal.Signals(-code).name}" if code and code < 0 else f"ended with exit code {code}"
        return f"{self.name} {cause}; its log {self.log} ends: {last_meaningful_line(self.log)}"

    def stop(self) -> None:
        """End the child and everything it started: first politely, after `stop_seconds` by force."""
        end_recorded(self.record, grace=self._command.stop_seconds)
        self._process.wait(5)
        self.record.remove(self._run)


class Children:
    """The children of one instance. After `close` nothing more is started, so that a stop misses nobody."""

    def __init__(self, home: Home) -> None:
        self.cancelled = Event()
        """Set when the instance is being stopped: whoever waits for a child gives up."""
        self._home = home
        self._lock = Lock()
        self._children: dict[str, Child] = {}
        self._rotated: set[str] = set()

    def start(self, command: Command) -> Child:
        """Start the child in a session of its own, so that a Ctrl-C of the terminal reaches only the supervisor."""
        with self._lock:
            if self.cancelled.is_set():
                raise RetryableError(f"{command.name}: the start was cancelled")
            log = self._log(command.log or command.name)
            child = Child(command, _spawn(command, log), log, self._home.children)
            self._children[command.name] = child
            return child

    def run(self, command: Command, *, seconds: float) -> None:
        """Run a command to its end; anything but exit code 0 is an error that shows the last line of its log."""
        child = self.start(command)
        child.wait_ended(seconds=seconds, cancelled=self.cancelled)
        with self._lock:
            del self._children[command.name]

    def dead(self) -> Child | None:
        """Return a child that ended although nobody asked it to."""
        with self._lock:
            return next((child for child in self._children.values() if child.exit_code is not None), None)

    def close(self) -> None:
        """Start nothing more and release everybody who waits."""
        with self._lock:
            self.cancelled.set()

    def stop(self, *names: str) -> None:
        """End the named children one after the other; those not running are passed over."""
        for name in names:
            with self._lock:
                child = self._children.get(name)
            if child is not None:
                child.stop()
                with self._lock:
                    del self._children[name]

    def names(self) -> list[str]:
        """Return the children that were started and not yet stopped, oldest first."""
        with self._lock:
            return list(self._children)

    def _log(self, name: str) -> Path:
        """Return the log's path; the log of the start before this one is kept beside it."""
        path = self._home.logs / f"{name}.log"
        if name not in self._rotated and path.exists():
            path.replace(path.with_suffix(".previous.log"))
        self._rotated.add(name)
        return path


def _spawn(command: Command, log: Path) -> subprocess.Popen[bytes]:
    identity = command.identity
    with log.open("ab") as stream:
        return subprocess.Popen(
            [str(part) for part in command.argv],
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=identity.uid if identity else None,
            group=identity.gid if identity else None,
            extra_groups=[] if identity else None,
        )


def base_environment(home: Home) -> dict[str, str]:
    """Return what every child gets: the same on every machine, so that a user's shell settings change nothing."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TZ") if name in os.environ}
    return {
        "HOME": str(home.path),
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(home.temporary),
        **kept,
    }


def last_meaningful_line(log: Path) -> str:
    """Return the line of the log that most likely names the fault: the last error, else the last line."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError as error:
        return f"(not readable: {error.strerror})"
    lines = [line.rstrip() for line in _COLOUR.sub("", text).splitlines()]
    lines = [line for line in lines if line and not _STACK_FRAME.match(line)]
    loud = [line for line in lines if _LOUD.search(line)]
    return (loud or lines or ["(empty)"])[-1][:_LINE_LENGTH]
