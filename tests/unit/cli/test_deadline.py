"""`meilenstein deadline`: the same days as in a case, without server, home or case; what is typed wrong is one line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from meilenstein.cli.main import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["meilenstein", "deadline", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(monkeypatch, *arguments, "--json") == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return said


def test_the_answer_has_start_last_day_state_label_paragraph_and_every_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = asked(monkeypatch, capsys, "--clock", "C03", "--start", "2025-03-03", "--on", "2025-03-10")
    assert {name: said[name] for name in ("start", "due", "state", "label", "paragraph")} == {
        "start": "2025-03-03", "due": "2025-06-03", "state": "RUNNING", "label": "MUST", "paragraph": "BQFG § 6 Abs. 3",
    }  # fmt: skip
    assert [step["de"].split(" ")[0] for step in said["steps"]] == ["Unterlagen", "Dauer", "Die"]
    assert said["days"] == {"elapsed": 7, "paused": 0, "remaining": 85}


def test_suspensions_and_an_extension_are_told_with_old_and_new_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = asked(
        monkeypatch, capsys, "--clock", "C03", "--start", "2026-01-15", "--pause", "2026-03-02:2026-03-16",
        "--pause", "2026-03-09:2026-03-23", "--extension", "2026-06-01", "--notified", "2026-05-06",
        "--on", "2026-03-20",
    )  # fmt: skip
    assert (said["due"], said["days"]) == ("2026-06-01", {"elapsed": 46, "paused": 18, "remaining": 70})
    assert [(line["old"], line["new"], line["days"]) for line in said["ledger"]] == [
        ("2026-04-15", "2026-04-29", 14),
        ("2026-04-29", "2026-05-06", 7),
        ("2026-05-06", "2026-06-01", 26),
    ]


def test_a_late_extension_has_no_effect_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = asked(
        monkeypatch, capsys, "--clock", "C03", "--start", "2026-01-15", "--extension", "2026-05-15",
        "--notified", "2026-04-16", "--on", "2026-04-20",
    )  # fmt: skip
    assert (said["due"], said["state"], said["ledger"][0]["refused"]) == ("2026-04-15", "OVER", "LATE_EXTENSION")
    assert said["steps"][-1]["de"] == "Die Frist ist vorbei; ein Ende ist hier nicht bekannt (Stand 20.04.2026)."


@pytest.mark.parametrize(
    ("arguments", "due", "state"),
    [
        (["C05", "2026-03-31", "--route", "FAST_TRACK_81A"], "2026-06-01", "RUNNING"),
        (["C06", "2026-03-31", "--law", "PFLAPRV"], "2026-07-31", "RUNNING"),
        (["C06", "2026-03-31", "--law", "PFLAPRV", "--training", "EU_EEA_CH"], "2026-06-30", "RUNNING"),
        (["C06", "2026-03-31", "--route", "FAST_TRACK_81A"], "2026-06-01", "RUNNING"),
        (["C07", "2026-02-28", "--object", "DIFFERENCES"], "2026-06-29", "RUNNING"),
        (["C10", "2025-12-29", "--announcement", "POSTED"], "2026-07-02", "RUNNING"),
        (["C12", "2026-03-02"], "2026-03-16", "FICTION_ELAPSED"),
        (["C13", "2026-03-31", "--norm", "AUFENTHG_18G_4"], "2026-04-07", "RUNNING"),
        (["C18", "2026-03-02", "--granted", "2026-09-30"], "2026-09-30", "RUNNING"),
        (["C18", "2026-03-02", "--period", "PERMIT_TOTAL"], "2029-03-02", "RUNNING"),
        (["C23", "2026-03-30", "--period", "PLACEMENT"], "2026-04-13", "RUNNING"),
        (["C24", "2024-12-30", "--announcement", "POSTED"], "2025-02-03", "OVER"),
        (["C24", "2025-01-02", "--announcement", "POSTED"], "2025-02-06", "OVER"),
        (["C24", "2025-01-02", "--instruction", "MISSING"], "2026-01-02", "OVER"),
        (["C24", "2026-03-30", "--announcement", "SERVED"], "2026-04-30", "RUNNING"),
        (["C25", "2026-03-02", "--norm", "BESCHV_2A"], "2027-03-02", "RUNNING"),
        (["C03", "2026-03-31", "--route", "FAST_TRACK_81A"], None, "NOT_APPLICABLE"),
        (["C01", "2012-03-31"], None, "NOT_APPLICABLE"),
    ],
)
def test_what_is_known_of_the_matter_decides_on_the_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], due: str, state: str
) -> None:
    clock, start, *more = arguments
    said = asked(monkeypatch, capsys, "--clock", clock, "--start", start, *more, "--on", "2026-04-02")
    assert (said["due"], said["state"]) == (due, state)


def test_where_another_clock_belongs_to_what_was_said_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = asked(
        monkeypatch, capsys, "--clock", "C03", "--start", "2026-03-31", "--law", "BQFG", "--route", "FAST_TRACK_81A"
    )
    assert (said["reason"], said["steps"][-1]["de"]) == ("OTHER_CLOCK", "Dazu gehört: C05.")


@pytest.mark.parametrize(
    ("arguments", "state", "reason", "paragraph", "first"),
    [
        (  # what was said of the norm decides, not the row that stands first
            ["C13", "2026-12-18", "--norm", "AUFENTHG_18G_4"], "RUNNING", None,
            "BeschV § 36 Abs. 2 Satz 2, AufenthG § 18g Abs. 4", "Zustimmung",
        ),
        (
            ["C13", "2023-11-17", "--norm", "AUFENTHG_18G_4"], "NOT_APPLICABLE", "LAW_NOT_IN_FORCE",
            "BeschV § 36 Abs. 2 Satz 2, AufenthG § 18g Abs. 4", "Zustimmung",
        ),
        (["C24", "2026-12-18", "--instruction", "UNKNOWN"], "NOT_DETERMINABLE", "INSTRUCTION_UNKNOWN",
         "VwGO §§ 70, 74", "Bekanntgabe"),
        (["C15", "2026-12-18", "--route", "UNKNOWN"], "NOT_DETERMINABLE", "ROUTE_UNKNOWN",
         "AufenthV § 31a Abs. 2", "Visumantrag"),
        (["C01", "2026-12-18", "--law", "UNKNOWN"], "NOT_DETERMINABLE", "LAW_UNKNOWN", "BQFG § 6 Abs. 2", "Antrag"),
        (["C01", "2026-12-18", "--law", "PFLAPRV"], "NOT_APPLICABLE", "OTHER_CLOCK", "BQFG § 6 Abs. 2", "Antrag"),
        (["C10", "2026-12-18", "--law", "BQFG"], "RUNNING", None, "BQFG § 11 Abs. 4 Satz 1", "Ausgleichsmaßnahme"),
        (["C10", "2026-12-18", "--law", "AEAPPRO"], "RUNNING", None, "ÄApprO § 37 Abs. 3 und 7", "Bescheid"),
        (["C10", "2026-12-18", "--announcement", "SERVED"], "RUNNING", None, "BQFG § 11 Abs. 4 Satz 2", "Bekanntgabe"),
    ],
)  # fmt: skip
def test_the_answer_names_the_provision_the_start_and_the_reason_that_belong_to_what_was_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str],
    state: str, reason: str | None, paragraph: str, first: str,
) -> None:  # fmt: skip
    clock, start, *more = arguments
    said = asked(monkeypatch, capsys, "--clock", clock, "--start", start, *more, "--on", "2026-12-18")
    assert (said["state"], said["reason"], said["paragraph"]) == (state, reason, paragraph)
    assert said["steps"][0]["de"].startswith(first)


def test_people_read_both_languages_and_no_home_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MEILENSTEIN_HOME", str(tmp_path / "home"))
    assert run(monkeypatch, "--clock", "S01", "--start", "2025-03-03", "--on", "2025-03-04") == 0
    said = capsys.readouterr().out
    assert "letzter Tag: 14.03.2025" in said and "last day: 2025-03-14" in said
    assert "Serviceziel, keine gesetzliche Frist / service target, not a legal period" in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--clock", "C26", "--start", "2026-03-02"], "--clock 'C26': no such clock; near: "),
        (["--clock", "C03", "--start", "2.3.2026"], "--start: '2.3.2026' is no date; write YYYY-MM-DD"),
        (["--clock", "C03", "--start", "1900-01-01"], "--start 1900-01-01: periods are counted between 1949-05-24 and"),
        (["--clock", "C03", "--start", "2026-03-02", "--pause", "2026-03-09"], "write FROM:UNTIL"),
        (["--clock", "C03", "--start", "2026-03-02", "--pause", "2026-03-16:2026-03-09"], "it ends before it begins"),
        (["--clock", "C03", "--start", "2026-03-02", "--pause", "x:2026-03-09"], "--pause: 'x' is no date"),
        (["--clock", "C03", "--start", "2026-03-02", "--extension", "2026-07-01"], "belong together"),
        (["--clock", "C03", "--start", "2026-03-02", "--notified", "2026-07-01"], "belong together"),
        (
            ["--clock", "C03", "--start", "2026-03-02", "--route", "FAST_TRACK"],
            "--route 'FAST_TRACK' is not known; near: FAST_TRACK_81A",
        ),
        (["--clock", "C03", "--start", "2026-03-02", "--regulated", "JA"], "--regulated 'JA' is not known"),
        (["--clock", "C03", "--start", "2026-03-02", "--norm", "X"], "--norm: no norm decides anything about C03"),
        (["--clock", "C18", "--start", "2026-03-02", "--norm", "X"], "--norm 'X' is not known"),
        (["--clock", "C18", "--start", "2026-03-02", "--period", "VISA"], "C18 has PERMIT, PERMIT_TOTAL"),
        (
            ["--clock", "C03", "--start", "2026-03-02", "--announcement", "POSTED"],
            "does not start with the announcement",
        ),
        (["--clock", "C24", "--start", "2026-03-02", "--announcement", "FAX"], "use POSTED, ELECTRONIC, SERVED"),
        (
            ["--clock", "C03", "--start", "2026-03-02", "--granted", "2026-04-01"],
            "--granted: C03 is not the span of a permit or consent",
        ),
        (["--clock", "C20", "--start", "2026-03-02", "--granted", "2026-03-01"], "it lies before --start 2026-03-02"),
        (
            ["--clock", "C10", "--start", "2026-03-02", "--law", "PFLAPRV", "--announcement", "POSTED"],
            "under PFLAPRV C10 runs from the day of the decision itself",
        ),
        (["--clock", "\x1b[2J", "--start", "2026-03-02"], "no such clock"),
        (["--start", "2026-03-02"], "missing option '--clock'; see `meilenstein deadline --help`"),
    ],
)
def test_what_is_typed_wrong_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n"), said.err.startswith("meilenstein: ")) == ("", 1, True)
    assert line in said.err and "\x1b" not in said.err
