"""What a person sees while an instance starts: phases with their seconds, downloads with their bytes."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

__all__ = ["Progress", "RichProgress", "SilentProgress"]


class Progress(Protocol):
    """Told what happens; called from several threads at once."""

    def phase(self, name: str) -> None:
        """Take note that the phase `name` has begun."""

    def done(self, name: str, seconds: float) -> None:
        """Take note that the phase `name` has ended after `seconds`."""

    def received(self, name: str, amount: int, total: int) -> None:
        """Take note of `amount` more bytes of the download `name`, which has `total` bytes in all."""

    def close(self) -> None:
        """Take what is unfinished off the screen: the start has ended, well or not."""


class SilentProgress:
    """Says nothing: for tests and for `--json`."""

    def phase(self, name: str) -> None:
        """Ignore the phase."""

    def done(self, name: str, seconds: float) -> None:
        """Ignore the end of the phase."""

    def received(self, name: str, amount: int, total: int) -> None:
        """Ignore the bytes."""

    def close(self) -> None:
        """Have nothing to close."""


class RichProgress:
    """Writes to stderr, so that stdout stays free for results: a bar per download, a line per finished phase."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._lock = Lock()
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def phase(self, name: str) -> None:
        """Write nothing yet: several phases run at once, and each gets its line when it ends."""

    def done(self, name: str, seconds: float) -> None:
        """Write one line with the seconds the phase took."""
        with self._lock:
            self._console.print(f"  [green]✓[/green] {name:<32} [dim]{seconds:5.1f} s[/dim]")

    def received(self, name: str, amount: int, total: int) -> None:
        """Move the bar of this download; it appears with its first bytes and goes when all have come."""
        with self._lock:
            bars = self._bars or self._open()
            if name not in self._tasks:
                self._tasks[name] = bars.add_task(name, total=total)
            bars.advance(self._tasks[name], amount)
            if bars.finished:
                self._close()

    def close(self) -> None:
        """Take unfinished bars off the screen."""
        with self._lock:
            self._close()

    def _open(self) -> Bars:
        columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bars = Bars(*columns, console=self._console, transient=True)
        self._bars.start()
        return self._bars

    def _close(self) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._bars = None
        self._tasks = {}
