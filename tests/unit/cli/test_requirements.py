"""`meilenstein case` lists what bodies asked for, with the name of each code that is in the list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.cases.recognition import application, step
from tests.unit.cases.world import day, one

from meilenstein.cli.requirements import show_requirements


def state(*items: str) -> dict[str, Any]:
    asked = step("DocumentsRequested", "2026-03-09", items=list(items), due_on=day("2026-04-09"))
    loaded: dict[str, Any] = json.loads(one([application(), *([asked] if items else [])], "2026-03-10").state)
    return loaded


def test_each_document_has_a_line_and_an_unknown_code_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_requirements(state("diploma", "stamp-of-the-mayor"), "de")
    lines = [line for line in capsys.readouterr().out.splitlines() if "hwk-dresden/P-9" in line]
    assert len(lines) == 2
    assert "diploma (Abschlusszeugnis)" in lines[0]
    assert all(word in lines[1] for word in ("stamp-of-the-mayor ", "2026-03-09", "APPLICANT", "2026-04-09", "OPEN"))


def test_names_are_given_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    show_requirements(state("identity-document"), "en")
    assert "identity-document (proof of identity)" in capsys.readouterr().out


def test_a_case_in_which_nothing_was_asked_for_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_requirements(state(), "de")
    assert capsys.readouterr().out == ""
