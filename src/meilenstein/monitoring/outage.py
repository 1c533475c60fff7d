"""The one alarm that cannot be kept in the store: that the store itself does not answer.

It lives in the memory of the process that watches: several watchers send it once each, and a watcher that is started
anew forgets that it had told.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from meilenstein.monitoring.alarms import notice_of
from meilenstein.monitoring.channels import Channel, ChannelFailed
from meilenstein.store.alarms import Alarm

__all__ = ["CODE", "Outage"]

CODE = "STORE_UNREACHABLE"

_RETRY = dt.timedelta(minutes=1)

_log = logging.getLogger("meilenstein.alarms")


class Outage:
    """Tells every channel once when the store has failed for `after`, and once when it is back."""

    def __init__(self, channels: Sequence[Channel], clock: Callable[[], dt.datetime], *, after: dt.timedelta) -> None:
        self._channels = channels
        self._clock = clock
        self._after = after
        self._since: dt.datetime | None = None
        self._told: set[str] = set()
        self._try_at: dict[str, dt.datetime] = {}

    def failed(self) -> None:
        """Note that the store could not be used."""
        now = self._clock()
        self._since = self._since or now
        if now - self._since >= self._after:
            self._tell(_alarm(self._since), set(self._told), now)

    def over(self) -> None:
        """Note that the store could be used."""
        if self._since is None:
            return
        if self._told:
            now = self._clock()
            untold = {channel.name for channel in self._channels} - self._told
            self._tell(replace(_alarm(self._since), cleared_at=now), untold, now)
        if not self._told:
            self._since = None
            self._try_at.clear()

    def _tell(self, alarm: Alarm, done: set[str], now: dt.datetime) -> None:
        """Tell the channels that are not `done`; a failed one is tried again a minute later."""
        kind = "ALL_CLEAR" if alarm.cleared_at else "ALARM"
        for channel in self._channels:
            if channel.name in done or now < self._try_at.get(channel.name, now):
                continue
            try:
                channel.send(notice_of(alarm, kind, now))
            except ChannelFailed as error:
                self._try_at[channel.name] = now + _RETRY
                _log.warning("%s; tried again later", error)
            else:
                self._told ^= {channel.name}
                self._try_at.pop(channel.name, None)


def _alarm(since: dt.datetime) -> Alarm:
    return Alarm(
        id=0,
        code=CODE,
        about="store",
        agency=None,
        count=0,
        since=since,
        opened_at=since,
        announce_at=since,
        cleared_at=None,
        episode=1,
    )
