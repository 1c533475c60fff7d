"""From rows to a report: what comes first, what is compared with what, and what is worth a line."""

from __future__ import annotations

import datetime as dt
import shlex

import pytest
import typer
from tests.unit.reports.samples import (
    FRIDAY,
    MADE_AT,
    busy_report,
    code,
    fate,
    halt,
    known,
    now_rows,
    opened,
    proposal,
    report,
    rows,
    seen,
)

from meilenstein.cli.main import app
from meilenstein.reports.agencies import QUIET_AFTER_WORKING_DAYS
from meilenstein.reports.model import Act, Fates, FeedState, Severity, Urgency
from meilenstein.reports.period import day_period, month_period, parse_month, run_period
from meilenstein.reports.reason_texts import reason_words
from meilenstein.store.reports import FateCount, FindingCount, OpenCodeCount, RuleCount

DAY = dt.timedelta(days=1)
CODES = (
    "UNREADABLE", "UNKNOWN_SCHEMA", "NOT_STORABLE", "TOO_LARGE", "CONFLICT", "WRONG_PUBLISHER", "RULE_BROKE",
    "FORBIDDEN_CONTENT", "OCCURRED_AFTER_RECORDED", "FUTURE_FACT", "RULE:E-001", "E-001",
)  # fmt: skip


def acts(model):
    return [action.act for action in model.actions]


def test_a_day_on_which_all_went_well_has_nothing_to_do():
    model = report()
    assert model.fates == Fates(accepted=100)
    assert (model.senders, model.usual, model.earlier) == (2, Fates(accepted=82), 11)
    assert (acts(model), model.urgency, model.reasons) == ([], None, [])
    assert [part.state for part in model.agencies] == [FeedState.LIVE, FeedState.LIVE]


def test_the_parts_of_a_period_add_up_to_what_arrived():
    model = busy_report()
    assert model.fates == Fates(accepted=100, duplicate=3, quarantined=12, waiting=2)
    assert model.fates.arrived == 117
    assert sum((part.fates for part in model.agencies), Fates()) == model.fates
    assert model.fates.share_accepted == pytest.approx(100 / 112)
    assert Fates(duplicate=5).share_accepted is None


def test_the_average_begins_with_the_first_record_ever():
    young = [fate(FRIDAY - DAY, "zefas", "ACCEPTED", 30), fate(FRIDAY, "zefas", "ACCEPTED", 10)]
    assert report(fates=young).usual == Fates(accepted=30)
    assert report(fates=young[1:]).usual is None


def test_halted_then_silent_then_quiet_agencies_come_first():
    told = [(part.key, part.state) for part in busy_report().agencies]
    assert told == [
        ("hwk-leipzig", FeedState.HALTED),
        ("lasub", FeedState.SILENT),
        ("lds", FeedState.QUIET),
        ("zefas", FeedState.LIVE),
        ("hwk-dresden", FeedState.LIVE),
    ]


def test_an_agency_that_sent_nothing_yesterday_is_only_named():
    model = busy_report()
    assert [part.key for part in model.idle] == ["ihk-fosa"]
    assert [key for key, _ in model.never] == ["abh-dresden"]


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (dt.date(2026, 3, 20), FeedState.LIVE),  # Friday: four working days lie between
        (dt.date(2026, 3, 19), FeedState.QUIET),  # Thursday: five
        (FRIDAY - 28 * DAY, FeedState.QUIET),
        (FRIDAY - 29 * DAY, FeedState.SILENT),  # 20 working days, and one more
    ],
)
def test_silence_is_counted_in_working_days_first(last, state):
    assert QUIET_AFTER_WORKING_DAYS == 5
    model = report(now=now_rows(seen=[seen("lds", last)]))
    assert [part.state for part in (*model.agencies, *model.idle) if part.key == "lds"] == [state]


def test_an_agency_that_sends_only_what_is_quarantined_is_silent_by_the_tick():
    model = report(now=now_rows(silent=["zefas"]))
    assert model.agencies[0].state is FeedState.SILENT
    assert acts(model) == [Act.SILENT]


def test_a_partition_that_halted_later_did_not_stand_still_on_that_day():
    model = report(now=now_rows(halted=[halt("zefas", at=MADE_AT)]))
    assert model.agencies[0].state is FeedState.LIVE
    assert acts(model) == [Act.HALTED], "it is to be seen to all the same"


def test_corrections_by_stewards_are_no_agency_that_falls_silent():
    own = seen("zefas", FRIDAY - 60 * DAY)
    model = report(now=now_rows(seen=[type(own)(topic="hub.corrections", last_at=own.last_at, records=1)]))
    assert "hub.corrections" not in {part.key for part in model.agencies}
    assert acts(model) == []


