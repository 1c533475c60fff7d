"""The validation report on a real store: its figures are those that plain SQL counts, and no value gets into it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.support.instance import TEST_DAY
from tests.support.raw_kafka import Raw, framed, schema_id_of, send_raw

from meilenstein.bootstrap import utc_now
from meilenstein.reports.files import write_report
from meilenstein.reports.model import Act, FeedState, Severity
from meilenstein.reports.plain import as_json
from meilenstein.reports.render import render
from meilenstein.simulate.example_case import complete_body
from meilenstein.simulate.publishing import TransportRawSender, installations, publish
from meilenstein.simulate.simulation import simulate
from meilenstein.summary import STEPS
from meilenstein_expectations import check, load_suites
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack

DAYS_AGO = 2
MEILENSTEIN = Path(sys.executable).with_name("meilenstein")


def today():
    return utc_now().astimezone(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture
def two_days(hub, endpoints, tmp_path):
    """A simulated month that arrived in two parts, the first of them two days ago."""
    simulation = simulate(seed=7, cases=60, until=TEST_DAY - dt.timedelta(days=1), months=1, directory=hub.directory)
    raw = TransportRawSender(hub.transport)
    publishers = installations(tmp_path, transport=hub.transport, registry=hub.registry, check=check)
    for days_ago, records in ((DAYS_AGO, simulation.records[::2]), (0, simulation.records[1::2])):
        part = dataclasses.replace(simulation, records=records)
        publish(part, publishers=publishers, raw=raw, registry=hub.registry)
        send_raw(endpoints, [Raw(topic="milestones.zefas", value=b"no event at all")])  # has no id to be named by
        hub.step("drain")
        hub.step("validate")
        with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
            connection.execute("update batch set drained_at = drained_at - make_interval(days => %s)", [days_ago])
    raw.close()
    for name in STEPS:
        hub.step(name)


@dataclasses.dataclass
class Counted:
    """What plain reading of the tables finds on one day, or in one run."""

    fates: Counter
    codes: Counter
    warnings: Counter
    topics: Counter


def count(endpoints, wanted):
    """Count the records for which `wanted(day, run)` holds, row by row."""
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        days = {
            batch: at.astimezone(ZoneInfo("Europe/Berlin")).date()
            for batch, at in connection.execute("select id, drained_at from batch")
        }
        read = connection.execute(
            "select j.id, j.topic, v.fate, v.codes, v.warnings, v.run_id "
            "from journal j join verdict v on v.journal_id = j.id"
        ).fetchall()
    rows = [row for row in read if wanted(days[row[0] // 2**24], row[5])]
    return Counted(
        fates=Counter(row[2] for row in rows),
        codes=Counter(code for row in rows for code in row[3]),
        warnings=Counter(code for row in rows for code in row[4]),
        topics=Counter((row[1].removeprefix("milestones."), row[2]) for row in rows),
    )


def told(model):
    """Return what a report says in the shape of `count`."""
    names = {"accepted": "ACCEPTED", "duplicate": "DUPLICATE", "quarantined": "QUARANTINED"}
    topics = {
        (part.key, fate): getattr(part.fates, name)
        for part in model.agencies
        for name, fate in names.items()
        if getattr(part.fates, name)
    }
    by_severity = {
        severity: Counter({part.code: part.count for part in model.reasons if part.severity is severity})
        for severity in Severity
    }
    return Counted(
        fates=Counter({fate: getattr(model.fates, name) for name, fate in names.items() if getattr(model.fates, name)}),
        codes=by_severity[Severity.CRITICAL],
        warnings=Counter(
            {code.removeprefix("RULE:"): n for code, n in by_severity[Severity.WARNING].items()},
        ),
        topics=Counter(topics),
    )


def test_the_figures_of_days_months_and_runs_are_those_of_the_tables(two_days, hub, endpoints):
    now, then = today(), today() - dt.timedelta(days=DAYS_AGO)
    made = {day: hub.reports().day(day) for day in (now, then)}
    for day, model in made.items():
        expected = count(endpoints, lambda found, _run, day=day: found == day)
        assert told(model) == expected
        assert expected.codes, "a day without a refusal proves little"
        assert model.fates.waiting == 0
        assert model.conserved
    trend = {point.slot: point.fates for point in made[now].trend}
    assert (trend[str(now)], trend[str(then)]) == (made[now].fates, made[then].fates)
    assert made[now].usual is not None
    assert made[then].usual is None

    first = now.replace(day=1)
    assert told(hub.reports().month(first)) == count(endpoints, lambda day, _run: day >= first)
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        # One batch was judged in two runs, as it is when the registry knew a schema only later.
        connection.execute("alter table verdict disable trigger append_only")
        connection.execute(
            "insert into validation_run "
            "(batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, rules) "
            "select batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, '{}' "
            "from validation_run where id = 1"
        )
        connection.execute(
            "update verdict set run_id = (select max(id) from validation_run) where run_id = 1 and journal_id % 2 = 0"
        )
        connection.execute("alter table verdict enable trigger append_only")
        runs = [row[0] for row in connection.execute("select id from validation_run order by id")]
        assert len(runs) == 3
        rules = Counter()
        for (counts,) in connection.execute("select rules from validation_run"):
            rules.update(counts)
    for run in runs:
        model = hub.reports().run(run)
        assert told(model) == count(endpoints, lambda _day, found, run=run: found == run)
        assert [part.runs for part in model.versions] == [1]
    noted: Counter[str] = Counter()
    for model in made.values():
        noted.update({part.code: part.count for part in model.reasons if part.severity is Severity.INFO})
    info = {rule.id for rule in load_suites().rules.values() if rule.severity == "info"}
    assert noted == {f"RULE:{rule}": n for rule, n in rules.items() if n and rule in info}


def test_what_is_open_is_what_the_tables_hold_and_halts_and_silence_come_first(two_days, hub, endpoints):
    model = hub.reports().day()
    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        (items,) = connection.execute("select count(*) from quarantine_item where state = 'OPEN'").fetchone()
        findings = Counter(row[0].split(":")[0] for row in connection.execute("select code from finding"))
        known = {row[0] for row in connection.execute("select event_id from journal")}
        codes = dict(connection.execute("select id, codes from quarantine_item").fetchall())
    assert model.open_items.total == items > 0
    assert sum(action.count for action in model.actions if action.act in {Act.OPEN, Act.OPEN_REST}) == items
    assert {part.code: part.count for part in model.findings} == dict(findings)
    examples = [(part.code, example) for part in model.reasons for example in part.examples]
    for code, example in examples:
        assert example.event_id is None or example.event_id in known
        assert example.item is None or code in codes[example.item]
    assert {example.event_id is None for _, example in examples} == {True, False}

    with psycopg.connect(endpoints.owner_database_url, options="-c search_path=meilenstein") as connection:
        connection.execute(
            "update cursor set halted_reason = 'OVERLAP_DIFFERS', halted_at = now() where topic = 'milestones.lds'"
        )
        connection.execute("""insert into tick (as_of, feed_health) values ('2027-01-01', '{"zefas": "SILENT"}')""")
        connection.execute("update batch set state = 'WAITING' where id = (select min(id) from batch)")
        # A steward took one kind of finding as it is; how a decision names it: meilenstein.stewardship.findings.
        (code, about, facts) = connection.execute(
            "select code, about, left(encode(sha256(convert_to(jsonb_build_object('severity', severity, "
            "'since', since, 'detail', detail)::text, 'utf8')), 'hex'), 32) from finding order by case_id, code, about "
            "limit 1"
        ).fetchone()
        connection.execute(
            "insert into decision (kind, about, content, actor, reason) "
            "values ('FINDING_DECIDE', %s, '{}', 'a.beispiel', 'so')",
            [f"{code} {about} {facts}"],
        )
    later = hub.reports().day()
    assert [(part.key, part.state) for part in later.agencies[:2]] == [
        ("lds", FeedState.HALTED),
        ("zefas", FeedState.SILENT),
    ]
    assert [action.act for action in later.actions[:3]] == [Act.HALTED, Act.WAITING, Act.SILENT]
    assert sum(part.count for part in later.findings) < sum(findings.values())


CANARY = "KANARIENVOGEL"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>\u202e'


def canary_bodies():
    """Yield bodies in which each free text holds what must never be seen, one text at a time and all at once."""
    for event_type, contract in load_contracts().items():
        texts = [
            field["name"] for field in contract.schema["fields"] if field["type"] in ("string", ["null", "string"])
        ]
        plain = {
            "publisher": "zefas",
            "source_system": "desk",
            "case_reference": "Z-1",
            "occurred_on": dt.date(2026, 3, 2),
        }
        for wrong in [*([name] for name in texts), texts]:
            fields = {**plain, "event_id": str(uuid.uuid4())}
            fields.update({name: f"{CANARY}{number}{HOSTILE}" for number, name in enumerate(wrong)})
            yield event_type, complete_body(event_type, fields)


def test_no_value_of_a_case_gets_into_a_report(hub, endpoints, tmp_path):
    bodies = list(canary_bodies())
    ids = {name: schema_id_of(endpoints, name) for name in {name for name, _ in bodies}}
    records = [Raw(topic="milestones.zefas", value=framed(ids[name], body, name)) for name, body in bodies]
    records.append(Raw(topic="milestones.zefas", value=CANARY.encode(), key=CANARY.encode(), headers=[(CANARY, b"x")]))
    send_raw(endpoints, records)
    for name in STEPS:
        hub.step(name)
    model = hub.reports().day()
    assert model.fates.arrived == len(records) > 100
    assert model.fates.quarantined > 100, "what is accepted is no proof"
    texts = [json.dumps(as_json(model), ensure_ascii=False), *(render(model, code) for code in ("de", "en"))]
    texts.extend(path.read_text("utf-8") for path in write_report(hub.reports().run(1), tmp_path))
    for text in texts:
        for secret in (CANARY, "onerror", "<script", "alert(1)", "\u202e", "Z-1"):
            assert secret.lower() not in text.lower()
        assert "milestones.zefas-0@" in text


def test_an_empty_instance_has_a_report_too(hub):
    model = hub.reports().day()
    assert (model.fates.arrived, model.actions, model.agencies) == (0, [], [])
    assert model.conserved
    assert "Nichts. Keine Partition steht still" in render(model, "de")


@pytest.fixture
def environment(endpoints, stack_settings):
    names = {name: value for name, value in os.environ.items() if not name.startswith("MEILENSTEIN_")}
    return {**names, "MEILENSTEIN_HOME": str(stack_settings.home)}


def test_the_command_writes_where_it_is_told_and_says_where(environment, stack_settings, tmp_path):
    def command(*arguments):
        done = subprocess.run(
            [MEILENSTEIN, "report", *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    code, out, _ = command()
    page = stack_settings.home / "reports" / f"day-{today()}.de.html"
    assert (code, out) == (0, [str(page)])
    assert page.stat().st_mode & 0o777 == 0o600
    code, out, _ = command("--lang", "en", "--month", f"{today():%Y-%m}", "--out", str(tmp_path / "there"), "--json")
    value = json.loads(out[-1])
    assert code == 0
    assert [Path(name).name for name in value["files"]] == [
        f"month-{today():%Y-%m}{end}" for end in (".de.html", ".en.html", ".json")
    ]
    assert value["kind"] == "month"
    assert command("--out", str(tmp_path / "one.html"))[:2] == (0, [str(tmp_path / "one.html")])


BAD_REQUESTS = [
    (["--run", "1"], "there is no validation run 1; nothing has been validated yet"),
    (["--run", "99999999999999999999"], "there is no validation run"),
    (["--day", "2099-01-01"], "2099-01-01 lies in the future"),
    (["--month", "2099-01"], "2099-01 lies in the future"),
    (["--day", "gestern"], "is no date; write YYYY-MM-DD"),
    (["--month", "2026"], "is no month; write YYYY-MM"),
    (["--lang", "fr"], "use de or en"),
    (["--day", "2026-03-01", "--run", "1"], "say only one of --run, --day and --month"),
    (["--out", "/proc/reports"], "cannot write /proc/reports"),
    (["--out", "/proc/report.html"], "cannot write /proc/report.html"),
]
ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from meilenstein.cli.main import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["meilenstein", "report", *arguments]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def test_a_bad_request_is_one_line_and_exit_code_2(environment, stack_settings, tmp_path):
    reports = stack_settings.home / "reports"
    before = sorted(reports.iterdir()) if reports.exists() else None
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps([arguments for arguments, _ in BAD_REQUESTS])],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    for (arguments, words), line in zip(BAD_REQUESTS, done.stdout.splitlines(), strict=True):
        code, out, err = json.loads(line)
        assert (code, out) == (2, ""), arguments
        assert len(err.splitlines()) == 1, err
        assert err.startswith("meilenstein: ")
        assert words in err
    assert (sorted(reports.iterdir()) if reports.exists() else None) == before, "nothing was changed"
