"""Clocks of titles, courses, employments and entries: who starts them, who stops them, and what silence means."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.world import ABH, HWK, WC, codes, day, event, event_id, one, settled, view

from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase

BA, VISA, COURSES = "ba-sachsen", "bfaa", "course-provider-example"
TITLE = (ABH, "TITLE", "T-1")


def office(event_type: str, on: str, **fields: Any) -> Event:
    """The foreigners' office about its title T-1, in a case with the other offices by number."""
    fields.setdefault("title_reference", "T-1")
    return event(event_type, ABH, on, case_number="SN-1", **fields)


def other(event_type: str, publisher: str, on: str, *names: tuple[str, str, str], **fields: Any) -> Event:
    return event(event_type, publisher, on, case_number="SN-1", references=names or (TITLE,), **fields)


def fast_track(on: str = "2026-01-05") -> Event:
    return event("FastTrackAgreementConcluded", ABH, on, case_number="SN-1")


def clock(case: SettledCase, name: str, about: str = "") -> Clock:
    (found,) = [clock for clock in case.clocks if clock.id == name and about in clock.about]
    return found


def ids(case: SettledCase) -> list[str]:
    return [clock.id for clock in case.clocks]


REQUEST = office("LabourAgencyConsentRequested", "2026-03-02", consent_norm="AUFENTHG_18A")


def test_the_labour_agency_has_two_weeks_and_silence_is_shown_as_a_fiction_and_never_as_a_fact() -> None:
    running = one([REQUEST], "2026-03-16")
    found = clock(running, "C12")
    assert (found.about, found.due, found.state) == ("title:abh-dresden/T-1", day("2026-03-16"), "DUE")
    assert (found.stop_publisher, codes(running)) == (BA, ["CLOCK_DUE"])
    over = one([REQUEST], "2026-03-17")
    elapsed = clock(over, "C12")
    assert (elapsed.state, elapsed.steps[-1]["de"]) == (
        "FICTION_ELAPSED",
        "Frist abgelaufen, hier keine Antwort bekannt.",
    )
    assert codes(over) == []
    assert ids(over) == ["C12"]  # it starts no other clock


def test_a_fiction_is_shown_only_while_the_labour_agency_reports() -> None:
    found = clock(one([REQUEST], "2026-03-17", health={BA: "SILENT"}), "C12")
    assert (found.state, found.reason, found.due) == ("NOT_DETERMINABLE", "FEED_SILENT", day("2026-03-16"))


def test_the_accelerated_period_is_a_week_in_the_fast_track_and_for_18g_4() -> None:
    assert clock(one([REQUEST, fast_track()], "2026-03-03"), "C13").due == day("2026-03-09")
    blue_card = office("LabourAgencyConsentRequested", "2026-03-02", consent_norm="AUFENTHG_18G_4")
    found = clock(one([blue_card], "2026-03-03"), "C13")
    assert (found.due, found.paragraph) == (day("2026-03-09"), "BeschV § 36 Abs. 2 Satz 2, AufenthG § 18g Abs. 4")


def test_an_agreement_after_the_request_does_not_shorten_the_agencys_time() -> None:
    assert ids(one([REQUEST, fast_track("2026-03-04")], "2026-03-05")) == ["C12"]


@pytest.mark.parametrize(
    "event_type", ["LabourAgencyConsentGranted", "LabourAgencyConsentRefused", "LabourAgencyInfoInsufficient"]
)
def test_any_answer_of_the_labour_agency_ends_the_wait(event_type: str) -> None:
    found = clock(one([REQUEST, other(event_type, BA, "2026-03-10")]), "C12")
    assert (found.state, found.stopped_on) == ("STOPPED", day("2026-03-10"))


def test_what_the_foreigners_office_passes_on_is_information_and_ends_nothing() -> None:
    told = office("LabourAgencyConsentGranted", "2026-03-10")
    assert clock(one([REQUEST, told], "2026-03-11"), "C12").state == "RUNNING"


