from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from tests.unit.cases.world import HWK, ZEFAS, codes, event, event_id, findings, one, retract, settled

from meilenstein.cases.corrections import FORKED, IN_FORCE, REPLACED, WAITING, WITHDRAWN, resolve
from meilenstein.cases.events import Event, unique


def inquiry(name: str, corrects: str | None = None, **fields: object) -> Event:
    return event("InquiryReceived", ZEFAS, "2026-03-02", name=name, corrects=corrects, **fields)


def retraction(name: str, target: str, **fields: object) -> Event:
    return retract(target, ZEFAS, name=name, **fields)


def statuses(events: Sequence[Event]) -> dict[str, str]:
    """Return the status by name, after checking that every order gives the same."""
    names = {event_id(name): name for name in "abcdefgxyz"}
    found = []
    for order in itertools.islice(itertools.permutations(events), 720):
        known = unique(order)
        corrections = resolve(known)
        found.append({names[one.event_id]: corrections.of(one) for one in known})
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([inquiry("a")], {"a": IN_FORCE}, id="nothing to correct"),
        pytest.param([inquiry("a"), inquiry("b", "a")], {"a": REPLACED, "b": IN_FORCE}, id="a correction replaces"),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "b")],
            {"a": REPLACED, "b": REPLACED, "c": IN_FORCE},
            id="the last of a chain stands",
        ),
        pytest.param(
            [inquiry("a"), retraction("b", "a")], {"a": WITHDRAWN, "b": IN_FORCE}, id="a retraction withdraws"
        ),
        pytest.param(
            [inquiry("a"), retraction("b", "a"), retraction("c", "b")],
            {"a": IN_FORCE, "b": WITHDRAWN, "c": IN_FORCE},
            id="a retracted retraction restores",
        ),
        pytest.param(
            [inquiry("a", "x"), retraction("b", "a"), retraction("c", "b")],
            {"a": WAITING, "b": WITHDRAWN, "c": IN_FORCE},
            id="a retracted retraction of what waits does not wait itself",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "a"), retraction("d", "a"), retraction("e", "d")],
            {"a": IN_FORCE, "b": FORKED, "c": FORKED, "d": WITHDRAWN, "e": IN_FORCE},
            id="a retracted retraction beside a fork is no part of it",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), retraction("c", "b")],
            {"a": IN_FORCE, "b": WITHDRAWN, "c": IN_FORCE},
            id="a retracted correction restores what it replaced",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "b"), retraction("d", "c")],
            {"a": REPLACED, "b": IN_FORCE, "c": WITHDRAWN, "d": IN_FORCE},
            id="retracting the end of a chain goes one step back",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "a")],
            {"a": IN_FORCE, "b": FORKED, "c": FORKED},
            id="two corrections of one event: neither applies",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "a"), retraction("d", "c")],
            {"a": REPLACED, "b": IN_FORCE, "c": WITHDRAWN, "d": IN_FORCE},
            id="retracting one side settles a fork",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), retraction("c", "a")],
            {"a": IN_FORCE, "b": FORKED, "c": FORKED},
            id="a correction and a retraction of one event are a fork",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a"), inquiry("c", "a"), inquiry("d", "b")],
            {"a": IN_FORCE, "b": REPLACED, "c": FORKED, "d": FORKED},
            id="a correction of one side does not settle a fork",
        ),
        pytest.param(
            [inquiry("a"), retraction("b", "a"), retraction("c", "a")],
            {"a": WITHDRAWN, "b": IN_FORCE, "c": IN_FORCE},
            id="two retractions agree",
        ),
        pytest.param(
            [inquiry("a"), retraction("b", "a"), retraction("c", "a"), retraction("d", "b")],
            {"a": WITHDRAWN, "b": WITHDRAWN, "c": IN_FORCE, "d": IN_FORCE},
            id="of two retractions one is enough",
        ),
        pytest.param([inquiry("b", "a")], {"b": WAITING}, id="an unknown target waits"),
        pytest.param(
            [inquiry("b", "a"), inquiry("c", "b")],
            {"b": REPLACED, "c": WAITING},
            id="what replaces a waiting correction waits in its place",
        ),
        pytest.param([retraction("b", "a")], {"b": WAITING}, id="a retraction of something unknown waits"),
        pytest.param(
            [event("ConsentGiven", ZEFAS, "2026-03-02", name="a"), inquiry("b", "a")],
            {"a": IN_FORCE, "b": WAITING},
            id="an event of another type replaces nothing",
        ),
        pytest.param(
            [inquiry("a"), event("InquiryReceived", HWK, "2026-03-02", name="b", corrects="a")],
            {"a": IN_FORCE, "b": WAITING},
            id="another publisher's event cannot be corrected",
        ),
        pytest.param(
            [inquiry("a"), inquiry("b", "a", test=True)],
            {"a": IN_FORCE, "b": WAITING},
            id="a sandbox event does not correct a real one",
        ),
        pytest.param(
            [inquiry("a", "b"), inquiry("b", "a")], {"a": WAITING, "b": WAITING}, id="a circle corrects nothing"
        ),
        pytest.param([inquiry("a", "a")], {"a": WAITING}, id="an event that corrects itself waits"),
        pytest.param(
            [inquiry("a", "b"), inquiry("b", "a"), inquiry("c", "a")],
            {"a": REPLACED, "b": WAITING, "c": WAITING},
            id="a correction of a circle waits with it",
        ),
    ],
)
def test_every_order_gives_the_same_status(events: list[Event], expected: dict[str, str]) -> None:
    assert statuses(events) == expected


