"""The DAGs in a real Airflow: what is there, that each step runs, and that waiting records wake the pipeline."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.support.conservation import check_conservation
from tests.support.instance import TEST_DAY

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub
from meilenstein.embedded.airflow_environment import airflow_environment
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.ports import Ports
from meilenstein.embedded.stack import home_of
from meilenstein.simulate.example_case import example_case
from meilenstein_connectors.inbox import FateState, Inbox

pytestmark = pytest.mark.airflow

DAGS_FOLDER = Path(__file__).parents[2] / "dags"
BY_HAND = {"meilenstein_replay"}
"""Started with a form: tests/airflow/test_replay_dag.py."""
DAG_IDS = {"meilenstein_pipeline", "meilenstein_clocks", "meilenstein_reports", *BY_HAND}


@pytest.fixture(scope="module")
def settings(shared_airflow):
    return shared_airflow.get()[0]


@pytest.fixture(scope="module")
def endpoints(shared_airflow):
    return shared_airflow.get()[1]


@pytest.fixture(scope="module")
def airflow(settings, endpoints):
    password = Credentials.read(home_of(settings)).airflow_admin
    client = AirflowClient(endpoints.airflow_url, username="admin", password=password)
    client.wait_for_dags(DAG_IDS, 60)
    return client


@pytest.fixture
def in_airflow(settings, endpoints):
    """Run Python in a process that has Airflow's own settings."""
    home = home_of(settings)
    environment = airflow_environment(
        home=home,
        folder=home.path / "airflow",
        ports=Ports(settings.port_base),
        credentials=Credentials.read(home),
        dags_folder=DAGS_FOLDER,
    )

    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


def test_exactly_our_dags_are_there_and_none_fails_to_import(in_airflow):
    code = (
        "import json; from airflow.dag_processing.dagbag import DagBag; import os;"
        "bag = DagBag(dag_folder=os.environ['AIRFLOW__CORE__DAGS_FOLDER']);"
        "print(json.dumps([sorted(bag.dags), bag.import_errors]))"
    )
    ids, errors = json.loads(in_airflow(code).splitlines()[-1])
    assert errors == {}
    assert set(ids) == DAG_IDS


def test_the_airflow_that_runs_knows_exactly_our_dags(airflow):
    dags = airflow._call("GET", "/dags?limit=100")["dags"]
    assert {dag["dag_id"] for dag in dags} == DAG_IDS
    assert airflow._call("GET", "/importErrors")["import_errors"] == []


@contextmanager
def only_here(airflow, dag_id):
    """Keep the scheduler off: it would take tasks of a run that `DAG.test` works off in its own process."""
    airflow.pause(dag_id)
    try:
        yield
    finally:
        airflow.unpause(dag_id)


# Without their deadline: `DAG.test` looks it up in the database by its definition instead of its id, which fails.
@pytest.mark.parametrize("dag_id", sorted(DAG_IDS - BY_HAND))
def test_a_dag_run_in_one_process_succeeds(in_airflow, airflow, dag_id):
    code = (
        "import json, os; from airflow.dag_processing.dagbag import DagBag;"
        "bag = DagBag(dag_folder=os.environ['AIRFLOW__CORE__DAGS_FOLDER']);"
        f"dag = bag.dags[{dag_id!r}]; dag.deadline = None; run = dag.test(); print(json.dumps(str(run.state.value)))"
    )
    with only_here(airflow, dag_id):
        assert json.loads(in_airflow(code).splitlines()[-1]) == "success"


def test_the_reports_of_yesterday_lie_in_the_home_after_their_run(in_airflow, airflow, settings):
    code = (
        "import os; from airflow.dag_processing.dagbag import DagBag;"
        "bag = DagBag(dag_folder=os.environ['AIRFLOW__CORE__DAGS_FOLDER']);"
        "dag = bag.dags['meilenstein_reports']; dag.deadline = None; run = dag.test();"
        "print(run.get_task_instance('outcome').rendered_map_index)"
    )
    with only_here(airflow, "meilenstein_reports"):
        told = in_airflow(code).splitlines()[-1]
    yesterday = dt.datetime.now(ZoneInfo("Europe/Berlin")).date() - dt.timedelta(days=1)
    pages = sorted(path.name for path in (settings.home / "reports").glob(f"day-{yesterday}.*"))
    assert pages == [f"day-{yesterday}.de.html", f"day-{yesterday}.en.html", f"day-{yesterday}.json"]
    assert told.startswith(f"day-{yesterday}: 0 arrived, 0 quarantined")


def test_airflow_woken_by_waiting_records_processes_them(settings, endpoints, airflow, tmp_path):
    events = [event for step in example_case(TEST_DAY.replace(month=3)) for event in step.events]
    with Hub(endpoints) as hub:
        for sender, event_type, body in events:
            with hub.publisher(sender, "example", tmp_path / f"{sender}.sqlite") as publisher:
                publisher.publish((event_type, body))
        began = time.monotonic()
        waiting = {body["event_id"]: sender for sender, _, body in events}
        while waiting and time.monotonic() - began < 120:
            for sender in set(waiting.values()):
                with Inbox(agency=sender, transport=hub.transport, state=tmp_path / f"{sender}.sqlite") as inbox:
                    inbox.refresh(timeout=1.0)
                    for event_id in [event for event, owner in waiting.items() if owner == sender]:
                        if inbox.fate(event_id).state is FateState.ACCEPTED:
                            del waiting[event_id]
            time.sleep(0.2)
        assert not waiting, f"{len(waiting)} events were not answered in two minutes"
        deadline = time.monotonic() + 60
        while hub.backlog() and time.monotonic() < deadline:
            time.sleep(0.3)
        assert hub.balance().cases == 1
    runs = airflow._call("GET", "/dags/meilenstein_pipeline/dagRuns?limit=100")["dag_runs"]
    woken = [run for run in runs if run["run_type"] == "asset_triggered"]
    assert woken, f"no run was woken by the trigger: {[run['run_type'] for run in runs]}"
    check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)


def test_no_event_content_reaches_airflows_database(endpoints, in_airflow):
    """XCom carries counts only: neither a file reference nor an event id of the example case is in it."""
    code = (
        "from airflow.utils.session import create_session; from sqlalchemy import text;\n"
        "with create_session() as session: print([str(row) for row in session.execute(text('select value from xcom'))])"
    )
    told = in_airflow(code)
    assert "counts" in told
    assert "20260321" not in told
