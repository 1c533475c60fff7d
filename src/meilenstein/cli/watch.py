"""`meilenstein watch`: metrics, health and alarms of one instance, from a process of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub, utc_now
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.cli.signals import stopped_by_signals
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import home_of
from meilenstein.embedded.status import ports_in_use
from meilenstein.errors import PermanentError
from meilenstein.monitoring.configuration import channels_of, limits_of
from meilenstein.monitoring.exposition import as_text, as_values
from meilenstein.monitoring.outage import Outage
from meilenstein.monitoring.readings import AirflowLevels
from meilenstein.monitoring.server import HOST, WatchServer
from meilenstein.monitoring.sources import Source
from meilenstein.monitoring.watch import Watch, watch_alarms
from meilenstein.settings import Endpoints, Settings, load_endpoints, load_settings

__all__ = ["add_watch_command", "open_watch"]

_STORE_SECONDS = 5.0
_AIRFLOW_SECONDS = 60.0
_ONCE_SECONDS = 120.0
_STATES = ("success", "failed", "running", "queued")


def add_watch_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(watch)


def watch(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; default the port base + 6; 0 for any.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the metrics once and end; no alarms.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve /metrics, /health/live and /health/ready, and send alarms, until Ctrl-C."""
    settings = load_settings()
    endpoints = load_endpoints(settings)
    if once:
        _once(settings, endpoints, as_json=as_json)
        return
    channels, limits = channels_of(settings), limits_of(settings)
    stop = stopped_by_signals()
    wanted = ports_in_use(home_of(settings), settings).watch if port is None else port
    hub = Hub(endpoints)
    with open_watch(settings, endpoints) as watching:
        server = WatchServer(wanted, watching.routes())
        progress_line(f"metrics at http://{HOST}:{server.port}/metrics; Ctrl-C ends")
        try:
            watch_alarms(
                lambda: hub.alarms(limits, channels),
                reset=hub.reset,
                lag=watching.lag,
                outage=Outage(channels, utc_now, after=limits.failing),
                stopped=stop.is_set,
                pause=stop.wait,
            )
        finally:
            server.close()
            hub.reset()


def _once(settings: Settings, endpoints: Endpoints, *, as_json: bool) -> None:
    with open_watch(settings, endpoints, count_seconds=_ONCE_SECONDS / 2) as watching:
        readings = watching.readings(wait=_ONCE_SECONDS)
    if as_json:
        print_json({"parts": dict(readings.parts()), "metrics": as_values(readings)})
    else:
        typer.echo(as_text(readings).decode(), nl=False)
    down = sorted(name for name, up in readings.parts().items() if not up)
    if down:
        raise PermanentError(f"watch: no answer from {', '.join(down)}; `meilenstein status` says more")


@contextmanager
def open_watch(settings: Settings, endpoints: Endpoints, *, count_seconds: float = 2.0) -> Iterator[Watch]:
    """Open the sources of readings, each with parts of its own; see StoreReader for `count_seconds`."""
    store, broker = Hub(endpoints), Hub(endpoints)
    reader = store.store_reader(count_seconds=count_seconds)
    watching = Watch(
        store=Source("store", reader.read, every=_STORE_SECONDS, close=store.reset),
        broker=Source("kafka", broker.broker_levels, every=_STORE_SECONDS, close=broker.reset),
        airflow=_airflow(settings, endpoints),
    )
    try:
        yield watching
    finally:
        watching.stop()


def _airflow(settings: Settings, endpoints: Endpoints) -> Source[AirflowLevels] | None:
    """Return the source of DAG runs; Airflow elsewhere has logins of its own, so only the instance's is asked."""
    if not endpoints.airflow_url:
        return None
    password = Credentials.read(home_of(settings)).airflow_viewer
    client = AirflowClient(endpoints.airflow_url, username="viewer", password=password, timeout=5.0)
    return Source("airflow", lambda: _airflow_levels(client), every=_AIRFLOW_SECONDS)


def _airflow_levels(client: AirflowClient) -> AirflowLevels:
    since = utc_now() - dt.timedelta(days=1)
    dags = client.dag_ids("meilenstein")
    ends = {dag: client.last_success(dag) for dag in dags}
    return AirflowLevels(
        runs={(dag, state): client.count_runs(dag, state, since=since) for dag in dags for state in _STATES},
        succeeded_at={dag: at for dag, at in ends.items() if at is not None},
    )
