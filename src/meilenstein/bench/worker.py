"""A process that runs steps for the bench and says what they took: `python -m meilenstein.bench.worker MODE STEP..`.

MODE `once` runs each step one time; `follow` repeats them until its input ends. Both wait for a line first, so that
what a process does once, at its start, is not measured. The last line of output is one JSON object.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from meilenstein.bootstrap import Hub, open_hub
from meilenstein.decoding import decode
from meilenstein.operations.follow import follow
from meilenstein.summary import Summary

__all__ = ["main"]


class _Ledger:
    """What the steps did."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds: dict[str, float] = {}
        self.first: float | None = None
        self.last = time.monotonic()

    def note(self, summary: Summary) -> None:
        self.last = time.monotonic()
        if self.first is None:
            self.first = self.last - summary.seconds
        self.seconds[summary.step] = self.seconds.get(summary.step, 0.0) + summary.seconds
        for name, count in summary.counts.items():
            self.counts[f"{summary.step}.{name}"] += count

    def told(self, cpu: float) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "seconds": self.seconds,
            "first": self.first,
            "last": self.last,
            "cpu": cpu,
            "rss_mb": _peak_mb(),
        }


def _peak_mb() -> float:
    """Return the largest resident size so far; the figure of getrusage may be the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def main(arguments: list[str]) -> None:
    """Run."""
    mode, *names = arguments
    with open_hub() as hub:
        _warm(hub, names)
        _say({"ready": True})
        sys.stdin.readline()
        cpu, ledger = time.process_time(), _Ledger()
        if mode == "once":
            for name in names:
                ledger.note(hub.step(name))
        else:
            stop = threading.Event()
            threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
            follow(hub, names=names, stopped=stop.is_set, pause=stop.wait, report=ledger.note)
        _say(ledger.told(time.process_time() - cpu))


def _wait_for_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _warm(hub: Hub, names: list[str]) -> None:
    """Import, connect, and compare the registry with the archive, which a process does at its start."""
    for name in names:
        hub.connection(name)
    decode.warm()
    if "drain" in names:
        hub.log()
    if "validate" in names:
        hub.warm()
        hub.book.refresh(hub.connection("scratch"))
        hub.connection("scratch").commit()
        hub.registry_check.run()


def _say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
