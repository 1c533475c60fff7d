"""The tutorial's files are the example case, and the tutorial uses all of them."""

from __future__ import annotations

import re

from docs.tutorial.make_events import START, tutorial_files
from tests.docs.pages import ROOT, blocks, page

from meilenstein.cli.demo_run import EXAMPLE_START
from meilenstein_connectors.plain_json import from_line
from meilenstein_expectations import check


def test_the_tutorial_plays_on_the_same_days_as_the_demo():
    assert START == EXAMPLE_START


def test_the_tutorial_files_are_what_the_example_case_gives():
    """After a change of the example case run `python docs/tutorial/make_events.py`."""
    folder = ROOT / "docs/tutorial/events"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == tutorial_files()


def test_the_tutorial_sends_every_file_in_order():
    text = "\n".join(blocks(page("tutorial/example-case.md"), "sh"))
    sent = re.findall(r"partner (\S+) send (\d-\S+)", text)
    assert all(name == f"{name[0]}-{agency}.jsonl" for agency, name in sent)
    assert list(dict.fromkeys(name for _, name in sent)) == list(tutorial_files())


def test_the_tutorial_events_break_no_rule():
    for name, text in tutorial_files().items():
        for line in text.splitlines():
            assert check(*from_line(line)) == [], name
