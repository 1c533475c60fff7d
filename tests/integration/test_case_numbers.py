"""Case numbers on a real instance: given out once, told apart by their use, looked up only so often in vain."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from tests.support.commands import Command
from tests.support.raw_kafka import rows
from tests.support.story import Story

from meilenstein.bootstrap import Hub, utc_now
from meilenstein.errors import RetryableError
from meilenstein.settings import Endpoints
from meilenstein.stewardship.case_numbers import FAILURES, LIMITED_FOR
from meilenstein_connectors.errors import InvalidEvent
from meilenstein_schemas.case_number import CHOICES, is_case_number, make_case_number

pytestmark = pytest.mark.stack

OTHER = make_case_number(CHOICES // 2)
"""Well-formed, and given out to nobody but by a chance of one in a million millions."""


def reserve(command: Command, count: int = 3, *more: str) -> list[str]:
    code, out, _ = command("number", "reserve", "--agency", "zefas", "--count", str(count), "--json", *more)
    assert code == 0
    numbers: list[str] = json.loads(out)["numbers"]
    return numbers


def test_numbers_are_given_out_once_and_printed_one_a_line(command: Command, endpoints: Endpoints) -> None:
    code, out, err = command("number", "reserve", "--agency", "zefas", "--count", "200")
    numbers = out.split()
    assert (code, len(set(numbers)), all(map(is_case_number, numbers))) == (0, 200, True)
    assert "200 numbers for zefas, to be used until" in err
    assert rows(endpoints, "select count(*), min(agency) from case_number") == [(200, "zefas")]
    assert rows(endpoints, "select actor, act, object, outcome, reason from audit") == [
        ("c.kommando", "number.reserve", "numbers:zefas", "DONE", "200 numbers")
    ]
    assert command("number", "reserve", "--agency", "nobody")[0] == 2


def test_a_number_that_somebody_has_is_not_given_out_again(hub: Hub, endpoints: Endpoints) -> None:
    drawn = iter([7, 7, 8, 7, 9])
    desk = hub.number_desk()
    desk._draw = lambda _: next(drawn)
    assert desk.reserve("zefas", 1, days=1, actor="a").numbers == (make_case_number(7),)
    assert set(desk.reserve("wc-dresden", 2, days=1, actor="a").numbers) == {make_case_number(8), make_case_number(9)}
    assert rows(endpoints, "select agency from case_number where number = %s", make_case_number(7)) == [("zefas",)]


@pytest.mark.parametrize("statement", ["update case_number set agency = 'lds'", "delete from case_number"])
def test_nobody_changes_or_takes_back_a_number(command: Command, endpoints: Endpoints, statement: str) -> None:
    reserve(command, 1)
    for url in (endpoints.database_url, endpoints.owner_database_url):
        with (
            psycopg.connect(url or "", options="-c search_path=meilenstein") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_a_number_on_both_files_joins_them_and_is_told_as_used(
    command: Command, hub: Hub, tmp_path: Path, endpoints: Endpoints
) -> None:
    used, unused = sorted(reserve(command, 2))
    story = Story(hub, tmp_path)
    kinds = (("InquiryReceived", "zefas", "Z-1"), ("InquiryReceived", "wc-dresden", "W-1"))
    plain = story.event("InquiryReceived", "zefas", "Z-1", 1)
    story.publish([plain, *(story.event(kind, key, file, 2, case_number=used) for kind, key, file in kinds)])
    story.publish([story.event("InquiryReceived", "wc-dresden", "W-7", 3, case_number=OTHER)])
    assert rows(endpoints, "select count(distinct case_id) from case_member m where file_id in (select file_id from "
                "mention where kind = 'NUMBER' and reference = %s)", used) == [(1,)]  # fmt: skip
    listed = {}
    for state in ("USED", "UNUSED", "EXPIRING", "EXPIRED", "NOT_RESERVED", "ALL"):
        code, out, _ = command("number", "list", "--state", state, "--json")
        assert code == 0
        listed[state] = [(one["number"], one["used_by"]) for one in json.loads(out)["numbers"]]
    both = ["wc-dresden", "zefas"]
    assert listed["USED"] == [(used, both)]
    assert listed["UNUSED"] == [(unused, [])]
    assert sorted(listed["ALL"]) == sorted([(used, both), (unused, [])])
    assert listed["NOT_RESERVED"] == [(OTHER, ["wc-dresden"])]
    assert listed["EXPIRING"] == listed["EXPIRED"] == []

    code, out, _ = command("number", "check", used.lower().replace("-", " "), "--json")
    found = json.loads(out)
    assert (code, found["state"], found["agency"], found["used_by"]) == (0, "USED", "zefas", both)
    assert (found["number"], found["used"]["event_type"]) == (used, "InquiryReceived")
    assert found["used"]["publisher"] in both
    assert rows(endpoints, "select count(*) from journal j join verdict v on v.journal_id = j.id") == [(4,)]
    code, out, _ = command("number", "check", OTHER)
    assert (code, "NOT_RESERVED; used by wc-dresden" in out) == (0, True)
    assert rows(endpoints, "select count(*) from audit where act = 'number.check'") == [(0,)]


def test_unused_numbers_expire(hub: Hub, endpoints: Endpoints) -> None:
    desk = hub.number_desk()
    (soon,) = desk.reserve("zefas", 1, days=10, actor="a").numbers
    (late,) = desk.reserve("zefas", 1, days=90, actor="a").numbers
    today = dt.date.today()  # noqa: DTZ011 - days apart, whatever the zone

    def those(state: str, day: int) -> list[str]:
        on = today + dt.timedelta(days=day)
        found = hub.case_numbers().search(today=on, soon=on + dt.timedelta(days=30), state=state)
        return [one.number for one in found]

    assert (those("EXPIRING", 0), set(those("UNUSED", 0)), those("EXPIRED", 0)) == ([soon], {soon, late}, [])
    assert (those("EXPIRING", 70), those("UNUSED", 70), those("EXPIRED", 70)) == ([late], [late], [soon])


def test_a_mistyped_number_does_not_leave_the_sender_and_the_hub_refuses_it(
    hub: Hub, tmp_path: Path, endpoints: Endpoints
) -> None:
    number = make_case_number(4711)
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    story = Story(hub, tmp_path)
    sender, kind, body = story.event("InquiryReceived", "zefas", "Z-1", 1, case_number=wrong)
    with (
        hub.publisher(sender, "story", tmp_path / "checked.sqlite") as publisher,
        pytest.raises(InvalidEvent, match="number mistyped"),
    ):
        publisher.add((kind, body))
    with hub.publisher(sender, "story", tmp_path / "unchecked.sqlite", checked=False) as publisher:
        publisher.publish((kind, body))
    story.run()
    assert rows(endpoints, "select codes from quarantine_item") == [(["RULE:E-029"],)]
    assert rows(endpoints, "select count(*) from mention") == [(0,)]
    with story.inbox("zefas") as inbox:
        (rejected,) = list(inbox.replies(timeout=1))
    assert "mistyped" in rejected.reasons[0].text["en"]
    assert rejected.reasons[0].seen == wrong


def test_look_ups_that_fail_are_recorded_and_limited_for_each_person(command: Command, endpoints: Endpoints) -> None:
    (number,) = reserve(command, 1)
    tries = [("YK7-X6W-CTCX", 1, "number mistyped"), (OTHER, 1, "was not given out here")]
    for typed, expected, said in [*tries, *tries, tries[0]]:
        code, _, err = command("number", "check", typed)
        assert (code, said in err) == (expected, True)
    for typed in (number, OTHER):
        code, out, err = command("number", "check", typed, "--json")
        assert (code, out) == (3, "")
        assert "5 look-ups of c.kommando failed within 10 minutes; try again after" in err
    assert command("number", "check", number, "--actor", "another")[0] == 0
    found = rows(endpoints, "select actor, object, outcome, reason from audit where act = 'number.check' order by seq")
    why = ["MISTYPED", "UNKNOWN", "MISTYPED", "UNKNOWN", "MISTYPED", "LIMITED", "LIMITED"]
    assert found == [("c.kommando", "case number", "REFUSED", reason) for reason in why]
    assert OTHER not in str(rows(endpoints, "select * from audit"))


class Later:
    """The present, moved on by hand."""

    def __init__(self) -> None:
        self.by = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return utc_now() + self.by


def test_after_the_time_one_may_try_again(endpoints: Endpoints) -> None:
    clock = Later()
    with Hub(endpoints, clock=clock) as hub:
        for _ in range(FAILURES):
            assert hub.number_desk().check("x", actor="a").state == "MISTYPED"
        with pytest.raises(RetryableError):
            hub.number_desk().check("x", actor="a")
        clock.by = LIMITED_FOR + dt.timedelta(seconds=1)
        assert hub.number_desk().check("x", actor="a").state == "MISTYPED"


def test_the_limit_holds_for_several_processes_at_once(endpoints: Endpoints) -> None:
    def attempt(_: int) -> str:
        with Hub(endpoints) as hub:
            try:
                return hub.number_desk().check(OTHER, actor="a").state
            except RetryableError:
                return "LIMITED"

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(attempt, range(12)))
    assert sorted(said) == ["LIMITED"] * (12 - FAILURES) + ["UNKNOWN"] * FAILURES
