"""The bench removes what it made itself, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from meilenstein.bench.bench import Bench
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.settings import load_settings


def bench(work: Path) -> Bench:
    return Bench(settings=load_settings(), events=100, only=["poll"], peers=False, work=work, say=lambda _line: None)


@pytest.mark.parametrize("kept", ["diary.txt", "meilenstein.json"])
def test_a_home_that_was_there_before_is_refused_and_left_alone(tmp_path: Path, kept: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / kept).write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already and is left alone"):
        bench(tmp_path).run()
    assert (home / kept).read_text() == "mine"


def test_what_this_run_made_is_gone_also_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        assert (tmp_path / "new" / "home").is_dir()
        raise PermanentError("no")

    monkeypatch.setattr(Bench, "_measure", fail)
    with pytest.raises(PermanentError):
        bench(tmp_path / "new").run()
    assert not (tmp_path / "new" / "home").exists()
