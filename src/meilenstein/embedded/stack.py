"""One instance as a whole: its parts started in the right order, and side by side where that saves time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType

from meilenstein.embedded import airflow, kafka, postgres, registry, watch
from meilenstein.embedded.airflow import Airflow, find_dags_folder
from meilenstein.embedded.artifacts import ArtifactCache, MavenFetch
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.home import Home
from meilenstein.embedded.kafka import Kafka
from meilenstein.embedded.lock import hold
from meilenstein.embedded.ports import Ports, require_free
from meilenstein.embedded.postgres import Postgres
from meilenstein.embedded.processes import Child, Children
from meilenstein.embedded.progress import Progress, SilentProgress
from meilenstein.embedded.records import end_recorded, read_records
from meilenstein.embedded.registry import Registry
from meilenstein.embedded.watch import WatchPart
from meilenstein.settings import INSTANCE_FILE, Endpoints, Settings, save_endpoints

__all__ = ["Stack", "cache_folder", "end_survivors", "home_of"]

_SURVIVOR_GRACE = 15.0
"""Seconds."""

_THREADS = 6
"""One per part that starts, and one that fetches."""


class Stack:
    """One running instance. It lives as long as this object: `stop` (or leaving the context) ends every part.

    `on_ready` is called once PostgreSQL, Kafka and the registry are healthy and before Airflow and the watch start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        airflow: bool = True,
        watch: bool = False,
        dags_folder: Path | None = None,
        progress: Progress | None = None,
        on_ready: Callable[[Endpoints], None] | None = None,
    ) -> None:
        self._settings = settings
        self._home = home_of(settings)
        self._ports = Ports(settings.port_base)
        self._endpoints_file = self._home.path / INSTANCE_FILE
        self._with_airflow = airflow
        self._watch = WatchPart(home=self._home, ports=self._ports, settings=settings) if watch else None
        self._dags_folder = dags_folder
        self._progress = progress or SilentProgress()
        self._on_ready = on_ready
        self._children = Children(self._home)
        self._held = ExitStack()

    def start(self) -> Endpoints:
        """Start everything and return where it listens. On any error nothing is left running."""
        try:
            dags_folder = find_dags_folder(self._dags_folder) if self._with_airflow else None
            self._home.prepare()
            self._held.enter_context(hold(self._home))
            self._clear_away()
            self._endpoints_file.unlink(missing_ok=True)
            require_free(self._ports.named(airflow=self._with_airflow, watch=self._watch is not None))
            self._home.clear_temporary()
            return self._start(Credentials.of(self._home), dags_folder)
        except BaseException:
            self.stop()
            raise
        finally:
            self._progress.close()

    def stop(self) -> None:
        """End every part, watch and Airflow first, the database last, and give the home free. Safe to call twice."""
        self._children.close()
        try:
            started = bool(self._children.names())
            self._children.stop(watch.NAME, *airflow.STOP_ORDER)
            if started:  # not earlier: tasks that still run find the instance through it
                self._endpoints_file.unlink(missing_ok=True)
            with ThreadPoolExecutor(2) as pool:
                for job in [pool.submit(self._children.stop, name) for name in (kafka.NAME, registry.NAME)]:
                    job.result()
            # Whatever else was under way when the start was broken off.
            self._children.stop(*(name for name in reversed(self._children.names()) if name != postgres.NAME))
            self._children.stop(postgres.NAME)
        finally:
            self._held.close()

    def dead(self) -> Child | None:
        """Return a part that ended although nobody asked it to."""
        return self._children.dead()

    def __enter__(self) -> Endpoints:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, credentials: Credentials, dags_folder: Path | None) -> Endpoints:
        database = Postgres(home=self._home, ports=self._ports, credentials=credentials)
        flow = None
        if dags_folder is not None:
            flow = Airflow(
                home=self._home,
                ports=self._ports,
                credentials=credentials,
                database_url=database.url("airflow", "airflow"),
                dags_folder=dags_folder,
            )
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                stored = pool.submit(self._timed, "PostgreSQL", partial(database.start, self._children))
                migrated = pool.submit(self._migrate, stored, flow) if flow else None
                endpoints = self._start_servers(pool, stored, database, flow)
                save_endpoints(self._home.path, endpoints)
                if self._on_ready is not None:
                    self._timed("contracts, topics and tables", partial(self._on_ready, endpoints))
                watching = None
                if self._watch is not None:
                    watching = pool.submit(self._timed, "Metrics", partial(self._watch.start, self._children))
                if flow is not None and migrated is not None:
                    migrated.result()
                    # In a thread like the others: an interrupt of this one must not fall between start and record.
                    pool.submit(self._timed, "Airflow", partial(flow.start, self._children)).result()
                if watching is not None:
                    watching.result()
            except BaseException:
                self._children.close()  # before the pool waits for its threads: they wait for children
                raise
        return endpoints

    def _clear_away(self) -> None:
        begun = time.monotonic()
        if end_survivors(self._home):
            self._progress.done("ended what was still running", time.monotonic() - begun)

    def _start_servers(
        self, pool: ThreadPoolExecutor, stored: Future[None], database: Postgres, flow: Airflow | None
    ) -> Endpoints:
        """Start Kafka and the registry beside the database that is already starting; return when all are healthy."""
        cache = ArtifactCache(
            cache_folder(self._settings),
            progress=self._progress,
            fetch=MavenFetch(self._settings.maven_url),
            cancelled=self._children.cancelled,
        )
        fetched = pool.submit(cache.ensure)
        broker = Kafka(home=self._home, ports=self._ports, class_path=cache.class_path())
        schemas = Registry(
            home=self._home, ports=self._ports, credentials=database.credentials, tree=cache.tree(registry.ARCHIVE)
        )

        def start_broker() -> None:
            fetched.result()
            self._timed("Kafka", partial(broker.start, self._children))

        def start_registry() -> None:
            fetched.result()
            stored.result()
            self._timed("Registry", partial(schemas.start, self._children))

        _join([stored, fetched, pool.submit(start_broker), pool.submit(start_registry)])
        return Endpoints(
            bootstrap_servers=broker.bootstrap_servers,
            registry_url=schemas.url,
            database_url=database.url("meilenstein_pipeline", "meilenstein"),
            owner_database_url=database.url("meilenstein_owner", "meilenstein"),
            airflow_url=flow.url if flow else None,
            watch_url=self._watch.url if self._watch else None,
        )

    def _migrate(self, stored: Future[None], flow: Airflow) -> None:
        stored.result()
        if flow.needs_migration():
            self._timed("Airflow's tables", partial(flow.migrate, self._children))

    def _timed(self, name: str, action: Callable[[], None]) -> None:
        self._progress.phase(name)
        begun = time.monotonic()
        action()
        self._progress.done(name, time.monotonic() - begun)


def home_of(settings: Settings) -> Home:
    """Return the home that the settings name."""
    return Home(settings.home.expanduser().absolute())


def cache_folder(settings: Settings) -> Path:
    """Return the folder of downloaded files that the settings name."""
    return settings.cache.expanduser().absolute()


def end_survivors(home: Home) -> list[str]:
    """End what an earlier supervisor left running when it was killed; return the names of what was found alive.

    The youngest goes first, which is the order in which the parts depend on each other.
    """
    found = []
    for record in sorted(read_records(home.children), key=lambda record: record.created, reverse=True):
        if record.family():
            found.append(record.name)
            end_recorded(record, grace=_SURVIVOR_GRACE)
        record.remove(home.children)
    return found


def _join(jobs: Sequence[Future[None]]) -> None:
    """Wait for all jobs, but no longer than until the first fails; raise its error."""
    finished, _ = wait(jobs, return_when=FIRST_EXCEPTION)
    for job in jobs:
        if job in finished:
            job.result()
