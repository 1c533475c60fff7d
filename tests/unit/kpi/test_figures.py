"""What is counted, where and in which month: cases come from the fold, figures are checked by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.kpi.samples import AFTER, DIRECTORY, MONTH, OCTOBER, RULES, Story, counted, day, states

from meilenstein.errors import ConfigurationError
from meilenstein.kpi.figures import Figures
from meilenstein.kpi.month import first_working_day, month_of


def of(figures, breakdown, group):
    """Return the columns of one group of procedures."""
    return {key[2]: n for key, n in figures.procedures.items() if key[:2] == (breakdown, group)}


def referrals(figures, breakdown, group):
    return {key[2]: n for key, n in figures.referrals.items() if key[:2] == (breakdown, group)}


def test_a_procedure_counts_once_in_each_breakdown_in_the_month_of_each_fact():
    figures = counted(Story().procedure(received="10-01", complete="10-08", decided="10-30"))
    expected = {"applications": 1, "documents_complete": 1, "full_equivalence": 1}
    groups = [("REGION", "14612"), ("BODY", "hwk-dresden"), ("TRAINING", "THIRD_STATE"), ("ROUTE", "UNKNOWN")]
    assert [of(figures, *group) for group in groups] == [expected] * 4


def test_what_lies_before_or_after_the_month_is_not_of_the_month():
    assert of(counted(Story().procedure(received="09-30", complete="11-01")), "BODY", "hwk-dresden") == {
        "pending": 1,
        "overdue": 1,
    }
    later = counted(Story().procedure(received="11-01"))
    assert later.procedures == {}


def test_a_procedure_decided_after_the_month_was_pending_in_it():
    """As of the last day: the decision of November is known today, and did not stand in October."""
    figures = counted(Story().procedure(received="10-02", complete="10-05", decided="11-03"))
    assert of(figures, "BODY", "hwk-dresden") == {"applications": 1, "documents_complete": 1, "pending": 1}


def test_the_first_decision_counts_and_a_second_one_does_not():
    story = Story().procedure(received="08-01", complete="08-05", decided="10-05", outcome="NEGATIVE")
    story.procedure(decided="10-20", outcome="FULL_EQUIVALENCE")
    assert of(counted(story), "BODY", "hwk-dresden") == {"negative": 1}


def test_withdrawal_and_closing_end_a_procedure_without_a_decision_and_forwarding_is_neither():
    ended = []
    for kind in ("ApplicationWithdrawn", "ProcedureClosedNoDecision", "ApplicationForwarded"):
        story = Story().procedure(received="10-02")
        story.say(kind, "hwk-dresden", "10-12", procedure_reference=f"P-{story.number}-hwk-dresden")
        ended.append(of(counted(story), "BODY", "hwk-dresden"))
    assert ended == [
        {"applications": 1, "no_decision": 1},
        {"applications": 1, "no_decision": 1},
        {"applications": 1, "forwarded": 1},
    ]


def test_a_case_that_the_body_handed_over_is_not_pending_there():
    story = Story().procedure(received="10-02").say("CaseTransferred", "hwk-dresden", "10-20", target_land="ST")
    assert of(counted(story), "BODY", "hwk-dresden") == {"applications": 1}


def test_overdue_is_a_procedure_whose_period_by_law_was_over_on_the_last_day():
    """Received on 1 September: C01 ends on 1 October; received on 1 October: on 2 November."""
    late, timely = Story().procedure(received="09-01"), Story().procedure(received="10-01")
    confirmed = Story().procedure(received="09-01")
    confirmed.say("ReceiptConfirmed", "hwk-dresden", "09-20", procedure_reference=f"P-{confirmed.number}-hwk-dresden")
    too_late = Story().procedure(received="09-01")
    too_late.say("ReceiptConfirmed", "hwk-dresden", "11-05", procedure_reference=f"P-{too_late.number}-hwk-dresden")
    overdue = [
        of(counted(story), "BODY", "hwk-dresden").get("overdue", 0) for story in (late, timely, confirmed, too_late)
    ]
    assert overdue == [1, 0, 0, 1]


def test_a_sandbox_case_counts_nowhere():
    figures = counted(Story(test=True).procedure(received="10-02", complete="10-05", decided="10-07"))
    assert (figures.procedures, figures.durations, figures.variables) == ({}, {}, {})


def test_what_others_say_of_a_procedure_does_not_count():
    """A Welcome Center is no authority of record for a decision."""
    story = Story().procedure(received="10-02")
    state = states([story])[0]
    for entry in state["timeline"]:
        entry["standing"] = "INFORMATIVE"
    figures = Figures(MONTH, DIRECTORY, RULES)
    figures.add(state)
    assert figures.procedures == {}


def test_the_district_is_that_of_the_application_else_the_first_the_case_names_else_unknown():
    own = Story().say("InquiryReceived", "zefas", "09-01", district_ags="14713").procedure(received="10-02")
    other = (
        Story()
        .procedure(received="10-02", district=None)
        .say("ReceiptConfirmed", "hwk-dresden", "10-03", district_ags="14730", procedure_reference="other")
    )
    none = Story().procedure(received="10-02", district=None)
    abroad = Story().procedure(received="10-02", district="15003")
    places = []
    for story in (own, other, none, abroad):
        found = counted(story).procedures
        places.append(
            {group for breakdown, group, column in found if breakdown == "REGION" and column == "applications"}
        )
    assert places == [{"14612"}, {"14730"}, {"UNKNOWN"}, {"UNKNOWN"}]


def test_the_route_is_the_fast_track_once_it_is_agreed_and_not_before():
    story = Story().procedure(received="10-02", legal_route="REGULAR")
    agreed = story.say(
        "FastTrackAgreementConcluded", "abh-dresden", "11-02",
        references=[{"agency": "hwk-dresden", "kind": "PROCEDURE", "reference": f"P-{story.number}-hwk-dresden"}],
    )  # fmt: skip
    assert of(counted(agreed), "ROUTE", "REGULAR")["applications"] == 1
    november = counted(agreed, month=month_of(dt.date(2026, 11, 1), AFTER))
    assert of(november, "ROUTE", "FAST_TRACK_81A") == {"pending": 1, "overdue": 1}


def referral(target="hwk-dresden", **on):
    """Tell a referral from the service desk, and its answer in the target's own file."""
    story = Story(legal_basis="STATUTORY_TASK")
    name = f"R-{story.number}"
    story.say("ReferralSent", "zefas", on.pop("sent"), referral_id=name, target=target, reason="RECOGNITION",
              district_ags="14612")  # fmt: skip
    for kind, when in on.items():
        reference = [{"agency": "zefas", "kind": "REFERRAL", "reference": name}]
        story.say(f"Referral{kind.capitalize()}", target, when, references=reference)
    return story


