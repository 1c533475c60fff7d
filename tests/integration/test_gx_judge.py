"""Verdicts of Great Expectations on PostgreSQL: equal to the plain interpreter's, complete, or none at all."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from tests.unit.expectations.examples import RULE_EXAMPLES, changed

from meilenstein.validation import gx_engine
from meilenstein.validation.gx_judge import GxJudge
from meilenstein.validation.judgement import JudgeFailed
from meilenstein.validation.parts import RowPart
from meilenstein.validation.scratch import SCHEMA
from meilenstein_expectations import Interpreter, Rule, Suite, SuiteSet, load_suites, project
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack

ROWS = int(os.environ.get("EQUAL_VERDICTS_ROWS", "2000"))
WORDS = {"de": "Text", "en": "text"}
TEXTS = [
    "", " ", "x", "7", "H-9", "H-9 ", " H-9", "ä" * 80, "ä" * 81, "a" * 61, "051124123456", "AZR 051124123456",
    "H\u200b9", "H\u00a09", "u\u0308-9", "ab\n", "a\nb", "a\tb", "H-9\x00", "14612", "1461", "14262", "11000", "09162",
    "de", "DE", "IN", "in", "26212", "２６２１２", "012", "hwk-dresden", "HWK-Dresden", "zefas", "a--b", "=1+1", "%s",
    "{batch}", "'; select 1; --", '"', "\\", "\\A", "😀", "Ж", "ſ", "ß", "null", "PERSON", "UNKNOWN", None,
    "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34", "0F8B6A52-3C1D-4E7A-9B60-5D2F8C1E7A34",
]  # fmt: skip
DAYS = [
    None, dt.date.min, dt.date.max, dt.date(1989, 12, 31), dt.date(1990, 1, 1), dt.date(2026, 2, 28),
    dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.date(2026, 3, 7), dt.date(2099, 1, 1),
]  # fmt: skip
INSTANTS = [
    None, dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC),
    dt.datetime(2026, 3, 1, 22, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 2, 10, 36, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 10, 36, 1, tzinfo=dt.UTC),
]  # fmt: skip
NUMBERS = [None, 0, 1, -1, 2**31 - 1, 2**63 - 1, -(2**63)]


@pytest.fixture(scope="module")
def url(stack_endpoints):
    return stack_endpoints.database_url


@pytest.fixture
def connection(url):
    with psycopg.connect(url) as opened:
        yield opened
        opened.rollback()
        left = opened.execute("select count(*) from pg_tables where schemaname = %s", (SCHEMA,)).fetchone()
        assert left == (0,), "an attempt left its scratch tables"


@pytest.fixture
def judge(url):
    return GxJudge(url, load_suites())


def value(source, kind):
    """Return something a field of this Avro type can hold, sane or not."""
    if isinstance(kind, list):
        return value(source, next(branch for branch in kind if branch != "null"))
    name = kind if isinstance(kind, str) else kind.get("logicalType", kind["type"])
    simple = {"string": TEXTS, "date": DAYS, "timestamp-millis": INSTANTS, "int": NUMBERS[:5], "long": NUMBERS}
    if name in simple:
        return source.choice(simple[name])
    if name == "boolean":
        return source.random() < 0.5
    if name == "enum":
        return source.choice(kind["symbols"])
    if name == "record":
        return {field["name"]: value(source, field["type"]) or "" for field in kind["fields"]}
    return [value(source, kind["items"]) or "" for _ in range(source.choice([0, 1, 2, 3, 25, 51]))]


def corrupted(source):
    """Return an event type and a body of it in which some fields, or none, hold anything."""
    event_type = source.choice(list(load_contracts()))
    body = sane_body(event_type)
    fields = load_contracts()[event_type].schema["fields"]
    for field in source.sample(fields, source.choice([0, 0, 1, 1, 2, 3, 6])):
        body[field["name"]] = value(source, field["type"])
    return event_type, body


def projected(bodies):
    """Return projected rows by event type, with journal ids from 1 on."""
    rows = {}
    for journal_id, (event_type, body) in enumerate(bodies, start=1):
        rows.setdefault(event_type, []).append((journal_id, project(event_type, body)))
    return rows


def parts(rows):
    return {event_type: [RowPart(found)] for event_type, found in rows.items()}


def batch(bodies):
    """Return what the judge is given of these events."""
    return parts(projected(bodies))


def complete(count, **fields):
    return [("DocumentsComplete", {**sane_body("DocumentsComplete"), **fields}) for _ in range(count)]


def rule(kind, severity="critical", rule_id="X-001", **kwargs):
    return Rule(
        id=rule_id, type=kind, kwargs=kwargs, severity=severity, field=None, reason=None,
        expected=WORDS, text=WORDS, how=WORDS,
    )  # fmt: skip


def sql(condition, rule_id="X-001"):
    query = f"select jid from {{batch}} where {condition}"
    return rule("unexpected_rows_expectation", rule_id=rule_id, unexpected_rows_query=query)


def with_rule(extra, event_type="DocumentsComplete"):
    """Return the suites with one more rule for an event type."""
    suites = load_suites()
    suite = suites.own[event_type]
    own = {**suites.own, event_type: replace(suite, rules=(*suite.rules, extra))}
    return SuiteSet(common=suites.common, own=own, version="test")


def rules_of(judgement):
    return {key: [found.rule for found in violations] for key, violations in judgement.violations.items()}


def test_verdicts_equal_the_plain_interpreters_on_generated_events(connection, judge):
    source = random.Random(20261122)
    examples = [
        (example["event"], changed(example["event"], case["set"]))
        for example in RULE_EXAMPLES.values()
        for case in example["breaks"]
    ]
    rows = projected([*examples, *(corrupted(source) for _ in range(ROWS))])
    judgement = judge.judge(connection, 1, parts(rows))
    interpreter = Interpreter(load_suites())
    expected = {
        journal_id: tuple(violations)
        for event_type, found in rows.items()
        for journal_id, row in found
        if (violations := interpreter.check_row(event_type, row))
    }
    assert judgement.violations == expected
    assert judgement.counts.keys() == load_suites().rules.keys()
    assert all(judgement.counts.values()), "the events leave a rule untried"
    assert 0.1 < len(expected) / ROWS < 0.9


def test_two_runs_say_the_same(connection, judge):
    rows = batch(corrupted(random.Random(7)) for _ in range(50))
    first, second = judge.judge(connection, 2, rows), judge.judge(connection, 2, rows)
    assert first.violations == second.violations
    assert first.counts == second.counts


def test_every_row_that_breaks_a_rule_is_named_however_many(connection, judge):
    judgement = judge.judge(connection, 3, batch(complete(1500, case_reference="")))
    assert rules_of(judgement) == {journal_id: ["E-005"] for journal_id in range(1, 1501)}
    assert judgement.counts["E-005"] == 1500


def test_only_suites_of_types_in_the_batch_are_run(connection, judge):
    judgement = judge.judge(connection, 4, batch(complete(1)))
    assert judgement.counts.keys() == {found.id for found in load_suites().of("DocumentsComplete")}
    assert judgement.violations == {}


@pytest.mark.parametrize("rows", [{}, {"DocumentsComplete": []}])
def test_an_empty_batch_has_no_violations_and_evaluates_nothing(connection, judge, rows):
    judgement = judge.judge(connection, 5, rows)
    assert (judgement.evaluated, judgement.violations, judgement.counts) == (0, {}, {})


def test_a_rule_in_sql_names_all_its_rows_beyond_what_is_listed(url, connection):
    judge = GxJudge(url, with_rule(sql("case_reference like 'S%%' and district_ags is not null")))
    bodies = [*complete(300, case_reference="S-1"), *complete(300)]
    judgement = judge.judge(connection, 6, batch(bodies))
    assert rules_of(judgement) == {journal_id: ["X-001"] for journal_id in range(1, 301)}


def test_rows_on_which_a_rule_breaks_are_quarantined_and_the_others_judged(url, connection):
    judge = GxJudge(url, with_rule(sql("10 / (sequence - 13) = 5")))
    bodies = [body for number in range(60) for body in complete(1, sequence=number)]
    bodies[13][1]["case_reference"] = ""
    bodies[20][1]["case_reference"] = ""
    bodies[30][1]["sequence"] = 13
    judgement = judge.judge(connection, 7, batch(bodies))
    assert rules_of(judgement) == {14: ["E-005", "X-001"], 16: ["X-001"], 21: ["E-005"], 31: ["X-001"]}
    assert [found.code for found in judgement.violations[14]] == ["RULE:E-005", "RULE_BROKE"]
    assert [found.code for found in judgement.violations[31]] == ["RULE_BROKE"]
    assert [found.code for found in judgement.violations[16]] == ["RULE:X-001"]
    assert judgement.counts["X-001"] == 3


def test_a_single_event_on_which_a_rule_breaks_is_quarantined(url, connection):
    judge = GxJudge(url, with_rule(sql("10 / (sequence - 13) = 5")))
    judgement = judge.judge(connection, 8, batch(complete(1, sequence=13)))
    assert [found.code for found in judgement.violations[1]] == ["RULE_BROKE"]


BROKEN = {
    "a column that is not there": (rule("expect_column_values_to_not_be_null", column="nothing"), "sane events"),
    "SQL that is wrong": (sql("nothing = 1"), "X-001 cannot be evaluated even on sane events"),
    "SQL that breaks on every event": (sql("1 / (length(event_id) - 36) = 1"), "even on sane events"),
    "SQL that breaks on every row": (sql("1 / (sequence - 13) = 1"), "on the rows of the batch"),
    "a regular expression that is none": (
        rule("expect_column_values_to_match_regex", column="case_reference", regex="\\A[a\\Z"),
        "even on sane events",
    ),
    "an unknown expectation": (rule("expect_nothing_at_all", column="event_id"), "loaded 2 of 3 rules"),
    "an unknown severity": (
        rule("expect_column_values_to_not_be_null", "fatal", column="event_id"),
        "loaded 2 of 3 rules",
    ),
    "a wrong argument": (rule("expect_column_values_to_not_be_null", columns="event_id"), "failed on scratch"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_of_ours_gives_no_verdict_and_names_the_rule_or_the_number(url, connection, fault):
    extra, message = BROKEN[fault]
    with pytest.raises(JudgeFailed, match=message) as caught:
        GxJudge(url, with_rule(extra)).judge(connection, 9, batch(complete(3, sequence=13)))
    assert caught.value.exit_code == 3
    assert "no verdict" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_rules_at_all_give_no_verdict(url, connection):
    nothing = Suite(name="nothing", rules=())
    suites = SuiteSet(common=nothing, own=dict.fromkeys(load_contracts(), nothing), version="test")
    with pytest.raises(JudgeFailed, match="no rule was evaluated"):
        GxJudge(url, suites).judge(connection, 10, batch(complete(1)))


def test_a_list_shorter_than_its_count_gives_no_verdict(connection, judge, monkeypatch):
    monkeypatch.setitem(gx_engine._COMPLETE, "partial_unexpected_count", 20)
    with pytest.raises(JudgeFailed, match="E-005: Great Expectations counts 30 rows and lists 20: no verdict"):
        judge.judge(connection, 11, batch(complete(30, case_reference="")))


def test_a_table_that_is_not_the_batch_gives_no_verdict(connection, url):
    connection.execute(f"create table {SCHEMA}.other as select 1::bigint as jid, 'x' as event_id")
    connection.commit()
    extra = rule("expect_column_values_to_not_be_null", column="event_id")
    try:
        with gx_engine.open_gx(url) as engine, pytest.raises(JudgeFailed, match="did not see the 2 rows of the batch"):
            engine.run("other", 2, [extra])
    finally:
        connection.execute(f"drop table {SCHEMA}.other")
        connection.commit()


def test_a_database_that_does_not_answer_gives_no_verdict(connection):
    gone = GxJudge("postgresql://nobody@127.0.0.1:1/nothing", load_suites())
    with pytest.raises(JudgeFailed, match="Great Expectations failed on the database"):
        gone.judge(connection, 12, batch(complete(1)))


def test_a_lost_connection_gives_no_verdict(url, judge):
    with psycopg.connect(url) as lost:
        lost.close()
        with pytest.raises(JudgeFailed, match="the database did not take the scratch tables"):
            judge.judge(lost, 13, batch(complete(1)))


def test_a_batch_is_judged_between_transactions_only(connection, judge):
    connection.execute("select 1")
    with pytest.raises(ValueError, match="inside a transaction"):
        judge.judge(connection, 14, batch(complete(1)))


def test_a_journal_id_stands_for_one_row(connection, judge):
    row = project("DocumentsComplete", sane_body("DocumentsComplete"))
    with pytest.raises(ValueError, match="given twice"):
        judge.judge(connection, 15, {"DocumentsComplete": [RowPart([(1, row), (1, row)])]})


def test_nothing_of_great_expectations_stays_open(url, connection, judge):
    judge.judge(connection, 16, batch(complete(1)))
    query = "select count(*) from pg_stat_activity where application_name = 'meilenstein rules'"
    assert connection.execute(query).fetchone() == (0,)


def test_tables_of_killed_workers_are_dropped_and_those_of_living_ones_kept(url, connection, judge):
    with psycopg.connect(url, autocommit=True) as other:
        living = f"b1_p{other.info.backend_pid}_aaaaaa_e_0"
        other.execute(f"create table {SCHEMA}.{living} (jid bigint)")
        other.execute(f"create table {SCHEMA}.b1_p999999999_bbbbbb_e_0 (jid bigint)")
        judge.judge(connection, 17, batch(complete(1)))
        names = other.execute("select tablename from pg_tables where schemaname = %s", (SCHEMA,)).fetchall()
        assert names == [(living,)]
        other.execute(f"drop table {SCHEMA}.{living}")


def test_threads_that_judge_at_once_get_right_verdicts(url):
    def run(number):
        with psycopg.connect(url) as own:
            bodies = [*complete(number + 1, case_reference=""), *complete(20)]
            return rules_of(GxJudge(url, load_suites()).judge(own, 18, batch(bodies)))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, range(8)))
    assert found == [{key: ["E-005"] for key in range(1, number + 2)} for number in range(8)]


WORKER = """
import json, sys, psycopg
from meilenstein.validation.gx_judge import GxJudge
from meilenstein.validation.parts import RowPart
from meilenstein_expectations import load_suites, project
from meilenstein_expectations.samples import sane_body
url, wrong = sys.argv[1], int(sys.argv[2])
assert "great_expectations" not in sys.modules
found = []
with psycopg.connect(url) as connection:
    for _ in range(2):
        rows = [(n, project("DocumentsComplete", {**sane_body("DocumentsComplete"), "case_reference": "" if n <= wrong else "x"})) for n in range(1, 41)]
        judgement = GxJudge(url, load_suites()).judge(connection, 19, {"DocumentsComplete": [RowPart(rows)]})
        found.append(sorted(judgement.violations))