def test_a_request_after_an_answer_begins_the_wait_anew() -> None:
    again = office("LabourAgencyConsentRequested", "2026-03-12", consent_norm="AUFENTHG_18A")
    short = other("LabourAgencyInfoInsufficient", BA, "2026-03-10")
    found = clock(one([REQUEST, short, again], "2026-03-13"), "C12")
    assert (found.start, found.due, found.state) == (day("2026-03-12"), day("2026-03-26"), "RUNNING")
    repeated = office("LabourAgencyConsentRequested", "2026-03-05", consent_norm="AUFENTHG_18A")
    assert clock(one([REQUEST, repeated], "2026-03-06"), "C12").start == day("2026-03-02")


def test_titles_are_told_apart_by_the_name_the_others_use() -> None:
    second = office("LabourAgencyConsentRequested", "2026-03-04", title_reference="T-2")
    answer = other("LabourAgencyConsentGranted", BA, "2026-03-10", (ABH, "TITLE", "T-2"))
    case = one([REQUEST, second, answer], "2026-03-11")
    assert clock(case, "C12", "T-1").state == "RUNNING"
    assert clock(case, "C12", "T-2").state == "STOPPED"


def test_an_answer_without_a_title_is_about_the_only_one_and_about_none_of_two() -> None:
    answer = other("LabourAgencyConsentGranted", BA, "2026-03-10", (ABH, "CASE", "A-4"))
    assert clock(one([REQUEST, answer]), "C12").state == "STOPPED"
    second = office("LabourAgencyConsentRequested", "2026-03-04", title_reference="T-2")
    case = one([REQUEST, second, answer], "2026-03-11")
    assert {clock.state for clock in case.clocks if clock.id == "C12"} == {"RUNNING"}


@pytest.mark.parametrize("names", [[], [TITLE]])
def test_an_answer_makes_no_title_of_the_labour_agencys_own(names: list[tuple[str, str, str]]) -> None:
    answer = event(
        "LabourAgencyConsentGranted", BA, "2026-03-10", case_number="SN-1", references=names, title_reference="T-1"
    )
    case = one([REQUEST, answer])
    assert [(clock.id, clock.about) for clock in case.clocks] == [
        ("C12", "title:abh-dresden/T-1"), ("C25", "title:abh-dresden/T-1"),
    ]  # fmt: skip
    assert clock(case, "C12").state == "STOPPED"


def test_an_office_that_names_no_title_has_its_file_for_one() -> None:
    request = office("LabourAgencyConsentRequested", "2026-03-02", title_reference=None)
    answer = other("LabourAgencyConsentGranted", BA, "2026-03-10", (ABH, "CASE", "A-4"))
    found = clock(one([request, answer]), "C12")
    assert (found.about, found.state) == ("title:abh-dresden/A-4", "STOPPED")


def test_a_consent_is_valid_for_four_years_at_most_and_in_a_partnership_for_one() -> None:
    granted = other("LabourAgencyConsentGranted", BA, "2026-03-10")
    assert clock(one([REQUEST, granted]), "C25").due == day("2030-03-10")
    until = other("LabourAgencyConsentGranted", BA, "2026-03-10", valid_until=day("2028-01-31"))
    assert clock(one([REQUEST, until]), "C25").due == day("2028-01-31")
    request = office("LabourAgencyConsentRequested", "2026-03-02", consent_norm="BESCHV_2A")
    assert clock(one([request, granted]), "C25").due == day("2027-03-10")


APPROVED = office("PreApprovalIssued", "2026-03-02")
ASKED = other("VisaAppointmentRequested", VISA, "2026-03-05")


