"""A real instance without Airflow: started, looked at, killed, started again, ended."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil
import psycopg
import pytest
import requests
from kafka import KafkaAdminClient
from tests.support.ports import free_port_base
from tests.support.stack import assert_ended, foreign_listeners, living, processes_of, supervisor

from meilenstein.embedded.doctor import doctor
from meilenstein.embedded.stack import Stack
from meilenstein.embedded.status import HEALTHY, is_orphaned, status
from meilenstein.embedded.supervisor import request_stop, wipe
from meilenstein.errors import ConfigurationError
from meilenstein.settings import load_endpoints, load_settings

pytestmark = pytest.mark.stack

SERVERS = {"postgresql", "kafka", "registry", "watch"}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", port_base=free_port_base())


def states(settings) -> dict[str, str]:
    return {part.name: part.health or part.state for part in status(settings) if part.name in SERVERS}


def remember(endpoints) -> None:
    """Leave something in each part."""
    with psycopg.connect(endpoints.owner_database_url, autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    admin.create_topics({"kept": {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    schema = {"schema": '{"type":"record","name":"Kept","fields":[]}'}
    answer = requests.post(f"{endpoints.registry_url}/subjects/Kept/versions", json=schema, timeout=10)
    assert answer.status_code == 200


def assert_remembered(endpoints) -> None:
    with psycopg.connect(endpoints.owner_database_url) as connection:
        assert connection.execute("select answer from kept").fetchall() == [(42,)]
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap_servers)
    assert "kept" in admin.list_topics()
    admin.close()
    assert requests.get(f"{endpoints.registry_url}/subjects", timeout=10).json() == ["Kept"]


def assert_only_described_rights(endpoints) -> None:
    with psycopg.connect(endpoints.database_url) as pipeline, pytest.raises(psycopg.errors.InsufficientPrivilege):
        pipeline.execute("create table public.mine ()")
    wrong = endpoints.database_url.replace("meilenstein_pipeline:", "meilenstein_pipeline:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_an_instance_outlives_the_kill_of_its_supervisor_and_the_next_start_keeps_its_data(settings):
    with supervisor(settings) as running:
        assert states(settings) == dict.fromkeys(SERVERS, HEALTHY)
        assert [check for check in doctor(settings) if not check.ok] == []
        endpoints = load_endpoints(settings)
        remember(endpoints)
        assert_only_described_rights(endpoints)

        processes = processes_of(settings)
        assert len(processes) >= len(SERVERS)
        assert foreign_listeners(processes) == []
        assert_no_secret_in_arguments(settings, processes)
        with pytest.raises(ConfigurationError, match=f"in use by process {running.pid}"):
            Stack(settings, airflow=False).start()
        assert states(settings) == dict.fromkeys(SERVERS, HEALTHY)

        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert living(processes), "the kill took the servers along"
        failed = [check for check in doctor(settings) if not check.ok]
        assert [check.name for check in failed] == ["supervisor"]
        assert "`meilenstein up` ends them in order" in failed[0].detail
        assert is_orphaned(settings)

    stack = Stack(settings, airflow=False, watch=True)
    again = stack.start()
    try:
        assert living(processes) == []
        assert again == endpoints
        assert_remembered(again)
        processes = processes_of(settings)
    finally:
        stack.stop()
    assert_ended(processes, settings)
    with pytest.raises(ConfigurationError, match="meilenstein up"):
        load_endpoints(settings)


def assert_no_secret_in_arguments(settings, processes: list[psutil.Process]) -> None:
    secrets = json.loads((Path(settings.home) / "secrets.json").read_text()).values()
    assert len(secrets) > 5
    arguments = "\n".join(" ".join(process.cmdline()) for process in processes)
    assert [secret for secret in secrets if secret in arguments] == []


def test_two_instances_live_side_by_side_and_each_is_ended_alone(tmp_path):
    first, second = (load_settings(home=tmp_path / name, port_base=free_port_base()) for name in ("a", "b"))
    with supervisor(first) as running, Stack(second, airflow=False, watch=True) as endpoints:
        remember(endpoints)
        processes = processes_of(first)
        assert request_stop(first) == []
        assert running.wait(30) == 0
        assert_ended(processes, first)
        assert states(second) == dict.fromkeys(SERVERS, HEALTHY)
        assert_remembered(endpoints)
    wipe(first)
    assert not (tmp_path / "a").exists()


def test_a_part_that_dies_is_named_and_the_others_are_ended(settings):
    with supervisor(settings) as running:
        processes = processes_of(settings)
        [broker] = [part for part in status(settings) if part.name == "kafka"]
        os.kill(broker.pid, signal.SIGKILL)
        assert running.wait(60) != 0
    assert_ended(processes, settings)


def test_an_interrupted_start_leaves_nothing(settings):
    def interrupt(_endpoints):
        raise KeyboardInterrupt

    stack = Stack(settings, airflow=False, on_ready=interrupt)
    with pytest.raises(KeyboardInterrupt):
        stack.start()
    assert_ended([], settings)
