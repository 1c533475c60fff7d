"""The trigger that wakes the pipeline: it looks at levels, reads no record and owns no offset.

Airflow may strand asset events, so an event is only a wake-up: the trigger fires again for as long as there is work,
and each run drains from the stored cursors to the watermarks of its own start.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from meilenstein.bootstrap import Hub, open_hub
from meilenstein.errors import told
from meilenstein.operations.lag import Work

__all__ = ["LagTrigger"]

_AGAIN_SECONDS = 10.0
"""While the same work lies there, fire again after this time: an earlier wake-up may have been lost."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Firing:
    """Decides when to fire: at once for new work, now and then for work that stays."""

    last: Work | None = None
    fired_at: float = 0.0

    def due(self, work: Work, now: float) -> bool:
        if not work:
            self.last = None
            return False
        fire = self.last is None or work.grew_since(self.last) or now - self.fired_at >= _AGAIN_SECONDS
        if fire:
            self.fired_at = now
        self.last = work
        return fire


class LagTrigger(BaseEventTrigger):
    """Yields an event while records wait in Kafka or work waits in the store. `interval` is in seconds."""

    def __init__(self, interval: float = 1.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.interval = interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return how Airflow makes this trigger again."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"interval": self.interval}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, fire, sleep; after a fault of broker or database, look again with fresh connections.

        All looking happens in one thread of its own: clients belong to one thread, and connecting must not hold up
        the other triggers of this process.
        """
        firing, watch = _Firing(), _Watch()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="meilenstein-lag") as thread:
            try:
                while True:
                    try:
                        work = await loop.run_in_executor(thread, watch.look)
                    except Exception as error:  # noqa: BLE001 - a watcher that ends would let records lie
                        _log.warning("lag: %s", told(error))
                        await loop.run_in_executor(thread, watch.close)
                    else:
                        if firing.due(work, time.monotonic()):
                            yield TriggerEvent(  # type: ignore[no-untyped-call]
                                {"records": work.lag, "batches": work.backlog.open_batches}
                            )
                    await asyncio.sleep(self.interval)
            finally:
                thread.submit(watch.close)


class _Watch:
    """The open parts of the watcher; used from one thread only."""

    def __init__(self) -> None:
        self._hub: Hub | None = None

    def look(self) -> Work:
        self._hub = self._hub or open_hub()
        return self._hub.work()

    def close(self) -> None:
        hub, self._hub = self._hub, None
        if hub is not None:
            hub.reset()
