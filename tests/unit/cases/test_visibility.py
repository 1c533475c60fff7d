"""Who sees what where the example case does not tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from tests.unit.cases.world import ABH, FAR, HWK, WC, ZEFAS, codes, day, event, one, rules, settled, view

from meilenstein.cases.events import Event

ALL = ["REFERRAL", "PROGRESS", "OUTCOME", "ENTRY"]


def consent(name: str = "C-1", on: str = "2026-03-02", **fields: Any) -> Event:
    values = {"purposes": ALL, "recipients": [ZEFAS, HWK, WC], **fields}
    return event("ConsentGiven", ZEFAS, on, consent_id=name, **values)


def withdrawn(publisher: str = ZEFAS, on: str = "2026-07-01", name: str = "C-1") -> Event:
    return event("ConsentWithdrawn", publisher, on, consent_id=name)


def referral(name: str = "R-1", target: str = HWK, on: str = "2026-03-03", **fields: Any) -> Event:
    values = {"legal_basis": "CONSENT", "consent_id": "C-1", "district_ags": "14612", "reason": "RECOGNITION", **fields}
    return event("ReferralSent", ZEFAS, on, referral_id=name, target=target, **values)


def answer(
    event_type: str, publisher: str = HWK, name: str = "R-1", on: str = "2026-03-05", id_of: str | None = None
) -> Event:
    return event(event_type, publisher, on, name=id_of, references=[(ZEFAS, "REFERRAL", name)])


def procedure(publisher: str = HWK) -> list[Event]:
    return [
        event("ApplicationReceived", publisher, "2026-03-10", procedure_reference="P-9", procedure_law="BQFG"),
        event("DecisionIssued", publisher, "2026-06-01", procedure_reference="P-9", outcome="NEGATIVE"),
    ]


def entry(publisher: str = ABH) -> Event:
    return event("EntryReported", publisher, "2026-06-15", references=[(HWK, "PROCEDURE", "P-9")], district_ags="14612")


def whole() -> list[Event]:
    return [consent(), referral(), answer("ReferralAccepted"), *procedure(), entry()]


def parts(events: Sequence[Event], agency: str, as_of: str = FAR) -> set[str]:
    """Which parts an agency sees, over all cases."""
    return {part for case in settled(events, as_of) for part in (view(case, agency) or {})}


@pytest.mark.parametrize(
    ("purposes", "expected"),
    [
        (["PROGRESS"], {"progress"}),
        (["OUTCOME"], {"outcome"}),
        (["ENTRY"], {"entry"}),
        (["REFERRAL"], set()),
        (["UNKNOWN"], set()),
        ([], set()),
    ],
)
def test_each_purpose_opens_its_own_part(purposes: list[str], expected: set[str]) -> None:
    events = [consent(purposes=purposes), *whole()[1:]]
    assert parts(events, ZEFAS) - {"own", "referrals", "purposes"} == expected


def test_a_consent_that_does_not_name_the_agency_opens_nothing() -> None:
    events = [consent(recipients=[WC]), *whole()[1:]]
    assert parts(events, ZEFAS) == {"own", "referrals"}


def test_outcome_and_date_do_not_carry_the_reference_of_the_procedure() -> None:
    seen = view(one(whole()), ZEFAS)
    assert seen is not None
    assert seen["outcome"] == [{"body": HWK, "outcome": "NEGATIVE", "decided_on": "2026-06-01"}]
    assert "P-9" not in str({**seen, "own": None})


@pytest.mark.parametrize(
    ("fields", "closed", "opened"),
    [
        ({}, None, "2026-01-01"),
        ({"valid_from": day("2026-08-01")}, "2026-07-31", "2026-08-01"),
        ({"valid_until": day("2026-08-31")}, "2026-09-01", "2026-08-31"),
        ({"valid_until": day("9999-12-31")}, None, "2026-08-31"),
    ],
)
def test_a_consent_is_in_force_from_its_first_to_its_last_day(
    fields: dict[str, dt.date], closed: str | None, opened: str
) -> None:
    events = [consent(**fields), *whole()[1:]]
    assert "progress" in parts(events, ZEFAS, opened)
    if closed is not None:
        assert "progress" not in parts(events, ZEFAS, closed)


def test_the_days_on_which_a_consent_begins_and_ends_are_changes_to_come() -> None:
    case = one([consent(valid_from=day("2027-01-05"), valid_until=day("2027-02-05")), *whole()[1:]], "2026-12-31")
    assert case.next_change_on == day("2027-01-05")
    case = one([consent(valid_from=day("2027-01-05"), valid_until=day("2027-02-05")), *whole()[1:]], "2027-01-05")
    assert case.next_change_on == day("2027-02-06")


def test_a_consent_that_ran_out_changes_the_state_as_well_as_the_views() -> None:
    events = [consent(valid_until=day("2026-08-31")), *whole()[1:]]
    last, after = one(events, "2026-08-31"), one(events, "2026-09-01")
    assert last.views[ZEFAS] != after.views[ZEFAS]
    assert last.state != after.state


def test_a_withdrawal_ends_a_consent_at_once_even_if_its_day_lies_ahead() -> None:
    assert parts([*whole(), withdrawn(on="2027-05-01")], ZEFAS, "2026-12-31") == {"own", "referrals"}


def test_the_person_may_withdraw_at_another_counter_of_the_case() -> None:
    joined = [*whole(), referral("R-2", WC), answer("ReferralAccepted", WC, "R-2")]
    assert "progress" in parts(joined, WC)
    assert "progress" not in parts([*joined, withdrawn(WC)], WC)
    assert "progress" not in parts([*joined, withdrawn(WC)], ZEFAS)


def test_a_withdrawal_of_ones_own_consent_leaves_others_with_the_same_id() -> None:
    own = event("ConsentGiven", WC, "2026-03-02", consent_id="C-1", purposes=["PROGRESS"], recipients=[WC])
    joined = [*whole(), referral("R-2", WC), answer("ReferralAccepted", WC, "R-2"), own, withdrawn(WC)]
    assert "progress" in parts(joined, ZEFAS)


def test_a_target_that_has_not_answered_sees_the_referral_without_the_legal_route() -> None:
    events = [consent(), referral(legal_route="BLUE_CARD_18G")]
    waiting = view(one(events), HWK)
    assert waiting == {
        "referrals": [
            {"role": "TARGET", "referral": "R-1", "sender": ZEFAS, "reason": "RECOGNITION", "district_ags": "14612"}
        ]
    }
    accepted = view(one([*events, answer("ReferralAccepted")]), HWK)
    assert accepted is not None
    assert accepted["referrals"][0]["legal_route"] == "BLUE_CARD_18G"


@pytest.mark.parametrize("target", ["fasst", "info-portal", "efa", "abh-zentral", "nobody"])
def test_a_referral_to_who_is_told_of_no_case_opens_no_feed(target: str) -> None:
    assert set(one([consent(), referral(target=target)]).views) == {ZEFAS}


def test_a_target_that_declined_sees_only_its_own_answer() -> None:
    assert parts([consent(), referral(), answer("ReferralDeclined")], HWK) == {"own"}


def test_the_last_answer_of_a_target_stands() -> None:
    returned = [consent(), referral(), answer("ReferralAccepted"), answer("ReferralDeclined", on="2026-03-20")]
    assert parts(returned, HWK) == {"own"}
    taken = [consent(), referral(), answer("ReferralDeclined"), answer("ReferralAccepted", on="2026-03-20")]
    assert parts(taken, HWK) == {"own", "referrals"}
    for names in (("a", "b"), ("b", "a")):  # whichever id is the smaller one
        same_day = [answer("ReferralDeclined", id_of=names[0]), answer("ReferralAccepted", id_of=names[1])]
        assert parts([consent(), referral(), *same_day], HWK) == {"own"}


def test_a_withdrawn_consent_takes_an_unanswered_referral_from_its_target_and_ends_its_clock() -> None:
    events = [consent(), referral(), withdrawn(on="2026-03-04")]
    case = one(events)
    assert view(case, HWK) is None
    assert [(clock.state, clock.stopped_on) for clock in case.clocks] == [("STOPPED", day("2026-03-04"))]
    assert codes(case) == []
    seen = view(case, ZEFAS)
    assert seen is not None
    assert seen["referrals"] == [{"role": "SENDER", "referral": "R-1", "target": HWK, "state": "CONSENT_WITHDRAWN"}]


def test_a_referral_on_another_basis_does_not_depend_on_a_consent() -> None:
    events = [consent(), referral(legal_basis="STATUTORY_TASK"), withdrawn()]
    assert parts(events, HWK) == {"referrals"}


def test_a_body_is_no_adviser_even_if_a_consent_names_it() -> None:
    events = [*whole(), referral("R-2", "hwk-leipzig"), answer("ReferralAccepted", "hwk-leipzig", "R-2")]
    assert parts([consent(recipients=["hwk-leipzig", ZEFAS]), *events[1:]], "hwk-leipzig") == {"own", "referrals"}


def test_a_foreigners_office_sees_no_outcome_of_a_procedure_it_did_not_name() -> None:
    other = event("ReferralSent", ZEFAS, "2026-06-20", referral_id="R-2", target=ABH, legal_basis="STATUTORY_TASK")
    taken = answer("ReferralAccepted", ABH, "R-2", "2026-06-22")
    assert parts([*whole()[:-1], other, taken], ABH) == {"own", "referrals"}


@pytest.mark.parametrize("claimant", [WC, ABH, "hwk-leipzig", "ba-sachsen"])
@pytest.mark.parametrize(
    "reference",
    [(HWK, "PROCEDURE", "P-9"), (HWK, "CASE", "H-9"), (ZEFAS, "REFERRAL", "R-1"), (ZEFAS, "CASE", "Z-1")],
)
def test_naming_a_foreign_reference_yields_no_field(claimant: str, reference: tuple[str, str, str]) -> None:
    """But for the one right there is: a foreigners' office that names the procedure of the letter sees its outcome."""
    claim = event("InquiryReceived", claimant, "2026-06-20", references=[reference])
    alone = view(one([claim]), claimant)
    (case,) = [case for case in settled([*whole()[:-1], claim]) if claimant in case.views]
    expected = {"own", "outcome"} if claimant == ABH and reference[1] == "PROCEDURE" else {"own"}
    seen = view(case, claimant)
    assert seen is not None
    assert alone is not None
    assert set(seen) == expected
    assert seen["own"] == alone["own"]