print(json.dumps(found))
"""  # noqa: E501 - a script


def test_processes_that_judge_the_same_batch_at_once_get_right_verdicts(url):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, url, str(wrong)], stdout=subprocess.PIPE) for wrong in (10, 20)
    ]
    outputs = [worker.communicate(timeout=120)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert json.loads(outputs[0]) == [list(range(1, 11))] * 2
    assert json.loads(outputs[1]) == [list(range(1, 21))] * 2


def test_values_appear_in_no_log_output_or_error(url, connection, judge, caplog, capfd):
    caplog.set_level("DEBUG", logger="great_expectations")
    canary = "CANARY-17\u200b"
    bodies = complete(3, case_reference=canary, sequence=13)
    judge.judge(connection, 20, batch(bodies))
    with pytest.raises(JudgeFailed) as caught:
        GxJudge(url, with_rule(sql("case_reference::int = 1"))).judge(connection, 21, batch(bodies))
    printed = capfd.readouterr()
    assert "CANARY" not in printed.out + printed.err + caplog.text + str(caught.value)


def test_great_expectations_leaves_the_warnings_and_the_log_of_the_process_alone():
    script = (
        "import logging, sys, warnings; show = warnings.showwarning; logging.basicConfig(level=logging.INFO)\n"
        "from meilenstein.validation.gx_engine import warm\n"
        "assert 'great_expectations' not in sys.modules\n"
        "warm()\n"
        "assert 'great_expectations' in sys.modules and warnings.showwarning is show\n"
        "from great_expectations import ExpectationSuite\n"
        "assert not ExpectationSuite(name='x', expectations=[{'type': 'nothing', 'kwargs': {}}]).expectations\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, timeout=120, check=False)
    assert done.stderr == b""
    assert done.returncode == 0
