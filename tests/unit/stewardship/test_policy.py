"""What may be released, by how many, and what is said where it may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meilenstein.stewardship.policy import NEVER_RELEASED, needs_second_person, obstacle
from meilenstein_expectations import load_suites

RULES = load_suites().rules
VALIDATION = Path(__file__).parents[3] / "src/meilenstein/validation"


@pytest.mark.parametrize("code", sorted(NEVER_RELEASED))
def test_what_can_never_stand_says_what_to_do_instead(code: str) -> None:
    told = obstacle(["RULE:E-008", code], RULES)
    assert told is not None
    assert told.code == code
    assert told.line.startswith(f"{code} cannot be released")
    assert re.search("correct|reject|revalidate", told.line)
    assert "\n" not in told.line


@pytest.mark.parametrize("rule", ["E-001", "E-002", "E-005", "E-024", "E-025"])
def test_an_event_without_identity_can_stand_nowhere(rule: str) -> None:
    told = obstacle([f"RULE:{rule}"], RULES)
    assert told is not None
    assert RULES[rule].field is not None
    assert str(RULES[rule].field) in told.line


@pytest.mark.parametrize(
    "codes",
    [["RULE:E-008"], ["WRONG_PUBLISHER"], ["RULE_BROKE"], ["FUTURE_FACT", "OCCURRED_AFTER_RECORDED"], ["RULE:GONE-1"]],
)
def test_a_broken_rule_about_facts_can_be_passed_over(codes: list[str]) -> None:
    assert obstacle(codes, RULES) is None


@pytest.mark.parametrize(
    ("codes", "two"),
    [
        (["RULE_BROKE"], False),
        (["RULE:E-008"], True),
        (["WRONG_PUBLISHER"], True),
        (["RULE_BROKE", "RULE:E-008"], True),
    ],
)
def test_only_a_rule_that_cannot_be_evaluated_is_passed_over_by_one(codes: list[str], two: bool) -> None:
    assert needs_second_person(codes) is two


def test_every_reason_of_validate_is_either_a_rule_or_judged_here() -> None:
    """A reason that is added to validate must be put on one side or the other."""
    text = (VALIDATION / "reasons.py").read_text("utf-8")
    codes = set(re.findall(r'code="([A-Z_]+)"|"([A-Z]+(?:_[A-Z]+)*)": \(', text))
    named = {name for pair in codes for name in pair if name}
    assert named - set(NEVER_RELEASED) == {"WRONG_PUBLISHER"}
