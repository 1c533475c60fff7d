from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from meilenstein.embedded import airflow
from meilenstein.embedded.airflow_environment import airflow_environment
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.doctor import doctor
from meilenstein.embedded.home import Home
from meilenstein.embedded.ports import Ports
from meilenstein.embedded.postgres_user import find_user
from meilenstein.embedded.records import ProcessRecord
from meilenstein.embedded.status import status
from meilenstein.embedded.supervisor import stop_on_signals
from meilenstein.errors import ConfigurationError
from meilenstein.settings import load_settings


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.fixture
def environment(home):
    return airflow_environment(
        home=home,
        folder=home.path / "airflow",
        ports=Ports(28000),
        credentials=Credentials.of(home),
        dags_folder=Path("/dags"),
    )


def test_every_address_airflow_is_told_is_the_loopback(environment):
    hosts = [host for value in environment.values() for host in re.findall(r"://(?:[^@/]*@)?([^:/]+)", value)]
    assert hosts == ["127.0.0.1"] * 4
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"


def test_tasks_report_to_the_port_of_their_own_instance(environment):
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:28000/execution/"


def test_tasks_find_their_instance_by_its_home(environment, home):
    assert environment["MEILENSTEIN_HOME"] == str(home.path)


def test_airflows_api_server_is_stopped_last():
    assert set(airflow.STOP_ORDER) == set(airflow.NAMES)
    assert airflow.STOP_ORDER == (
        "airflow-triggerer",
        "airflow-scheduler",
        "airflow-dag-processor",
        "airflow-api-server",
    )


def test_the_dags_of_the_checkout_are_found():
    assert (airflow.find_dags_folder(None) / "meilenstein_pipeline.py").is_file()


def test_a_missing_dags_folder_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="there are no DAGs in"):
        airflow.find_dags_folder(tmp_path / "nothing")


def test_the_first_signal_interrupts_and_later_ones_do_not_disturb_the_end():
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals() as stopping:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        assert stopping.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_without_an_instance_every_part_is_stopped(tmp_path):
    parts = status(load_settings(home=tmp_path / "nothing"))
    assert len(parts) == 8
    assert {part.state for part in parts} == {"stopped"}


def test_a_part_whose_process_has_gone_is_dead_and_doctor_names_its_log(home):
    Credentials.of(home)
    ProcessRecord(name="kafka", pid=2**22 + 1, created=1.0, executable="java", port=28001).save(home.children)
    settings = load_settings(home=home.path)
    assert [(part.name, part.state) for part in status(settings) if part.state != "stopped"] == [("kafka", "dead")]
    [check] = [check for check in doctor(settings) if check.name == "kafka"]
    assert not check.ok
    assert str(home.logs / "kafka.log") in check.detail


def test_doctor_answers_every_question_without_making_a_home(tmp_path):
    checks = doctor(load_settings(home=tmp_path / "nothing", cache=tmp_path / "cache"))
    answers = {check.name: check for check in checks}
    assert list(answers) == [
        "Python",
        "fast path",
        "memory",
        "disk",
        "home",
        "downloads",
        "Java",
        "PostgreSQL",
        "ports",
        "supervisor",
    ]
    assert answers["Python"].detail == ".".join(map(str, sys.version_info[:3]))
    assert not answers["downloads"].ok
    assert "48 of 48 files" in answers["downloads"].detail
    assert answers["Java"].ok
    assert "PostgreSQL" in answers["PostgreSQL"].detail
    assert list(tmp_path.iterdir()) == []


def test_an_ordinary_user_runs_postgresql_as_himself(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    user = find_user(tmp_path)
    assert (user.identity, user.owner, user.prefix) == (None, None, ())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_hands_postgresql_to_a_user_that_keeps_one_capability_only_where_folders_are_closed(tmp_path):
    tmp_path.chmod(0o700)
    closed = find_user(tmp_path / "home")
    assert closed.owner.uid != 0
    assert "--ambient-caps=-all,+dac_override" in closed.prefix
    open_everywhere = find_user(Path("/usr/bin/env"))
    assert open_everywhere.prefix == ()
    assert open_everywhere.identity == closed.owner


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_that_user_finds_programs_behind_closed_folders_the_way_initdb_looks_for_them(tmp_path):
    tmp_path.chmod(0o700)
    program = tmp_path / "postgres"
    program.touch(mode=0o755)
    user = find_user(program)
    # access() asks as the real user and, as a rule, without capabilities.
    looking = "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK | os.X_OK))"
    assert subprocess.run([*user.prefix, sys.executable, "-c", looking, program], check=False).returncode == 0
