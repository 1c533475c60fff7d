"""Great Expectations under test: its verdicts are the oracle's, row by row, or there are none.

The oracle (`tests.support.oracle`) reads suites and events by itself; the SDK's plain checks are the third opinion.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import psycopg
import pytest
from tests.support.children import Child
from tests.support.generated_events import generated_events
from tests.support.oracle import Oracle
from tests.support.raw_kafka import framed, rows, schema_id_of

from meilenstein.bootstrap import Hub
from meilenstein.decoding.decode import has_fast_path
from meilenstein.settings import Endpoints
from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation.gx_judge import GxJudge
from meilenstein.validation.judgement import JudgeFailed, Judgement
from meilenstein.validation.parts import Part, RowPart, parts_of
from meilenstein.validation.reading import read_records
from meilenstein.validation.scratch import SCHEMA
from meilenstein_connectors.errors import InvalidEvent
from meilenstein_expectations import check, load_suites, project
from meilenstein_expectations.lint import FOLDER
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack

Event = tuple[str, dict[str, Any]]

SEED = 20261122
EVENTS = int(os.environ.get("ORACLE_EVENTS", "100000"))
BATCHES = 4


@pytest.fixture
def url(stack_endpoints: Endpoints) -> str:
    return stack_endpoints.database_url


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as opened:
        yield opened


@pytest.fixture
def judge(url: str) -> GxJudge:
    return GxJudge(url, load_suites())


def judged(judge: GxJudge, connection: psycopg.Connection[Any], events: Sequence[Event], first: int = 1) -> Judgement:
    """Have a batch of projected rows judged whose journal ids begin at `first`."""
    batch: dict[str, list[tuple[int, Any]]] = {}
    for journal_id, (event_type, body) in enumerate(events, start=first):
        batch.setdefault(event_type, []).append((journal_id, project(event_type, body)))
    return judge.judge(connection, first, {event_type: [RowPart(rows)] for event_type, rows in batch.items()})


class Reader:
    """Turns events into what the step hands to the judge: from their bytes on, as far as bytes can hold them."""

    def __init__(self, endpoints: Endpoints) -> None:
        with Hub(endpoints) as hub:
            self._book = hub.book
            self._book.refresh(hub.connection("oracle"))
        self._ids = {event_type: schema_id_of(endpoints, event_type) for event_type in load_contracts()}
        self.as_columns = self.as_rows = 0

    def parts(self, events: Sequence[Event], first: int) -> dict[str, list[Part]]:
        records, others = [], dict[str, list[tuple[int, Any]]]()
        for key, (event_type, body) in enumerate(events, start=first):
            try:
                records.append(self._record(key, framed(self._ids[event_type], body, event_type)))
            except InvalidEvent:  # a missing value where the schema has no null
                others.setdefault(event_type, []).append((key, project(event_type, body)))
        reading = read_records(records, self._book.schema_of)
        assert (len(reading.candidates), reading.refused, reading.waiting) == (len(records), [], [])
        parts = parts_of(reading.candidates)
        for found in parts.values():
            for part in found:
                columns = not isinstance(part, RowPart)
                self.as_columns, self.as_rows = (
                    self.as_columns + columns * len(part.keys),
                    self.as_rows + (not columns) * len(part.keys),
                )
        for event_type, entries in others.items():
            parts.setdefault(event_type, []).append(RowPart(entries))
        return parts

    def _record(self, key: int, raw: bytes) -> StoredRecord:
        return StoredRecord(
            id=key,
            topic="milestones.abh-dresden",
            topic_id="oracle",
            partition=0,
            record_offset=key,
            raw=raw,
            schema_id=int.from_bytes(raw[1:5], "big"),
            decode_state="DECODED",
            refusal_code=None,
            refusal_detail=None,
            received_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
        )


def rules_of(judgement: Judgement) -> dict[int, list[str]]:
    return {key: [found.rule for found in violations] for key, violations in judgement.violations.items()}


def complete(count: int, **fields: Any) -> list[Event]:
    return [("DocumentsComplete", {**sane_body("DocumentsComplete"), **fields}) for _ in range(count)]


@pytest.mark.timeout(400)
def test_verdicts_equal_the_oracles_and_the_sdks_on_every_generated_event(
    stack_endpoints: Endpoints, connection: psycopg.Connection[Any], judge: GxJudge
) -> None:
    reader = Reader(stack_endpoints)
    size = EVENTS // BATCHES
    seen, right, counted = Counter[tuple[str, bool | None]](), 0, 0
    with ProcessPoolExecutor(1, get_context("forkserver")) as beside:  # the other opinions, on another core
        opinions = [beside.submit(opinions_on, number, size) for number in range(BATCHES)]
        for number, opinion in enumerate(opinions):
            events, first = list(generated_events(SEED + number, size)), number * size
            judgement = judge.judge(connection, first, reader.parts(events, first))
            broken, told, looked_at = opinion.result()
            assert differing(rules_of(judgement), broken) == []
            assert differing(judgement.violations, told) == []
            seen.update(looked_at)
            right += size - len(broken)
            counted += sum(judgement.counts.values())
    rules = Oracle(FOLDER).rules()
    assert sum(seen[rule, False] for rule in rules) == counted
    assert reader.as_columns + reader.as_rows > EVENTS * 0.8, "too few were read from bytes"
    assert not has_fast_path() or reader.as_columns > EVENTS / 2, "the fast path judged too few of them"
    assert EVENTS * 0.3 < right < EVENTS * 0.6, "too few or too many of the events are right"
    assert sorted(rule for rule in rules if not seen[rule, False]) == [], "never broken"
    assert sorted(rule for rule in rules if not seen[rule, True]) == [], "never kept by a value"


def opinions_on(number: int, size: int) -> tuple[dict[int, Any], dict[int, Any], Counter[Any]]:
    """Return what the oracle and the SDK say against the events of a batch, and what the oracle looked at."""
    oracle, events = Oracle(FOLDER), dict(enumerate(generated_events(SEED + number, size), start=number * size))
    broken = {key: oracle.broken(*event) for key, event in events.items()}
    told = {key: tuple(check(*event)) for key, event in events.items()}
    return without_empty(broken), without_empty(told), oracle.seen


def without_empty(found: Mapping[int, Sequence[Any]]) -> dict[int, Any]:
    return {key: entries for key, entries in found.items() if entries}


def differing(found: Mapping[int, Sequence[Any]], expected: Mapping[int, Sequence[Any]]) -> list[Any]:
    """Return the first few rows on which two opinions differ; what nobody objects to stands in neither."""
    keys = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    return [(key, found.get(key), expected.get(key)) for key in keys[:5]]


def test_two_runs_give_the_same_verdicts_and_so_do_other_batches_and_another_order(
    connection: psycopg.Connection[Any], judge: GxJudge, url: str
) -> None:
    events = [event for event in generated_events(SEED + 1, 6000) if event[0] in {"ReferralSent", "DecisionIssued"}]
    middle, end = len(events) // 2, len(events) + 1
    once, again = (judged(judge, connection, events) for _ in range(2))
    assert (once.violations, once.counts, once.evaluated) == (again.violations, again.counts, again.evaluated)
    assert judged(GxJudge(url, load_suites()), connection, events).violations == once.violations
    parts: dict[int, Any] = {}
    for part, first in ((events[:middle], 1), (events[middle:], middle + 1)):
        parts |= judged(judge, connection, part, first).violations
    assert parts == once.violations
    backwards = judged(judge, connection, events[::-1]).violations
    assert {end - key: found for key, found in backwards.items()} == once.violations


@pytest.mark.parametrize("bad", [19, 20, 21, 199, 200, 201, 450])
def test_all_bad_rows_are_named_beyond_every_limit_at_which_great_expectations_cuts_lists(
    connection: psycopg.Connection[Any], judge: GxJudge, bad: int
) -> None:
    late = sane_body("DocumentsComplete")["recorded_at"].date().replace(year=2027)
    events = [*complete(bad, case_reference=""), *complete(7), *complete(bad, occurred_on=late), *complete(bad, azr="")]
    for _, body in events[-bad:]:
        body["source_system"] = body.pop("azr") + "051124123456"
    expected = {key: ["E-005"] for key in range(1, bad + 1)}
    expected |= {key: ["E-016", "E-017"] for key in range(bad + 8, 2 * bad + 8)}
    expected |= {key: ["E-019"] for key in range(2 * bad + 8, 3 * bad + 8)}
    assert rules_of(judged(judge, connection, events)) == expected


def application(**fields: Any) -> Event:
    return "ApplicationReceived", {**sane_body("ApplicationReceived"), **fields}


ODD = {
    "a line end after a right value": ({"training_state": "DE\n"}, ["E-020", "AR-005"]),
    "a right value after a wrong line": ({"training_state": "x\nDE"}, ["E-020", "AR-005"]),
    "no value where none is needed": ({"training_state": None, "profession_kldb": None}, []),
    "no value where one is needed": ({"case_reference": None}, ["E-005"]),
    "the text NaN": ({"profession_kldb": "NaN"}, ["AR-004"]),
    "the text NULL": ({"training_state": "NULL"}, ["AR-005"]),
    "an empty text": ({"training_state": ""}, ["AR-005"]),
    "decomposed letters": ({"case_reference": "A\u0308-9"}, ["E-005", "E-021"]),
    "composed letters": ({"case_reference": "Ä-9"}, []),
    "digits of another script": ({"profession_kldb": "２６２１２"}, ["AR-004"]),
    "a zero byte": ({"case_reference": "H\x009"}, ["E-005", "E-020"]),
    "two critical rules and a warning": (
        {"training_state": "de", "district_ags": "99999", "procedure_law": "UNKNOWN"},
        ["E-008", "AR-002", "AR-005"],
    ),
}


def test_odd_values_get_the_verdict_that_the_words_of_the_rules_give(
    connection: psycopg.Connection[Any], judge: GxJudge
) -> None:
    """Each alone, so that no other row decides, and then all in one batch."""
    expected = {key: rules for key, (_, rules) in enumerate(ODD.values(), start=1) if rules}
    events = [application(**fields) for fields, _ in ODD.values()]
    alone = {key: rules_of(judged(judge, connection, [event], key)) for key, event in enumerate(events, start=1)}
    assert {key: found[key] for key, found in alone.items() if found} == expected
    assert rules_of(judged(judge, connection, events)) == expected


def test_a_column_of_nothing_but_nulls_is_judged_row_by_row(
    connection: psycopg.Connection[Any], judge: GxJudge
) -> None:
    events = [application(training_state=None, occurred_on=None, recorded_at=None) for _ in range(30)]
    assert rules_of(judged(judge, connection, events)) == {key: ["E-013"] for key in range(1, 31)}


def with_nan(row: dict[str, Any]) -> None:
    row["sequence"] = float("nan")


def with_text(row: dict[str, Any]) -> None:
    row["occurred_on"] = "yesterday"


def without_column(row: dict[str, Any]) -> None:
    del row["case_reference"]


@pytest.mark.parametrize("spoil", [with_nan, with_text, without_column])
def test_a_row_that_is_not_what_its_columns_say_gives_no_verdict_on_any(
    connection: psycopg.Connection[Any], judge: GxJudge, spoil: Callable[[dict[str, Any]], None]
) -> None:
    batch = [(key, project("DocumentsComplete", body)) for key, (_, body) in enumerate(complete(5), start=1)]
    spoil(batch[3][1])
    with pytest.raises((JudgeFailed, KeyError, ValueError, TypeError)):
        judge.judge(connection, 1, {"DocumentsComplete": [RowPart(batch)]})
    assert rows_of_scratch(connection) == []


def rows_of_scratch(connection: psycopg.Connection[Any]) -> list[str]:
    connection.rollback()
    found = connection.execute("select tablename from pg_tables where schemaname = %s", (SCHEMA,)).fetchall()
    connection.rollback()
    return [name for (name,) in found]


MANY, TURNS = 8, 2


def own_events(seed: int) -> list[Event]:
    """Return some 100 generated events of two types, so that many batches cost little."""
    events = list(generated_events(seed, 700))
    return [event for event in events if event[0] in {events[0][0], "ReferralSent"}]


@dataclass(frozen=True)
class JudgeOwnRows:
    """Judge the same batch number again and again, each process with rows of its own."""

    seed: int

    def __call__(self, hub: Hub, tell: Callable[[Any], None]) -> list[dict[int, list[str]]]:
        url, found = hub._endpoints.database_url, []
        with psycopg.connect(url) as connection:
            for turn in range(TURNS):
                events = own_events(self.seed + turn)
                found.append(rules_of(judged(GxJudge(url, load_suites()), connection, events)))
        return found


@pytest.mark.timeout(300)
def test_eight_processes_that_judge_at_once_give_each_its_own_right_verdicts(endpoints: Endpoints) -> None:
    children = [Child(endpoints, JudgeOwnRows(SEED + 10 * number)) for number in range(MANY)]
    for child in children:
        child.go()
    outcomes = [child.outcome() for child in children]
    oracle = Oracle(FOLDER)
    for number, found in enumerate(outcomes):
        assert isinstance(found, list), found
        for turn, rules in enumerate(found):
            events = own_events(SEED + 10 * number + turn)
            expected = {key: oracle.broken(*event) for key, event in enumerate(events, start=1)}
            assert rules == without_empty(expected), (number, turn)
    assert rows(endpoints, f"select count(*) from pg_tables where schemaname = '{SCHEMA}'") == [(0,)]
