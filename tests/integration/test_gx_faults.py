"""The whole step while its rules, its database or its own process fail: it decides rightly, or it decides nothing.

Whatever goes wrong on our side must end without a verdict and with the batch still open: no event may count as right
because nobody looked at it, and none may be refused for a fault of ours.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.children import Child
from tests.support.conservation import check_conservation
from tests.support.raw_kafka import Raw, entry, framed, rows, schema_id_of, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.errors import ConfigurationError, MeilensteinError, RetryableError
from meilenstein.hub import connections
from meilenstein.settings import Endpoints
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.scratch import SCHEMA
from meilenstein_expectations import SuiteSet, load_suites
from meilenstein_expectations.lint import FOLDER

pytestmark = pytest.mark.stack


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


@pytest.mark.parametrize("wrong", [3, 40])
def test_a_type_of_which_every_event_is_refused_holds_nobody_up(endpoints: Endpoints, wrong: int) -> None:
    publish(endpoints, wrong, 0)
    assert_decided_rightly(endpoints, wrong, 0)


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
    monkeypatch.setattr(connections, "load_suites", partial(load_suites, folder))
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


FEW, MANY = 30, 1500
"""Half the rows of a batch: a large one is judged in another way."""


@pytest.mark.parametrize(("name", "half"), [("common", 1), ("entry_reported", 1), ("entry_reported", MANY)])
def test_a_rule_that_great_expectations_drops_or_cannot_run_decides_nothing_even_if_no_lint_saw_it(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, half: int
) -> None:
    publish(endpoints, half, half)
    for number, (fault, (spoil, _)) in enumerate(SUITE_FAULTS.items()):
        if fault == "no rule":
            continue
        folder = tmp_path / str(number)
        shutil.copytree(FOLDER, folder)
        with Hub(endpoints) as hub, monkeypatch.context() as patched:
            patched.setattr(connections, "load_suites", Unlinted(name, spoil, folder))
            with pytest.raises((RetryableError, KeyError), match=r"no verdict|nothing") as caught:
                hub.validate()
        assert "\n" not in str(caught.value), fault
        assert_undecided(endpoints, 2 * half)
    assert_decided_rightly(endpoints, half, half)


def test_a_batch_without_a_readable_record_is_refused_without_a_word_about_rules(endpoints: Endpoints) -> None:
    send_raw(endpoints, [Raw(topic="milestones.abh-dresden", value=b"nonsense") for _ in range(3)])
    with Hub(endpoints) as hub:
        hub.drain()
        hub.validate()
        assert not hub.validate(), "nothing is left"
    assert rows(endpoints, "select fate, count(*) from verdict group by fate") == [("QUARANTINED", 3)]
    assert rows(endpoints, "select evaluated, rules from validation_run") == [(0, {})]


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
    publish(endpoints, FEW, FEW)
    child = Child(endpoints, validate_slowly)
    child.go()
    assert child.told() == "judging"
    assert rows(endpoints, SCRATCH) != [(0,)]
    assert child.kill()
    assert_undecided(endpoints, 2 * FEW)
    assert_decided_rightly(endpoints, FEW, FEW)


def as_pipeline(endpoints: Endpoints, query: str, *values: Any) -> list[Any]:
    """Run a statement as the role that judges."""
    with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
        return connection.execute(query.encode(), values).fetchall()


@pytest.mark.parametrize("session", ["rules", "scratch", "validate"])
def test_a_database_session_that_ends_while_the_rules_run_decides_nothing(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, session: str
) -> None:
    """Whichever of the three sessions it is: that of the rules, that of the tables, that of the claim."""
    publish(endpoints, FEW, FEW)
    from meilenstein.validation import gx_engine

    validate = gx_engine._validate
    calls, ended = count(1), list[Any]()

    def validate_and_end(*arguments: Any) -> Any:
        if next(calls) == 2:  # since the first call its session is open
            ended.extend(
                as_pipeline(
                    endpoints,
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
                    f"meilenstein {session}",
                )
            )
        return validate(*arguments)

    monkeypatch.setattr(gx_engine, "_validate", validate_and_end)
    with Hub(endpoints) as hub, pytest.raises(MeilensteinError) as caught:
        hub.validate()
    assert ended and caught.value.exit_code == 3
    assert_undecided(endpoints, 2 * FEW)
    assert_decided_rightly(endpoints, FEW, FEW)


@pytest.mark.parametrize("half", [FEW, MANY])
def test_rows_that_vanish_between_the_copy_and_the_rules_give_no_verdict_on_the_rest(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, half: int
) -> None:
    from meilenstein.validation.scratch import Scratch

    publish(endpoints, half, half)
    load = Scratch.load

    def load_and_lose(scratch: Scratch, *arguments: Any) -> str:
        name = load(scratch, *arguments)
        as_pipeline(
            endpoints, f"delete from {SCHEMA}.{name} where jid = (select min(jid) from {SCHEMA}.{name}) returning jid"
        )
        return name

    with Hub(endpoints) as hub, monkeypatch.context() as patched:
        patched.setattr(Scratch, "load", load_and_lose)
        with pytest.raises(JudgeFailed, match=r"did not see the [0-9]+ rows"):
            hub.validate()
    assert_undecided(endpoints, 2 * half)
    assert_decided_rightly(endpoints, half, half)
