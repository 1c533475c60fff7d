"""How the parts of an instance are, seen from outside: by their records and by asking each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psutil

from meilenstein.embedded import airflow, kafka, postgres, registry, watch
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.lock import read_holder
from meilenstein.embedded.ports import Ports
from meilenstein.embedded.postgres import Postgres
from meilenstein.embedded.probes import (
    AIRFLOW_COMPONENTS,
    airflow_missing,
    kafka_missing,
    postgres_missing,
    registry_missing,
    watch_missing,
)
from meilenstein.embedded.records import ProcessRecord, read_records
from meilenstein.embedded.stack import home_of
from meilenstein.settings import Settings

__all__ = ["HEALTHY", "ORPHANED", "PartStatus", "is_orphaned", "ports_in_use", "status"]

HEALTHY = "healthy"

ORPHANED = (
    "the parts still run, but the supervisor that started them was killed: `meilenstein up` ends them in order and "
    "starts the instance again with all its data, `meilenstein down` only ends them"
)
"""What to do about an instance without a supervisor."""

_NAMES = (postgres.NAME, kafka.NAME, registry.NAME, *airflow.NAMES, watch.NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """One part of an instance."""

    name: str
    state: str
    """`running`, `dead` (started, and gone without being asked to) or `stopped`."""
    health: str = ""
    """`healthy`, or what is wrong; empty unless running."""
    pid: int | None = None
    port: int | None = None
    since: dt.datetime | None = None
    rss: int | None = None
    """Resident memory of the part and all its descendants, in bytes; shared pages count once per process."""
    log: str = ""


def status(settings: Settings) -> list[PartStatus]:
    """Return every part, in the order in which they are started. Takes a few seconds if parts do not answer."""
    home = home_of(settings)
    records = {record.name: record for record in read_records(home.children)}
    probes = _probes(home, ports_in_use(home, settings)) if records else {}
    return [_part(name, records.get(name), home, probes) for name in _NAMES]


def is_orphaned(settings: Settings) -> bool:
    """Say whether parts run although the supervisor that started them is gone: nobody watches or ends them."""
    home = home_of(settings)
    if not home.exists or read_holder(home) is not None:
        return False
    return any(record.process() is not None for record in read_records(home.children))


def ports_in_use(home: Home, settings: Settings) -> Ports:
    """Return the ports of the running instance, which may have been started with another base than is set now."""
    for record in read_records(home.children):
        if record.name == postgres.NAME and record.port is not None:
            return Ports(record.port - Ports(0).postgres)
    return Ports(settings.port_base)


def _part(
    name: str, record: ProcessRecord | None, home: Home, probes: dict[str, Callable[[], str | None]]
) -> PartStatus:
    log = str(home.logs / f"{name}.log")
    if record is None:
        return PartStatus(name=name, state="stopped")
    process = record.process()
    if process is None:
        return PartStatus(name=name, state="dead", port=record.port, log=log)
    missing = probes[name]() if name in probes else "not asked"
    return PartStatus(
        name=name,
        state="running",
        health=missing or HEALTHY,
        pid=record.pid,
        port=record.port,
        since=dt.datetime.fromtimestamp(record.created, dt.UTC),
        rss=sum(_rss(member) for member in record.family()),
        log=log,
    )


def _probes(home: Home, ports: Ports) -> dict[str, Callable[[], str | None]]:
    database = Postgres(home=home, ports=ports, credentials=Credentials.read(home))
    components = {name: name.removeprefix("airflow-").replace("-", "_") for name in airflow.NAMES}
    beats = {name: [part] if part in AIRFLOW_COMPONENTS else [] for name, part in components.items()}
    return {
        postgres.NAME: partial(postgres_missing, database.url("postgres", "postgres")),
        kafka.NAME: partial(kafka_missing, ports),
        registry.NAME: partial(registry_missing, ports),
        watch.NAME: partial(watch_missing, ports),
        **{name: partial(airflow_missing, ports, *parts) for name, parts in beats.items()},
    }


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
