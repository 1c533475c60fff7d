"""What goes wrong for a person at the command line: one clear line with the next step, and the right exit code."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.ports import free_port_base

from meilenstein.settings import Endpoints, save_endpoints

MEILENSTEIN = Path(sys.executable).with_name("meilenstein")


@pytest.fixture
def command(tmp_path):
    """Run `meilenstein` with a home of its own; return (exit code, stdout, stderr)."""

    def run(*arguments, **settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
        environment["MEILENSTEIN_HOME"] = str(tmp_path / "home")
        environment.update({f"MEILENSTEIN_{name.upper()}": str(value) for name, value in settings.items()})
        done = subprocess.run(
            [MEILENSTEIN, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run


def assert_one_line(stderr, *words):
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    assert "Traceback" not in stderr
    for word in words:
        assert word in lines[0]


def test_a_bad_setting_names_the_variable(command):
    code, _, stderr = command("status", port_base="many")
    assert code == 2
    assert_one_line(stderr, "MEILENSTEIN_PORT_BASE", "many")


def test_a_step_without_an_instance_says_how_to_start_one(command):
    code, _, stderr = command("drain")
    assert code == 2
    assert_one_line(stderr, "meilenstein up")


@pytest.mark.parametrize(
    ("address", "named"), [("foo", "expected host:port"), ("no-such-host.invalid:9092", "no host of this name")]
)
def test_a_kafka_address_that_cannot_be_one_is_a_setting_to_change(command, address, named):
    elsewhere = {"registry_url": "http://127.0.0.1:1/apis/ccompat/v7", "database_url": "postgresql://127.0.0.1:1/x"}
    code, _, stderr = command("topics", "apply", bootstrap_servers=address, **elsewhere)
    assert code == 2
    assert_one_line(stderr, address, named)


def test_a_taken_port_is_named_with_the_setting_to_change(command, tmp_path):
    base = free_port_base()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        code, _, stderr = command("up", "--no-airflow", port_base=base)
    assert code == 2
    assert_one_line(stderr, str(base + 1), "MEILENSTEIN_PORT_BASE")


def test_a_broker_that_does_not_answer_is_worth_trying_again(command):
    code, _, stderr = command(
        "drain",
        bootstrap_servers="127.0.0.1:9",
        registry_url="http://127.0.0.1:9",
        database_url="postgresql://nobody@127.0.0.1:9/none",
    )
    assert code == 3
    assert_one_line(stderr, "127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run",), "--once"),
        (("clocks", "--as-of", "tomorrow"), "YYYY-MM-DD"),
        (("simulate",), "--out"),
        (("simulate", "--until", "31.12.2026", "--out", "x"), "YYYY-MM-DD"),
        (("quarantine", "list", "--state", "LOST"), "OPEN"),
    ],
)
def test_a_bad_argument_says_what_to_write_instead(command, arguments, word):
    code, _, stderr = command(*arguments)
    assert code == 2
    assert_one_line(stderr, word)


def test_lint_finds_no_mistake_in_what_is_shipped(command):
    code, stdout, _ = command("contracts", "lint", "--json")
    assert (code, json.loads(stdout.splitlines()[-1])) == (0, {"problems": []})


@pytest.mark.stack
def test_a_wrong_database_password_is_a_matter_of_configuration(command, stack_endpoints, tmp_path):
    wrong = stack_endpoints.database_url.replace("meilenstein_pipeline:", "meilenstein_pipeline:not-")
    home = tmp_path / "home"
    home.mkdir()
    save_endpoints(
        home,
        Endpoints(
            bootstrap_servers=stack_endpoints.bootstrap_servers,
            registry_url=stack_endpoints.registry_url,
            database_url=wrong,
        ),
    )
    code, _, stderr = command("reconcile")
    assert code == 2
    assert_one_line(stderr, "meilenstein_pipeline", "MEILENSTEIN_DATABASE_URL")
    assert "not-" not in stderr, "the password is in the message"


@pytest.mark.stack
def test_publishing_names_the_bad_line_the_unknown_agency_and_the_missing_file(command, stack_endpoints, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    save_endpoints(home, stack_endpoints)
    events = tmp_path / "events.jsonl"
    events.write_text(
        '{"type": "InquiryReceived", "case_reference": "Z-1", "occurred_on": "2026-01-05", "colour": 1}\n'
    )
    code, _, stderr = command("publish", str(events), "--agency", "zefas")
    assert code == 1
    assert_one_line(stderr, "line 1")
    code, _, stderr = command("publish", str(events), "--agency", "nobody")
    assert code == 2
    assert_one_line(stderr, "nobody")
    code, _, stderr = command("publish", str(tmp_path / "none.jsonl"), "--agency", "zefas")
    assert code == 2
    assert_one_line(stderr, "none.jsonl")


@pytest.mark.stack
def test_status_counts_and_rebuild_verifies_through_the_command_line(command, hub, stack_settings):
    code, stdout, stderr = command("status", "--json", home=stack_settings.home)
    told = json.loads(stdout.splitlines()[-1])
    assert (code, told["ok"], told["conserved"]) == (0, True, True), stderr
    code, stdout, stderr = command("rebuild", "--verify", "--json", home=stack_settings.home)
    assert (code, json.loads(stdout.splitlines()[-1])["identical"]) == (0, True), stderr
