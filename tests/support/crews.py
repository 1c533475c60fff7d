"""Many at work at once: partners that publish through the SDK, and steps that run again and again beside each other."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus
from tests.support.children import Child, Work

from meilenstein.bootstrap import Hub
from meilenstein.errors import RetryableError
from meilenstein.settings import Endpoints
from meilenstein.simulate.example_case import example_case

__all__ = ["Crew", "Event", "FreezeBeforeCommit", "Partner", "StepAgain", "partners_of"]

Event = tuple[str, dict[str, Any]]

IDLE_MS = 5000
"""So long the database waits for a frozen worker in these tests; the product's own bound is longer."""


@dataclass(frozen=True)
class Partner:
    """An agency with two outboxes: the second sends some events again, and some again with other facts."""

    agency: str
    folder: Path
    events: Sequence[Event]
    chunk: int = 50
    pause: float = 0.0
    send_seconds: float = 30.0
    """So long a chunk may take; what is not confirmed by then is sent a second time."""
    until: Path | None = None
    """Once this file is there, nothing more is added; what was added is sent to the end."""
    patience: float = 180.0

    @property
    def outboxes(self) -> list[Path]:
        return [self.folder / f"{self.agency}-{number}.sqlite" for number in (1, 2)]

    def again(self) -> list[Event]:
        """Return what the second outbox sends: every tenth event as it was, every twentieth from another district."""
        doubled = [(event_type, dict(body)) for event_type, body in self.events[::10]]
        changed = [(event_type, {**body, "district_ags": "14713"}) for event_type, body in self.events[5::20]]
        return doubled + changed

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> int:
        """Publish everything, and return how many events the broker has confirmed."""
        first, second = (hub.publisher(self.agency, "example", path) for path in self.outboxes)
        repeated = self.again()
        with first, second:
            for place in range(0, len(self.events), self.chunk):
                if self.until is not None and self.until.exists():
                    break
                first.add_many(self.events[place : place + self.chunk])
                first.send(self.send_seconds)
                second.add_many(repeated[: self.chunk // 5])
                del repeated[: self.chunk // 5]
                second.send(self.send_seconds)
                time.sleep(self.pause)
            else:
                second.add_many(repeated)
            deadline = time.monotonic() + self.patience
            while first.counts().waiting or second.counts().waiting:
                assert time.monotonic() < deadline, "the broker did not confirm what waits"
                first.send(self.send_seconds)
                second.send(self.send_seconds)
            return first.counts().acknowledged + second.counts().acknowledged


def partners_of(cases: int, folder: Path, *, first: dt.date = dt.date(2026, 1, 5), **options: Any) -> list[Partner]:
    """Return the four agencies of the example case, each with its events of so many cases.

    The cases go through the agencies side by side, each a day later than the one before.
    """
    events: dict[str, list[Event]] = {}
    for number in range(cases):
        for step in example_case(first - dt.timedelta(days=number)):
            for agency, event_type, body in step.events:
                events.setdefault(agency, []).append((event_type, body))
    return [Partner(agency, folder, found, **options) for agency, found in events.items()]


@dataclass(frozen=True)
class StepAgain:
    """Run a step again and again until the file `stop` is there; count what it did and how often it had to give up.

    Only what may pass (exit code 3) is tried again; every other error ends it.
    """

    name: str
    stop: Path
    rest: float = 0.05

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> dict[str, int]:
        counts: Counter[str] = Counter()
        while not self.stop.exists():
            try:
                counts.update(hub.step(self.name).counts)
                counts["runs"] += 1
            except RetryableError:
                counts["gave_up"] += 1
                hub.reset()
            time.sleep(self.rest)
        return dict(counts)


class Crew:
    """Children at work; whoever leaves the context early ends them."""

    def __init__(self, endpoints: Endpoints, works: Sequence[Work]) -> None:
        with ThreadPoolExecutor(len(works)) as pool:  # each opens its clients first, which is mostly waiting
            self._children = list(pool.map(lambda work: Child(endpoints, work), works))
        for child in self._children:
            child.go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for child in self._children:
                child.end()

    def outcomes(self, seconds: float = 240) -> list[Any]:
        """Return what each ended with."""
        return [child.outcome(seconds) for child in self._children]


@dataclass(frozen=True)
class FreezeBeforeCommit:
    """Run a step and stop by SIGSTOP when everything of a round is written and only the commit is missing.

    All its locks are held then. The database's patience with an idle transaction is cut short.
    """

    name: str

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> dict[str, int]:
        connection, commit = hub.connection(self.name), psycopg.Connection.commit
        frozen: list[bool] = []

        def commit_late(self_: Any) -> None:
            if self_ is connection and not frozen and self_.info.transaction_status == TransactionStatus.INTRANS:
                (writes,) = self_.execute("select pg_current_xact_id_if_assigned() is not null").fetchone()
                if writes:
                    frozen.append(True)
                    self_.execute(f"set local idle_in_transaction_session_timeout = {IDLE_MS}")
                    tell("frozen")
                    os.kill(os.getpid(), signal.SIGSTOP)
            commit(self_)

        psycopg.Connection.commit = commit_late  # type: ignore[method-assign]
        return dict(hub.step(self.name).counts)
