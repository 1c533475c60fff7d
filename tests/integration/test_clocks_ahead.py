"""Moving the day beyond today: only with who and why, and on record."""

from __future__ import annotations

import json

import pytest
from tests.support.commands import Command
from tests.support.raw_kafka import rows

from meilenstein.settings import Endpoints

pytestmark = pytest.mark.stack

AHEAD = ("clocks", "--as-of", "2031-01-01", "--future")


def test_a_day_ahead_needs_a_reason_and_is_recorded(endpoints: Endpoints, command: Command) -> None:
    days = rows(endpoints, "select as_of from tick")
    for arguments, said in ((AHEAD, "--reason is empty"), (AHEAD[:-1], "Add --future if you mean it")):
        code, _, err = command(*arguments)
        assert (code, said in err) == (2, True)
    assert rows(endpoints, "select as_of from tick") == days
    code, out, _ = command(*AHEAD, "--reason", "rehearsal of the new year", "--json")
    assert (code, json.loads(out)["counts"]["ticks"]) == (0, 1)
    assert rows(endpoints, "select max(as_of)::text from tick") == [("2031-01-01",)]
    assert rows(endpoints, "select actor, act, object, outcome, reason from audit") == [
        ("c.kommando", "clocks.future", "day:2031-01-01", "DONE", "rehearsal of the new year")
    ]


def test_today_needs_no_reason_and_is_not_recorded(endpoints: Endpoints, command: Command) -> None:
    assert command("clocks", "--json")[0] == 0
    assert rows(endpoints, "select count(*) from audit") == [(0,)]
