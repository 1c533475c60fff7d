"""A database that is away is to be tried again, whoever notices it; an address that is none is to be corrected."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from meilenstein.errors import ConfigurationError, PermanentError, RetryableError
from meilenstein.operations.backup import Programs, back_up, restore


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"postgresql://owner:secret@127.0.0.1:{port}/meilenstein"


def program(folder: Path, name: str, says: str, code: int) -> Programs:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    path.chmod(0o755)
    return Programs(folder)


@pytest.mark.parametrize(
    "said",
    [
        'pg_dump: error: connection to server at "127.0.0.1", port 5 failed: Connection refused',
        "pg_dump: error: query failed: server closed the connection unexpectedly",
        "pg_dump: error: connection failed: FATAL: the database system is starting up",
    ],
)
def test_a_dump_without_a_server_is_to_be_repeated(tmp_path: Path, nowhere: str, said: str) -> None:
    with pytest.raises(RetryableError, match="does not answer"):
        back_up(nowhere, tmp_path / "b", program(tmp_path, "pg_dump", said, 1))
    assert not (tmp_path / "b").exists()


def test_any_other_fault_of_a_program_is_final(tmp_path: Path, nowhere: str) -> None:
    with pytest.raises(PermanentError, match="ended with 1: no space"):
        back_up(nowhere, tmp_path / "b", program(tmp_path, "pg_dump", "no space", 1))


def test_a_restore_without_a_server_is_to_be_repeated(tmp_path: Path, nowhere: str) -> None:
    (tmp_path / "b").write_text("PGDMP")
    with pytest.raises(RetryableError, match="does not answer") as raised:
        restore(nowhere, tmp_path / "b", program(tmp_path, "pg_restore", "", 0))
    assert "secret" not in str(raised.value)


def test_an_address_that_is_none_is_to_be_corrected(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="owner_database_url is no database address"):
        back_up("postgresql://x:y:z@[", tmp_path / "b", program(tmp_path, "pg_dump", "", 0))
