"""Judging again by other rules: nothing changes until it is said; what is accepted then stands like anything else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.quarantine import ANNA, OFFICE, Partner, digests, item_of, journal_digest, send_bytes, steps, verify
from tests.support.raw_kafka import entry, framed, rows, schema_id_of

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein.store import schema_book
from meilenstein.store.quarantine import Selection
from meilenstein.validation.gx_judge import GxJudge
from meilenstein.validation.ruling import RulingJudge
from meilenstein_connectors.inbox import FateState
from meilenstein_expectations import Rule, load_suites

pytestmark = pytest.mark.stack

NO_DISTRICT = {"district_ags": "99999"}


def with_rules(hub: Hub, endpoints: Endpoints, change: Any) -> None:
    """Let a hub judge by other rules of the envelope: `change` returns each rule as it is to be, or None."""
    suites = load_suites()
    rules: list[Rule] = [changed for rule in suites.common.rules if (changed := change(rule)) is not None]
    other = replace(suites, common=replace(suites.common, rules=tuple(rules)), version="other")
    hub.__dict__["judge"] = RulingJudge(GxJudge(endpoints.database_url, other), other.version)


@pytest.fixture
def newer(endpoints: Endpoints) -> Any:
    """A hub of a later version, by whose rules any district is right."""
    with Hub(endpoints) as opened:
        with_rules(opened, endpoints, lambda rule: None if rule.id == "E-008" else rule)
        yield opened


def test_a_dry_run_names_what_would_pass_and_writes_nothing(
    endpoints: Endpoints, hub: Hub, newer: Hub, tmp_path: Path
) -> None:
    Partner(hub, tmp_path).send((1, NO_DISTRICT), (2, {**NO_DISTRICT, "case_reference": " "}))
    steps(hub)
    before = digests(endpoints), rows(endpoints, "select count(*) from audit")
    (page,) = newer.quarantine().revalidation().pages(Selection())
    assert [(one.was, one.now) for one in page] == [
        (("RULE:E-008",), ()), (("RULE:E-005", "RULE:E-008"), ("RULE:E-005",))
    ]  # fmt: skip
    assert (digests(endpoints), rows(endpoints, "select count(*) from audit")) == before
    assert rows(endpoints, "select count(*) from pg_tables where schemaname = 'scratch'") == [(0,)]


def test_what_passes_is_accepted_and_older_items_are_left_alone(
    endpoints: Endpoints, hub: Hub, newer: Hub, tmp_path: Path
) -> None:
    partner = Partner(hub, tmp_path)
    old, young, broken = partner.send(
        (1, NO_DISTRICT), (2, {**NO_DISTRICT, "recorded_at": None}), (3, {**NO_DISTRICT, "case_reference": " "})
    )
    steps(hub)
    before = journal_digest(endpoints)
    rows(endpoints, "update quarantine_item set created_at = now() - interval '31 days' where id = %s",
         item_of(endpoints, old))  # fmt: skip
    parts = newer.quarantine()
    revalidation = parts.revalidation()
    selection = Selection(since=revalidation.since(30))
    for _ in range(2):
        for page in revalidation.pages(selection):
            revalidation.accept(page, ANNA, parts.trail)
    states = dict(rows(endpoints, "select id, state from quarantine_item"))
    assert [states[item_of(endpoints, event)] for event in (old, young, broken)] == ["OPEN", "RELEASED", "OPEN"]
    assert rows(endpoints, "select kind, actor, content ->> 'codes', content -> 'versions' ->> 0 from decision") == [
        ("QUARANTINE_REVALIDATED", "anna", '["RULE:E-008"]', "other")
    ]
    assert rows(endpoints, "select act, outcome from audit") == [("quarantine.revalidate", "DONE")]
    steps(hub)
    with partner.inbox() as inbox:
        fate = inbox.fate(young)
        assert fate.state is FateState.ACCEPTED
        assert fate.decision is not None
        assert "heutigen Regeln" in fate.decision.text["de"]
        assert inbox.fate(old).state is FateState.REJECTED
    assert journal_digest(endpoints) == before
    verify(endpoints, hub)


def test_a_schema_that_became_known_is_read_then(
    endpoints: Endpoints, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = framed(schema_id_of(endpoints, "EntryReported"), entry(1))
    with monkeypatch.context() as earlier, Hub(endpoints) as older:
        earlier.setattr(schema_book, "_ours", lambda _: None)
        (number,) = send_bytes(endpoints, older, value)
    assert rows(endpoints, "select codes from quarantine_item") == [(["UNKNOWN_SCHEMA"],)]
    parts = hub.quarantine()
    revalidation = parts.revalidation()
    (page,) = revalidation.pages(Selection())
    assert [(one.item, one.was, one.now) for one in page] == [(number, ("UNKNOWN_SCHEMA",), ())]
    assert len(revalidation.accept(page, ANNA, parts.trail).entries) == 1
    steps(hub)
    verify(endpoints, hub)


def test_the_same_event_twice_in_quarantine_is_accepted_once(endpoints: Endpoints, hub: Hub, newer: Hub) -> None:
    schema_id = schema_id_of(endpoints, "EntryReported")
    value = framed(schema_id, entry(1, **NO_DISTRICT))
    other = framed(schema_id, entry(1, district_ags="77777"))
    items = send_bytes(endpoints, hub, value, value, other)
    parts = newer.quarantine()
    revalidation = parts.revalidation()
    (page,) = revalidation.pages(Selection())
    assert {one.item: one.now for one in page} == dict(
        zip(items, ((), ("ACCEPTED_MEANWHILE",), ("CONFLICT",)), strict=True)
    )
    assert len(revalidation.accept(page, ANNA, parts.trail).entries) == 1
    assert len(revalidation.accept(page, ANNA, parts.trail).entries) == 0, "it is not open any more"
    steps(hub)
    verify(endpoints, hub)


def test_an_item_decided_while_it_is_judged_stays_as_it_was_decided(endpoints: Endpoints, hub: Hub, newer: Hub) -> None:
    (number,) = send_bytes(endpoints, hub, framed(schema_id_of(endpoints, "EntryReported"), entry(1, **NO_DISTRICT)))
    parts = newer.quarantine()
    revalidation = parts.revalidation()
    (page,) = revalidation.pages(Selection())
    hub.quarantine().desk().reject(number, ANNA)
    assert len(revalidation.accept(page, ANNA, parts.trail).entries) == 0
    assert rows(endpoints, "select state from quarantine_item") == [("REJECTED",)]
    steps(hub)
    verify(endpoints, hub)


def test_accepted_events_that_would_break_a_critical_rule_are_named_and_stay(
    endpoints: Endpoints, hub: Hub, tmp_path: Path
) -> None:
    good, outside = Partner(hub, tmp_path).send((1, {}), (2, {"district_ags": "11000"}))
    steps(hub)
    before = digests(endpoints), rows(endpoints, "select count(*) from audit")
    with Hub(endpoints) as stricter:
        with_rules(stricter, endpoints, lambda rule: replace(rule, severity="critical") if rule.id == "E-009" else rule)
        revalidation = stricter.quarantine().revalidation()
        found = list(revalidation.accepted(since=revalidation.since(30), agency=OFFICE, progress=lambda _: None))
        none = list(revalidation.accepted(since=revalidation.since(0), agency=None, progress=lambda _: None))
        assert none == []
    assert [(one.event_id, one.codes) for one in found] == [(outside, ("RULE:E-009",))]
    assert good != outside
    assert (digests(endpoints), rows(endpoints, "select count(*) from audit")) == before
    assert dt.datetime.now(dt.UTC) > revalidation.since(0) - dt.timedelta(seconds=1)
