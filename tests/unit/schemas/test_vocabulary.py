"""Each event type is whole: rights, words, suite, sample; and nobody sees more than the tables grant."""

from __future__ import annotations

import datetime as dt

import pytest

from meilenstein_expectations import check, load_suites
from meilenstein_expectations.samples import sane_body
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.contracts import load_contracts
from meilenstein_schemas.directory_tables import AGENCY_KINDS
from meilenstein_schemas.labels import load_labels
from meilenstein_schemas.rules import load_rules

DAY = dt.date(2026, 3, 2)
DIRECTORY = load_directory()
SILENT = {"COORDINATION", "TECHNICAL_SENDER"}


def ranks(event):
    return {row.kind: row.rank for row in DIRECTORY.authority if row.event == event}


@pytest.mark.parametrize("event", load_contracts())
def test_every_type_has_an_authority_words_a_suite_and_a_sample(event):
    assert "AUTHORITATIVE" in ranks(event).values()
    contract, labels = load_contracts()[event], load_labels()
    assert all(contract.label[language].strip() and labels.events[event][language].strip() for language in ("de", "en"))
    assert load_suites().own[event].rules
    body = sane_body(event)
    assert check(event, body) == []
    assert DIRECTORY.rank(body["publisher"], event, DAY) == "AUTHORITATIVE"


def test_every_kind_that_publishes_may_take_its_own_events_back():
    publishing = {row.kind for row in DIRECTORY.authority}
    assert set(ranks("EventRetracted")) == publishing == set(AGENCY_KINDS) - SILENT


@pytest.mark.parametrize(
    ("event", "authority", "informative"),
    [
        ("DecisionIssued", {"RECOGNITION_BODY"}, {"ZEFAS", "WELCOME_CENTER", "ADVICE_CENTRE", "CROSS_LAND"}),
        ("EntryReported", {"FOREIGNERS_OFFICE"}, {"WELCOME_CENTER"}),
        ("ResidenceTitleIssued", {"FOREIGNERS_OFFICE"}, set()),
        ("LabourAgencyConsentGranted", {"LABOUR_AGENCY"}, {"FOREIGNERS_OFFICE"}),
        ("LabourAgencyConsentRequested", {"FOREIGNERS_OFFICE", "VISA_OFFICE"}, set()),
        ("VisaDecided", {"VISA_OFFICE"}, {"FOREIGNERS_OFFICE"}),
        ("QualificationConfirmed", {"ASSESSMENT_OFFICE"}, set()),
        ("QuickcheckCompleted", {"INFO_PORTAL"}, set()),
        ("CourseEntitled", {"LABOUR_AGENCY", "COURSE_OFFICE"}, set()),
        ("CourseNotHeld", {"COURSE_PROVIDER"}, set()),
        ("ExamTaken", {"RECOGNITION_BODY"}, {"COURSE_PROVIDER"}),
        ("EmploymentStarted", {"FOREIGNERS_OFFICE", "WELCOME_CENTER"}, set()),
        ("CaseTransferred", {"RECOGNITION_BODY", "FOREIGNERS_OFFICE", "CROSS_LAND"}, set()),
    ],
)
def test_the_authority_of_record_decides_and_others_inform(event, authority, informative):
    expected = dict.fromkeys(authority, "AUTHORITATIVE") | dict.fromkeys(informative, "INFORMATIVE")
    assert ranks(event) == expected


def test_a_visa_office_may_name_a_procedure_and_a_recognition_body_may_not():
    assert DIRECTORY.may_claim("bfaa", "PROCEDURE", DAY)
    for kind in ("RECOGNITION_BODY", "COURSE_PROVIDER", "ADVICE_CENTRE", "WELCOME_CENTER", "ZEFAS"):
        assert not any(DIRECTORY.may_claim(key, "PROCEDURE", DAY) for key in DIRECTORY.keys(kind))


def test_advisers_are_shown_no_result_and_nothing_of_titles_visas_courses_and_employment():
    hidden = (
        "Residence",
        "Visa",
        "LabourAgency",
        "PreApproval",
        "Course",
        "Employment",
        "Licence",
        "Language",
        "Appeal",
    )
    shown = {event for row in load_rules().visibility for event in row.events}
    assert {event for event in shown if event.startswith(hidden)} == set()
    assert {"DeadlineExtended", "ApplicationForwarded", "WelcomeCenterOnboardingCompleted"} <= shown
    parts = {row.part for row in load_rules().visibility if row.role != "OWNER"}
    assert parts == {"referrals", "progress", "outcome", "entry"}
