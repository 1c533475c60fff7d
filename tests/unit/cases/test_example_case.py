"""The example case, step by step: what each agency sees, and no field more."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import pytest
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, directory, rules

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein.simulate.example_case import EXAMPLE_DAYS, complete_body, example_case
from meilenstein_expectations import check

START = dt.date(2026, 1, 5)
C01 = {
    "id": "C01",
    "label": "MUST",
    "paragraph": "BQFG § 6 Abs. 2",
    "start": "2026-01-13",
    "due": "2026-02-13",
    "state": "STOPPED",
    "stopped_on": "2026-01-20",
}
C03 = {
    "id": "C03",
    "label": "MUST",
    "paragraph": "BQFG § 6 Abs. 3",
    "start": "2026-02-04",
    "due": "2026-05-04",
    "state": "STOPPED",
    "stopped_on": "2026-03-26",
}
S01 = {"id": "S01", "label": "SERVICE"}
R1_SENT = {"role": "SENDER", "referral": "R1-20260105", "target": HWK}
R1_GOT = {
    "role": "TARGET", "referral": "R1-20260105", "sender": ZEFAS, "reason": "RECOGNITION", "district_ags": "14612",
}  # fmt: skip
R2_SENT = {"role": "SENDER", "referral": "R2-20260105", "target": WC}
R2_GOT = {
    "role": "TARGET", "referral": "R2-20260105", "sender": ZEFAS, "reason": "SETTLEMENT", "district_ags": "14612",
}  # fmt: skip
PROGRESS = [
    {
        "publisher": HWK,
        "milestones": [
            {"type": "ApplicationReceived", "occurred_on": "2026-01-13"},
            {"type": "ReceiptConfirmed", "occurred_on": "2026-01-20"},
            {"type": "DocumentsComplete", "occurred_on": "2026-02-04"},
            {"type": "DecisionIssued", "occurred_on": "2026-03-26"},
        ],
        "clocks": [C01, C03],
    }
]
ONBOARDED = {
    "publisher": WC, "milestones": [{"type": "WelcomeCenterOnboardingStarted", "occurred_on": "2026-04-27"}]
}  # fmt: skip
OUTCOME = [{"body": HWK, "outcome": "FULL_EQUIVALENCE", "decided_on": "2026-03-26"}]
ENTRY = {"entered_on": "2026-04-20", "district_ags": "14612"}
OPENED = ["ENTRY", "OUTCOME", "PROGRESS"]


@cache
def after(step: int) -> SettledCase:
    """The case once everything up to a step has been told, on the day of that step."""
    told = [event for one in example_case(START) if one.number <= step for event in one.events]
    events = [Event.from_body(event_type, body) for _, event_type, body in told]
    as_of = max(event.occurred_on for event in events)
    (case,) = settle(events, directory=directory(), rules=rules(), tick=Tick(as_of=as_of))
    return case


def seen(step: int, agency: str) -> dict[str, Any] | None:
    raw = after(step).views.get(agency)
    return None if raw is None else json.loads(raw)


def beyond_own(step: int, agency: str) -> dict[str, Any]:
    """What an agency sees beside its own facts."""
    view = seen(step, agency)
    assert view is not None
    return {name: value for name, value in view.items() if name != "own"}


def own_types(step: int, agency: str) -> list[str]:
    return [entry["type"] for entry in (seen(step, agency) or {}).get("own", {}).get("timeline", [])]


def own_clocks(step: int, agency: str) -> list[tuple[str, str]]:
    return [(clock["id"], clock["state"]) for clock in (seen(step, agency) or {})["own"].get("clocks", [])]


@pytest.mark.parametrize(
    ("step", "recipients"),
    [
        (1, [ZEFAS]),
        (2, [HWK, ZEFAS]),
        (3, [HWK, ZEFAS]),
        (4, [HWK, ZEFAS]),
        (5, [ABH, HWK, ZEFAS]),
        (6, [ABH, HWK, WC, ZEFAS]),
        (7, [ABH, HWK, WC, ZEFAS]),
    ],
)
def test_only_these_agencies_see_anything_after_each_step(step: int, recipients: list[str]) -> None:
    assert sorted(after(step).views) == recipients


def test_zefas_sees_its_own_facts_from_the_start() -> None:
    assert own_types(1, ZEFAS) == ["InquiryReceived", "ConsentGiven"]
    assert beyond_own(1, ZEFAS) == {}


def test_the_target_of_the_referral_sees_who_refers_why_and_where_before_it_has_a_file() -> None:
    assert seen(2, HWK) == {"referrals": [R1_GOT]}
    assert beyond_own(2, ZEFAS) == {"purposes": OPENED, "referrals": [{**R1_SENT, "state": "OPEN"}]}
    assert own_clocks(2, ZEFAS) == [("S01", "RUNNING"), ("S02", "STOPPED")]


def test_an_accepted_referral_tells_the_sender_and_opens_the_legal_route_to_the_target() -> None:
    accepted = {**R1_SENT, "state": "ACCEPTED", "answered_on": "2026-01-10"}
    assert beyond_own(3, ZEFAS)["referrals"] == [accepted]
    assert beyond_own(3, HWK) == {"referrals": [{**R1_GOT, "legal_route": "REGULAR"}]}
    assert own_clocks(3, ZEFAS) == [("S01", "STOPPED"), ("S02", "STOPPED")]
    assert own_types(3, HWK) == ["ReferralAccepted"]


def test_zefas_follows_progress_and_outcome_by_the_consent_and_the_welcome_center_sees_nothing_yet() -> None:
    accepted = {**R1_SENT, "state": "ACCEPTED", "answered_on": "2026-01-10"}
    assert beyond_own(4, ZEFAS) == {
        "purposes": OPENED,
        "referrals": [accepted],
        "progress": PROGRESS,
        "outcome": OUTCOME,
    }
    assert own_clocks(4, HWK) == [("C01", "STOPPED"), ("C03", "STOPPED"), ("C24", "RUNNING")]
    assert beyond_own(4, HWK) == {"referrals": [{**R1_GOT, "legal_route": "REGULAR"}]}
    assert seen(4, WC) is None


def test_the_foreigners_office_sees_the_outcome_of_the_procedure_it_named_and_zefas_the_entry() -> None:
    assert beyond_own(5, ABH) == {"outcome": [{**OUTCOME[0], "procedure": "P-20260105"}]}
    assert own_types(5, ABH) == ["EntryReported"]
    assert beyond_own(5, ZEFAS)["entry"] == ENTRY
    assert "entry" not in beyond_own(5, HWK)


def test_the_welcome_center_sees_what_the_consent_allows_once_it_has_accepted() -> None:
    assert beyond_own(6, WC) == {
        "purposes": OPENED,
        "referrals": [{**R2_GOT, "legal_route": "REGULAR"}],
        "progress": PROGRESS,
        "outcome": OUTCOME,
        "entry": ENTRY,
    }
    assert own_types(6, WC) == ["ReferralAccepted", "WelcomeCenterOnboardingStarted"]
    assert beyond_own(6, ZEFAS)["progress"] == [*PROGRESS, ONBOARDED]


def apart_from_clocks(view):
    """Return a view without the clocks, which go on with the days."""
    return {**view, "own": {name: value for name, value in view["own"].items() if name != "clocks"}}


def test_the_withdrawal_of_the_consent_revokes_what_rested_on_it_and_nothing_else() -> None:
    answered = {"state": "ACCEPTED", "answered_on": "2026-01-10"}
    assert beyond_own(7, ZEFAS) == {
        "referrals": [{**R1_SENT, **answered}, {**R2_SENT, **answered, "answered_on": "2026-04-24"}]
    }
    assert beyond_own(7, WC) == {"referrals": [{**R2_GOT, "legal_route": "REGULAR"}]}
    assert own_types(7, WC) == ["ReferralAccepted", "WelcomeCenterOnboardingStarted"]
    assert apart_from_clocks(seen(7, HWK)) == apart_from_clocks(seen(6, HWK))
    assert (own_clocks(6, HWK)[-1], own_clocks(7, HWK)[-1]) == (("C24", "DUE"), ("C24", "OVER"))
    assert seen(7, ABH) == seen(6, ABH)


def test_the_example_has_no_findings_at_any_step() -> None:
    assert [after(step).findings for step in range(1, 8)] == [()] * 7


def test_each_recipient_is_told_its_own_references() -> None:
    assert {agency: [one["reference"] for one in own] for agency, own in after(6).own_references.items()} == {
        ABH: ["A-20260105"],
        HWK: ["H-20260105", "P-20260105"],
        WC: ["W-20260105"],
        ZEFAS: ["Z-20260105", "R1-20260105", "R2-20260105"],
    }
    assert after(2).own_references[HWK] == ()


def test_the_example_passes_every_data_rule() -> None:
    for step in example_case(START):
        for _, event_type, body in step.events:
            assert check(event_type, body) == [], event_type


def test_the_example_is_the_same_for_the_same_day_and_another_case_for_another() -> None:
    assert example_case(START) == example_case(START)
    ids = {
        body["event_id"]
        for start in (START, dt.date(2026, 1, 6))
        for one in example_case(start)
        for *_, body in one.events
    }
    assert len(ids) == 26
    days = [body["occurred_on"] for one in example_case(START) for *_, body in one.events]
    assert (min(days), max(days)) == (START, START + dt.timedelta(days=EXAMPLE_DAYS))


def test_a_body_with_a_field_that_the_contract_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="EntryReported has no field outcome"):
        complete_body("EntryReported", {"outcome": "NEGATIVE"})
