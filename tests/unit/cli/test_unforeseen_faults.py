"""A fault of the program is one line that quotes no value, and an exit code of its own."""

from __future__ import annotations

import sys

import psycopg
import pytest

from meilenstein.cli import main as entry
from meilenstein.store import database


def test_a_fault_nobody_foresaw_is_told_by_class_and_place_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise psycopg.errors.UniqueViolation("DETAIL: Key (case_reference)=(H-7) already exists.")

    monkeypatch.setattr(database.psycopg, "connect", fail)
    monkeypatch.setenv("MEILENSTEIN_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("MEILENSTEIN_REGISTRY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MEILENSTEIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setattr(sys, "argv", ["meilenstein", "proposals", "list"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    said = capsys.readouterr()
    assert ended.value.code == 70
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith("meilenstein: a fault of the program: UniqueViolation at ")
    assert "H-7" not in said.err and "Traceback" not in said.err
