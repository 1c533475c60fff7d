"""What operators see in Airflow beside a task: one line, shown in the list of a run's tasks next to the grid."""

from __future__ import annotations

from airflow.sdk import get_current_context

__all__ = ["SHOWN", "show"]

SHOWN = "{{ outcome | default('') }}"
"""For `map_index_template`; Airflow renders it for every task, mapped or not, when the task has ended."""

_LONGEST = 250
"""Characters; Airflow's column holds no more."""


def show(line: str) -> str:
    """Show the line beside the running task and return it; it holds names and counts only."""
    get_current_context()["outcome"] = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"  # type: ignore[typeddict-unknown-key]
    return line
