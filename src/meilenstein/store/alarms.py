"""Alarms and what each channel is told of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["Alarm", "AlarmMessage", "AlarmStore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One cause, from when it was first seen until it was gone. `episode` counts how often it came back soon after."""

    id: int
    code: str
    about: str
    """The partition, step, agency, DAG or number of a proposal that it is about."""
    agency: str | None
    """The agency that is affected, where it is one."""
    count: int
    """How many records, messages or batches, where that can be counted."""
    since: dt.datetime | None
    """When the trouble itself began, where that is known."""
    opened_at: dt.datetime
    announce_at: dt.datetime
    cleared_at: dt.datetime | None
    episode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMessage:
    """A message that a channel is to be given; `kind` is ALARM or ALL_CLEAR."""

    id: int
    alarm_id: int
    kind: str
    attempts: int


class AlarmStore:
    """Alarms on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("alarms")

    def hold(self) -> bool:
        """Become the only evaluator until the transaction ends; False if somebody else is."""
        (got,) = self._connection.execute(self._sql["hold"]).fetchone() or (False,)
        return bool(got)

    def wait(self) -> None:
        """Become the only evaluator until the transaction ends, once nobody else is."""
        self._connection.execute(self._sql["wait"])

    def open(self) -> list[Alarm]:
        """Return the alarms that are not cleared, oldest first."""
        return self._alarms("open")

    def recent(self, limit: int, *, cleared: bool) -> list[Alarm]:
        """Return the open alarms first, then (with `cleared`) the newest that are cleared."""
        return self._alarms("recent", limit=limit, all=cleared)

    def one(self, alarm_id: int) -> Alarm | None:
        """Return one alarm."""
        return next(iter(self._alarms("one", id=alarm_id)), None)

    def raise_(
        self,
        code: str,
        about: str,
        *,
        agency: str | None,
        count: int,
        since: dt.datetime | None,
        now: dt.datetime,
        calm: dt.timedelta,
    ) -> Alarm | None:
        """Open an alarm, or revive one that was cleared less than `calm` ago; None if it is open already."""
        values = {"code": code, "about": about, "agency": agency, "count": count, "since": since, "now": now}
        revived = self._alarms("revive", **values, calm=calm)
        return next(iter(revived or self._alarms("add", **values)), None)

    def refresh(self, alarm: Alarm, count: int) -> None:
        """Note how many it is about by now."""
        self._connection.execute(self._sql["refresh"], {"id": alarm.id, "count": count})

    def clear(self, ids: Sequence[int], now: dt.datetime) -> list[Alarm]:
        """Clear alarms and note the all-clear for every channel that was given the alarm."""
        cleared = self._alarms("clear", ids=list(ids), now=now)
        self._connection.execute(self._sql["all_clear"], {"ids": [alarm.id for alarm in cleared], "now": now})
        return cleared

    def announce(self, channels: Sequence[str], now: dt.datetime) -> int:
        """Note every open alarm that is due for every channel, once per episode; return how many are new."""
        values = {"channels": list(channels), "now": now}
        return self._connection.execute(self._sql["announce"], values).rowcount

    def claim(self, channel: str, *, now: dt.datetime, lease: dt.timedelta) -> AlarmMessage | None:
        """Take the oldest message that is due, for so long; nobody else gets it meanwhile. Commit before sending."""
        values = {"channel": channel, "now": now, "lease": now + lease}
        with self._connection.cursor(row_factory=class_row(AlarmMessage)) as rows:
            return rows.execute(self._sql["claim"], values).fetchone()

    def sent(self, message: AlarmMessage, now: dt.datetime) -> None:
        """Note that the channel took the message."""
        self._connection.execute(self._sql["sent"], {"id": message.id, "now": now})

    def later(self, message: AlarmMessage, at: dt.datetime) -> None:
        """Try the message again from then on."""
        self._connection.execute(self._sql["later"], {"id": message.id, "at": at})

    def unsent(self) -> Mapping[str, int]:
        """Return how many messages each channel has not been given."""
        return {row[0]: row[1] for row in self._connection.execute(self._sql["unsent"])}

    def counts(self) -> Mapping[str, int]:
        """Return how many alarms of each code are open."""
        return {row[0]: row[1] for row in self._connection.execute(self._sql["counts"])}

    def _alarms(self, name: str, **values: Any) -> list[Alarm]:
        with self._connection.cursor(row_factory=class_row(Alarm)) as rows:
            return rows.execute(self._sql[name], values).fetchall()
