"""The tutorial and the README run as written: typed into a shell, from the first start to the last line."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, page
from tests.support.ports import free_port_base
from tests.support.stack import assert_ended, processes_of
from tests.support.walkthrough import Passage, assert_shown, console_commands, passages, run_passages

from meilenstein.settings import Settings, load_settings

STARTED = "Ctrl-C ends everything"


@pytest.fixture
def reader(tmp_path: Path) -> tuple[Settings, dict[str, str]]:
    """A person with a home folder of its own, on ports of its own, who has downloaded the files before."""
    home = tmp_path / "home"
    home.mkdir()
    base, cache = free_port_base(), load_settings().cache
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
    environment |= {
        "HOME": str(home),
        "COLUMNS": "200",
        "MEILENSTEIN_PORT_BASE": str(base),
        "MEILENSTEIN_CACHE": str(cache),
        # What `make test` has made is not made again.
        "MAKEFLAGS": "-o .venv/.ready",
    }
    return load_settings(home=home / "meilenstein-tutorial", port_base=base, cache=cache), environment


@contextmanager
def first_terminal(commands: str, environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run commands that stay; yields when they say so, with what they said, and ends them if they still run."""
    process = subprocess.Popen(
        ["bash", "-euc", commands],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = ""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            said += line
            if STARTED in line:
                break
        assert STARTED in said, said
        yield process, said
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=120)


def here(text: str, settings: Settings) -> str:
    """Return a text with the ports of this instance; the page shows those of an instance nobody configured."""
    for offset in range(10):
        text = text.replace(str(Settings.model_fields["port_base"].default + offset), str(settings.port_base + offset))
    return text


@pytest.mark.stack
@pytest.mark.timeout(900)  # a minute and a half where the machine has nothing else to do
def test_the_tutorial_runs_as_written_and_shows_what_it_says(reader: tuple[Settings, dict[str, str]]) -> None:
    settings, environment = reader
    text = here(page("tutorial/example-case.md"), settings)
    *starting, (ending, _) = console_commands(text)
    with first_terminal("\n".join(command for command, _ in starting), environment) as (process, said):
        for line in starting[-1][1].splitlines():  # the parts start side by side: their order is not told
            assert_shown(line, said)
        processes = processes_of(settings)
        typed = list(passages(text))
        assert sum(bool(passage.shown) for passage in typed) == len(typed) - 1, "only the setting up is silent"
        last = Passage(commands=f"{ending}\n", shown="")
        done = run_passages([*typed, last], folder=ROOT, environment=environment, seconds=800)
        process.communicate(timeout=60)
    differences = []
    for passage, output in done:
        try:
            assert_shown(passage.shown, output)
        except AssertionError as difference:
            differences.append(str(difference))
    assert not differences, "\n".join(differences)
    assert_ended(processes, settings)
    assert not settings.home.exists(), "the last command deletes everything the tutorial made"


@pytest.mark.airflow
@pytest.mark.timeout(900)
def test_the_commands_of_the_readme_run_as_written(reader: tuple[Settings, dict[str, str]]) -> None:
    """`make demo` with a smaller month; `make test` would not end."""
    settings, environment = reader
    settings = settings.model_copy(update={"home": settings.home.with_name("readme")})
    environment |= {"ARGS": "--cases 20", "MEILENSTEIN_HOME": str(settings.home)}
    demo, meanwhile, test = [one.commands for one in passages((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert (demo, test) == ("make demo\n", "make test\n")
    with first_terminal(demo, environment) as (_, said):
        processes = processes_of(settings)
        for named in ("Airflow", "Kafka", "Registry", "Logs"):
            assert f"\n{named}" in said, "the README says what is printed"
        ((_, output),) = run_passages(
            [Passage(commands=meanwhile, shown="")], folder=ROOT, environment=environment, seconds=120
        )
        assert "(the sums agree)" in output
        assert "ApplicationReceived" in output
    assert_ended(processes, settings)
    dry = subprocess.run(["make", "-n", "test"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "-m pytest" in dry.stdout
