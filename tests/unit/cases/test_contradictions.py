"""Facts that an informative source states otherwise than the agency in charge; what agrees or is unknown is none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.recognition import ABOUT, lawful, raised, step
from tests.unit.cases.world import ABH, HWK, WC, ZEFAS, codes, day, directory, event, one, retract, settled

from meilenstein.cases.authority import INFORMATIVE, standing
from meilenstein.cases.events import Event
from meilenstein_expectations import check
from meilenstein_expectations.samples import sane_body

BA, VISA = "ba-sachsen", "bfaa"
NUMBER = "SN-1"
TITLE = [(ABH, "TITLE", "T-1")]
OWN = {"title_reference": "T-1"}


def told(on: str, **fields: Any) -> Event:
    return event("DecisionIssued", WC, on, references=[(HWK, "PROCEDURE", "P-9")], case_number=NUMBER, **fields)


def decided(**fields: Any) -> list[Event]:
    return lawful(step("DecisionIssued", "2026-04-20", outcome="NEGATIVE", case_number=NUMBER, **fields))


def test_another_day_of_the_decision_is_a_contradiction() -> None:
    case = one([*decided(), told("2026-04-22", outcome="NEGATIVE", name="told")])
    finding = raised(case, "CONTRADICTION")
    assert finding.about == f"decided_on:wc-dresden:{ABOUT}"
    assert (finding.detail["stated"], finding.detail["valid"]) == (day("2026-04-22"), [day("2026-04-20")])
    assert finding.publisher is None, "the center may not know the decision"
    corrected = told("2026-04-20", outcome="NEGATIVE", corrects="told")
    assert "CONTRADICTION" not in codes(one([*decided(), told("2026-04-22", name="told"), corrected]))


@pytest.mark.parametrize("day_of", ["occurred", "dispatched_on", "announced_on"])
def test_the_day_of_dispatch_or_announcement_is_no_other_day(day_of: str) -> None:
    days = {"occurred": "2026-04-20", "dispatched_on": "2026-04-21", "announced_on": "2026-04-24"}
    body = decided(dispatched_on=day(days["dispatched_on"]), announced_on=day(days["announced_on"]))
    assert "CONTRADICTION" not in codes(one([*body, told(days[day_of], outcome="NEGATIVE")]))


@pytest.mark.parametrize(
    ("on", "outcome", "differing"),
    [
        ("2026-04-20", "PARTIAL_EQUIVALENCE", []),
        ("2026-09-21", "FULL_EQUIVALENCE", []),
        ("2026-04-20", "FULL_EQUIVALENCE", ["outcome"]),
        ("2026-04-22", "PARTIAL_EQUIVALENCE", ["decided_on"]),
        ("2026-04-22", "NEGATIVE", ["decided_on", "outcome"]),
    ],
)
def test_of_two_decisions_the_one_of_the_day_is_meant(on: str, outcome: str, differing: list[str]) -> None:
    both = lawful(
        step("DecisionIssued", "2026-04-20", outcome="PARTIAL_EQUIVALENCE", case_number=NUMBER),
        step("DecisionIssued", "2026-09-21", outcome="FULL_EQUIVALENCE", case_number=NUMBER),
    )
    case = one([*both, told(on, outcome=outcome)])
    about = [found.about for found in case.findings if found.code == "CONTRADICTION"]
    assert about == [f"{fact}:wc-dresden:{ABOUT}" for fact in differing]


def title(event_type: str, publisher: str, on: str, **fields: Any) -> Event:
    return event(event_type, publisher, on, case_number=NUMBER, **fields)


def consent(result: str, publisher: str = BA, on: str = "2026-04-10", **fields: Any) -> Event:
    names = OWN if publisher == ABH else {"references": TITLE}
    return title(f"LabourAgencyConsent{result}", publisher, on, **{**names, **fields})


def requested() -> Event:
    return title("LabourAgencyConsentRequested", ABH, "2026-04-01", title_reference="T-1", consent_norm="BESCHV_36")


def test_the_office_passes_on_another_answer_than_the_labour_agency_gave() -> None:
    case = one([requested(), consent("Refused"), consent("Granted", ABH, name="passed on")])
    finding = raised(case, "CONTRADICTION")
    assert finding.about == "labour_consent:abh-dresden:title:abh-dresden/T-1"
    assert (finding.detail["stated"], finding.detail["valid"]) == ("GRANTED", ["REFUSED"])
    assert finding.publisher is None
    gone = settled([requested(), consent("Refused"), consent("Granted", ABH, name="x"), retract("x", ABH)])
    assert "CONTRADICTION" not in [code for case in gone for code in codes(case)]


@pytest.mark.parametrize(
    "events",
    [
        [consent("Granted"), consent("Granted", ABH)],
        [consent("Refused"), consent("Granted", on="2026-04-20"), consent("Refused", ABH)],
        [consent("Granted", ABH)],
    ],
    ids=["agrees", "agrees with one of two", "nothing known"],
)
def test_what_agrees_and_what_cannot_be_compared_contradicts_nothing(events: list[Event]) -> None:
    assert "CONTRADICTION" not in codes(one([requested(), *events], "2026-04-21"))


def visa(publisher: str, **fields: Any) -> Event:
    names = OWN if publisher == ABH else {"references": TITLE}
    return title("VisaDecided", publisher, "2026-05-04", **{**names, **fields})


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"visa_result": "GRANTED", "title_norm": "AUFENTHG_18A"}, []),
        ({"visa_result": "UNKNOWN"}, []),
        ({"visa_result": "REFUSED"}, ["visa_result:abh-dresden:title:abh-dresden/T-1"]),
        (
            {"visa_result": "GRANTED", "title_norm": "AUFENTHG_18B"},
            ["title_norm:abh-dresden:title:abh-dresden/T-1"],
        ),
    ],
)
def test_another_result_or_title_of_the_visa_is_a_contradiction(stated: dict[str, str], expected: list[str]) -> None:
    office = visa(VISA, visa_result="GRANTED", title_norm="AUFENTHG_18A")
    case = one([requested(), consent("Granted"), office, visa(ABH, **stated)])
    assert [finding.about for finding in case.findings if finding.code == "CONTRADICTION"] == expected


def test_which_of_two_titles_is_meant_is_not_guessed() -> None:
    other = title("LabourAgencyConsentRequested", ABH, "2026-04-02", title_reference="T-2", consent_norm="BESCHV_36")
    asked = [requested(), other, consent("Refused")]
    for name in (None, "T-2", "T-3"):
        case = one([*asked, consent("Granted", ABH, title_reference=name)], "2026-04-11")
        assert "CONTRADICTION" not in codes(case), name
    case = one([*asked, consent("Granted", ABH)], "2026-04-11")
    assert raised(case, "CONTRADICTION").about == "labour_consent:abh-dresden:title:abh-dresden/T-1"


@pytest.mark.parametrize(
    "event_type",
    ["LabourAgencyConsentGranted", "LabourAgencyConsentRefused", "LabourAgencyInfoInsufficient", "VisaDecided"],
)
def test_the_office_may_pass_on_what_others_said_about_its_own_title(event_type: str) -> None:
    body = {**sane_body(event_type), "publisher": ABH, "case_reference": "A-4", "references": [], **OWN}
    assert check(event_type, body) == []
    named = [{"agency": ABH, "kind": "TITLE", "reference": "T-1"}]
    broken = check(event_type, {**body, "references": named, "title_reference": None})
    assert [found.rule for found in broken] == ["E-012"], "its own title has no place among the others'"
    passed_on = Event.from_body(event_type, body)
    assert standing(passed_on, directory(), {}) == INFORMATIVE


def test_an_answer_of_somebody_else_than_the_target_contradicts_it() -> None:
    referred = [
        event("ReferralSent", ZEFAS, "2026-03-02", referral_id="R-1", target=HWK, legal_basis="STATUTORY_TASK",
              reason="COUNSELLING", case_number=NUMBER),
        event("ReferralAccepted", HWK, "2026-03-03", references=[(ZEFAS, "REFERRAL", "R-1")]),
    ]  # fmt: skip
    same = event("ReferralAccepted", WC, "2026-03-04", references=[(ZEFAS, "REFERRAL", "R-1")], case_number=NUMBER)
    assert "CONTRADICTION" not in codes(one([*referred, same], "2026-03-05"))
    other = event("ReferralDeclined", WC, "2026-03-04", references=[(ZEFAS, "REFERRAL", "R-1")], case_number=NUMBER)
    finding = raised(one([*referred, other], "2026-03-05"), "CONTRADICTION")
    assert finding.about == "answer:wc-dresden:referral:zefas/R-1"