def test_the_appointment_period_begins_with_the_later_of_pre_approval_and_request() -> None:
    found = clock(one([APPROVED, ASKED, fast_track()], "2026-03-06"), "C14")
    assert (found.start, found.due, found.stop_publisher) == (day("2026-03-05"), day("2026-03-26"), VISA)
    late = office("PreApprovalIssued", "2026-03-09")
    assert clock(one([late, ASKED, fast_track()], "2026-03-10"), "C14").start == day("2026-03-09")
    assert "der spätere Tag zählt" in found.steps[0]["de"]


def test_without_a_pre_approval_the_appointment_period_has_no_known_start() -> None:
    found = clock(one([REQUEST, ASKED, fast_track()], "2026-03-06"), "C14")
    assert (found.state, found.reason) == ("NOT_DETERMINABLE", "PRE_APPROVAL_UNKNOWN")
    regular = one([office("ResidenceTitleApplied", "2026-03-02", legal_route="REGULAR"), ASKED], "2026-03-06")
    assert "C14" not in ids(regular)


@pytest.mark.parametrize(("appointment", "words"), [("2026-03-20", "6 Tage vor"), ("2026-03-31", "5 Tage nach")])
def test_the_appointment_itself_must_lie_within_the_period(appointment: str, words: str) -> None:
    offered = other("VisaAppointmentOffered", VISA, "2026-03-09", appointment_on=day(appointment))
    found = clock(one([APPROVED, ASKED, offered, fast_track()], "2026-04-06"), "C14")
    assert (found.state, found.stopped_on) == ("STOPPED", day(appointment))
    assert words in found.steps[-1]["de"]


def test_the_visa_decision_is_regular_and_runs_in_the_fast_track_only() -> None:
    complete = other("VisaApplicationComplete", VISA, "2026-04-07", title_norm="AUFENTHG_18A")
    found = clock(one([APPROVED, complete, fast_track()], "2026-04-08"), "C15")
    assert (found.label, found.due) == ("REGULAR", day("2026-04-28"))
    decided = other("VisaDecided", VISA, "2026-04-20", visa_result="GRANTED")
    assert clock(one([APPROVED, complete, decided, fast_track()]), "C15").state == "STOPPED"
    assert clock(one([REQUEST, complete], "2026-04-08"), "C15").reason == "ROUTE_UNKNOWN"
    assert clock(one([APPROVED, complete], "2026-04-08"), "C15").due == day("2026-04-28")


@pytest.mark.parametrize(
    ("consent_case", "state"),
    [("SECURITY_CHECK", "FICTION_ELAPSED"), ("LISTED", "FICTION_ELAPSED"), ("UNKNOWN", "NOT_DETERMINABLE")],
)
def test_the_offices_consent_to_the_visa_is_deemed_in_the_listed_cases_only(consent_case: str, state: str) -> None:
    sent = other("VisaDataTransmitted", VISA, "2026-03-02", consent_case=consent_case)
    case = one([REQUEST, sent])
    found = clock(case, "C16")
    assert (found.state, found.stop_publisher) == (state, ABH)
    none = other("VisaDataTransmitted", VISA, "2026-03-02", consent_case="OTHER")
    assert "C16" not in ids(one([REQUEST, none]))


@pytest.mark.parametrize("event_type", ["VisaObjectionRaised", "VisaCheckProlonged"])
def test_an_objection_or_a_longer_check_ends_the_ten_days(event_type: str) -> None:
    sent = other("VisaDataTransmitted", VISA, "2026-03-02", consent_case="SECURITY_CHECK")
    found = clock(one([sent, office(event_type, "2026-03-10")]), "C16")
    assert (found.state, found.due) == ("STOPPED", day("2026-03-12"))


def test_a_fiction_whose_answerer_is_not_known_is_not_shown() -> None:
    sent = event("VisaDataTransmitted", VISA, "2026-03-02", consent_case="SECURITY_CHECK")
    found = clock(one([sent]), "C16")
    assert (found.state, found.reason) == ("NOT_DETERMINABLE", "ANSWERER_UNKNOWN")


