"""The comparison of pages with outputs notices what is missing, wrong or out of order."""

from __future__ import annotations

import os

import pytest
from tests.support.walkthrough import Passage, assert_shown, console_commands, passages, run_passages

PAGE = """
```console
$ first
$ second
its line
```

```sh
echo one
```

```text
one
```

```sh
echo two
```
"""


def test_a_page_is_cut_into_commands_and_what_they_show():
    assert console_commands(PAGE) == [("first", ""), ("second", "its line\n")]
    assert list(passages(PAGE)) == [
        Passage(commands="echo one\n", shown="one\n"),
        Passage(commands="echo two\n", shown=""),
    ]


@pytest.mark.parametrize("shown", ["b", "a\nc", "... c", "a  b", "...\nb", "x ... s", "", "a b\nx 4 in 0.1..."])
def test_what_is_there_in_order_is_found(shown):
    assert_shown(shown, "a\nb\na   b c\na b\nc\nx 4 in 0.17 s\n")


@pytest.mark.parametrize("shown", ["d", "c\nb", "a b c d", "a\na\na", "x ... 8", "x 4"])
def test_what_is_missing_wrong_or_out_of_order_is_noticed(shown):
    with pytest.raises(AssertionError, match="the page shows"):
        assert_shown(shown, "a\nb\na   b c\na b\nc\nx 4 in 0.17 s\n")


def test_passages_share_a_shell_and_a_failing_command_is_named(tmp_path):
    good = [Passage(commands="name=Ä\n", shown=""), Passage(commands='echo "$name"\n', shown="Ä")]
    outputs = run_passages(good, folder=tmp_path, environment=os.environ, seconds=10)
    assert [output for _, output in outputs] == ["", "Ä\n"]
    bad = [Passage(commands="true\n", shown=""), Passage(commands="echo oh; false\necho never\n", shown="")]
    with pytest.raises(AssertionError, match="echo oh"):
        run_passages([*good, *bad], folder=tmp_path, environment=os.environ, seconds=10)
