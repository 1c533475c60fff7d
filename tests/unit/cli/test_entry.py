"""Ctrl-C ends the program without a word, even in the second in which it imports its parts."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from meilenstein.cli import entry


class Interrupted(ModuleType):
    """A module whose import Ctrl-C ends."""

    def __getattr__(self, name: str) -> Any:
        raise KeyboardInterrupt


def test_ctrl_c_while_the_parts_are_imported_is_exit_code_130_and_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "meilenstein.cli.main", Interrupted("meilenstein.cli.main"))
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 130
    assert tuple(capsys.readouterr()) == ("", "")


def test_the_entry_itself_imports_nothing_that_takes_time() -> None:
    code = "import sys, meilenstein.cli.entry; print(sorted({'typer', 'kafka', 'psycopg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