def test_a_report_of_the_entry_by_a_welcome_center_is_not_the_entry() -> None:
    joined = [*whole()[:-1], referral("R-2", WC), answer("ReferralAccepted", WC, "R-2"), entry(WC)]
    assert "entry" not in parts(joined, ZEFAS)
    assert "entry" in parts([*joined, entry()], ZEFAS)


def test_a_row_counts_from_its_first_to_its_last_day() -> None:
    table = dataclasses.replace(
        rules(),
        visibility=tuple(
            dataclasses.replace(row, valid_until=day("2026-08-31")) if row.part == "progress" else row
            for row in rules().visibility
        ),
    )
    last = one(whole(), "2026-08-31", table=table)
    assert "progress" in (view(last, ZEFAS) or {})
    assert last.next_change_on == day("2026-09-01")
    assert "progress" not in (view(one(whole(), "2026-09-01", table=table), ZEFAS) or {})


def test_a_forked_correction_is_shown_to_its_publisher_with_its_status() -> None:
    events = [
        event("InquiryReceived", ZEFAS, "2026-03-02", name="a"),
        event("InquiryReceived", ZEFAS, "2026-03-02", name="b", corrects="a"),
        event("InquiryReceived", ZEFAS, "2026-03-02", name="c", corrects="a"),
    ]
    seen = view(one(events), ZEFAS)
    assert seen is not None
    assert sorted(entry.get("status", "IN_FORCE") for entry in seen["own"]["timeline"]) == [
        "FORKED",
        "FORKED",
        "IN_FORCE",
    ]


@pytest.mark.parametrize("answered", [[], [answer("ReferralDeclined", WC, "R-2")]])
def test_a_welcome_center_that_has_not_accepted_sees_nothing_of_the_case_by_the_consent(answered: list[Event]) -> None:
    events = [*whole(), referral("R-2", WC), *answered]
    assert parts(events, WC) == ({"own"} if answered else {"referrals"})
    assert {"progress", "outcome", "entry"} <= parts([*events, answer("ReferralAccepted", WC, "R-2", FAR)], WC)


def test_a_referral_sent_after_the_withdrawal_is_never_seen_by_its_target_and_has_no_clock_to_run() -> None:
    case = one([consent(), withdrawn(on="2026-03-01"), referral(on="2026-03-03")])
    assert view(case, HWK) is None
    assert codes(case) == ["CONSENT_MISSING"]
    assert [(clock.state, clock.stopped_on) for clock in case.clocks] == [("STOPPED", day("2026-03-03"))]
