"""Who decides and why: checked before anything is opened."""

from __future__ import annotations

import getpass

import pytest

from meilenstein.cli.arguments import check_actor, check_decision
from meilenstein.errors import ConfigurationError


def test_outer_spaces_are_left_out_and_the_login_name_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_decision(" a.müller ", " weil es so ist ") == ("a.müller", "weil es so ist")
    monkeypatch.setenv("LOGNAME", "b.beispiel")
    assert check_decision(None, "x") == ("b.beispiel", "x")


def test_who_acts_is_checked_alone_where_no_reason_is_asked_for() -> None:
    assert check_actor(" a.müller ") == "a.müller"
    with pytest.raises(ConfigurationError, match="--actor is empty"):
        check_actor(" ")


def test_without_a_login_name_the_actor_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no name")

    monkeypatch.setattr(getpass, "getuser", nobody)
    with pytest.raises(ConfigurationError, match="--actor"):
        check_decision(None, "x")


@pytest.mark.parametrize(
    ("actor", "reason", "word"),
    [
        ("", "x", "--actor is empty"),
        ("a", " \t ", "--reason is empty"),
        ("a" * 101, "x", "at most 100"),
        ("a", "x" * 501, "at most 500"),
        ("a\nb", "x", "cannot be shown"),
        ("a", "x\u202ey", "cannot be shown"),
        ("a\u200b", "x", "cannot be shown"),
        ("a", "x\x00", "cannot be shown"),
    ],
)
def test_a_blank_overlong_or_unprintable_text_is_refused(actor: str, reason: str, word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        check_decision(actor, reason)