def test_a_referral_is_sent_and_answered_in_the_months_in_which_that_happened():
    assert referrals(counted(referral(sent="10-02", accepted="10-09")), "TARGET", "hwk-dresden") == {
        "sent": 1,
        "accepted": 1,
    }
    assert referrals(counted(referral(sent="09-25", declined="10-01")), "SENDER", "zefas") == {"declined": 1}
    assert referrals(counted(referral(sent="10-02", accepted="10-05", returned="10-20")), "REGION", "14612") == {
        "sent": 1,
        "accepted": 1,
        "returned": 1,
    }


def test_a_referral_that_was_answered_after_the_month_was_unanswered_in_it():
    assert referrals(counted(referral(sent="10-30", accepted="11-02")), "SENDER", "zefas") == {
        "sent": 1,
        "unanswered": 1,
    }
    over = referrals(counted(referral(sent="10-01")), "SENDER", "zefas")
    assert over == {"sent": 1, "unanswered": 1, "overdue": 1}, "10 Werktage after 1 October are over"


def test_an_accepted_referral_led_to_an_application_in_the_month_of_that_application():
    story = referral(sent="09-01", accepted="09-05")
    story.procedure(received="10-02")
    assert referrals(counted(story), "TARGET", "hwk-dresden") == {"to_application": 1}
    before = referral(sent="10-05", accepted="10-08")
    before.procedure(received="10-02")
    assert "to_application" not in referrals(counted(before), "TARGET", "hwk-dresden")


def test_a_referral_whose_consent_was_withdrawn_waits_for_nobody():
    story = Story().say(
        "ConsentGiven", "zefas", "10-01", consent_id="C-1", purposes=["REFERRAL"], recipients=["hwk-dresden"]
    )
    story.say("ReferralSent", "zefas", "10-02", referral_id="R-1", target="hwk-dresden", legal_basis="CONSENT",
              consent_id="C-1")  # fmt: skip
    story.say("ConsentWithdrawn", "zefas", "10-05", consent_id="C-1")
    assert referrals(counted(story), "SENDER", "zefas") == {"sent": 1}


