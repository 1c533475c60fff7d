"""Watching one instance: readings for metrics and health when somebody asks, alarms all the time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from meilenstein.errors import MeilensteinError, told
from meilenstein.ingest.kafka_log import KafkaLog
from meilenstein.monitoring.alarms import Alarms
from meilenstein.monitoring.exposition import CONTENT_TYPE, as_text
from meilenstein.monitoring.outage import Outage
from meilenstein.monitoring.readings import AirflowLevels, BrokerLevels, Readings, StoreLevels, lag_of
from meilenstein.monitoring.server import Answer
from meilenstein.monitoring.sources import Source
from meilenstein.store.database import DatabaseUnavailable

__all__ = ["Watch", "broker_levels", "watch_alarms"]

_SCRAPE_SECONDS = 3.0
_STALE_SECONDS = 30.0
_EVALUATE_SECONDS = 15.0

_log = logging.getLogger("meilenstein.watch")


class Watch:
    """What `/metrics` and `/health` answer. Takes its sources over and stops them at the end."""

    def __init__(
        self, *, store: Source[StoreLevels], broker: Source[BrokerLevels], airflow: Source[AirflowLevels] | None = None
    ) -> None:
        self._store = store
        self._broker = broker
        self._airflow = airflow

    def readings(self, *, wait: float = _SCRAPE_SECONDS) -> Readings:
        """Return what is known now; takes at most about three times `wait`, in seconds."""
        store, broker = self._store.latest(wait=wait), self._broker.latest(wait=wait)
        ages = {"store": store.age, "kafka": broker.age}
        airflow = None
        if self._airflow is not None:
            read = self._airflow.latest(wait=wait)
            airflow, ages["airflow"] = read.value, read.age
        return Readings(store=store.value, broker=broker.value, airflow=airflow, ages=ages)

    def lag(self) -> int | None:
        """Return how many records wait in the broker, halted partitions left out; None if it does not say."""
        readings = self.readings(wait=10.0)
        if readings.store is None or readings.broker is None:
            return None
        return sum(lag_of(readings.store, readings.broker, halted=False).values())

    def ready(self) -> bool:
        """Say whether store and broker answered lately: without them nothing can be done."""
        readings = self.readings()
        needed = (("store", readings.store), ("kafka", readings.broker))
        return all(value is not None and readings.ages[name] <= _STALE_SECONDS for name, value in needed)

    def routes(self) -> Mapping[str, Callable[[], Answer]]:
        """Return what is served."""
        return {
            "/metrics": lambda: Answer(body=as_text(self.readings()), content_type=CONTENT_TYPE),
            "/health/live": lambda: Answer(body=b"live\n"),
            "/health/ready": self._health,
        }

    def _health(self) -> Answer:
        if self.ready():
            return Answer(body=b"ready\n")
        return Answer(body=b"not ready\n", status=HTTPStatus.SERVICE_UNAVAILABLE)

    def stop(self) -> None:
        """End the sources."""
        for source in (self._store, self._broker, self._airflow):
            if source is not None:
                source.stop()


def broker_levels(log: KafkaLog, topics: list[str]) -> BrokerLevels:
    """Ask the broker where the partitions begin and end."""
    found = log.partitions(topics)
    return BrokerLevels(
        ends={(row.topic, row.partition): row.end for row in found},
        starts={(row.topic, row.partition): row.start for row in found},
    )


def watch_alarms(
    opened: Callable[[], Alarms],
    *,
    reset: Callable[[], object],
    lag: Callable[[], int | None],
    outage: Outage,
    stopped: Callable[[], bool],
    pause: Callable[[float], Any],
) -> None:
    """Evaluate and deliver until `stopped`; a fault is logged and tried again.

    `opened` returns the alarms on an open connection, `reset` closes what may be broken.
    Only a database that does not answer counts as an outage of the store; any other fault says nothing about it.
    """

    def round_() -> None:
        alarms = opened()
        alarms.evaluate(lag=lag())
        alarms.deliver()

    while not stopped():
        fault = _fault_of(round_)
        if fault is None:
            _fault_of(outage.over)
        else:
            _fault_of(reset)
            if isinstance(fault, DatabaseUnavailable):
                _fault_of(outage.failed)
        pause(_EVALUATE_SECONDS)


def _fault_of(act: Callable[[], object]) -> Exception | None:
    """Do something and return its fault, which is logged; whoever watches must not fall asleep over it."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - see above
        _log.log(logging.WARNING if isinstance(error, MeilensteinError) else logging.ERROR, "alarms: %s", told(error))
        return error
    return None
