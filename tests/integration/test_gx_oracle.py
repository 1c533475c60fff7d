"""Great Expectations under test: its verdicts are the oracle's, row by row, or there are none.

The oracle (`tests.support.oracle`) reads suites and events by itself; the SDK's plain checks are the third opinion.
Whatever goes wrong on our side must end without a verdict and with the batch still open: no event may count as right
because nobody looked at it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.children import Child
from tests.support.conservation import check_conservation
from tests.support.generated_events import generated_events
from tests.support.oracle import Oracle
from tests.support.raw_kafka import Raw, entry, framed, rows, schema_id_of, send_raw

from meilenstein import bootstrap
from meilenstein.bootstrap import Hub
from meilenstein.decoding.decode import has_fast_path
from meilenstein.errors import ConfigurationError, MeilensteinError, RetryableError
from meilenstein.settings import Endpoints
from meilenstein.store.journal import StoredRecord
from meilenstein.validation.gx_judge import GxJudge, JudgeFailed, Judgement
from meilenstein.validation.parts import Part, RowPart, parts_of
from meilenstein.validation.reading import read_records
from meilenstein.validation.scratch import SCHEMA
from meilenstein_connectors.errors import InvalidEvent
from meilenstein_expectations import SuiteSet, check, load_suites, project
from meilenstein_expectations.lint import FOLDER
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

pytest.skip("proof under construction: not yet run whole on a quiet machine", allow_module_level=True)

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
    return judge.judge(connection, first, batch)


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
    events = list(generated_events(SEED, EVENTS))
    size = -(-EVENTS // BATCHES)
    oracle, right, counted = Oracle(FOLDER), 0, 0
    for first in range(0, EVENTS, size):
        batch = events[first : first + size]
        judgement = judge.judge(connection, first, reader.parts(batch, first))
        assert judgement.rows == len(batch)
        broken = {key: oracle.broken(*event) for key, event in enumerate(batch, start=first)}
        told = {key: tuple(check(*event)) for key, event in enumerate(batch, start=first)}
        assert differing(rules_of(judgement), broken) == []
        assert differing(judgement.violations, told) == []
        right += sum(not rules for rules in broken.values())
        counted += sum(judgement.counts.values())
    assert sum(oracle.seen[rule, False] for rule in oracle.rules()) == counted
    assert reader.as_columns + reader.as_rows > EVENTS * 0.8, "too few were read from bytes"
    assert not has_fast_path() or reader.as_columns > EVENTS / 2, "the fast path judged too few of them"
    assert EVENTS * 0.3 < right < EVENTS * 0.6, "too few or too many of the events are right"
    assert sorted(rule for rule in oracle.rules() if not oracle.seen[rule, False]) == [], "never broken"
    assert sorted(rule for rule in oracle.rules() if not oracle.seen[rule, True]) == [], "never kept by a value"


def differing(found: Mapping[int, Sequence[Any]], expected: Mapping[int, Sequence[Any]]) -> list[Any]:
    """Return the first few rows on which two opinions differ."""
    keys = sorted(key for key in found.keys() | expected.keys() if found.get(key, ()) != expected.get(key, ()))
    if keys and isinstance(next(iter(expected.values())), list):
        keys = [key for key in keys if list(found.get(key, ())) != expected.get(key)]
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
        judge.judge(connection, 1, {"DocumentsComplete": batch})
    assert rows_of_scratch(connection) == []


def rows_of_scratch(connection: psycopg.Connection[Any]) -> list[str]:
    connection.rollback()
    found = connection.execute("select tablename from pg_tables where schemaname = %s", (SCHEMA,)).fetchall()
    connection.rollback()
    return [name for (name,) in found]


# From here on the whole step: what the database says afterwards is what counts.


def publish(endpoints: Endpoints, wrong: int, right: int) -> None:
    """Publish and drain events of which the first ones break a rule."""
    schema_id = schema_id_of(endpoints, "EntryReported")
    fields: list[dict[str, Any]] = [{"source_system": "X Ж"}] * wrong + [{}] * right
    bodies = [entry(number, **changes) for number, changes in enumerate(fields)]
    send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=framed(schema_id, body)) for body in bodies])
    with Hub(endpoints) as hub:
        hub.drain()


def assert_undecided(endpoints: Endpoints, records: int) -> None:
    """Fail if anything was decided: every record must still wait in an open batch."""
    assert rows(endpoints, "select count(*) from verdict") == [(0,)]
    assert rows(endpoints, "select count(*) from event") == [(0,)]
    assert rows(endpoints, "select count(*) from outbox") == [(0,)]
    assert rows(endpoints, "select state, sum(n) from batch group by state") == [("OPEN", records)]


def assert_decided_rightly(endpoints: Endpoints, wrong: int, right: int) -> None:
    """Run the step as it should be; every record gets the verdict that it would have got at once."""
    with Hub(endpoints) as hub:
        hub.validate()
    query = "select j.record_offset, v.fate, v.codes from verdict v join journal j on j.id = v.journal_id order by 1"
    expected = [(n, "QUARANTINED", ["RULE:E-004"]) for n in range(wrong)]
    expected += [(n, "ACCEPTED", []) for n in range(wrong, wrong + right)]
    assert rows(endpoints, query) == expected
    assert rows(endpoints, f"select count(*) from pg_tables where schemaname = '{SCHEMA}'") == [(0,)]
    check_conservation(endpoints.bootstrap_servers, endpoints.owner_database_url)


def change_first_rule(document: dict[str, Any], **changes: Any) -> None:
    document["expectations"][0] |= changes


def no_rules(document: dict[str, Any]) -> None:
    document["expectations"] = []


NULLS, REGEX = "expect_column_values_to_not_be_null", "expect_column_values_to_match_regex"
SUITE_FAULTS: Mapping[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "an unknown expectation": (
        partial(change_first_rule, type="expect_column_values_to_be_right"),
        "'expect_column_values_to_be_right' is not allowed",
    ),
    "an unknown severity": (partial(change_first_rule, severity="fatal"), "severity 'fatal'"),
    "no rule": (no_rules, "holds no rule"),
    "a column that is not there": (
        partial(change_first_rule, type=NULLS, kwargs={"column": "nothing"}),
        "there is no column 'nothing'",
    ),
    "an argument of another name": (
        partial(change_first_rule, type=NULLS, kwargs={"columns": "event_id"}),
        "unknown entry 'columns'",
    ),
    "an expression that is none": (
        partial(change_first_rule, type=REGEX, kwargs={"column": "event_id", "regex": "\\A[a\\Z"}),
        "no regular expression",
    ),
}


@pytest.fixture
def suites_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the suites, which the step reads instead of the right ones."""
    folder = tmp_path / "suites"
    shutil.copytree(FOLDER, folder)
    monkeypatch.setattr(bootstrap, "load_suites", partial(load_suites, folder))
    return folder


