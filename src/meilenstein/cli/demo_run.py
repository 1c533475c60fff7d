"""What `meilenstein demo` does once the instance runs: publish, let Airflow work, count."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub, utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cli.output import progress_line
from meilenstein.cli.partner import import_log, outboxes, publish_months
from meilenstein.dag_names import CLOCKS, DAGS
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import home_of
from meilenstein.errors import RetryableError
from meilenstein.operations.balance import Balance
from meilenstein.operations.lag import Work
from meilenstein.settings import Endpoints, Settings
from meilenstein.simulate.example_case import example_case
from meilenstein.simulate.simulation import simulate

__all__ = ["EXAMPLE_START", "Demo"]


EXAMPLE_START = dt.date(2026, 3, 2)
"""First day of the example case, so that its events are the same in every demo and in the tutorial."""

_SAMPLE_PROFILE = "permit_receipts"
_WORK_SECONDS = 300.0
_SETTLE_SECONDS = 120.0


@dataclass(slots=True)
class Demo:
    """One demonstration on a running instance."""

    settings: Settings
    endpoints: Endpoints
    hub: Hub
    since: dt.datetime
    """When the demonstration began: earlier DAG runs of the home do not count."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a phase."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)

    def airflow(self) -> AirflowClient:
        """Return a client that acts as Airflow's admin."""
        if self.endpoints.airflow_url is None:
            raise RetryableError("demo: Airflow does not run")
        password = Credentials.read(home_of(self.settings)).airflow_admin
        return AirflowClient(self.endpoints.airflow_url, username="admin", password=password)

    def publish(self, *, cases: int) -> None:
        """Publish the example case, a simulated month, and the sample log where one is named."""
        with self.phase("example case"):
            self._publish_example()
        with self.phase("simulated month"):
            until = berlin_date(utc_now()) - dt.timedelta(days=1)
            publish_months(
                self.hub,
                self.settings,
                simulate(seed=1, cases=cases, months=1, until=until, directory=self.hub.directory),
            )
        if self.settings.sample_log:
            with self.phase("sample log"):
                import_log(self.hub, self.settings, self.settings.sample_log, _SAMPLE_PROFILE)

    def _publish_example(self) -> None:
        folder = outboxes(self.settings)
        for step in example_case(EXAMPLE_START):
            for sender, event_type, body in step.events:
                with self.hub.publisher(sender, "example", folder / f"{sender}-example.sqlite") as publisher:
                    publisher.add((event_type, body))
                    publisher.send().require_all()
        progress_line("published the example case")

    def wait_until_done(self) -> None:
        """Wait until Airflow has worked off everything that was published."""
        self.airflow().wait_for_dags(DAGS, 60.0)
        deadline = time.monotonic() + _WORK_SECONDS
        while work := self.hub.work():
            if time.monotonic() > deadline:
                raise RetryableError(f"demo: after {_WORK_SECONDS:.0f} s {self._left(work)}")
            time.sleep(0.5)

    def _left(self, work: Work) -> str:
        """Say what is left to do, which step fails with what, and where to look."""
        store = work.backlog
        left = {
            f"{work.lag:,} records are not drained": work.lag,
            f"{store.open_batches:,} batches have no verdict": store.open_batches,
            "cases wait to be folded": store.touched,
            "messages are unsent": store.unsent,
        }
        failing = [f"{step} fails ({error})" for step, error in self.hub.failing_steps()]
        told = ", ".join([words for words, count in left.items() if count] + failing)
        return f"{told}; look at the failed tasks in Airflow, and at `meilenstein doctor`"

    def dag_runs(self) -> dict[str, int]:
        """Return how many DAG runs of this demonstration are in which state."""
        return dict(self.airflow().run_states(DAGS, since=self.since))

    def finish(self) -> dict[str, int]:
        """Run the clocks once, pause the DAGs, wait for what runs; return DAG runs by state."""
        airflow = self.airflow()
        airflow.trigger(CLOCKS)
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            self._wait(airflow, ("queued", "running"), deadline)
            for dag in DAGS:
                airflow.pause(dag)
            self._wait(airflow, ("running",), deadline)
            states = airflow.run_states(DAGS, since=self.since)
            if not states["queued"]:
                return dict(states)
            for dag in DAGS:  # a run was made in the moment between; let it go through
                airflow.unpause(dag)

    def _wait(self, airflow: AirflowClient, states: tuple[str, ...], deadline: float) -> None:
        while any(airflow.run_states(DAGS, since=self.since)[state] for state in states):
            if time.monotonic() > deadline:
                raise RetryableError("demo: DAG runs did not end in time; look at them in Airflow")
            time.sleep(0.5)

    def result(self, balance: Balance, dags: dict[str, int]) -> dict[str, Any]:
        """Return the demonstration's outcome as plain values."""
        counted = balance.as_json()
        return {
            **{name: counted[name] for name in ("records", "fates", "reasons", "cases", "findings", "clocks")},
            "dags": dags,
            "seconds": dict(self.seconds),
            "conserved": balance.conserved,
        }


def succeeded(result: dict[str, Any]) -> bool:
    """Say whether no DAG run failed, nothing is pending, and no record is missing.

    Airflow goes on: where nobody waited for the runs to end (`finish`), one of them is always under way.
    """
    return bool(
        result["conserved"]
        and not result["fates"]["pending"]
        and set(result["dags"]) <= {"success", "queued", "running"}
        and result["dags"].get("success")
    )
