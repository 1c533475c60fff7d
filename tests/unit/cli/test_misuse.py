"""What is typed wrong is one line that says what, and where the command is explained."""

from __future__ import annotations

import sys

import pytest

from meilenstein.cli.main import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["meilenstein", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["quarantin"], "no such command 'quarantin'. Did you mean 'quarantine'?; see `meilenstein --help`"),
        (["--nope"], "no such option: --nope; see `meilenstein --help`"),
        (["quarantine", "show"], "missing argument 'item'; see `meilenstein quarantine show --help`"),
        (["replay", "cancel", "x"], "see `meilenstein replay cancel --help`"),
        (["audit", "list", "--limit", "0"], "see `meilenstein audit list --help`"),
        (["quarantine", "reject", "1", "2\n\x1b[2J", "--reason", "x"], "see `meilenstein quarantine reject --help`"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n"), said.err.startswith("meilenstein: ")) == ("", 1, True)
    assert said.err.endswith(f"{line}\n") and "\x1b" not in said.err


def test_a_group_named_alone_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "quarantine") == 2
    said = capsys.readouterr()
    assert "revalidate" in said.out and said.err == ""


def test_the_version_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--version") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["quarantine", "list", "--code", "NOPE"], "known: CONFLICT, "),
        (["quarantine", "list", "--code", "CONFLIKT"], "near: CONFLICT"),
        (["replay", "start", "--kind", "REJECT", "--reason", "x", "--code", "rule:e-002"], "near: RULE:E-002"),
        (["audit", "list", "--act", "nope"], "known: bulk.cancel, "),
        (["audit", "list", "--act", "quarantine.relase"], "near: quarantine.release"),
    ],
)
def test_a_code_or_an_act_that_does_not_exist_is_refused_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and words in said.err
