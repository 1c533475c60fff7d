"""A session that is lost under a command is worth trying again: exit code 3 and one line, never a traceback."""

from __future__ import annotations

import sys
from typing import Any

import psycopg
import pytest

from meilenstein.cli.main import main
from meilenstein.hub import connections
from meilenstein_connectors.registry_client import RegistryClient

COMMANDS = [
    ["quarantine", "list"],
    ["quarantine", "show", "1"],
    ["findings", "list"],
    ["findings", "show", "f-12345"],
    ["links", "list"],
    ["proposals", "list"],
    ["replay", "list"],
    ["replay", "show", "1"],
    ["case", "H-7"],
    ["audit", "list"],
    ["quarantine", "revalidate"],
    ["contracts", "apply"],
]


class Lost:
    """A connection whose server is gone."""

    closed = False

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise psycopg.OperationalError("the connection is lost; row (H-7)")

        return (lambda *_: None) if name in {"close", "rollback"} else fail


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_whose_session_is_lost_ends_with_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setattr(connections, "connect", lambda *_, **__: Lost())
    monkeypatch.setattr(RegistryClient, "latest", lambda *_: None)
    monkeypatch.setattr(RegistryClient, "register", lambda *_: 1)
    monkeypatch.setenv("MEILENSTEIN_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("MEILENSTEIN_REGISTRY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MEILENSTEIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setattr(sys, "argv", ["meilenstein", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out, said.err.count("\n")) == (3, "", 1), said.err
    assert said.err.startswith("meilenstein: database: ") and "H-7" not in said.err