def test_a_chain_may_be_as_long_as_a_sender_likes() -> None:
    chain = [inquiry("0")] + [inquiry(str(number), str(number - 1)) for number in range(1, 3000)]
    corrections = resolve(unique(chain))
    assert sum(corrections.of(event) == IN_FORCE for event in chain) == 1
    assert corrections.of(chain[-1]) == IN_FORCE


def test_a_fork_is_a_finding_about_the_event_that_both_correct() -> None:
    case = one([inquiry("a"), inquiry("b", "a"), inquiry("c", "a")], "2026-03-05")
    assert [(finding.code, finding.about, finding.publisher) for finding in case.findings] == [
        ("FORK", f"event:zefas/{event_id('a')}", "zefas")
    ]
    assert sorted(case.findings[0].detail["corrections"]) == sorted([event_id("b"), event_id("c")])


def test_an_unknown_target_becomes_a_finding_after_the_parking_span() -> None:
    waiting = [inquiry("b", "a")]
    parked = one(waiting, "2026-03-16")
    assert codes(parked) == []
    assert str(parked.next_change_on) == "2026-03-17"
    found = one(waiting, "2026-03-17")
    assert codes(found) == ["CORRECTION_TARGET_UNKNOWN"]
    assert str(found.findings[0].since) == "2026-03-17"
    assert found.findings[0].detail == {"target": event_id("a"), "reason": "UNKNOWN"}
    assert found.next_change_on is None


def test_the_parking_span_counts_from_the_recording_where_it_is_known() -> None:
    import datetime as dt

    late = inquiry("b", "a", recorded_at=dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC))
    assert codes(one([late], "2026-04-03")) == []
    assert "CORRECTION_TARGET_UNKNOWN" in codes(one([late], "2026-04-04"))


def test_a_target_that_arrives_late_ends_the_waiting() -> None:
    assert findings(settled([inquiry("a"), inquiry("b", "a")]), "CORRECTION_TARGET_UNKNOWN") == []


def test_a_retracted_correction_without_target_is_no_finding() -> None:
    assert codes(one([inquiry("b", "a"), retraction("c", "b")])) == []


def test_a_file_whose_events_are_all_withdrawn_is_a_case_without_facts_or_views() -> None:
    case = one([inquiry("a"), retraction("b", "a")])
    assert case.views == {}
    assert case.files[0].case_reference == "Z-1"
    assert b'"timeline":[]' in case.state


def test_a_correction_can_move_a_fact_to_another_file() -> None:
    cases = settled([inquiry("a"), event("InquiryReceived", ZEFAS, "2026-03-02", name="b", corrects="a", file="Z-2")])
    assert [(case.files[0].case_reference, sorted(case.views)) for case in cases] == [("Z-1", []), ("Z-2", [ZEFAS])]
