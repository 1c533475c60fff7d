"""Airflow's tasks cleared, marked, killed, paused and run beside each other while records flow: nothing is lost.

Airflow is only a clock. Whatever is done to its runs, what was published is judged once, told once it is known, and
nothing of a payload stands in Airflow's tables or logs.
"""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from tests.support.canaries import TOKEN, files_with_token, found_in, hostile_records
from tests.support.crews import Crew, Event, Partner, partners_of
from tests.support.instance import empty_instance
from tests.support.raw_kafka import rows, send_raw
from tests.support.settled import check_settled, settle
from tests.support.stack import living, wait_until

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.records import read_records
from meilenstein.embedded.stack import home_of
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.operations.lag import read_work
from meilenstein.settings import Endpoints, Settings

pytestmark = pytest.mark.airflow

SEED = 20261122
PIPELINE = "meilenstein_pipeline"
TASKS = ("drain", "validate", "reconcile", "feedback")
ROUNDS = 3
TASK = re.compile(r"airflow worker -- [0-9a-f-]{36}")
"""Title of a task's process, with the id of the task instance."""


class Interference:
    """Does to Airflow what hurried people and dying machines do to it."""

    def __init__(self, settings: Settings, endpoints: Endpoints, folder: Path) -> None:
        self.settings, self.endpoints = settings, endpoints
        self._home = home_of(settings)
        password = Credentials.read(self._home).airflow_admin
        self.airflow = AirflowClient(str(endpoints.airflow_url), username="admin", password=password)
        self.chance = random.Random(SEED)
        self.done: Counter[str] = Counter()
        self._triggerers: list[subprocess.Popen[bytes]] = []
        self._log = folder / "triggerer.log"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask Airflow for something; its transactions may collide, so only what fails again and again is a fault."""
        for _ in range(3):
            try:
                return self.airflow._call(method, f"/dags/{PIPELINE}{path}", body)
            except PermanentError as error:
                if "answered 5" not in str(error):
                    raise
                time.sleep(1.0)
        raise AssertionError(f"Airflow cannot do what its users ask for: {method} {path} {body}")

    def trigger(self) -> str:
        return str(self.call("POST", "/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self, *states: str) -> list[str]:
        """Return the newest runs in one of the states, or in any."""
        runs = self.call("GET", "/dagRuns?limit=20&order_by=-run_after")["dag_runs"]
        return [run["dag_run_id"] for run in runs if not states or run["state"] in states]

    def clear(self) -> None:
        """Clear a step of a run, at work or done, with everything after it."""
        run, task = self.chance.choice(self.runs("running", "success", "failed")[:4]), self.chance.choice(TASKS)
        body = {"dry_run": False, "only_failed": False, "dag_run_id": run, "task_ids": [task]}
        self.call("POST", "/clearTaskInstances", {**body, "include_downstream": True})

    def mark_success(self) -> None:
        self._mark("success")

    def mark_failed(self) -> None:
        self._mark("failed")

    def _mark(self, state: str) -> None:
        """Mark a step that has yet to run, or runs, as done or failed."""
        run = self.chance.choice(self.runs("running", "queued") or [self.trigger()])
        found = self.call("GET", f"/dagRuns/{run}/taskInstances?limit=50")["task_instances"]
        open_ = [task["task_id"] for task in found if task["task_id"] in TASKS and task["state"] != state]
        self.call("PATCH", f"/dagRuns/{run}/taskInstances/{self.chance.choice(open_)}", {"new_state": state})

    def fail_run(self) -> None:
        run = self.chance.choice(self.runs("running", "queued") or [self.trigger()])
        self.call("PATCH", f"/dagRuns/{run}", {"state": "failed"})

    def pause(self) -> None:
        self.call("PATCH", "", {"is_paused": True})
        time.sleep(1.0)
        self.call("PATCH", "", {"is_paused": False})

    def trigger_beside_each_other(self) -> None:
        for _ in range(2):
            self.trigger()

    def kill_task(self) -> None:
        """Kill -9 the process of a task, some time after it began."""
        self.trigger()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for process in self.at_work():
                time.sleep(self.chance.uniform(0, 0.4))
                if process.is_running():
                    process.kill()
                    return
            time.sleep(0.01)
        raise PermanentError("no task was at work")

    def kill_triggerer(self) -> None:
        """Kill -9 the triggerer with its children, and start another one as it was."""
        (record,) = [found for found in read_records(self._home.children) if found.name == "airflow-triggerer"]
        process = self._triggerers[-1] if self._triggerers else None
        leader = psutil.Process(process.pid if process else record.pid)
        argv, env, cwd = leader.cmdline(), leader.environ(), leader.cwd()
        family = [leader, *leader.children(recursive=True)]
        for member in family:
            member.kill()
        wait_until(lambda: not living(family), seconds=10, message="the triggerer did not end")
        with self._log.open("ab") as log:
            self._triggerers.append(
                subprocess.Popen(argv, env=env, cwd=cwd, stdout=log, stderr=log, start_new_session=True)
            )

    def at_work(self) -> list[psutil.Process]:
        """Return the processes of tasks. A run of a paused DAG never ends, but its tasks do."""
        (record,) = [found for found in read_records(self._home.children) if found.name == "airflow-scheduler"]
        family = psutil.Process(record.pid).children(recursive=True)
        return [process for process in family if TASK.match(_title(process))]

    def interfere(self) -> None:
        """Do everything several times, in an order drawn once and for all."""
        kinds: list[Callable[[], None]] = [
            self.clear,
            self.mark_success,
            self.mark_failed,
            self.fail_run,
            self.pause,
            self.trigger_beside_each_other,
            self.kill_task,
        ] * ROUNDS
        self.chance.shuffle(kinds)
        for kind in [self.kill_triggerer, *kinds]:
            self._try(kind)
            time.sleep(self.chance.uniform(0, 0.8))
        for kind in kinds:
            for _ in range(10):
                if self.done[kind.__name__]:
                    break
                self._try(kind)

    def _try(self, kind: Callable[[], None]) -> None:
        try:
            kind()
            self.done[kind.__name__] += 1
        except (PermanentError, RetryableError, IndexError):  # it was over before it could be interfered with
            self.done[f"{kind.__name__} came too late"] += 1

    def close(self) -> None:
        for process in self._triggerers:
            for member in [*_children(process.pid), process]:
                member.kill()
            process.wait(10)


def _children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True) if psutil.pid_exists(pid) else []


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.fixture
def interference(shared_airflow, tmp_path: Path) -> Iterator[Interference]:
    settings, endpoints = shared_airflow.get()
    opened = Interference(settings, endpoints, tmp_path)
    opened.airflow.wait_for_dags([PIPELINE], 90)
    opened.airflow.pause(PIPELINE)
    wait_until(lambda: not opened.at_work(), seconds=120, message="tasks do not come to an end")
    empty_instance(endpoints)
    opened.airflow.unpause(PIPELINE)
    yield opened
    opened.close()
    shared_airflow.end()  # nobody else is to use what was interfered with


def with_token(events: list[Event]) -> list[Event]:
    """Put the token into every reference of the events, so that what belongs together still does."""

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\A([A-Z][0-9]?-[0-9]{8})\Z", rf"\1-{TOKEN}", value)
        if isinstance(value, list):
            return [changed(entry) for entry in value]
        return {name: changed(part) for name, part in value.items()} if isinstance(value, dict) else value

    return [(event_type, changed(body)) for event_type, body in events]


def work_left(hub: Hub) -> bool:
    return bool(read_work(hub.log(), hub.connection("lag"), hub.topics()))


@pytest.mark.timeout(900)
def test_whatever_is_done_to_its_runs_all_records_are_processed_and_none_is_told_to_airflow(
    interference: Interference, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoints, enough = interference.endpoints, tmp_path / "enough"
    partners = [
        Partner(found.agency, tmp_path, with_token(list(found.events)), chunk=3, pause=0.3, until=enough)
        for found in partners_of(150, tmp_path)
    ]
    with Crew(endpoints, partners) as senders:
        began = time.monotonic()
        interference.interfere()
        took = time.monotonic() - began
        send_raw(endpoints, hostile_records(endpoints))
        enough.touch()
        confirmed = senders.outcomes()
    assert all(isinstance(count, int) for count in confirmed), confirmed
    with capsys.disabled():
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(interference.done.items()))
        print(f"\n  in {took:.0f} s, {sum(confirmed)} events: {told}", end="")  # noqa: T201
    kinds = {kind for kind in interference.done if "too late" not in kind}
    assert len(kinds) == 8, f"not everything was tried: {interference.done}"

    with Hub(endpoints) as hub:  # from here on only what Airflow does by itself
        wait_until(lambda: not work_left(hub), seconds=400, message="Airflow does not process what is left")
    interference.airflow.pause(PIPELINE)
    wait_until(lambda: not interference.at_work(), seconds=120, message="a task does not come to an end")
    settle(endpoints)
    found = check_settled(endpoints, [path for partner in partners for path in partner.outboxes])
    assert found.accepted > 100 and found.quarantined > 10 and found.duplicate > 5

    assert TOKEN in str(rows(endpoints, "select case_reference from case_file limit 5")), "the token got nowhere"
    home = home_of(interference.settings)
    assert any("task_id=validate" in str(path) for path in home.logs.rglob("*.log"))
    assert files_with_token(home.logs) == []
    assert files_with_token(home.path / "airflow") == []
    assert tables_with_token(interference) == []


def tables_with_token(interference: Interference) -> list[str]:
    """Return the tables of Airflow's database that hold the token in any form; XCom is one of them."""
    password = Credentials.read(home_of(interference.settings)).airflow
    port = interference.settings.port_base + 3
    found, looked_at = [], 0
    with psycopg.connect(f"postgresql://airflow:{password}@127.0.0.1:{port}/airflow") as connection:
        names = [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        for name in names:
            with connection.cursor().copy(f'copy "{name}" to stdout') as copied:
                content = b"".join(bytes(block) for block in copied)
            looked_at += len(content)
            if found_in(content):
                found.append(name)
    assert {"xcom", "task_instance", "log", "asset_event"} <= set(names) and looked_at > 10_000
    return found
