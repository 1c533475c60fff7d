"""Write the tutorial's event files from the example case: `python docs/tutorial/make_events.py`.

One file holds what one agency sends in one step. Fields that equal the contract's default are left out.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from meilenstein.simulate.example_case import example_case
from meilenstein_connectors.plain_json import to_line

__all__ = ["START", "tutorial_files"]

START = dt.date(2026, 3, 2)
"""First day of the story."""


def tutorial_files() -> dict[str, str]:
    """Return the text of each file by its name, in the order in which the tutorial sends them."""
    lines: dict[str, list[str]] = {}
    for step in example_case(START):
        for sender, event_type, body in step.events:
            line = to_line(event_type, body, with_defaults=False)
            lines.setdefault(f"{step.number}-{sender}.jsonl", []).append(line)
    return {name: "\n".join(part) + "\n" for name, part in lines.items()}


if __name__ == "__main__":
    folder = Path(__file__).with_name("events")
    folder.mkdir(exist_ok=True)
    for name, text in tutorial_files().items():
        (folder / name).write_text(text, encoding="utf-8")
