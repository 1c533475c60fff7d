"""What an operator sees in a real Airflow: outcomes in one line, the agency behind a red task, late runs."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import psycopg
import pytest
import requests
from tests.support.canaries import TOKEN, files_with_token, found_in, hostile_records
from tests.support.ports import free_port_base
from tests.support.raw_kafka import Raw, entry, framed, recreate_topic, rows, schema_id_of, send_raw

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import Stack, home_of
from meilenstein.settings import load_settings

pytestmark = pytest.mark.airflow

DAGS = sorted((Path(__file__).parents[2] / "dags").glob("*.py"))
PIPELINE = "meilenstein_pipeline"
TOPIC = "milestones.abh-dresden"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return load_settings(
        home=tmp_path_factory.mktemp("operator"), port_base=free_port_base(), alarm_failing_minutes=0.1
    )


@pytest.fixture(scope="module")
def endpoints(settings, tmp_path_factory):
    dags = tmp_path_factory.mktemp("dags")
    for path in [*DAGS, Path(__file__).with_name("late_dag.py")]:
        shutil.copy(path, dags)

    def prepare(endpoints):
        with Hub(endpoints) as hub:
            hub.prepare()

    with Stack(settings, watch=True, dags_folder=dags, on_ready=prepare) as endpoints:
        yield endpoints


@pytest.fixture(scope="module")
def airflow(settings, endpoints):
    password = Credentials.read(home_of(settings)).airflow_admin
    client = AirflowClient(endpoints.airflow_url, username="admin", password=password)
    client.wait_for_dags({path.stem for path in DAGS} | {"late"}, 90)
    return client


def finished(airflow, dag_id, run_id, seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        run = airflow._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}")
        if run["state"] in {"success", "failed"}:
            return run["state"]
        assert time.monotonic() < deadline, f"{dag_id} is still {run['state']}"
        time.sleep(0.5)


def task_that_says(airflow, task_id, words, seconds=120):
    """Wait for a task that shows the words; return it when its run has ended. Any run may have done the work."""
    deadline = time.monotonic() + seconds
    while True:
        listed = airflow._call("GET", f"/dags/{PIPELINE}/dagRuns/~/taskInstances?task_id={task_id}&limit=100")
        for task in listed["task_instances"]:
            if words in (task["rendered_map_index"] or ""):
                finished(airflow, PIPELINE, task["dag_run_id"])
                return task
        assert time.monotonic() < deadline, [task["rendered_map_index"] for task in listed["task_instances"]]
        time.sleep(0.5)


def tasks_of(airflow, run_id, task_id):
    listed = airflow._call("GET", f"/dags/{PIPELINE}/dagRuns/{run_id}/taskInstances?limit=100")["task_instances"]
    return [task for task in listed if task["task_id"] == task_id]


def send(endpoints, *numbers):
    schema_id = schema_id_of(endpoints, "EntryReported")
    send_raw(endpoints, [Raw(topic=TOPIC, value=framed(schema_id, entry(number))) for number in numbers])


def test_every_dag_of_ours_says_what_to_do_who_owns_it_and_when_it_is_late(airflow):
    for path in DAGS:
        dag = airflow._call("GET", f"/dags/{path.stem}/details")
        assert "red" in dag["doc_md"] and "meilenstein " in dag["doc_md"], path.stem
        assert dag["owners"] == ["meilenstein"]
        assert "meilenstein" in {tag["name"] for tag in dag["tags"]}
        answer = airflow._session.get(f"{airflow._url}/ui/dags/{path.stem}/deadlineAlerts", timeout=10)
        deadlines = answer.json()["deadline_alerts"]
        assert [alert["name"].startswith("finished within") for alert in deadlines] == [True], path.stem


def test_a_good_run_says_in_one_line_what_each_task_did(endpoints, airflow):
    send(endpoints, 1, 2, 3)
    validate = task_that_says(airflow, "validate", "3 accepted")
    run_id = validate["dag_run_id"]
    (outcome,) = tasks_of(airflow, run_id, "outcome")
    assert outcome["rendered_map_index"].startswith("drain ")
    assert "validate 3 accepted" in outcome["rendered_map_index"] and "feedback" in outcome["rendered_map_index"]
    assert [task["state"] for task in tasks_of(airflow, run_id, "agency")] == ["skipped"]
    assert finished(airflow, PIPELINE, run_id) == "success"


def test_a_halted_partition_is_a_red_task_named_for_its_agency(endpoints, airflow):
    recreate_topic(endpoints, TOPIC)
    send(endpoints, 4)
    airflow.trigger(PIPELINE)
    outcome = task_that_says(airflow, "outcome", "ABH-DRESDEN TOPIC_RECREATED")
    run_id = outcome["dag_run_id"]
    assert finished(airflow, PIPELINE, run_id) == "failed"
    # First click: the red square of `agency` leads to this list.
    mapped = airflow._call("GET", f"/dags/{PIPELINE}/dagRuns/{run_id}/taskInstances/agency/listMapped")
    (only,) = mapped["task_instances"]
    assert (only["rendered_map_index"], only["state"]) == ("abh-dresden: TOPIC_RECREATED", "failed")
    # Second click: its log.
    place = f"/dags/{PIPELINE}/dagRuns/{run_id}/taskInstances/agency"
    log = str(airflow._call("GET", f"{place}/logs/{only['try_number']}?map_index=0"))
    assert "abh-dresden: HALTED" in log
    assert "meilenstein cursor resume milestones.abh-dresden" in log
    assert "meilenstein status --agency abh-dresden" in log


def test_a_run_that_is_late_opens_one_alarm(endpoints, airflow):
    runs = [airflow.trigger("late") for _ in range(2)]
    for run in runs:
        finished(airflow, "late", run)
    deadline = time.monotonic() + 60
    query = "select about, cleared_at from alarm where code = 'RUN_LATE'"
    while not (found := rows(endpoints, query)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert found == [("late", None)]


def test_the_metrics_tell_how_the_runs_ended(endpoints):
    wanted = re.compile(rb'meilenstein_dag_runs\{dag="meilenstein_pipeline",state="success"\} [1-9]')
    deadline = time.monotonic() + 120
    while not wanted.search(told := requests.get(f"{endpoints.watch_url}/metrics", timeout=30).content):
        assert time.monotonic() < deadline, told.decode()
        time.sleep(5)
    assert b'meilenstein_dag_last_success_timestamp_seconds{dag="meilenstein_pipeline"}' in told


def test_no_payload_reaches_a_log_a_metric_or_airflows_database(settings, endpoints, airflow):
    with Hub(endpoints) as hub:
        rows(endpoints, "update cursor set retired_at = now() where topic = %s and halted_at is not null", TOPIC)
        send_raw(endpoints, hostile_records(endpoints))
        deadline = time.monotonic() + 120
        while (fates := hub.balance().fates)["quarantined"] < 10 or fates["pending"] or hub.backlog():
            assert time.monotonic() < deadline, fates
            time.sleep(1)
    assert fates["duplicate"] >= 1 and fates["accepted"] >= 4, fates
    metrics = requests.get(f"{endpoints.watch_url}/metrics", timeout=30).content
    assert b'meilenstein_records_total{agency="abh-dresden"}' in metrics
    assert not found_in(metrics)
    home = home_of(settings)
    logs = [path for path in home.logs.rglob("*") if path.is_file()]
    assert {"kafka.log", "postgresql.log", "registry.log", "watch.log"} <= {path.name for path in logs}
    assert any("task_id=validate" in str(path) for path in logs)
    assert files_with_token(home.logs) == []
    assert files_with_token(home.path / "airflow") == []
    assert TOKEN in str(rows(endpoints, "select case_reference from case_file")), "the token got nowhere at all"
    database = Credentials.read(home).airflow
    with psycopg.connect(f"postgresql://airflow:{database}@127.0.0.1:{settings.port_base + 3}/airflow") as connection:
        for (table,) in connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            with connection.cursor().copy(f'copy "{table}" to stdout') as copied:
                content = b"".join(bytes(block) for block in copied)
            assert not found_in(content), table
