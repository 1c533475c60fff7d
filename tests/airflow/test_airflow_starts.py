"""Airflow as a part of an instance: its components, its addresses, its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from tests.support.ports import free_port_base
from tests.support.stack import assert_ended, foreign_listeners, processes_of

from meilenstein.embedded import airflow
from meilenstein.embedded.credentials import Credentials
from meilenstein.embedded.stack import Stack, home_of
from meilenstein.embedded.status import HEALTHY, status
from meilenstein.settings import load_settings

pytestmark = pytest.mark.airflow


def log_in(url: str, user: str, password: str) -> int:
    answer = requests.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=10)
    return answer.status_code


def test_airflow_starts_with_four_healthy_components_on_the_loopback_and_leaves_nothing(tmp_path):
    (tmp_path / "dags").mkdir()
    settings = load_settings(home=tmp_path / "home", port_base=free_port_base())
    with Stack(settings, dags_folder=tmp_path / "dags") as endpoints:
        parts = {part.name: part.health or part.state for part in status(settings)}
        assert {name: parts[name] for name in airflow.NAMES} == dict.fromkeys(airflow.NAMES, HEALTHY)

        processes = processes_of(settings)
        assert len(processes) > len(parts)
        assert foreign_listeners(processes) == []

        logins = Credentials.read(home_of(settings)).airflow_logins()
        assert set(logins) == {"admin", "steward", "viewer"}
        assert {user: log_in(endpoints.airflow_url, user, word) for user, word in logins.items()} == dict.fromkeys(
            logins, 201
        )
        assert log_in(endpoints.airflow_url, "admin", "wrong") == 401
        secrets = json.loads((Path(settings.home) / "secrets.json").read_text()).values()
        arguments = "\n".join(" ".join(process.cmdline()) for process in processes)
        assert [secret for secret in secrets if secret in arguments] == []
    assert_ended(processes, settings)