@pytest.mark.parametrize("name", ["common", "entry_reported"])
def test_a_faulty_suite_file_decides_nothing_and_names_itself(
    endpoints: Endpoints, suites_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    publish(endpoints, 2, 3)
    path = suites_folder / f"{name}.json"
    right = path.read_text()
    for fault, (spoil, message) in SUITE_FAULTS.items():
        document = json.loads(right)
        spoil(document)
        path.write_text(json.dumps(document))
        with Hub(endpoints) as hub, pytest.raises(ConfigurationError) as caught:
            hub.validate()
        assert f"{name}.json" in str(caught.value) and message in str(caught.value), fault
    for unreadable in (b"\xff\xfe", b"", b"[]", right[:-100].encode()):
        path.write_bytes(unreadable)
        with Hub(endpoints) as hub, pytest.raises(ConfigurationError, match=f"{name}.json"):
            hub.validate()
    path.unlink()
    with Hub(endpoints) as hub, pytest.raises(ConfigurationError, match="missing or not readable"):
        hub.validate()
    assert_undecided(endpoints, 5)
    monkeypatch.undo()
    assert_decided_rightly(endpoints, 2, 3)


class Unlinted:
    """Suites whose mistakes nobody noticed when they were loaded."""

    def __init__(self, name: str, spoil: Callable[[dict[str, Any]], None], folder: Path) -> None:
        path = folder / f"{name}.json"
        document = json.loads(path.read_text())
        spoil(document)
        path.write_text(json.dumps(document))
        self._folder = folder

    def __call__(self) -> SuiteSet:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("meilenstein_expectations.suites.lint", lambda _folder: [])
            return load_suites(self._folder)


@pytest.mark.parametrize("name", ["common", "entry_reported"])
def test_a_rule_that_great_expectations_drops_or_cannot_run_decides_nothing_even_if_no_lint_saw_it(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    publish(endpoints, 2, 3)
    for number, (fault, (spoil, _)) in enumerate(SUITE_FAULTS.items()):
        if fault == "no rule":
            continue
        folder = tmp_path / str(number)
        shutil.copytree(FOLDER, folder)
        with Hub(endpoints) as hub, monkeypatch.context() as patched:
            patched.setattr(bootstrap, "load_suites", Unlinted(name, spoil, folder))
            with pytest.raises((RetryableError, KeyError), match=r"no verdict|nothing") as caught:
                hub.validate()
        assert "\n" not in str(caught.value), fault
        assert_undecided(endpoints, 5)
    assert_decided_rightly(endpoints, 2, 3)


def test_a_batch_without_a_readable_record_is_refused_without_a_word_about_rules(endpoints: Endpoints) -> None:
    send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=b"nonsense") for _ in range(3)])
    with Hub(endpoints) as hub:
        hub.drain()
        hub.validate()
        assert not hub.validate(), "nothing is left"
    assert rows(endpoints, "select fate, count(*) from verdict group by fate") == [("QUARANTINED", 3)]
    assert rows(endpoints, "select evaluated, rules from validation_run") == [(0, {})]


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
            assert rules == {key: broken for key, broken in expected.items() if broken}, (number, turn)
    assert rows(endpoints, f"select count(*) from pg_tables where schemaname = '{SCHEMA}'") == [(0,)]


