"""What a case is depends on the set of its events alone: not on order, repetition, batching, nor on the mere day."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.support.six_events import SIX_AS_OF, six_events
from tests.unit.cases.random_cases import DAYS, event_sets
from tests.unit.cases.world import directory, rules

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein_expectations import check

FOR_THE_WHOLE_CASE = {"FastTrackAgreementConcluded", "CaseClosed"}
"""What one agency says of it moves the clocks of all."""
ENDED = {"OVER", "FICTION_ELAPSED"}
OF_ITSELF = {"C01", "C02", "C03", "C04", "C05", "C06", "C10", "C11", "C21", "C22", "C23", "C24", "S02"}
"""Clocks that only their own agency moves."""

QUICK = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def run(events: Iterable[Event], as_of: dt.date, **health: str) -> list[SettledCase]:
    tick = Tick(as_of=as_of, feed_health=health)
    return settle(events, directory=directory(), rules=rules(), tick=tick)


def everything(case: SettledCase, *, with_next: bool = True) -> Any:
    return (
        case.files, case.state, case.findings, case.clocks, case.views, case.own_references,
        case.next_change_on if with_next else None,
    )  # fmt: skip


def test_the_six_records_pass_the_data_rules() -> None:
    for event_type, body in six_events():
        assert check(event_type, body) == [], event_type


def test_all_720_orders_of_the_six_records_give_identical_bytes() -> None:
    records = [Event.from_body(event_type, body) for event_type, body in six_events()]
    results = {
        tuple((case.files, case.state, tuple(sorted(case.views.items()))) for case in run(order, SIX_AS_OF))
        for order in itertools.permutations(records)
    }
    (only,) = results
    assert [[str(file) for file in files] for files, *_ in only] == [
        ["abh-dresden/A-6", "wc-dresden/W-6"],
        ["hwk-dresden/H-6"],
    ]


def test_the_six_records_hold_a_link_a_correction_a_retraction_a_duplicate_and_a_contradiction() -> None:
    records = [Event.from_body(event_type, body) for event_type, body in six_events()]
    assert len({event.publisher for event in records}) == 3
    assert len({event.key for event in records}) == 5
    joined, alone = run(records, SIX_AS_OF)
    assert json.loads(joined.state)["entry"]["entered_on"] == "2026-05-05"
    assert json.loads(alone.state)["timeline"] == []
    assert [finding.code for finding in joined.findings] == ["CONTRADICTION", "LINK_PROPOSED"]
    without_retraction = [event for event in records if event.event_type != "EventRetracted"]
    assert len(run(without_retraction, SIX_AS_OF)) == 1


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_shuffled_and_repeated_events_give_identical_cases(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    shuffled = [*events, *rng.sample(events, k=len(events) // 2)]
    rng.shuffle(shuffled)
    assert [everything(case) for case in run(shuffled, as_of)] == [everything(case) for case in run(events, as_of)]


@QUICK
@given(event_sets(), DAYS, st.integers(0, 120))
def test_nothing_changes_before_the_next_change(events: list[Event], first: dt.date, days: int) -> None:
    second = first + dt.timedelta(days=days)
    for before, after in zip(run(events, first), run(events, second), strict=True):
        if before.next_change_on is None or second < before.next_change_on:
            assert everything(after) == everything(before)
        else:
            assert before.next_change_on > first


@QUICK
@given(event_sets(), DAYS, st.integers(0, 120))
def test_no_view_changes_without_the_state(events: list[Event], first: dt.date, days: int) -> None:
    second = first + dt.timedelta(days=days)
    for before, after in zip(run(events, first), run(events, second), strict=True):
        assert (before.views == after.views) or (before.state != after.state)


@QUICK
@given(event_sets(max_size=14), DAYS)
def test_every_day_up_to_the_next_change_gives_identical_cases(events: list[Event], first: dt.date) -> None:
    cases = run(events, first)
    horizon = min((case.next_change_on for case in cases if case.next_change_on), default=first)
    assume((horizon - first).days < 60)
    for days in range((horizon - first).days):
        assert [everything(case) for case in run(events, first + dt.timedelta(days=days))] == [
            everything(case) for case in cases
        ]


@QUICK
@given(event_sets(), DAYS, st.sampled_from(["zefas", "hwk-dresden", "wc-dresden", "ba-sachsen"]))
def test_feed_health_matters_only_to_clocks_that_are_over_at_that_agency(
    events: list[Event], as_of: dt.date, agency: str
) -> None:
    live = run(events, as_of)
    silent = run(events, as_of, **{agency: "SILENT"})
    for one, other in zip(live, silent, strict=True):
        if not any(clock.state in ENDED and clock.stop_publisher == agency for clock in one.clocks):
            assert everything(other) == everything(one)
        assert not any(clock.state in ENDED and clock.stop_publisher == agency for clock in other.clocks)


def closures(events: Sequence[Event]) -> list[list[Event]]:
    """Split events as a store would close them: by file, by identifiers named or owned, by number and correction."""
    parent: dict[Any, Any] = {}

    def find(node: Any) -> Any:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for event in events:
        nodes: list[Any] = [(event.publisher, "CASE", event.case_reference), ("event", *event.key)]
        nodes.extend(tuple(reference) for reference in event.references)
        if event.corrects is not None:
            nodes.append(("event", event.publisher, event.corrects))
        if event.case_number is not None:
            nodes.append(("number", event.case_number))
        for kind, field in (("PROCEDURE", "procedure_reference"), ("REFERRAL", "referral_id")):
            if event.facts.get(field):
                nodes.append((event.publisher, kind, event.facts[field]))
        for node in nodes:
            parent[find(nodes[0])] = find(node)
    groups: dict[Any, list[Event]] = {}
    for event in events:
        groups.setdefault(find(("event", *event.key)), []).append(event)
    return list(groups.values())


@QUICK
@given(event_sets(max_size=12), DAYS)
def test_closed_sets_settled_apart_give_what_they_give_together(events: list[Event], as_of: dt.date) -> None:
    apart = [case for group in closures(events) for case in run(group, as_of)]
    together = run(events, as_of)
    assert sorted(map(repr, map(everything, apart))) == sorted(map(repr, map(everything, together)))


@QUICK
@given(event_sets(), DAYS)
def test_what_an_agency_sees_of_itself_never_depends_on_what_others_say(events: list[Event], as_of: dt.date) -> None:
    events = [event for event in events if event.event_type not in FOR_THE_WHOLE_CASE]
    for agency in {event.publisher for event in events}:
        own = [event for event in events if event.publisher == agency]
        assert _own(run(events, as_of), agency) == _own(run(own, as_of), agency)


def _own(cases: Iterable[SettledCase], agency: str) -> list[str]:
    """The agency's own timelines and the clocks that wait for itself; others wait for others by their nature."""
    found = []
    for case in cases:
        own = json.loads(case.views.get(agency, b"{}")).get("own", {})
        found.extend(json.dumps(entry, sort_keys=True) for entry in own.get("timeline", []))
        found.extend(json.dumps(one, sort_keys=True) for one in own.get("clocks", []) if one["id"] in OF_ITSELF)
    return sorted(found)


@QUICK
@given(event_sets(), DAYS)
def test_no_two_findings_or_clocks_of_a_case_share_their_key(events: list[Event], as_of: dt.date) -> None:
    for case in run(events, as_of):
        findings = [(finding.code, finding.about) for finding in case.findings]
        clocks = [(clock.id, clock.about) for clock in case.clocks]
        assert len(findings) == len(set(findings))
        assert len(clocks) == len(set(clocks))


@QUICK
@given(event_sets(), DAYS)
def test_no_case_joins_two_files_of_one_agency_and_every_file_is_in_exactly_one_case(
    events: list[Event], as_of: dt.date
) -> None:
    cases = run(events, as_of)
    for case in cases:
        assert len({file.publisher for file in case.files}) == len(case.files)
        assert len({file.test for file in case.files}) == 1
    files = [file for case in cases for file in case.files]
    assert sorted(files) == sorted({event.file for event in events if event.subject_kind == "PERSON"})
