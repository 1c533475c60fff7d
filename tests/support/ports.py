"""Free ports for instances that tests start beside whatever else runs on this machine."""

from __future__ import annotations

import random

from meilenstein.embedded.ports import SPAN, is_free

__all__ = ["free_port_base"]

# Below 32768, where Linux begins to give ports to outgoing connections: those come and go between check and use.
_BASES = range(20_000, 32_000, SPAN)


def free_port_base() -> int:
    """Return a random base whose ports are all free; random, so that test runs side by side rarely choose the same."""
    bases = list(_BASES)
    random.shuffle(bases)
    return next(base for base in bases if all(is_free(port) for port in range(base, base + SPAN)))
