"""The structure that reviewers rely on: direction of dependencies, size of modules, nothing opened at import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from meilenstein.dag_names import DAGS

ROOT = Path(__file__).parents[2]
ROOMS = [ROOT / name for name in ("schemas", "connectors", "expectations", "src", "dags")]
MODULES = sorted(path for room in ROOMS for path in room.rglob("*.py"))
GENERATED = {"events.py"}
LONGEST_MODULE = 340
LONGEST_FUNCTION = 50
STORIES = {"example_case"}  # one case told from beginning to end; cutting it up would hide the story


def lines_without_docstring(function):
    body = function.body
    first = body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    start = first.end_lineno + 1 if documented and len(body) > 1 else first.lineno
    return function.end_lineno - start + 1


def test_dependencies_point_one_way():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_short_and_documented(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    if "migrations" not in path.parts:
        assert ast.get_docstring(tree), "a module says what it is for"
    if path.name not in GENERATED:
        assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.name in STORIES or lines_without_docstring(node) <= LONGEST_FUNCTION, node.name


def test_the_sdk_imports_nothing_heavy():
    code = (
        "import sys, meilenstein_connectors.publisher, meilenstein_connectors.inbox;"
        "import meilenstein_connectors.kafka_transport;"
        "heavy = {'airflow', 'great_expectations', 'pandas', 'psycopg', 'pydantic', 'yaml', 'meilenstein'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_clock_says_what_time_it_is():
    """Nothing but the one injected clock asks for the present: `now(` and `today(` stand in two modules only."""
    asking = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "today", "utcnow"}
    }
    assert asking == {"src/meilenstein/bootstrap.py", "connectors/meilenstein_connectors/clock.py"}


def test_the_names_of_the_dags_are_those_of_their_files():
    assert set(DAGS) == {path.stem for path in (ROOT / "dags").glob("*.py")}


def test_the_project_names_no_machine_and_no_registry_host():
    told = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in [
            *MODULES,
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            ROOT / "Makefile",
            ROOT / "pyproject.toml",
        ]
        for word in ("/root/", "/home/", "pypi.org", "maven.org", "repo1.maven", "files.pythonhosted")
        if word in path.read_text(encoding="utf-8")
    ]
    assert told == []
