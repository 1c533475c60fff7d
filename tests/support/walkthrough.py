"""Pages run as written: their shell blocks one after the other in one shell, their outputs compared with what is shown.

In a `text` block `...` stands for whatever comes, within a line or as whole lines; runs of blanks are one blank. A page
need not show every line of the output; the lines it shows appear in their order.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Passage", "assert_shown", "console_commands", "passages", "run_passages"]

_BLOCK = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "=== passage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A shell block, and the output that the page shows for it."""

    commands: str
    shown: str


def passages(text: str) -> Iterator[Passage]:
    """Yield the shell blocks of a page in order, each with the text block that follows it directly, if one does."""
    found = _BLOCK.findall(text)
    for place, (language, content) in enumerate(found):
        if language == "sh":
            follows = found[place + 1] if place + 1 < len(found) else ("", "")
            yield Passage(commands=content, shown=follows[1] if follows[0] == "text" else "")


def console_commands(text: str) -> list[tuple[str, str]]:
    """Return the commands typed in the console blocks of a page, each with the output shown below it."""
    found: list[tuple[str, str]] = []
    for language, content in _BLOCK.findall(text):
        for line in content.splitlines() if language == "console" else ():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            else:
                found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def run_passages(
    given: list[Passage], *, folder: Path, environment: Mapping[str, str], seconds: float
) -> list[tuple[Passage, str]]:
    """Run all in one shell and return each with its output; the first command that fails ends it with an assertion."""
    script = "".join(f"echo '{_MARK}'\n{one.commands}" for one in given)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=seconds,
        check=False,
    )
    outputs = done.stdout.split(f"{_MARK}\n")[1:]
    assert done.returncode == 0, f"{given[len(outputs) - 1].commands}\n{outputs[-1]}"
    return list(zip(given, outputs, strict=True))


def assert_shown(shown: str, output: str) -> None:
    """Fail unless every line that the page shows is there, in order."""
    lines = [_blanks(line) for line in output.splitlines()]
    place = 0
    for line in shown.splitlines():
        wanted = _blanks(line)
        if not wanted or wanted == "...":
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in re.split(r"\.\.\.", wanted)))
        found = next((at for at in range(place, len(lines)) if pattern.fullmatch(lines[at])), None)
        assert found is not None, f"the page shows\n  {line}\nafter line {place} of\n{output}"
        place = found + 1


def _blanks(line: str) -> str:
    return " ".join(line.split())