SCRATCH = f"select count(*) from pg_tables where schemaname = '{SCHEMA}'"


def validate_slowly(hub: Hub, tell: Callable[[Any], None]) -> Any:
    """Validate; say so when Great Expectations is about to look at the first table, and wait to be hit."""
    from meilenstein.validation.gx_engine import GxEngine

    run = GxEngine.run

    def run_late(engine: GxEngine, *arguments: Any, **options: Any) -> Any:
        tell("judging")
        ((waited,),) = rows(hub._endpoints, "select pg_sleep(20) is null")
        assert waited is not None
        return run(engine, *arguments, **options)

    GxEngine.run = run_late  # type: ignore[method-assign]
    return dict(hub.validate().counts)


def test_a_killed_judge_decides_nothing_and_its_tables_are_dropped_by_the_next(endpoints: Endpoints) -> None:
    publish(endpoints, 30, 30)
    child = Child(endpoints, validate_slowly)
    child.go()
    assert child.told() == "judging"
    assert rows(endpoints, SCRATCH) != [(0,)]
    assert child.kill()
    assert_undecided(endpoints, 60)
    assert_decided_rightly(endpoints, 30, 30)


def as_pipeline(endpoints: Endpoints, query: str, *values: Any) -> list[Any]:
    """Run a statement as the role that judges."""
    with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
        return connection.execute(query.encode(), values).fetchall()


@pytest.mark.parametrize("session", ["rules", "scratch", "validate"])
def test_a_database_session_that_ends_while_the_rules_run_decides_nothing(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, session: str
) -> None:
    """Whichever of the three sessions it is: that of the rules, that of the tables, that of the claim."""
    publish(endpoints, 30, 30)
    from meilenstein.validation import gx_engine

    validate = gx_engine._validate
    ended: list[Any] = []

    def validate_and_end(definition: Any, *arguments: Any) -> Any:
        if not ended:
            definition.get_batch()  # its session is open now
            ended.extend(
                as_pipeline(
                    endpoints,
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
                    f"meilenstein {session}",
                )
            )
        return validate(definition, *arguments)

    monkeypatch.setattr(gx_engine, "_validate", validate_and_end)
    with Hub(endpoints) as hub, pytest.raises(MeilensteinError) as caught:
        hub.validate()
    assert ended and caught.value.exit_code == 3
    assert_undecided(endpoints, 60)
    assert_decided_rightly(endpoints, 30, 30)


def test_rows_that_vanish_between_the_copy_and_the_rules_give_no_verdict_on_the_rest(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    from meilenstein.validation.scratch import Scratch

    publish(endpoints, 30, 30)
    load = Scratch.load

    def load_and_lose(scratch: Scratch, *arguments: Any) -> str:
        name = load(scratch, *arguments)
        as_pipeline(
            endpoints, f"delete from {SCHEMA}.{name} where jid = (select min(jid) from {SCHEMA}.{name}) returning jid"
        )
        return name

    with Hub(endpoints) as hub, monkeypatch.context() as patched:
        patched.setattr(Scratch, "load", load_and_lose)
        with pytest.raises(JudgeFailed, match="did not see the 60 rows"):
            hub.validate()
    assert_undecided(endpoints, 60)
    assert_decided_rightly(endpoints, 30, 30)