def issued(norm: str, on: str = "2026-03-02", **fields: Any) -> Event:
    return office("ResidenceTitleIssued", on, title_norm=norm, **fields)


@pytest.mark.parametrize(
    ("norm", "name", "due"),
    [
        ("AUFENTHG_16D_3", "C18", "2027-03-02"),
        ("AUFENTHG_16D_1", "C19", "2028-03-02"),
        ("AUFENTHG_16D_6", "C20", "2026-09-02"),
    ],
)
def test_permits_for_recognition_have_a_longest_span_each(norm: str, name: str, due: str) -> None:
    case = one([issued(norm)], "2026-03-03")
    assert (ids(case), clock(case, name).due) == ([name], day(due))


def test_a_permit_of_another_kind_has_no_clock_and_one_of_no_known_kind_says_so() -> None:
    assert ids(one([issued("AUFENTHG_18A")])) == []
    assert clock(one([issued("UNKNOWN")]), "C18").reason == "NORM_UNKNOWN"


def test_a_permit_ends_when_it_was_granted_for_and_at_the_latest_when_the_law_says() -> None:
    shorter = clock(one([issued("AUFENTHG_16D_3", valid_until=day("2026-10-31"))], "2026-03-03"), "C18")
    assert (shorter.due, "Befristet bis 31.10.2026" in shorter.steps[2]["de"]) == (day("2026-10-31"), True)
    longer = clock(one([issued("AUFENTHG_16D_3", valid_until=day("9999-12-31"))], "2026-03-03"), "C18")
    assert (longer.due, "länger als das Gesetz zulässt" in longer.steps[2]["de"]) == (day("2027-03-02"), True)
    consent = other("LabourAgencyConsentGranted", BA, "2026-02-20", valid_until=day("2026-08-31"))
    assert clock(one([issued("AUFENTHG_16D_3"), consent], "2026-03-03"), "C18").due == day("2026-08-31")


def test_a_renewal_ends_the_first_span_and_the_total_runs_from_the_first_issue() -> None:
    extended = office(
        "ResidenceTitleExtended", "2027-02-15", title_norm="AUFENTHG_16D_3", valid_until=day("2028-02-29")
    )
    case = one([issued("AUFENTHG_16D_3"), extended], "2027-03-31")
    assert clock(case, "C18", "title:").state == "STOPPED"
    total = clock(case, "C18", "renewal:")
    assert (total.about, total.start, total.due) == ("renewal:abh-dresden/T-1", day("2026-03-02"), day("2028-02-29"))


@pytest.mark.parametrize(("norm", "name"), [("AUFENTHG_16D_3", "C18"), ("AUFENTHG_16D_1", "C19")])
def test_a_renewal_by_a_title_of_its_own_counts_from_the_first_of_them(norm: str, name: str) -> None:
    def title(reference: str, on: str, until: str, **fields: Any) -> Event:
        return issued(norm, on, title_reference=reference, valid_until=day(until), **fields)

    case = one([
        title("T-1", "2026-01-12", "2027-01-11"),
        title("T-2", "2027-02-01", "2028-01-11", valid_from=day("2027-01-12")),
        title("T-3", "2028-01-10", "2031-12-31"),
    ], "2028-02-01")  # fmt: skip
    assert [(clock.about, clock.start, clock.due, clock.state) for clock in case.clocks if clock.id == name] == [
        ("title:abh-dresden/T-1", day("2026-01-12"), day("2027-01-11"), "STOPPED"),
        ("renewal:abh-dresden/T-2", day("2026-01-12"), day("2028-01-11"), "STOPPED"),
        ("renewal:abh-dresden/T-3", day("2026-01-12"), day("2029-01-12"), "RUNNING"),
    ]


