"""Alarms: each cause opens one, its end clears it, and every channel is told of both once.

Any number of processes may evaluate at once: one of them gets the turn, and a message is claimed before it is sent. A
message may be sent twice only if its sender dies between sending it and noting so.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meilenstein.monitoring.causes import Limits, Look, Sight, look_for_causes
from meilenstein.monitoring.channels import Channel, ChannelFailed, Notice
from meilenstein.monitoring.logs import log_fields
from meilenstein.monitoring.texts import tell
from meilenstein.store.alarms import Alarm, AlarmMessage, AlarmStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.levels import Levels
from meilenstein.store.step_runs import StepRunStore

__all__ = ["CALM", "Alarms", "Delivered", "Evaluated", "notice_of", "open_late"]

CALM = dt.timedelta(minutes=10)
"""A cause that comes back within this time after it went is counted, and announced only if it outlasts it."""

_LEASE = dt.timedelta(minutes=2)
_FIRST_RETRY = dt.timedelta(seconds=30)
_LONGEST_RETRY = dt.timedelta(hours=1)

_log = logging.getLogger("meilenstein.alarms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation did: nothing, if another process was at it."""

    opened: Sequence[Alarm] = ()
    cleared: Sequence[Alarm] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was delivered, and why a channel failed, by its name."""

    sent: int
    failed: dict[str, str]


class Alarms:
    """Evaluates and delivers on one connection of its own."""

    def __init__(
        self,
        *,
        connection: Connection,
        clock: Callable[[], dt.datetime],
        limits: Limits,
        channels: Sequence[Channel] = (),
    ) -> None:
        self._connection = connection
        self._store = AlarmStore(connection)
        self._clock = clock
        self._channels = channels
        self._limits = limits

    def evaluate(self, *, lag: int | None = None) -> Evaluated:
        """Open and clear alarms by what is wrong now, and note what the channels are to be told. Sends nothing.

        `lag` is the number of records that wait in the broker; None if it did not say.
        """
        now = self._clock()
        with retryable("alarms"):
            self._connection.rollback()
            steps = StepRunStore(self._connection).known()
            look = Look(now=now, limits=self._limits, open_alarms=self._store.open(), lag=lag)
            sight = look_for_causes(Levels(self._connection), steps, look)
            if not self._store.hold():
                self._connection.rollback()
                return Evaluated()
            opened, cleared = self._apply(sight, now)
            self._store.announce([channel.name for channel in self._channels], now)
            self._connection.commit()
        for alarm in (*opened, *cleared):
            _note(alarm, now)
        return Evaluated(opened=opened, cleared=cleared)

    def _apply(self, sight: Sight, now: dt.datetime) -> tuple[list[Alarm], list[Alarm]]:
        """Open an alarm for each new cause and clear those whose cause is gone; return both."""
        known = {(alarm.code, alarm.about): alarm for alarm in self._store.open()}
        opened = []
        for cause in sight.causes:
            standing = known.pop((cause.code, cause.about), None)
            if standing is not None:
                self._store.refresh(standing, cause.count)
                continue
            alarm = self._store.raise_(
                cause.code, cause.about, agency=cause.agency, count=cause.count, since=cause.since, now=now, calm=CALM
            )
            opened.extend([alarm] if alarm else [])
        # One that another process opened after this one looked is left for the next look.
        gone = [alarm.id for alarm in known.values() if alarm.code not in sight.unseen and alarm.opened_at <= now]
        return opened, self._store.clear(gone, now)

    def deliver(self) -> Delivered:
        """Send what is due, channel by channel; a channel that fails keeps its messages and holds up no other."""
        sent, failed = 0, {}
        for channel in self._channels:
            while message := self._claim(channel):
                try:
                    self._send(channel, message)
                except ChannelFailed as error:
                    failed[channel.name] = str(error)
                    _log.warning("%s; tried again later", error)
                    break
                sent += 1
        return Delivered(sent=sent, failed=failed)

    def open(self) -> list[Alarm]:
        """Return the alarms that are open."""
        with retryable("alarms"):
            found = self._store.open()
            self._connection.rollback()
        return found

    def recent(self, limit: int, *, cleared: bool) -> list[Alarm]:
        """Return the open alarms, oldest last, and with `cleared` the newest of those that are over."""
        with retryable("alarms"):
            found = self._store.recent(limit, cleared=cleared)
            self._connection.rollback()
        return found

    def _claim(self, channel: Channel) -> AlarmMessage | None:
        with retryable("alarms"):
            message = self._store.claim(channel.name, now=self._clock(), lease=_LEASE)
            self._connection.commit()
        return message

    def _send(self, channel: Channel, message: AlarmMessage) -> None:
        """Send with no transaction open: a slow mail server must hold no row."""
        with retryable("alarms"):
            alarm = self._store.one(message.alarm_id)
            self._connection.rollback()
        assert alarm is not None  # messages reference their alarm
        try:
            channel.send(notice_of(alarm, message.kind, self._clock()))
        except ChannelFailed:
            rest = min(_LONGEST_RETRY, _FIRST_RETRY * 2 ** min(message.attempts - 1, 10))
            with retryable("alarms"):
                self._store.later(message, self._clock() + rest)
                self._connection.commit()
            raise
        with retryable("alarms"):
            self._store.sent(message, self._clock())
            self._connection.commit()


def open_late(connection: Connection, dag_id: str, now: dt.datetime) -> None:
    """Open the alarm that a run of the DAG missed its deadline; nothing happens if it is open already."""
    with retryable("alarms"):
        store = AlarmStore(connection)
        store.wait()
        alarm = store.raise_("RUN_LATE", dag_id, agency=None, count=0, since=now, now=now, calm=CALM)
        connection.commit()
    if alarm is not None:
        _note(alarm, now)


def notice_of(alarm: Alarm, kind: str, now: dt.datetime) -> Notice:
    """Return what a channel is told of an alarm."""
    told = tell(alarm, alarm.cleared_at or now)
    return Notice(
        kind="ALL_CLEAR" if kind == "ALL_CLEAR" else "ALARM",
        id=alarm.id,
        code=alarm.code,
        about=alarm.about,
        agency=alarm.agency,
        count=alarm.count,
        opened_at=alarm.opened_at,
        cleared_at=alarm.cleared_at,
        episode=alarm.episode,
        de=told.de,
        en=told.en,
        command=told.command,
        runbook=told.runbook,
    )


def _note(alarm: Alarm, now: dt.datetime) -> None:
    told = tell(alarm, alarm.cleared_at or now)
    over = alarm.cleared_at is not None
    fields = {
        "event": "alarm",
        "alarm": alarm.id,
        "state": "CLEARED" if over else "OPEN",
        "code": alarm.code,
        "about": alarm.about,
        "agency": alarm.agency,
        "count": alarm.count,
        "episode": alarm.episode,
    }
    if over:
        _log.info("alarm over: %s %s", alarm.code, alarm.about, extra=log_fields(fields))
    else:
        _log.warning("alarm: %s Next: %s", told.en, told.command, extra=log_fields(fields))
