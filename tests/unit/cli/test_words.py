"""Small words of the command line: plurals, known codes and acts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import meilenstein
from meilenstein.audit.acts import ACTS
from meilenstein.cli.output import counted
from meilenstein.cli.selection import require_code
from meilenstein.errors import ConfigurationError


def test_one_thing_is_no_plural() -> None:
    assert [counted(n, "rule") for n in (0, 1, 2, 1200)] == ["0 rules", "1 rule", "2 rules", "1,200 rules"]
    assert (counted(1, "entry", "entries"), counted(2, "entry", "entries")) == ("1 entry", "2 entries")


def test_every_act_that_the_program_records_is_a_known_one() -> None:
    groups = "|".join(sorted({act.partition(".")[0] for act in ACTS}))
    source = Path(meilenstein.__file__).parent
    used = {
        act
        for path in source.rglob("*.py")
        for act in re.findall(rf'"((?:{groups})\.(?!yaml|jsonl)[a-z]+)"', path.read_text(encoding="utf-8"))
    }
    assert used == ACTS - {"bulk.cancel", "bulk.pause", "bulk.resume"} | used
    assert used <= ACTS


@pytest.mark.parametrize("code", [None, "CONFLICT", "FORBIDDEN_CONTENT", "RULE:E-002", "RULE:E-999"])
def test_a_code_of_today_or_of_a_rule_that_was_in_force_once_is_taken(code: str | None) -> None:
    require_code(code)


def test_any_other_code_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="RULE:E-2"):
        require_code("RULE:E-2")
