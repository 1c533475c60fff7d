from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from threading import Event

import psutil
import pytest
from tests.support.stack import wait_until

from meilenstein.embedded.home import Home
from meilenstein.embedded.processes import Children, Command, base_environment, last_meaningful_line
from meilenstein.embedded.records import ProcessRecord, read_records
from meilenstein.embedded.stack import end_survivors
from meilenstein.errors import PermanentError, RetryableError

# A part that starts a worker in a session of its own, as stubborn servers do.
PARENT = """
import subprocess, sys
worker = subprocess.Popen(["sleep", "60"], start_new_session=True)
print(worker.pid, flush=True)
worker.wait()
"""
# A part whose worker stays in its session, and runs the same program.
WORKER_IN_SESSION = """
import subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(worker.pid, flush=True)
worker.wait()
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.fixture
def children(home):
    children = Children(home)
    yield children
    children.stop(*children.names())


def command(home: Home, *argv: str, name: str = "part", stop_seconds: float = 5.0) -> Command:
    return Command(name=name, argv=argv, env=base_environment(home), cwd=home.path, stop_seconds=stop_seconds)


def printed(home: Home, name: str = "part") -> str:
    log = home.logs / f"{name}.log"
    wait_until(lambda: log.read_text().endswith("\n"), seconds=10, message=f"{name} printed nothing")
    return log.read_text().strip()


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_child_is_recorded_while_it_runs_and_forgotten_when_it_was_stopped(home, children):
    child = children.start(command(home, "sleep", "60"))
    assert [record.pid for record in read_records(home.children)] == [child.record.pid]
    children.stop("part")
    assert child.exit_code == -signal.SIGTERM
    assert read_records(home.children) == []
    assert children.names() == []


def test_stopping_a_child_ends_workers_that_left_its_session(home, children):
    children.start(command(home, sys.executable, "-c", PARENT))
    worker = int(printed(home))
    children.stop("part")
    assert not lives(worker)


def test_a_child_that_ignores_the_signal_is_killed_after_its_deadline(home, children):
    child = children.start(command(home, sys.executable, "-c", DEAF, stop_seconds=0.2))
    printed(home)
    children.stop("part")
    assert child.exit_code == -signal.SIGKILL


def test_a_child_that_dies_while_it_starts_is_one_line_with_its_last_words(home, children):
    child = children.start(command(home, sys.executable, "-c", "raise ValueError('no such listener')"))
    with pytest.raises(PermanentError) as failed:
        child.wait_healthy(lambda: "no answer", seconds=10, cancelled=Event())
    message = str(failed.value)
    assert message.startswith("part ended with exit code 1")
    assert message.endswith("ValueError: no such listener")
    assert str(home.logs / "part.log") in message
    assert "\n" not in message
    assert children.dead() is child


def test_a_child_that_is_never_ready_says_what_is_missing(home, children):
    child = children.start(command(home, "sleep", "60"))
    with pytest.raises(RetryableError, match=r"part was not ready after 0 seconds \(port closed\)"):
        child.wait_healthy(lambda: "port closed", seconds=0, cancelled=Event())


def test_closing_releases_those_who_wait_and_starts_nothing_more(home, children):
    child = children.start(command(home, "sleep", "60"))
    children.close()
    begun = time.monotonic()
    with pytest.raises(RetryableError, match="cancelled"):
        child.wait_healthy(lambda: "no answer", seconds=60, cancelled=children.cancelled)
    assert time.monotonic() - begun < 1
    with pytest.raises(RetryableError, match="cancelled"):
        children.start(command(home, "sleep", "60", name="other"))


def test_a_command_that_fails_is_an_error_and_one_that_succeeds_leaves_no_record(home, children):
    children.run(command(home, "true"), seconds=10)
    assert read_records(home.children) == []
    with pytest.raises(PermanentError, match="exit code 1"):
        children.run(command(home, "false"), seconds=10)


def test_the_log_of_the_start_before_is_kept_once(home):
    for text in ("one", "two", "three"):
        children = Children(home)
        children.run(command(home, "echo", text), seconds=10)
    assert (home.logs / "part.log").read_text() == "three\n"
    assert (home.logs / "part.previous.log").read_text() == "two\n"


def survivor(home: Home, *argv: str) -> subprocess.Popen[bytes]:
    """Start a process as a supervisor that was then killed would have left it."""
    process = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE)
    ProcessRecord.of(process.pid, name="part").save(home.children)
    return process


def test_survivors_of_a_killed_supervisor_are_ended_with_their_workers(home):
    with survivor(home, sys.executable, "-c", PARENT) as process:
        worker = int(process.stdout.readline())
        assert end_survivors(home) == ["part"]
        assert process.wait(5) == -signal.SIGTERM
        assert not lives(worker)
    assert read_records(home.children) == []


def test_workers_of_a_dead_part_are_found_by_its_session(home):
    with survivor(home, sys.executable, "-c", WORKER_IN_SESSION) as process:
        worker = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert lives(worker)
        assert end_survivors(home) == ["part"]
        assert not lives(worker)


def test_a_process_that_only_has_the_recorded_id_is_left_alone(home):
    with survivor(home, "sleep", "60") as process:
        [record] = read_records(home.children)
        replace(record, created=record.created - 3600).save(home.children)
        assert end_survivors(home) == []
        assert process.poll() is None
        assert read_records(home.children) == []
        process.kill()


def test_a_record_that_names_nobody_is_passed_over(home):
    (home.children / "part.json").write_text("not a record")
    assert end_survivors(home) == []


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("", "(empty)"),
        ("starting\nready\n\n", "ready"),
        ("FATAL: no disk\nshutting down\n", "FATAL: no disk"),
        (
            "java.net.BindException: in use\n\tat Server.main(Server.java:1)\n\t... 3 more\n",
            "java.net.BindException: in use",
        ),
        ("\x1b[31mERROR\x1b[0m bad\n", "ERROR bad"),
        ("x" * 999, "x" * 300),
    ],
)
def test_the_last_meaningful_line_of_a_log_names_the_fault(tmp_path, log, line):
    path = tmp_path / "part.log"
    path.write_text(log)
    assert last_meaningful_line(path) == line


def test_children_see_nothing_of_the_users_environment(home, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "99")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    assert set(base_environment(home)) <= {"HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ"}
