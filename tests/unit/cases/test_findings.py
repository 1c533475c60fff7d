from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, codes, day, event, event_id, findings, one, rules, settled

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase
from meilenstein_schemas.rule_lint import FINDING_CODES


def step(event_type: str, on: str, publisher: str = HWK, **fields: Any) -> Event:
    return event(event_type, publisher, on, procedure_reference="P-9", **fields)


def only(case: SettledCase, code: str) -> Any:
    (found,) = [finding for finding in case.findings if finding.code == code]
    return found


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (None, ["DECISION_BEFORE_COMPLETE"]),
        ("2026-04-01", []),
        ("2026-03-31", []),
        ("2026-04-02", ["DECISION_BEFORE_COMPLETE", "ORDER_IMPOSSIBLE"]),
    ],
)
def test_a_decision_needs_complete_documents_on_or_before_its_day(complete: str | None, expected: list[str]) -> None:
    events = [step("ApplicationReceived", "2026-03-01"), step("DecisionIssued", "2026-04-01")]
    if complete is not None:
        events.append(step("DocumentsComplete", complete))
    assert codes(one(events)) == expected


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("ReceiptConfirmed", "ApplicationReceived"),
        ("DocumentsComplete", "ApplicationReceived"),
        ("DecisionIssued", "ApplicationReceived"),
        ("DecisionIssued", "DocumentsComplete"),
    ],
)
def test_an_impossible_order_names_the_pair_and_its_days(earlier: str, later: str) -> None:
    case = one([step(earlier, "2026-03-01"), step(later, "2026-03-02")], "2026-03-03")
    found = only(case, "ORDER_IMPOSSIBLE")
    assert (found.about, found.publisher, found.since) == ("procedure:hwk-dresden/P-9", HWK, day("2026-03-01"))
    assert found.detail["pairs"] == [
        {"first": earlier, "on": day("2026-03-01"), "then": later, "then_on": day("2026-03-02")}
    ]
    same_day = one([step(earlier, "2026-03-02"), step(later, "2026-03-02")], "2026-03-03")
    assert "ORDER_IMPOSSIBLE" not in codes(same_day)


def joined(*others: Event) -> list[Event]:
    """A Welcome Center and a body in one case by a service desk's two referrals."""
    return [
        event("ReferralSent", ZEFAS, "2026-03-02", referral_id="R-1", target=HWK, legal_basis="STATUTORY_TASK"),
        event("ReferralAccepted", HWK, "2026-03-03", references=[(ZEFAS, "REFERRAL", "R-1")]),
        event("ReferralSent", ZEFAS, "2026-03-02", referral_id="R-2", target=WC, legal_basis="STATUTORY_TASK"),
        event("ReferralAccepted", WC, "2026-03-03", references=[(ZEFAS, "REFERRAL", "R-2")]),
        step("ApplicationReceived", "2026-03-09"),
        step("ReceiptConfirmed", "2026-03-10"),
        step("DocumentsComplete", "2026-03-20"),
        step("DecisionIssued", "2026-04-01", outcome="NEGATIVE"),
        *others,
    ]


def told(outcome: str, on: str = "2026-04-01") -> Event:
    return event("DecisionIssued", WC, on, outcome=outcome, references=[(HWK, "PROCEDURE", "P-9")])


def test_another_outcome_than_the_bodys_is_a_contradiction_and_changes_nothing() -> None:
    case = one(joined(told("FULL_EQUIVALENCE")))
    found = only(case, "CONTRADICTION")
    assert found.about == "outcome:wc-dresden:procedure:hwk-dresden/P-9"
    assert found.detail["stated"] == "FULL_EQUIVALENCE"
    assert found.detail["valid"] == "NEGATIVE"
    assert b'"outcome":"NEGATIVE","procedure":"P-9"' in case.state


@pytest.mark.parametrize("outcome", ["NEGATIVE", "UNKNOWN"])
def test_the_same_outcome_and_an_unknown_one_contradict_nothing(outcome: str) -> None:
    assert codes(one(joined(told(outcome)))) == []


def test_the_source_is_asked_about_a_contradiction_only_if_it_may_know_the_outcome() -> None:
    assert only(one(joined(told("PARTIAL_ACCESS"))), "CONTRADICTION").publisher is None
    consent = event("ConsentGiven", ZEFAS, "2026-03-02", consent_id="C-1", purposes=["OUTCOME"], recipients=[WC])
    assert only(one(joined(told("PARTIAL_ACCESS"), consent)), "CONTRADICTION").publisher == WC


def test_another_body_cannot_decide_a_procedure_it_does_not_own() -> None:
    foreign = event(
        "DecisionIssued", "hwk-leipzig", "2026-04-01", outcome="FULL_EQUIVALENCE", case_number="SN-1",
        references=[(HWK, "PROCEDURE", "P-9")],
    )  # fmt: skip
    number = event("InquiryReceived", ZEFAS, "2026-03-02", case_number="SN-1")
    assert codes(one(joined(foreign, number))) == ["CONTRADICTION"]


def test_another_day_or_district_of_entry_is_a_contradiction_with_the_foreigners_office() -> None:
    entry = event("EntryReported", ABH, "2026-05-04", references=[(HWK, "PROCEDURE", "P-9")], district_ags="14612")
    same = event("EntryReported", WC, "2026-05-04", district_ags="14612")
    other = event("EntryReported", WC, "2026-05-06", district_ags="14713")
    assert codes(one(joined(entry, same))) == []
    assert [about for about, _ in findings(settled(joined(entry, other)), "CONTRADICTION")] == [
        "entered_on:wc-dresden:case:abh-dresden/A-4",
        "entry_district:wc-dresden:case:abh-dresden/A-4",
    ]


