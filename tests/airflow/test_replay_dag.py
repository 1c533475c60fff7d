"""`meilenstein_replay` in a real Airflow: the form refuses what cannot be meant; a job runs and tells counts only."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.airflow.conftest import SharedAirflow
from tests.support.quarantine import OFFICE, Partner, steps
from tests.support.raw_kafka import rows

from meilenstein.airflow.rest_client import AirflowClient
from meilenstein.bootstrap import Hub
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import home_of
from meilenstein.errors import PermanentError
from meilenstein.settings import Endpoints

pytestmark = pytest.mark.airflow

DAG = "meilenstein_replay"
FORM = {"actor": "anna", "reason": "test run by mistake", "kind": "REJECT", "agency": OFFICE, "younger_than": 5}


@pytest.fixture(scope="module")
def endpoints(shared_airflow: SharedAirflow) -> Endpoints:
    return shared_airflow.get()[1]


@pytest.fixture
def hub(endpoints: Endpoints) -> Iterator[Hub]:
    with Hub(endpoints) as opened:
        yield opened


@pytest.fixture(scope="module")
def airflow(shared_airflow: SharedAirflow) -> AirflowClient:
    settings, endpoints = shared_airflow.get()
    password = Credentials.read(home_of(settings)).airflow_admin
    client = AirflowClient(endpoints.airflow_url or "", username="admin", password=password, timeout=90)
    client.wait_for_dags([DAG], 90)
    client.unpause(DAG)
    return client


def start(airflow: AirflowClient, form: dict[str, Any]) -> str:
    made = airflow._call("POST", f"/dags/{DAG}/dagRuns", {"logical_date": None, "conf": form})
    return str(made["dag_run_id"])


def finished(airflow: AirflowClient, form: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Run the DAG with a form; return its state and what each task passed on."""
    where = f"/dags/{DAG}/dagRuns/{start(airflow, form)}"
    deadline = time.monotonic() + 180
    while (state := airflow._call("GET", where)["state"]) not in {"success", "failed"}:
        assert time.monotonic() < deadline, f"it is still {state}"
        time.sleep(0.5)
    told = {}
    for task in ("start", "run", "outcome"):
        entry = airflow._call("GET", f"{where}/taskInstances/{task}/xcomEntries/return_value")
        told[task] = entry["value"]
    return str(state), told


@pytest.mark.parametrize(
    "form",
    [
        {},
        {**FORM, "kind": "DELETE"},
        {**FORM, "younger_than": 0},
        {**FORM, "younger_than": "30"},
        {**FORM, "actor": "  "},
        {**FORM, "reason": "a\nb"},
        {**FORM, "reason": "x" * 501},
        {**FORM, "agency": "Nobody!"},
        {**FORM, "code": "x; drop"},
        {**FORM, "dry_run": "no"},
    ],
)
def test_the_form_refuses_what_cannot_be_meant(airflow: AirflowClient, form: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="answered 4"):
        start(airflow, form)


def test_a_dry_run_counts_and_a_job_decides_once(
    endpoints: Endpoints, hub: Hub, airflow: AirflowClient, tmp_path: Path
) -> None:
    Partner(hub, tmp_path).send((1, {"district_ags": "99999"}), (2, {"district_ags": "88888"}))
    steps(hub)
    state, told = finished(airflow, FORM)
    assert (state, told["outcome"]) == ("success", "dry run, nothing was changed: 2 selected")
    assert rows(endpoints, "select distinct state from quarantine_item") == [("OPEN",)]
    state, told = finished(airflow, {**FORM, "kind": "RELEASE", "dry_run": False})
    assert state == "success"
    assert "waits for a second person" in told["outcome"]
    state, told = finished(airflow, {**FORM, "dry_run": False})
    assert (state, told["run"]["counts"]) == ("success", {"selected": 2, "decided": 2})
    assert told["outcome"].endswith("DONE: 2 selected, 2 decided")
    assert rows(endpoints, "select distinct state from quarantine_item") == [("REJECTED",)]
    assert rows(endpoints, "select distinct actor from decision") == [("anna",)]
    assert "mistake" not in json.dumps(told), "XCom carries counts only"
