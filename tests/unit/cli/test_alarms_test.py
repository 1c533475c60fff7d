"""A test message that nobody takes is one line that says what to check."""

from __future__ import annotations

import sys

import pytest

from meilenstein.cli.main import main


def test_a_webhook_that_nobody_answers_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MEILENSTEIN_ALARM_WEBHOOK_URL", "http://127.0.0.1:9/")
    monkeypatch.setattr(sys, "argv", ["meilenstein", "alarms", "test"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == (
        "meilenstein: alarms: webhook: nobody answers at the configured address; check MEILENSTEIN_ALARM_WEBHOOK_URL\n"
    )