def referral(on: str = "2026-03-10", **fields: Any) -> Event:
    return event("ReferralSent", ZEFAS, on, referral_id="R-1", target=HWK, **fields)


def consent(**fields: Any) -> Event:
    values = {"purposes": ["REFERRAL"], "recipients": [HWK], "consent_id": "C-1", **fields}
    return event("ConsentGiven", ZEFAS, "2026-03-02", **values)


def withdrawal(on: str) -> Event:
    return event("ConsentWithdrawn", ZEFAS, on, consent_id="C-1")


@pytest.mark.parametrize(
    ("others", "fields", "reason"),
    [
        ([], {}, "BASIS_UNKNOWN"),
        ([], {"legal_basis": "STATUTORY_TASK"}, None),
        ([], {"legal_basis": "CONSENT"}, "CONSENT_UNKNOWN"),
        ([], {"legal_basis": "CONSENT", "consent_id": "C-1"}, "CONSENT_UNKNOWN"),
        ([consent()], {"legal_basis": "CONSENT", "consent_id": "C-1"}, None),
        ([consent(consent_id="C-2")], {"legal_basis": "CONSENT", "consent_id": "C-1"}, "CONSENT_UNKNOWN"),
        ([consent(purposes=["OUTCOME"])], {"legal_basis": "CONSENT", "consent_id": "C-1"}, "CONSENT_DOES_NOT_COVER"),
        ([consent(recipients=[WC])], {"legal_basis": "CONSENT", "consent_id": "C-1"}, "CONSENT_DOES_NOT_COVER"),
        (
            [consent(valid_from=day("2026-03-11"))],
            {"legal_basis": "CONSENT", "consent_id": "C-1"},
            "CONSENT_DOES_NOT_COVER",
        ),
        (
            [consent(valid_until=day("2026-03-09"))],
            {"legal_basis": "CONSENT", "consent_id": "C-1"},
            "CONSENT_DOES_NOT_COVER",
        ),
        ([consent(valid_until=day("2026-03-10"))], {"legal_basis": "CONSENT", "consent_id": "C-1"}, None),
        (
            [consent(), withdrawal("2026-03-09")],
            {"legal_basis": "CONSENT", "consent_id": "C-1"},
            "CONSENT_DOES_NOT_COVER",
        ),
        ([consent(), withdrawal("2026-03-10")], {"legal_basis": "CONSENT", "consent_id": "C-1"}, None),
    ],
)
def test_a_referral_needs_a_basis_that_covers_the_day_it_was_sent(
    others: list[Event], fields: dict[str, str], reason: str | None
) -> None:
    case = one([referral(**fields), *others], "2026-03-11")
    found = [finding for finding in case.findings if finding.code == "CONSENT_MISSING"]
    assert [finding.detail["reason"] for finding in found] == ([] if reason is None else [reason])
    assert all(finding.publisher == ZEFAS and finding.about == "referral:zefas/R-1" for finding in found)


def test_the_consent_may_have_been_given_in_any_file_of_the_case() -> None:
    given = event(
        "ConsentGiven", WC, "2026-03-01", consent_id="C-7", purposes=["REFERRAL"], recipients=[HWK],
        references=[(ZEFAS, "CASE", "Z-1")],
    )  # fmt: skip
    sent = referral(legal_basis="CONSENT", consent_id="C-7", references=[(WC, "CASE", "W-3")])
    assert codes(one([given, sent], "2026-03-11")) == []
    assert findings(settled([sent], "2026-03-11"), "CONSENT_MISSING") != []


@pytest.mark.parametrize(
    ("recorded", "late"),
    [
        ("2026-03-31T12:00", False),
        ("2026-04-01T12:00", False),
        ("2026-04-01T21:59", False),
        ("2026-04-01T22:00", True),
        ("2026-04-02T12:00", True),
    ],
)
def test_a_report_is_late_when_recorded_more_than_the_agencys_days_after_the_fact(recorded: str, late: bool) -> None:
    # 30 days after 2 March is 1 April; 22:00 UTC of 1 April is midnight in Berlin.
    moment = dt.datetime.fromisoformat(recorded).replace(tzinfo=dt.UTC)
    case = one([event("ConsentGiven", ZEFAS, "2026-03-02", recorded_at=moment, name="x")])
    assert codes(case) == (["LATE_REPORT"] if late else [])
    if late:
        found = only(case, "LATE_REPORT")
        assert (found.severity, found.about) == ("I", f"event:zefas/{event_id('x')}")
        assert found.detail == {"days": 31}


def test_each_broken_rule_of_an_accepted_event_is_a_finding() -> None:
    case = one([event("ConsentGiven", ZEFAS, "2026-03-02", name="x", warnings=["E-031", "E-014"])])
    assert codes(case) == ["RULE:E-014", "RULE:E-031"]
    assert {finding.about for finding in case.findings} == {f"event:zefas/{event_id('x')}"}
    assert {finding.severity for finding in case.findings} == {"W"}


def test_no_two_findings_of_a_case_share_code_and_about() -> None:
    twice = [told("FULL_EQUIVALENCE"), told("PARTIAL_ACCESS", "2026-04-02")]
    keys = [(finding.code, finding.about) for finding in one(joined(*twice)).findings]
    assert len(keys) == len(set(keys))
    assert keys == sorted(keys)


def test_every_code_has_a_text_in_german_and_english() -> None:
    for code in FINDING_CODES:
        text = rules().finding(code)
        assert all(words.strip() for words in (*text.title.values(), *text.todo.values())), code
    assert rules().finding("RULE:E-014").code == "RULE"