def test_corrections_by_stewards_are_counted_and_are_no_agency_that_sent():
    own = FateCount(slot=str(FRIDAY), topic="hub.corrections", fate="ACCEPTED", n=3)
    model = report(fates=[*rows().fates, own])
    assert (model.senders, model.fates.accepted) == (2, 103)
    assert "hub.corrections" in {part.key for part in model.agencies}


def test_what_is_urgent_comes_first():
    model = busy_report()
    assert acts(model) == [
        Act.HALTED,
        Act.WAITING,
        Act.SILENT,
        Act.OPEN,
        Act.JUMP,
        Act.JUMP,
        Act.OPEN,
        Act.FINDINGS,
        Act.QUIET,
    ]
    assert [action.urgency for action in model.actions] == sorted(action.urgency for action in model.actions)
    assert model.urgency is Urgency.NOW


def test_old_items_come_before_many_items_and_the_rest_is_one_line():
    items = [
        opened("lds", 50),
        opened("hwk-leipzig", 2, days=20, old=1),
        opened("hwk-dresden", 9, days=8, old=3),
        opened("hwk-chemnitz", 2, days=9, old=1),
    ]
    model = report(now=now_rows(open=items))
    assert [action.agencies[0][0] for action in model.actions] == ["hwk-dresden", "hwk-leipzig", "hwk-chemnitz", "lds"]
    assert [action.urgency for action in model.actions] == [Urgency.TODAY] * 3 + [Urgency.WEEK]
    assert acts(model)[-1] is Act.OPEN_REST
    assert model.open_items.total == 63
    assert (model.open_items.older_than_week, model.open_items.younger) == (5, 58)


def test_open_items_stand_by_urgency_and_then_by_count():
    items = [opened("lds", 50), opened("hwk-leipzig", 2), opened("hwk-dresden", 9, days=8, old=1)]
    forbidden = [OpenCodeCount(topic="milestones.hwk-leipzig", code="FORBIDDEN_CONTENT", n=1)]
    model = report(now=now_rows(open=items, open_codes=forbidden))
    assert [(action.agencies[0][0], action.urgency) for action in model.actions] == [
        ("hwk-dresden", Urgency.TODAY),
        ("hwk-leipzig", Urgency.TODAY),
        ("lds", Urgency.WEEK),
    ]


def test_what_waits_for_a_second_person_comes_with_the_command_that_confirms_it():
    model = report(
        now=now_rows(proposals=[proposal("quarantine.release", "item:3"), proposal("link.accept", "link:1-2")])
    )
    (action,) = model.actions
    assert (action.act, action.urgency, action.count) == (Act.PROPOSALS, Urgency.TODAY, 2)
    assert action.commands == ("meilenstein proposals list", "meilenstein quarantine release 3 --reason ...")


def test_proposed_links_and_other_findings_are_counted_apart_and_notes_are_nothing_to_do():
    found = [
        FindingCount(code="LINK_PROPOSED", severity="W", n=5),
        FindingCount(code="CLOCK_OVER", severity="W", n=2),
        FindingCount(code="LATE_REPORT", severity="I", n=99),
    ]
    model = report(now=now_rows(findings=found, links=4))
    assert [(action.act, action.count) for action in model.actions] == [(Act.LINKS, 4), (Act.FINDINGS, 3)]
    assert model.actions[1].facts == {"code": "CLOCK_OVER"}
    assert report(now=now_rows(findings=found[2:])).actions == []
    only = report(now=now_rows(findings=[FindingCount(code="LINK_PROPOSED", severity="W", n=4)], links=4))
    assert acts(only) == [Act.LINKS]


def test_a_batch_that_waits_for_a_moment_is_no_alarm():
    now = now_rows(waiting_batches=3, waiting_since=MADE_AT - dt.timedelta(minutes=10))
    assert acts(report(now=now)) == []


def test_a_balance_that_does_not_agree_is_the_first_thing():
    model = busy_report(conserved=False)
    assert acts(model)[0] is Act.UNBALANCED


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FRIDAY, [Act.NOTHING_CAME]), (dt.date(2026, 3, 28), []), (dt.date(2026, 4, 3), [])],  # Saturday, Good Friday
)
def test_an_empty_day_alarms_on_working_days_only(day, expected):
    fates = [row for row in rows().fates if row.slot != str(FRIDAY)]
    made_at = dt.datetime.combine(day + DAY, dt.time(5), tzinfo=dt.UTC)
    recent = now_rows(seen=[seen("zefas", day)])
    assert acts(report(day_period(day), fates=fates, now=recent, made_at=made_at)) == expected


def test_a_day_that_is_not_over_may_be_empty():
    fates = [row for row in rows().fates if row.slot != str(FRIDAY)]
    noon = dt.datetime(2026, 3, 27, 11, tzinfo=dt.UTC)
    assert acts(report(fates=fates, made_at=noon)) == []