def test_a_permit_after_a_gap_or_of_another_provision_begins_anew() -> None:
    first = issued("AUFENTHG_16D_3", valid_until=day("2026-09-30"))
    for norm, on, name in (("AUFENTHG_16D_3", "2026-10-02", "C18"), ("AUFENTHG_16D_1", "2026-09-25", "C19")):
        case = one([first, issued(norm, on, title_reference="T-2")], "2026-10-05")
        assert clock(case, name, "title:abh-dresden/T-2").start == day(on)
        assert not any(clock.about.startswith("renewal:") for clock in case.clocks)


def test_another_title_ends_the_permit_before_it() -> None:
    following = office("ResidenceTitleIssued", "2026-11-02", title_reference="T-2", title_norm="AUFENTHG_18A")
    found = clock(one([issued("AUFENTHG_16D_3"), following]), "C18")
    assert (found.state, found.stopped_on) == ("STOPPED", day("2026-11-02"))


def test_permits_do_not_move_from_a_weekend() -> None:
    assert clock(one([issued("AUFENTHG_16D_6", "2026-05-29")], "2026-06-01"), "C20").due == day(
        "2026-11-29"
    )  # a Sunday


def entry(**fields: Any) -> Event:
    return event("EntryReported", ABH, "2026-03-02", references=[(HWK, "PROCEDURE", "P-9")], **fields)


def application(on: str) -> Event:
    return event("ApplicationReceived", HWK, on, procedure_reference="P-9", procedure_law="BQFG", regulated="NO")


def test_in_a_partnership_the_application_is_expected_after_entry_as_a_service_target() -> None:
    (case,) = settled([entry(legal_route="RECOGNITION_PARTNERSHIP_16D3")], "2026-03-03")
    found = clock(case, "C17")
    assert (found.label, found.paragraph, found.due) == ("SERVICE", None, day("2026-04-01"))
    assert "Das Gesetz sagt unverzüglich und nennt keine Zahl" in found.steps[-1]["de"]
    applied = one([entry(legal_route="RECOGNITION_PARTNERSHIP_16D3"), application("2026-03-20")])
    assert clock(applied, "C17").stopped_on == day("2026-03-20")
    before = one([entry(legal_route="RECOGNITION_PARTNERSHIP_16D3"), application("2026-02-20")])
    assert "C17" not in ids(before)
    assert "C17" not in ids(one([entry(legal_route="REGULAR"), application("2026-03-20")]))


def notified(on: str = "2026-03-02", **fields: Any) -> Event:
    return event("ForeignersOfficeNotified", ABH, on, name="n", notified_of="DECISION", **fields)


def test_the_employer_is_invited_within_three_werktage_of_receipt() -> None:
    case = one([notified(received_on=day("2026-03-04")), fast_track()], "2026-03-05")
    found = clock(case, "C11")
    assert (found.about, found.start, found.due) == (
        f"notification:abh-dresden/{event_id('n')}", day("2026-03-04"), day("2026-03-09"),
    )  # fmt: skip
    assert found.steps[0]["de"].startswith("Eingang bei der Ausländerbehörde am 04.03.2026")


def test_an_invitation_ends_the_wait_it_names() -> None:
    for_it = event("EmployerInvited", ABH, "2026-03-05", trigger_event_id=event_id("n"))
    for_another = event("EmployerInvited", ABH, "2026-03-05", trigger_event_id=event_id("other"))
    for_none = event("EmployerInvited", ABH, "2026-03-05")
    assert [clock(one([notified(), one_of]), "C11").state for one_of in (for_it, for_another, for_none)] == [
        "STOPPED", "OVER", "STOPPED",
    ]  # fmt: skip


def course(event_type: str, on: str, **fields: Any) -> Event:
    values = {"course_reference": "K-1", "course_kind": "VOCATIONAL_LANGUAGE", **fields}
    return event(event_type, COURSES, on, **values)


