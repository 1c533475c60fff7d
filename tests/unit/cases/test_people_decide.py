"""What people decide about pairs of files, and identifiers that too many files name."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.cases.random_cases import DAYS, event_sets
from tests.unit.cases.test_identity import accepted, application, entry, files, names, referral
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, day, directory, event, findings, rules, settled

from meilenstein.cases.events import Event, FileKey, Identifier
from meilenstein.cases.graph import graphs_of
from meilenstein.cases.identity import JOINED, KEPT_APART, Decision
from meilenstein.cases.links import examine
from meilenstein.cases.settle import SettledCase, Tick, settle

QUICK = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
Z, H, W, A = FileKey(ZEFAS, "Z-1"), FileKey(HWK, "H-9"), FileKey(WC, "W-3"), FileKey(ABH, "A-4")


def decide(
    number: int, verdict: str, left: FileKey, right: FileKey, known: Iterable[tuple[str, str, str]] = ()
) -> Decision:
    return Decision(
        decision_id=number,
        decided_on=day("2026-04-01"),
        left=left,
        right=right,
        verdict=verdict,
        known=frozenset(Identifier(*one) for one in known),
    )


def proposed(events: Iterable[Event], *decisions: Decision) -> list[tuple[str, str]]:
    found = findings(settled(events, decisions=decisions), "LINK_PROPOSED")
    return [(about, detail["reason"]) for about, detail in found]


def test_a_split_holds_although_a_reference_joins_the_two() -> None:
    events = [application(), entry()]
    split = decide(1, KEPT_APART, A, H)
    assert files(events, decisions=[split]) == [[str(A)], [str(H)]]
    assert proposed(events, split) == [("link:PROCEDURE:hwk-dresden/P-9", "KEPT_APART")]


def test_a_split_holds_although_both_files_hang_together_with_a_third() -> None:
    events = [referral(), accepted(), application(), entry()]
    assert files(events) == [[str(A), str(H), str(Z)]]
    split = decide(1, KEPT_APART, Z, A)
    assert files(events, decisions=[split]) == [[str(A)], [str(H), str(Z)]]
    assert proposed(events, split) == [("link:PROCEDURE:hwk-dresden/P-9", "KEPT_APART")]


def test_of_several_decisions_about_a_pair_the_newest_counts_whoever_is_named_first() -> None:
    events = [event("InquiryReceived", ZEFAS, "2026-03-02"), event("InquiryReceived", WC, "2026-03-02")]
    history = [decide(9, JOINED, Z, W), decide(10, KEPT_APART, W, Z), decide(11, JOINED, Z, W)]
    for taken, cases in ((1, 1), (2, 2), (3, 1)):
        for order in itertools.permutations(history[:taken]):
            assert len(files(events, decisions=order)) == cases


def test_what_people_knew_is_not_proposed_again_and_what_is_new_is() -> None:
    known = decide(1, KEPT_APART, Z, W, [(WC, "CASE", "W-3")])
    one_side = [names(ZEFAS, (WC, "W-3")), event("InquiryReceived", WC, "2026-03-03")]
    assert proposed(one_side) == [("link:CASE:wc-dresden/W-3", "NOT_MUTUAL")]
    assert proposed(one_side, known) == []
    # The answer is new, whichever of the two namings is the later one.
    for on in ("2026-03-01", "2026-03-09"):
        both = [*one_side, names(WC, (ZEFAS, "Z-1"), on=on)]
        assert [reason for _, reason in proposed(both, known)] == ["KEPT_APART"]
        assert files(both, decisions=[known]) == [[str(W)], [str(Z)]]
    number = [*one_side, event("InquiryReceived", ZEFAS, "2026-03-04", case_number="SN-1")]
    number.append(event("InquiryReceived", WC, "2026-03-04", case_number="SN-1"))
    assert [reason for _, reason in proposed(number, known)] == ["KEPT_APART"]
    everything = decide(2, KEPT_APART, Z, W, [(WC, "CASE", "W-3"), ("", "NUMBER", "SN-1")])
    assert proposed(number, known, everything) == []


def test_what_speaks_for_a_link_is_what_a_refusal_needs_to_know() -> None:
    events = [referral(), accepted(WC), application(), entry()]
    look = examine(events, directory=directory(), decisions=[], bulk=(), left=Z, right=W, decided_on=day("2026-04-01"))
    assert (look.joined, look.refusal, look.evidence) == (False, None, (Identifier(ZEFAS, "REFERRAL", "R-1"),))
    assert proposed(events) == [("link:REFERRAL:zefas/R-1", "NOT_NAMED_TARGET")]
    assert proposed(events, decide(1, KEPT_APART, Z, W, look.evidence)) == []
    left, right = look.sides
    assert (left.milestones, left.first_on, right.last_on) == (1, day("2026-03-02"), day("2026-03-04"))
    assert set(left.identifiers) & set(right.identifiers) == {Identifier(ZEFAS, "REFERRAL", "R-1")}


def test_a_guard_is_named_before_people_decide_against_it() -> None:
    events = [application(), entry(), event("InquiryReceived", ABH, "2026-03-02", file="A-5"), referral(), accepted()]

    def refusal(left: FileKey, right: FileKey, *decisions: Decision) -> str | None:
        return examine(
            events, directory=directory(), decisions=decisions, bulk=(), left=left, right=right,
            decided_on=day("2026-04-01"),
        ).refusal  # fmt: skip

    assert refusal(FileKey(ABH, "A-5"), H) == "TWO_FILES_OF_ONE_AGENCY"  # it would take A-4's place
    assert refusal(FileKey(ABH, "A-5"), H, decide(1, KEPT_APART, A, H)) is None
    taken = decide(1, JOINED, A, H)
    # Z comes to H by its referral only after what people decided, and stays outside.
    apart = decide(2, KEPT_APART, Z, A)
    assert refusal(Z, H, taken, apart) == "KEPT_APART"
    assert refusal(Z, A, apart) is None  # deciding anew about the same pair


def run(events: Iterable[Event], as_of: dt.date, decisions: Sequence[Decision], **more: Any) -> list[SettledCase]:
    tick = Tick(as_of=as_of, feed_health={})
    return settle(events, directory=directory(), rules=rules(), tick=tick, decisions=decisions, **more)


def decided(events: Sequence[Event], rng: random.Random) -> list[Decision]:
    """Random decisions about the files of some events, some pairs more than once."""
    known = sorted({event.file for event in events})
    pairs = [pair for pair in itertools.combinations(known, 2) if pair[0].test is pair[1].test]
    taken = [rng.choice(pairs) for _ in range(rng.randrange(8))] if pairs else []
    return [
        decide(number, rng.choice([JOINED, KEPT_APART]), *rng.sample(pair, k=2)) for number, pair in enumerate(taken)
    ]


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_events_and_decisions_changes_no_byte(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    decisions = decided(events, rng)
    expected = run(events, as_of, decisions)
    for _ in range(3):
        rng.shuffle(events)
        rng.shuffle(decisions)
        assert run(events, as_of, [*decisions, *decisions[:2]]) == expected


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_two_files_that_people_keep_apart_are_never_one_case(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    decisions = decided(events, rng)
    newest = {one.pair: one for one in sorted(decisions, key=lambda one: one.decision_id)}
    for case in run(events, as_of, decisions):
        for pair in itertools.combinations(case.files, 2):
            assert pair not in newest or newest[pair].verdict == JOINED


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_a_merge_and_its_undoing_restore_every_byte(events: list[Event], as_of: dt.date, rng: random.Random) -> None:
    before = run(events, as_of, [])
    by_file = {file: case for case in before for file in case.files}
    pairs = [
        pair
        for pair in itertools.combinations(sorted(by_file), 2)
        if by_file[pair[0]] is not by_file[pair[1]] and pair[0].test is pair[1].test
    ]
    if not pairs:
        return
    left, right = rng.choice(pairs)
    undone = [decide(1, JOINED, left, right), decide(2, KEPT_APART, right, left)]
    assert run(events, as_of, undone) == before


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_a_decision_joins_two_whole_cases_exactly_where_no_refusal_was_named(
    events: list[Event], as_of: dt.date, rng: random.Random
) -> None:
    decisions = decided(events, rng)
    by_file = {file: set(case.files) for case in run(events, as_of, decisions) for file in case.files}
    pairs = [pair for pair in itertools.combinations(sorted(by_file), 2) if pair[0].test is pair[1].test]
    for left, right in rng.sample(pairs, k=min(3, len(pairs))):
        look = examine(
            events, directory=directory(), decisions=decisions, bulk=(), left=left, right=right, decided_on=as_of
        )
        join = Decision(decision_id=99, decided_on=as_of, left=left, right=right)
        whole = by_file[left] | by_file[right]
        together = any(whole <= set(case.files) for case in run(events, as_of, [*decisions, join]))
        assert together is (look.refusal is None)
        assert look.joined is (right in by_file[left])


def bulk_claims(count: int) -> list[Event]:
    """Many files of one agency that name one procedure and carry one number."""
    return [entry(file=f"A-{number}", case_number="SN-0") for number in range(count)]


def test_an_identifier_that_too_many_files_name_links_nothing_and_is_said_after_the_parking_span() -> None:
    bulk = {(Identifier(HWK, "PROCEDURE", "P-9"), False), (Identifier("", "NUMBER", "SN-0"), False)}
    events = [application(case_number="SN-0"), *bulk_claims(3)]
    tick = Tick(as_of=day("2026-05-18"), feed_health={})
    early = settle(events, directory=directory(), rules=rules(), tick=tick, bulk=bulk)
    assert [len(case.files) for case in early] == [1, 1, 1, 1]
    assert {case.next_change_on for case in early if case.files[0].publisher == ABH} == {day("2026-05-19")}
    late = run(events, day("2026-12-31"), [], bulk=bulk)
    found = {(about, detail["reason"]) for about, detail in findings(late, "LINK_PROPOSED")}
    assert found == {
        ("link:PROCEDURE:hwk-dresden/P-9", "NAMED_BY_TOO_MANY"),
        ("link:NUMBER:/SN-0", "NAMED_BY_TOO_MANY"),
    }
    assert {one.publisher for case in late for one in case.findings if one.code == "LINK_PROPOSED"} == {None}


@QUICK
@given(event_sets(), DAYS, st.randoms(use_true_random=False))
def test_what_is_not_followed_need_not_be_loaded(events: list[Event], as_of: dt.date, rng: random.Random) -> None:
    """A case comes out the same whether or not the files are there that only a bulk identifier leads to."""
    named = sorted({(one, event.test) for event in events for one in event.references})
    bulk = frozenset(rng.sample(named, k=min(len(named), 3)))
    together = {case.files: case for case in run(events, as_of, [], bulk=bulk)}
    for group in closures_without(events, bulk):
        for case in run(group, as_of, [], bulk=bulk):
            assert together[case.files] == case


def closures_without(events: Sequence[Event], bulk: Iterable[tuple[Identifier, bool]]) -> list[list[Event]]:
    """Close events as the store does: over owned identifiers that are not bulk, numbers and corrections."""
    known = [graph.events for graph in graphs_of(events, directory(), (), tuple(bulk))]
    stripped = {one.key: one for part in known for one in part}
    owned = {
        (one.publisher, kind, one.facts[field], one.test)
        for one in stripped.values()
        for kind, field in (("PROCEDURE", "procedure_reference"), ("REFERRAL", "referral_id"))
        if one.facts.get(field)
    } | {(one.publisher, "CASE", one.case_reference, one.test) for one in stripped.values()}
    hidden = {(*identifier, test) for identifier, test in bulk}
    nodes: dict[Any, set[Any]] = {}
    for one in stripped.values():
        own: set[Any] = {("event", *one.key), one.file}
        own.add((one.publisher, "CASE", one.case_reference, one.test))
        for kind, field in (("PROCEDURE", "procedure_reference"), ("REFERRAL", "referral_id")):
            if one.facts.get(field):
                own.add((one.publisher, kind, one.facts[field], one.test))
        own |= {(*name, one.test) for name in one.references if (*name, one.test) in owned}
        own -= hidden
        if one.corrects is not None:
            own.add(("event", one.publisher, one.corrects))
        if one.case_number is not None:
            own.add((one.case_number, one.test))
        joined = set(own)
        for node in own:
            joined |= nodes.get(node, set())
        for node in joined:
            nodes[node] = joined
    groups = {id(group): group for group in nodes.values()}.values()
    return [[one for one in events if ("event", *one.key) in group] for group in groups]
