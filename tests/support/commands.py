"""Commands of the program, run in the process of the test against the real instance."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from meilenstein.cli.main import main
from meilenstein.settings import Endpoints

__all__ = ["Command", "command"]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command of the program in this process; return exit code, stdout and stderr."""
    monkeypatch.setenv("MEILENSTEIN_BOOTSTRAP_SERVERS", endpoints.bootstrap_servers)
    monkeypatch.setenv("MEILENSTEIN_REGISTRY_URL", endpoints.registry_url)
    monkeypatch.setenv("MEILENSTEIN_DATABASE_URL", endpoints.database_url)
    monkeypatch.setenv("MEILENSTEIN_ACTOR", "c.kommando")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["meilenstein", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
