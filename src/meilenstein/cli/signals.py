"""How a command that runs until somebody ends it is ended."""

from __future__ import annotations

import signal
import threading

__all__ = ["stopped_by_signals"]


def stopped_by_signals() -> threading.Event:
    """Return an event that Ctrl-C, SIGTERM and SIGHUP set from now on; for the main thread only.

    SIGHUP stays ignored where it is already, as under nohup.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    return stop
