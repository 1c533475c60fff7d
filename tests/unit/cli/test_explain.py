"""`meilenstein explain`: a file of events told without server and home; what is wrong is one line and exit code 2."""

from __future__ import annotations

import io
import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from meilenstein.cli.main import main

EXAMPLE = sorted((Path(__file__).parents[3] / "docs/tutorial/events").glob("*.jsonl"))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["meilenstein", "explain", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "example.jsonl"
    path.write_text("".join(one.read_text(encoding="utf-8") for one in EXAMPLE), encoding="utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_the_example_case_is_one_case_with_its_procedure_clocks_and_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path
) -> None:
    assert run(monkeypatch, str(example), "--on", "2026-07-10", "--json") == 0
    said = told(capsys)
    (case,) = said["cases"]
    assert said["refused"] == said["later"] == said["repeated"] == said["without_case"] == []
    assert {"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": "P-20260302"} in case["references"]
    assert [one["outcome"] for one in case["procedures"]] == ["FULL_EQUIVALENCE"]
    clocks = {clock["id"]: clock for clock in case["clocks"] if "R2" not in clock["about"]}
    assert (clocks["C03"]["start"], clocks["C03"]["due"], clocks["C03"]["state"]) == (
        "2026-04-01", "2026-07-01", "STOPPED",
    )  # fmt: skip
    assert all(step["de"] and step["en"] for clock in case["clocks"] for step in clock["steps"])
    assert all({"code", "about"} <= set(finding) for finding in case["findings"])


def test_the_day_decides_on_states_and_says_as_of_when(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path
) -> None:
    assert run(monkeypatch, str(example), "--on", "2026-05-20", "--json") == 0
    said = told(capsys)
    (clock,) = [one for one in said["cases"][0]["clocks"] if one["id"] == "C03"]
    assert (clock["state"], clock["days"]["elapsed"], clock["days"]["remaining"]) == ("RUNNING", 49, 42)
    assert len(said["later"]) == 6
    without_decision = example.read_text(encoding="utf-8").splitlines()
    kept = [line for line in without_decision if "DecisionIssued" not in line]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(kept).encode())))
    assert run(monkeypatch, "-", "--on", "2026-07-10", "--json") == 0
    (clock,) = [one for one in told(capsys)["cases"][0]["clocks"] if one["id"] == "C03"]
    assert clock["state"] == "OVER" and clock["steps"][-1]["de"].endswith("(Stand 10.07.2026).")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(kept).encode())))
    assert run(monkeypatch, "-", "--on", "2026-07-10", "--silent", "hwk-dresden", "--json") == 0
    (clock,) = [one for one in told(capsys)["cases"][0]["clocks"] if one["id"] == "C03"]
    assert (clock["state"], clock["reason"]) == ("NOT_DETERMINABLE", "FEED_SILENT")


def test_people_read_one_language_and_no_home_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEILENSTEIN_HOME", str(tmp_path / "home"))
    assert run(monkeypatch, str(example), "--on", "2026-07-10") == 0
    german = capsys.readouterr().out
    assert "Fall 1 von 1, Stand 10.07.2026" in german and "  21.05.2026  Bescheid erlassen" in german
    assert "  C03  beendet  letzter Tag 01.07.2026" in german and "BGB § 187 Abs. 1" in german
    assert run(monkeypatch, str(example), "--on", "2026-07-10", "--lang", "en") == 0
    english = capsys.readouterr().out
    assert "Case 1 of 1, as of 2026-07-10" in english and "BGB section 187(1)" in english
    assert "Zeitleiste" not in english and "gesetzliche" not in english
    assert not (tmp_path / "home").exists()


def test_refused_lines_are_told_and_the_exit_code_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path
) -> None:
    lines = example.read_text(encoding="utf-8").splitlines()
    lines[0] = lines[0].replace('"publisher":"zefas"', '"publisher":"ba-sachsen"')
    example.write_text("\n".join(lines), encoding="utf-8")
    assert run(monkeypatch, str(example), "--on", "2026-07-10", "--json") == 1
    (refused,) = told(capsys)["refused"]
    assert (refused["line"], refused["reasons"][0]["code"]) == (1, "WRONG_PUBLISHER")
    assert run(monkeypatch, str(example), "--on", "2026-07-10") == 1
    assert "Zeile 1, Anfrage eingegangen: WRONG_PUBLISHER." in capsys.readouterr().out


def test_what_would_steer_a_terminal_is_shown_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path
) -> None:
    line = json.loads(example.read_text(encoding="utf-8").splitlines()[0])
    example.write_text(json.dumps({**line, "case_reference": "Z\x1b[2J"}), encoding="utf-8")
    assert run(monkeypatch, str(example), "--on", "2026-07-10") == 1
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "arguments", "line"),
    [
        (None, [], "cannot be read: no such file or directory; name a file with one event a line"),
        (b"\xff", [], "line 1: holds bytes that are not UTF-8; save the file as UTF-8; correct or remove the line"),
        (b'{"type":"ApplicationReceived"}', ["--on", "2026-02-30"], "--on: '2026-02-30' is no date; write YYYY-MM-DD"),
        (b"", ["--on", "1066-10-14"], "--on 1066-10-14: periods are counted between"),
        (b"", ["--silent", "hwk-x"], "agency 'hwk-x' is not in the directory"),
        (b"", ["--lang", "fr"], "--lang 'fr': use de or en"),
        (b"[]\n{}", ["--json"], "line 1: expected one JSON object a line"),
    ],
)
def test_bad_input_is_one_line_that_says_where_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None,
    arguments: list[str], line: str,
) -> None:  # fmt: skip
    path = tmp_path / "events.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert run(monkeypatch, str(path), *arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("meilenstein: ") and line in said.err


def test_no_event_is_no_case(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path
) -> None:
    example.write_text("\n\n", encoding="utf-8")
    assert run(monkeypatch, str(example), "--json") == 0
    assert told(capsys)["cases"] == []
    assert run(monkeypatch, str(example)) == 0
    assert capsys.readouterr().out == "Keine Meldung begründet einen Fall.\n"


def test_the_time_grows_with_the_lines_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], example: Path, tmp_path: Path
) -> None:
    lines = example.read_text(encoding="utf-8").splitlines()
    many = tmp_path / "many.jsonl"
    seconds = []
    for copies in (40, 160):
        told_again = [
            json.dumps({**json.loads(line.replace("20260302", f"X{copy}")), "event_id": str(uuid.uuid4())})
            for copy in range(copies)
            for line in lines
        ]
        many.write_text("\n".join(told_again), encoding="utf-8")
        began = time.process_time()
        assert run(monkeypatch, str(many), "--on", "2026-07-10", "--json") == 0
        seconds.append(time.process_time() - began)
        assert len(told(capsys)["cases"]) == copies
    assert seconds[1] < 12 * seconds[0]
