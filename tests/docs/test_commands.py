"""Every command and option has its place on the page of commands, every command in the manual exists."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest
import typer
from tests.docs.pages import ROOT, blocks, page, pages, section, table_rows

from meilenstein.cli.main import app
from meilenstein_connectors.command_line import _parser

PAGE = "reference/commands.md"
PARTNER = "python -m meilenstein_connectors"


def hub_commands() -> dict[str, set[str]]:
    """Return the options of each command of `meilenstein`, by its words."""
    return dict(_walk(typer.main.get_command(app), "meilenstein"))


def _walk(command, words: str) -> Iterator[tuple[str, set[str]]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, {name for one in command.params for name in (*one.opts, *one.secondary_opts) if name[0] == "-"}
        return
    for name, one in inner.items():
        yield from _walk(one, f"{words} {name}")


def partner_commands() -> dict[str, set[str]]:
    """Return the options of each partner command, by its words."""
    parser = _parser({})
    (choices,) = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {
        f"{PARTNER} {name}": {option for action in one._actions for option in action.option_strings} - {"-h", "--help"}
        for name, one in choices.items()
    }


def options_in(text: str) -> set[str]:
    return {name for row in table_rows(text) for name in re.findall(r"--[a-z-]+", row[0])}


def test_every_command_has_its_heading_and_no_other_has():
    headings = re.findall(r"^### `(.*)`$", page(PAGE), re.MULTILINE)
    assert sorted(headings) == sorted([*hub_commands(), *partner_commands()])


@pytest.mark.parametrize("words", hub_commands())
def test_every_option_of_a_command_is_in_its_table_and_no_other_is(words):
    assert options_in(section(page(PAGE), f"`{words}`")) == hub_commands()[words]


def test_the_options_of_the_partner_commands_are_in_their_table():
    shared = options_in(section(page(PAGE), "Partner commands"))
    assert partner_commands() == dict.fromkeys(partner_commands(), shared)


def test_the_options_of_the_program_itself_are_named():
    own = {name for one in typer.main.get_command(app).params for name in one.opts}
    assert {name for name in own if f"`{name}`" not in page(PAGE)} == set()


def lines_with_commands() -> Iterator[tuple[str, str]]:
    """Yield the page and each line of a shell block or inline code that runs one of the programs."""
    for path in pages():
        text = path.read_text(encoding="utf-8")
        lines = [line for language in ("sh", "bash", "console") for block in blocks(text, language) for line in
                 block.replace("\\\n", " ").splitlines()]  # fmt: skip
        for line in [*lines, *re.findall(r"`([^`\n]+)`", text)]:
            found = re.search(
                r"(?:^|[\s/;&])(meilenstein [a-z].*|-m meilenstein_connectors [a-z].*|partner [a-z].*)", line
            )
            if found:
                yield str(path.relative_to(ROOT)), found.group(1).split("#")[0].split("|")[0].strip()


def test_every_command_line_in_the_manual_can_be_run():
    hub, partner = hub_commands(), partner_commands()
    wrong = []
    for name, line in lines_with_commands():
        words = shlex.split(line)
        if words[0] == "meilenstein":
            known, rest = hub, words[1:]
        else:  # the tutorial's function takes the agency first
            known, rest = partner, words[2:]
        prefix = "meilenstein " if known is hub else f"{PARTNER} "
        command = next(
            (f"{prefix}{' '.join(rest[:n])}" for n in (2, 1) if f"{prefix}{' '.join(rest[:n])}" in known), None
        )
        group = rest and any(key.startswith(f"{prefix}{rest[0]} ") for key in known)
        if command is None and not (group and len(rest) == 1):
            wrong.append((name, line, "no such command"))
        elif command is not None:
            used = {word.split("=")[0] for word in rest if word.startswith("--")}
            wrong.extend((name, line, option) for option in used - known[command] - {"--help"})
    assert wrong == []
