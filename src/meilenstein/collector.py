"""Python's cycle collector, kept out of bounded work that makes very many objects and hardly any cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect no cycles meanwhile, and go on with it afterwards.

    While tens of thousands of events live, the collector looks at all of them again and again, which took a third of
    the time of a fold. Reference counts free what is bounded here; whatever cycles there are wait until the end.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