@pytest.mark.parametrize(
    ("count", "before", "jumped"),
    [(4, 0, False), (5, 0, True), (11, 45, False), (12, 45, True), (49, 225, False), (50, 225, True)],
)
def test_a_reason_jumps_where_chance_does_not_explain_it(count, before, jumped):
    """The nine working days before brought 900 records, Friday 100: a ninth is what may be expected."""
    codes = [code("CONFLICT", count), *([code("CONFLICT", before, day=FRIDAY - DAY)] if before else [])]
    (part,) = report(codes=codes).reasons
    assert part.usual == pytest.approx(before / 9)
    assert part.jumped is jumped


def test_without_earlier_records_nothing_can_jump():
    only = [fate(FRIDAY, "zefas", "ACCEPTED", 100)]
    (part,) = report(fates=only, codes=[code("CONFLICT", 50)]).reasons
    assert (part.usual, part.jumped) == (None, False)


def test_reasons_stand_by_severity_then_count():
    model = report(
        codes=[code("E-018", 99, warning=True), code("CONFLICT", 1), code("UNREADABLE", 2, agency="hwk-dresden")],
        rules=[RuleCount(slot=str(FRIDAY), rule="ER-002", n=7), RuleCount(slot=str(FRIDAY - DAY), rule="ER-002", n=9)],
    )
    assert [(part.code, part.severity, part.count) for part in model.reasons] == [
        ("UNREADABLE", Severity.CRITICAL, 2),
        ("CONFLICT", Severity.CRITICAL, 1),
        ("RULE:E-018", Severity.WARNING, 99),
        ("RULE:ER-002", Severity.INFO, 7),
    ]


@pytest.mark.parametrize("name", CODES)
def test_every_reason_has_words_of_its_own_in_both_languages(name):
    text, how = reason_words(name, known().suites)
    assert {*text, *how} == {"de", "en"}
    assert name.removeprefix("RULE:") not in text["de"]
    assert text["de"] != text["en"]


def test_every_rule_has_words():
    for rule in known().suites.rules.values():
        assert reason_words(rule.reason or f"RULE:{rule.id}", known().suites)[0]["de"]


def test_a_rule_that_is_gone_is_still_named():
    text, _ = reason_words("RULE:E-999", known().suites)
    assert "E-999" in text["de"]


def test_a_month_is_compared_with_the_month_before():
    period = month_period(dt.date(2026, 3, 1), FRIDAY)
    assert (period.name, period.shown[0], period.shown[-1]) == ("month-2026-03", "2026-03-01", "2026-03-27")
    assert (period.earlier[0], period.earlier[-1]) == ("2026-02-01", "2026-02-28")
    february = [fate(dt.date(2026, 2, day), "zefas", "ACCEPTED", 10) for day in (3, 4)]
    model = report(period, fates=[*rows().fates, *february])
    assert model.usual == Fates(accepted=20)
    assert len(model.trend) == 27


def test_a_whole_month_ends_with_its_last_day():
    assert month_period(dt.date(2028, 2, 1), dt.date(2028, 6, 1)).last == dt.date(2028, 2, 29)
    assert parse_month("2028-02") == dt.date(2028, 2, 1)


def test_days_begin_at_midnight_in_berlin():
    summer = day_period(dt.date(2026, 3, 29))
    assert (summer.until - dt.timedelta(hours=23)).isoformat() == "2026-03-28T23:00:00+00:00"
    assert summer.since.isoformat() == "2026-03-15T23:00:00+00:00"


def test_a_run_is_compared_with_the_runs_before_it():
    period = run_period(9, FRIDAY, ("7", "8", "9"))
    counts = [fate(FRIDAY, "zefas", "ACCEPTED", n) for n in (10, 20, 40)]
    fates = [
        type(row)(slot=slot, topic=row.topic, fate=row.fate, n=row.n) for slot, row in zip("789", counts, strict=True)
    ]
    starts = dict.fromkeys("789", MADE_AT)
    model = report(period, fates=fates, starts=starts)
    assert (model.fates.accepted, model.usual) == (40, Fates(accepted=15))
    assert [point.current for point in model.trend] == [False, False, True]
    assert [part.key for part in model.agencies] == ["zefas"], "an agency that is well and not in the run is left out"


def commands():
    """Yield the words and options of each command of the program."""

    def walk(command, words):
        inner = getattr(command, "commands", None)
        if inner is None:
            yield words, {name for one in command.params for name in one.opts}
            return
        for name, one in inner.items():
            yield from walk(one, [*words, name])

    return list(walk(typer.main.get_command(app), ["meilenstein"]))


def test_every_command_that_a_report_names_can_be_run():
    named = [command for action in busy_report(conserved=False).actions for command in action.commands]
    assert len(named) > 8
    for line in named:
        words = shlex.split(line)
        found = [options for prefix, options in commands() if words[: len(prefix)] == prefix]
        assert found, line
        assert {word for word in words if word.startswith("--")} <= found[0], line
