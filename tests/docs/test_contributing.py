"""CONTRIBUTING names the limits that hold and every package there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.architecture.test_structure import LONGEST_FUNCTION, LONGEST_MODULE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RUFF = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]


def test_the_limits_are_those_that_hold() -> None:
    told = " ".join(TEXT.split())
    assert f"at most {LONGEST_MODULE} lines" in told
    assert f"functions at most {LONGEST_FUNCTION} lines" in told
    assert f"{RUFF['pylint']['max-statements']} statements" in told
    assert f"complexity {RUFF['mccabe']['max-complexity']}" in told


def test_every_package_has_its_place_in_the_table() -> None:
    table = TEXT.partition("## Where things are")[2].partition("\n## ")[0]
    named = {
        name.strip().rstrip("/") for cell in re.findall(r"`src/meilenstein/([^`]+)`", table) for name in cell.split(",")
    }
    there = {path.parent.name for path in (ROOT / "src" / "meilenstein").glob("*/__init__.py")}
    assert named - {"bootstrap.py"} == there