def test_a_duration_counts_from_start_to_stop_in_the_month_of_the_stop():
    figures = counted(Story().procedure(received="06-01", complete="07-01", decided="10-05"))
    assert set(figures.durations) == {"C03"}, "C01 was never stopped"
    found = figures.durations["C03"]["REGION", "14612"]
    assert (dict(found.days), found.within) == ({96: 1}, 0)
    assert figures.durations["C03"].keys() == {
        ("REGION", "14612"), ("AGENCY", "hwk-dresden"), ("TRAINING", "THIRD_STATE"), ("ROUTE", "UNKNOWN"),
    }  # fmt: skip


def test_a_period_that_was_kept_is_within():
    figures = counted(Story().procedure(received="09-01", complete="09-10", decided="10-05"))
    assert figures.durations["C03"]["AGENCY", "hwk-dresden"].within == 1


def test_a_wait_that_was_given_up_has_no_duration():
    story = Story().procedure(received="09-01", complete="09-10")
    story.say("ApplicationWithdrawn", "hwk-dresden", "10-05", procedure_reference=f"P-{story.number}-hwk-dresden")
    assert counted(story).durations == {}


def test_the_answer_to_a_referral_is_the_business_of_its_target():
    figures = counted(referral(target="wc-dresden", sent="10-01", declined="10-08"))
    assert figures.durations["S01"]["AGENCY", "wc-dresden"].days == {7: 1}
    assert ("TRAINING", "UNKNOWN") not in figures.durations["S01"]


def test_the_variables_of_the_federal_statistics_are_counted_for_applications_and_decisions():
    fields = {"training_state": "IN", "profession_kldb": "81302", "application_kind": "FIRST"}
    story = Story().procedure(
        received="10-01", complete="10-02", decided="10-20", decision={"decision_object": "EQUIVALENCE"}, **fields
    )
    name = {"procedure_reference": f"P-{story.number}-hwk-dresden"}
    story.say("OtherProcedureStarted", "hwk-dresden", "10-05", other_procedure_kind="QUALIFICATION_ANALYSIS", **name)
    story.say("AppealFiled", "hwk-dresden", "10-25", appeal_kind="OBJECTION", **name)
    figures = counted(story)
    assert figures.variables == {
        ("APPLICATIONS", "TRAINING_STATE", "IN"): 1,
        ("APPLICATIONS", "PROFESSION", "81"): 1,
        ("APPLICATIONS", "PROCEDURE_LAW", "BQFG"): 1,
        ("APPLICATIONS", "APPLICATION_KIND", "FIRST"): 1,
        ("DECISIONS", "TRAINING_STATE", "IN"): 1,
        ("DECISIONS", "PROFESSION", "81"): 1,
        ("DECISIONS", "APPLICATION_KIND", "FIRST"): 1,
        ("DECISIONS", "DECISION_OBJECT", "EQUIVALENCE"): 1,
        ("DECISIONS", "FEATURE", "OTHER_PROCEDURE"): 1,
        ("REMEDIES_FILED", "REMEDY", "OBJECTION"): 1,
    }


def test_a_code_that_no_list_has_is_counted_as_not_stated():
    figures = counted(Story().procedure(received="10-01", training_state="??", training_state_group="MARS"))
    assert figures.variables["APPLICATIONS", "TRAINING_STATE", "UNKNOWN"] == 1
    assert of(figures, "TRAINING", "UNKNOWN")["applications"] == 1


def test_a_month_to_come_has_no_figures_and_one_that_lasts_is_provisional():
    with pytest.raises(ConfigurationError, match="2026-12 lies in the future"):
        month_of(dt.date(2026, 12, 1), AFTER)
    lasting = month_of(dt.date(2026, 11, 1), AFTER)
    assert (lasting.provisional, lasting.as_of, lasting.last) == (True, "2026-11-20", "2026-11-30")
    assert not MONTH.provisional
    assert (MONTH.first, MONTH.last) == ("2026-10-01", "2026-10-31")


@pytest.mark.parametrize(
    ("month", "first"),
    [
        ("2026-10-31", "2026-10-01"),
        ("2026-11-05", "2026-11-02"),
        ("2027-01-01", "2027-01-04"),
        ("2027-05-09", "2027-05-03"),
    ],
)
def test_the_first_working_day_is_no_weekend_and_no_holiday(month, first):
    assert first_working_day(day(month)) == day(first)
    assert OCTOBER.day == 1
