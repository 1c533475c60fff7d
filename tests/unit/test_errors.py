"""The place that an unforeseen fault is told with: a line of this project, never one of a library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import meilenstein_connectors.facts
from meilenstein import summary
from meilenstein.errors import fault_of


def _raised(*files: str | Path) -> BaseException:
    """Return a fault that went through a function of each file, the innermost last."""
    call: Any = None
    for file in reversed(files):
        scope: dict[str, Any] = {"call": call}
        source = "def run():\n    if call is None:\n        raise LookupError('H-7')\n    call()\n"
        exec(compile(source, str(file), "exec"), scope)
        call = scope["run"]
    try:
        call()
    except LookupError as error:
        return error
    raise AssertionError("it did not raise")


def test_a_library_below_a_folder_of_the_projects_name_is_not_the_place() -> None:
    library = "/home/x/meilenstein/.venv/lib/python3.11/site-packages/pyarrow/compute.py"
    assert fault_of(_raised(summary.__file__, library)) == "LookupError at summary.py:4"
    assert fault_of(_raised(library)) == "LookupError"


def test_a_sibling_package_is_named_with_its_name() -> None:
    told = fault_of(_raised(summary.__file__, meilenstein_connectors.facts.__file__))
    assert told == "LookupError at meilenstein_connectors/facts.py:3"
