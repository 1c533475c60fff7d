"""What a partner installs: the wheel alone, with the base dependencies, in an environment that has nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = ("failed to fetch", "could not connect", "dns error", "error sending request", "network", "timed out")
EVENT = {
    "type": "ApplicationReceived",
    "case_reference": "H-9",
    "occurred_on": "2026-03-02",
    "subject_kind": "PERSON",
    "procedure_reference": "P-9",
    "procedure_law": "BQFG",
}
PROGRAM = """
import datetime, pathlib, sys
from meilenstein_connectors.events import ApplicationReceived, ProcedureLaw, SubjectKind
from meilenstein_connectors.inbox import Inbox
from meilenstein_connectors.publisher import Publisher
from meilenstein_connectors.testing import MemoryBroker, MemoryRegistry, MemoryTransport
import meilenstein_connectors.kafka_transport

broker = MemoryBroker(["milestones.lds", "replies.lds", "cases.lds"])
parts = dict(agency="lds", transport=MemoryTransport(broker))
state = pathlib.Path(sys.argv[1])
with Publisher(source_system="files", outbox=state, registry=MemoryRegistry(), **parts) as publisher:
    event_id = publisher.publish(ApplicationReceived(
        case_reference="H-9", occurred_on=datetime.date(2026, 3, 2), subject_kind=SubjectKind.PERSON,
        procedure_reference="P-9", procedure_law=ProcedureLaw.BQFG))
with Inbox(state=state, **parts) as inbox:
    print(inbox.fate(event_id).state)
heavy = {"pandas", "airflow", "great_expectations", "psycopg", "pydantic", "typer", "yaml", "meilenstein"}
print(sorted(heavy & set(sys.modules)))
"""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **environment},
    )


def require(done: subprocess.CompletedProcess[str]) -> str:
    """Return stdout; skip loudly where the package index cannot be reached, fail on anything else."""
    if done.returncode and any(word in done.stderr.lower() for word in UNREACHABLE):
        pytest.skip(f"the package index cannot be reached: the bare install was NOT tested ({done.stderr[-300:]})")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with the wheel and its base dependencies."""
    folder = tmp_path_factory.mktemp("bare")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("uv is not installed (`make env` does it): the bare install was NOT tested")
    require(run(uv, "build", "--wheel", "--out-dir", folder, ROOT))
    (wheel,) = folder.glob("*.whl")
    require(run(uv, "venv", "--python", sys.executable, folder / "venv"))
    constraints = ROOT / "constraints.txt"
    require(run(uv, "pip", "install", "--python", folder / "venv/bin/python", "-c", constraints, wheel))
    return folder


def packages(bare: Path) -> set[str]:
    listed = require(
        run(
            bare / "venv/bin/python",
            "-c",
            "import importlib.metadata as m; print(*{d.name for d in m.distributions()})",
        )
    )
    return {name.lower() for name in listed.split()}


def test_only_a_handful_of_packages_is_installed(bare: Path) -> None:
    installed = packages(bare)
    assert {"meilenstein", "fastavro", "kafka-python", "requests"} <= installed
    assert not installed & {"pyyaml", "pandas", "apache-airflow", "great-expectations", "pydantic", "psycopg", "typer"}
    assert len(installed) <= 14, sorted(installed)


def test_events_are_checked_without_any_network(bare: Path) -> None:
    file = bare / "events.jsonl"
    file.write_text(json.dumps(EVENT) + "\n" + json.dumps({**EVENT, "occurred_on": "2999-01-01"}) + "\n")
    done = run(bare / "venv/bin/python", "-m", "meilenstein_connectors", "check", file, "--json")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert (answer["good"], [bad["line"] for bad in answer["bad"]]) == (1, [2])
    assert "Traceback" not in done.stderr


def test_a_partners_program_runs_and_loads_nothing_heavy(bare: Path) -> None:
    program = bare / "program.py"
    program.write_text(PROGRAM)
    state, heavy = require(run(bare / "venv/bin/python", program, bare / "state.sqlite")).splitlines()
    assert state == "SENT"
    assert heavy == "[]"


def test_a_csv_profile_says_which_package_it_needs(bare: Path) -> None:
    code = "from meilenstein_connectors.csv_profile import load_profile; load_profile('permit-receipts')"
    done = run(bare / "venv/bin/python", "-c", code)
    assert done.returncode == 1
    assert "meilenstein[csv]" in done.stderr
