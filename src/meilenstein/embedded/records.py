"""Which processes belong to an instance, written down so that a later command finds them again.

A process id alone proves nothing: ids are used again. A record therefore holds the id *and* the time the process was
created, and only a living process with both is ours. Descendants are found over the family tree and over the session
that each part leads, because workers change their process group and outlive a killed parent.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from meilenstein.errors import PermanentError
from meilenstein.new_file import write_private

__all__ = ["ProcessRecord", "end_recorded", "parse_record", "read_records"]

_CLOCK_TOLERANCE = 2.0
"""Seconds: the creation time is derived from the boot time, which the system may correct a little."""

_GRACE = 2.0
_KILL_GRACE = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRecord:
    """One process as it was when it was started."""

    name: str
    pid: int
    created: float
    """Seconds since the epoch, as the system gives them for the process."""
    executable: str
    port: int | None = None
    stop_signal: int = signal.SIGTERM

    @classmethod
    def of(cls, pid: int, *, name: str, port: int | None = None, stop_signal: int = signal.SIGTERM) -> ProcessRecord:
        """Describe the living process `pid`."""
        process = psutil.Process(pid)
        return cls(
            name=name,
            pid=pid,
            created=process.create_time(),
            executable=_executable(process),
            port=port,
            stop_signal=int(stop_signal),
        )

    def save(self, folder: Path) -> None:
        """Write the record as `<name>.json`."""
        write_private(folder / f"{self.name}.json", json.dumps(asdict(self)) + "\n")

    def remove(self, folder: Path) -> None:
        """Forget the process."""
        (folder / f"{self.name}.json").unlink(missing_ok=True)

    def process(self) -> psutil.Process | None:
        """Return the process if it lives and is the one recorded."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < _CLOCK_TOLERANCE
        except psutil.NoSuchProcess:
            return None
        return process if same and _lives(process) else None

    def family(self) -> list[psutil.Process]:
        """Return the process, if it lives, and its living descendants, also those that it left behind when it died."""
        leader = self.process()
        found = {member.pid: member for member in self._session(led_by_other=leader is None)}
        if leader is not None:
            found[leader.pid] = leader
            found.update({child.pid: child for child in _descendants(leader)})
        return list(found.values())

    def _session(self, *, led_by_other: bool) -> Iterable[psutil.Process]:
        """Return the members of the session that the recorded process leads or led.

        While a member lives, the system gives the leader's id to no new process, so a living process of that id that
        is not ours means that the session is not ours either.
        """
        if led_by_other and psutil.pid_exists(self.pid):
            return
        for process in psutil.process_iter():
            try:
                ours = os.getsid(process.pid) == self.pid and process.create_time() >= self.created - _CLOCK_TOLERANCE
                if ours and (not led_by_other or _executable(process) == self.executable):
                    yield process
            except (psutil.Error, ProcessLookupError, PermissionError):
                continue


def read_records(folder: Path) -> list[ProcessRecord]:
    """Return what is recorded; a file that is no record is passed over, it cannot name a process."""
    records = [parse_record(path.read_text(errors="replace")) for path in sorted(folder.glob("*.json"))]
    return [record for record in records if record is not None]


def parse_record(text: str) -> ProcessRecord | None:
    """Return the record the text holds, or None when it holds none."""
    try:
        return ProcessRecord(**json.loads(text))
    except (ValueError, TypeError):
        return None


def end_recorded(record: ProcessRecord, *, grace: float) -> None:
    """End the recorded process and everything it started: first politely, after `grace` seconds by force.

    Only processes proven ours are touched, each by its id and creation time.
    """
    family = set(record.family())  # before any signal: afterwards orphans no longer tell whose they were
    leader = record.process()
    if leader is not None and _signal(leader, record.stop_signal):
        _wait([leader], grace)
    # A leader that waits for a stubborn child ends in order once that child has gone, so its turn comes last.
    family |= set(record.family())
    _end([process for process in family if process != leader])
    if leader is not None and _wait([leader], _GRACE) and _signal(leader, signal.SIGKILL):
        _wait([leader], _KILL_GRACE)
    if stubborn := [process for process in family if _lives(process)]:
        raise PermanentError(f"{record.name}: process {stubborn[0].pid} cannot be ended; end it by hand")


def _end(processes: Iterable[psutil.Process]) -> None:
    left = [process for process in processes if _signal(process, signal.SIGTERM)]
    left = [process for process in _wait(left, _GRACE) if _signal(process, signal.SIGKILL)]
    _wait(left, _KILL_GRACE)


def _wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, return those that have not; one that only awaits its parent's notice has ended."""
    deadline = time.monotonic() + seconds
    alive = [process for process in processes if _lives(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [process for process in alive if _lives(process)]
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: int) -> bool:
    """Send the signal unless the process is gone; psutil compares the creation time again before it sends."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _executable(process: psutil.Process) -> str:
    """Return the program file's path; empty where this user may not see it."""
    try:
        return process.exe()
    except psutil.Error:
        return ""
