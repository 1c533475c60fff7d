"""Whole cases of every event type: what order, repetition, corrections, retractions and decisions do not change."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.unit.cases.random_cases import DAYS, OWN_FIELDS, any_fields, event_sets, random_events
from tests.unit.cases.world import directory, event_id, rules

from meilenstein.cases.events import ENVELOPE_FIELDS, RETRACTED, Event, FileKey, Identifier
from meilenstein.cases.identity import JOINED, KEPT_APART, Decision
from meilenstein.cases.links import examine
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein_schemas.contracts import load_contracts

MANY = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
WHOLE = event_sets(whole=True)
RNG = st.randoms(use_true_random=False)


def run(events: Iterable[Event], as_of: dt.date, decisions: Iterable[Decision] = ()) -> list[SettledCase]:
    tick = Tick(as_of=as_of, feed_health={})
    return settle(events, directory=directory(), rules=rules(), tick=tick, decisions=decisions)


def everything(cases: Iterable[SettledCase]) -> list[Any]:
    return [
        (case.files, case.state, case.findings, case.clocks, case.views, case.own_references, case.next_change_on)
        for case in cases
    ]


def changed(event: Event, **fields: Any) -> Event:
    """The event with other fields; its names follow from them."""
    body = {
        **event.facts,
        **{name: getattr(event, name) for name in ENVELOPE_FIELDS if hasattr(event, name)},
        "references": [{"agency": one.owner, "kind": one.kind, "reference": one.reference} for one in event.references],
    }
    return Event.from_body(fields.pop("event_type", event.event_type), {**body, **fields}, warnings=event.warnings)


def retraction(target: Event, name: str) -> Event:
    bare = target._replace(facts={}, references=(), case_number=None, consent_id=None, warnings=())
    return changed(bare, event_type=RETRACTED, event_id=event_id(name), corrects=target.event_id)


def joined(cases: Sequence[SettledCase], one: FileKey, other: FileKey) -> bool:
    return any(one in case.files and other in case.files for case in cases)


def two_files(events: Sequence[Event], rng: random.Random) -> tuple[FileKey, FileKey]:
    """Two files of different agencies that may be one case."""
    files = sorted({event.file for event in events if event.subject_kind == "PERSON" and not event.test})
    pairs = [(a, b) for a in files for b in files if a.publisher < b.publisher]
    assume(pairs)
    return rng.choice(pairs)


def test_the_stories_tell_every_event_type_pauses_extensions_transfers_and_closings() -> None:
    told = Counter(event.event_type for seed in range(60) for event in random_events(seed, 40, True))
    assert set(told) == set(load_contracts())
    clocks = Counter(
        (clock.id, entry.kind)
        for seed in range(60)
        for case in run(random_events(seed, 40, True), dt.date(2026, 6, 30))
        for clock in case.clocks
        for entry in clock.ledger
    )
    assert {kind for _, kind in clocks} == {"PAUSE", "EXTENSION"}


@MANY
@given(WHOLE, DAYS, RNG)
def test_order_and_repetition_change_no_byte(events: list[Event], as_of: dt.date, rng: random.Random) -> None:
    shuffled = [*events, *rng.sample(events, k=len(events) // 2)]
    rng.shuffle(shuffled)
    left, right = two_files(events, rng)
    decisions = [
        Decision(decision_id=number, decided_on=as_of, left=left, right=right, verdict=rng.choice([JOINED, KEPT_APART]))
        for number in range(3)
    ]
    turned = [
        Decision(
            decision_id=one.decision_id, decided_on=one.decided_on, left=one.right, right=one.left, verdict=one.verdict
        )
        for one in reversed(decisions)
    ]
    assert everything(run(shuffled, as_of)) == everything(run(events, as_of))
    assert everything(run(shuffled, as_of, rng.sample(decisions, k=3))) == everything(run(events, as_of, decisions))
    assert {case.files for case in run(events, as_of, turned)} == {case.files for case in run(events, as_of, decisions)}


@MANY
@given(WHOLE, DAYS, RNG)
def test_a_retracted_retraction_leaves_no_trace(events: list[Event], as_of: dt.date, rng: random.Random) -> None:
    target = rng.choice(events)
    first = retraction(target, "first")
    second = retraction(first, "second")
    assert everything(run([second, *events, first], as_of)) == everything(run(events, as_of))
    third = retraction(second, "third")
    again = [event for event in (*events, first) if event is not None]
    assert everything(run([third, second, *again], as_of)) == everything(run(again, as_of))


@MANY
@given(WHOLE, DAYS, st.integers(1, 4), RNG)
def test_of_a_chain_of_corrections_only_the_last_counts(
    events: list[Event], as_of: dt.date, length: int, rng: random.Random
) -> None:
    named = {(event.publisher, event.corrects) for event in events}
    free = [
        event for event in events if event.key not in named and event.corrects is None and event.event_type != RETRACTED
    ]
    assume(free)
    target = rng.choice(free)
    chain, corrected = [], target
    for number in range(length):
        facts = {**any_fields(rng, target.event_type), **OWN_FIELDS.get(target.event_type, lambda _rng: {})(rng)}
        moved = target.occurred_on + dt.timedelta(days=rng.randrange(-20, 20))
        corrected = changed(
            target, **facts, event_id=event_id(f"link {number}"), corrects=corrected.event_id, occurred_on=moved
        )
        chain.append(corrected)
    rng.shuffle(chain)
    alone = [corrected._replace(corrects=None), *(event for event in events if event is not target)]
    assert everything(run([*chain, *events], as_of)) == everything(run(alone, as_of))


@MANY
@given(WHOLE, DAYS, RNG)
def test_two_files_that_named_each_other_part_when_that_is_retracted(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    left, right = two_files(events, rng)
    before = run(events, as_of)
    naming = []
    for one, other in ((left, right), (right, left)):
        body = {
            "event_id": event_id(f"{one} names {other}"),
            "publisher": one.publisher,
            "subject_kind": "PERSON",
            "case_reference": one.case_reference,
            "occurred_on": as_of,
            "references": [{"agency": other.publisher, "kind": "CASE", "reference": other.case_reference}],
        }
        naming.append(Event.from_body("CaseReopened", body))
    merged = run([*events, *naming], as_of)
    assume(not joined(before, left, right) and joined(merged, left, right))
    retracted = [retraction(event, f"retract {event.event_id}") for event in naming]
    rng.shuffle(retracted)
    assert everything(run([*retracted, *naming, *events], as_of)) == everything(before)


@MANY
@given(WHOLE, DAYS, RNG)
def test_two_files_that_people_joined_and_parted_again_are_what_they_were(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    left, right = two_files(events, rng)
    before = run(events, as_of)
    join = Decision(decision_id=1, decided_on=as_of, left=left, right=right)
    merged = run(events, as_of, [join])
    assume(not joined(before, left, right) and joined(merged, left, right))
    assume(not _proposed(before, left, right))
    found = examine(events, directory=directory(), decisions=[join], bulk=(), left=left, right=right, decided_on=as_of)
    part = Decision(
        decision_id=2, decided_on=as_of, left=right, right=left, verdict=KEPT_APART, known=frozenset(found.evidence)
    )
    assert everything(run(events, as_of, [part, join])) == everything(before)


def _proposed(cases: Sequence[SettledCase], left: FileKey, right: FileKey) -> bool:
    """Whether anything already speaks for a link between the cases of the two: parting them answers that as well."""
    sides = [{str(file) for file in case.files} for case in cases if {left, right} & set(case.files)]
    return any(
        any(finding.detail.get("claimant") in one for one in sides)
        and any(finding.detail.get("holder") in other for other in sides)
        for case in cases
        for finding in case.findings
        if finding.code == "LINK_PROPOSED" and "holder" in finding.detail
    )


def closed(events: Sequence[Event]) -> list[list[Event]]:
    """Split events into sets that nothing named in them connects."""
    groups: list[tuple[set[Any], list[Event]]] = []
    for event in events:
        names: set[Any] = {Identifier(event.publisher, "CASE", event.case_reference), event.key, *event.references}
        if event.corrects is not None:
            names.add((event.publisher, event.corrects))
        if event.case_number is not None:
            names.add(event.case_number)
        for kind, field in (("PROCEDURE", "procedure_reference"), ("REFERRAL", "referral_id")):
            if event.facts.get(field):
                names.add(Identifier(event.publisher, kind, event.facts[field]))
        touched = [group for group in groups if not group[0].isdisjoint(names)]
        groups = [group for group in groups if group[0].isdisjoint(names)]
        members = [one for group in touched for one in group[1]]
        groups.append((names.union(*(group[0] for group in touched)), [*members, event]))
    return [members for _, members in groups]


@MANY
@given(event_sets(max_size=14, whole=True), DAYS)
def test_batches_that_nothing_connects_may_be_folded_apart(events: list[Event], as_of: dt.date) -> None:
    apart = [case for group in closed(events) for case in run(group, as_of)]
    assert sorted(map(repr, everything(apart))) == sorted(map(repr, everything(run(events, as_of))))


@MANY
@given(WHOLE, DAYS, st.integers(0, 400))
def test_nothing_changes_before_the_day_a_case_names_for_its_next_change(
    events: list[Event], first: dt.date, days: int
) -> None:
    second = first + dt.timedelta(days=days)
    earlier, later = run(events, first), run(events, second)
    for before, after in zip(earlier, later, strict=True):
        if before.next_change_on is None or second < before.next_change_on:
            assert everything([after]) == everything([before])
        assert before.views == after.views or before.state != after.state


@MANY
@given(WHOLE, DAYS)
def test_clocks_and_findings_are_told_apart_by_their_keys(events: list[Event], as_of: dt.date) -> None:
    for case in run(events, as_of):
        findings = [(finding.code, finding.about) for finding in case.findings]
        clocks = [(clock.id, clock.about) for clock in case.clocks]
        assert (len(findings), len(clocks)) == (len(set(findings)), len(set(clocks)))