def test_a_course_comes_about_within_four_weeks_or_another_place_is_found_within_two() -> None:
    registered = course("CourseRegistered", "2026-03-02")
    assert clock(one([registered], "2026-03-03"), "C23").due == day("2026-03-30")
    assert clock(one([registered, course("CourseStarted", "2026-03-23")]), "C23").state == "STOPPED"
    failed = [registered, course("CourseNotHeld", "2026-03-30")]
    case = one(failed, "2026-04-01")
    assert [(clock.about, clock.state, clock.due) for clock in case.clocks] == [
        ("course:course-provider-example/K-1", "STOPPED", day("2026-03-30")),
        ("placement:course-provider-example/K-1", "RUNNING", day("2026-04-13")),
    ]
    placed = one([*failed, course("CoursePlacementChanged", "2026-04-08")])
    assert clock(placed, "C23", "placement").state == "STOPPED"


def test_the_period_is_one_of_vocational_language_courses() -> None:
    assert ids(one([course("CourseRegistered", "2026-03-02", course_kind="INTEGRATION")])) == []
    unknown = clock(one([course("CourseRegistered", "2026-03-02", course_kind="UNKNOWN")]), "C23")
    assert unknown.reason == "COURSE_KIND_UNKNOWN"


def ended(**fields: Any) -> Event:
    return event("EmploymentEndedEarly", ABH, "2026-03-20", name="end", **fields)


def reported(reporter: str, on: str, **fields: Any) -> Event:
    return event("EmploymentEndReported", ABH, on, reporter=reporter, reported_on=day(on), **fields)


def test_employer_and_person_report_the_end_from_the_day_they_knew_it() -> None:
    known = ended(ended_on=day("2026-03-31"), known_on=day("2026-03-02"))
    case = one([known], "2026-03-03")
    assert [(clock.id, clock.about, clock.due) for clock in case.clocks] == [
        ("C21", f"employment:abh-dresden/{event_id('end')}", day("2026-03-30")),
        ("C22", f"employment:abh-dresden/{event_id('end')}", day("2026-03-16")),
    ]
    told = one([known, reported("EMPLOYER", "2026-03-24")])
    assert (clock(told, "C21").stopped_on, clock(told, "C22").state) == (day("2026-03-24"), "OVER")


def test_without_a_day_of_knowledge_the_reports_cannot_be_determined() -> None:
    case = one([ended(ended_on=day("2026-03-31"))])
    assert {clock.reason for clock in case.clocks} == {"START_UNKNOWN"}
    own = reported("PERSON", "2026-03-24", known_on=day("2026-03-12"))
    found = clock(one([ended(ended_on=day("2026-03-31")), own]), "C22")
    assert (found.start, found.due, found.state) == (day("2026-03-12"), day("2026-03-26"), "STOPPED")


def test_a_report_without_a_known_end_stands_for_itself() -> None:
    case = one([reported("EMPLOYER", "2026-03-24", known_on=day("2026-03-12"))])
    assert [(clock.id, clock.state) for clock in case.clocks] == [("C21", "STOPPED")]


def test_two_ends_of_employment_are_two_matters() -> None:
    first = event("EmploymentEndedEarly", ABH, "2026-01-20", name="a", known_on=day("2026-01-12"))
    second = event("EmploymentEndedEarly", ABH, "2026-05-20", name="b", known_on=day("2026-05-11"))
    told = reported("EMPLOYER", "2026-05-27")
    case = one([first, second, told], "2026-06-01")
    assert {clock.about[-36:]: clock.state for clock in case.clocks if clock.id == "C21"} == {
        event_id("a"): "OVER", event_id("b"): "STOPPED",
    }  # fmt: skip


def test_the_clocks_of_a_title_are_the_offices_own() -> None:
    answer = other("LabourAgencyConsentGranted", BA, "2026-03-10")
    case = one([REQUEST, answer])
    own = view(case, ABH)
    assert own is not None
    assert [clock["id"] for clock in own["own"]["clocks"]] == ["C12", "C25"]
    assert "C12" not in str(view(case, BA))
    assert view(case, WC) is None
