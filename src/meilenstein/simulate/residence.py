"""From the labour agency's consent to the residence title: what happens abroad and at the foreigners' office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from meilenstein.simulate.casebook import Casebook, CaseEnds, reference
from meilenstein.simulate.naive_calendar import months_later, roll_over
from meilenstein.simulate.naive_law import FAST_TRACK
from meilenstein.simulate.recognition import office_claims
from meilenstein.simulate.records import SimRecord

__all__ = [
    "agree_on_fast_track",
    "confirm_qualification",
    "consent_and_visa",
    "enter_country",
    "extend_title",
    "issue_title",
    "office_of",
    "title_claim",
]

_DAY = dt.timedelta(days=1)
_ACADEMIC = frozenset({"AEAPPRO", "SAECHS_BQFG"})
_CONSENT_NORMS: Mapping[str, str] = {
    "RECOGNITION_PARTNERSHIP_16D3": "BESCHV_2A", "QUALIFICATION_16D1": "BESCHV_8", "EXPERIENCE_19C2": "BESCHV_6",
}  # fmt: skip
_TITLE_NORMS: Mapping[str, str] = {
    "RECOGNITION_PARTNERSHIP_16D3": "AUFENTHG_16D_3", "QUALIFICATION_16D1": "AUFENTHG_16D_1",
    "BLUE_CARD_18G": "AUFENTHG_18G", "EXPERIENCE_19C2": "AUFENTHG_19C_2", "CHANCENKARTE_20A": "AUFENTHG_20A",
}  # fmt: skip
_PERMIT_MONTHS: Mapping[str, int] = {"AUFENTHG_16D_3": 12, "AUFENTHG_16D_1": 24, "AUFENTHG_20A": 12}


def office_of(book: Casebook) -> str:
    """Return the foreigners' office of the case."""
    return book.world.offices.foreigners_office(book.plan.district)


def _academic(book: Casebook) -> bool:
    return book.plan.profession.law in _ACADEMIC


def title_norm(book: Casebook) -> str:
    """Return the norm of the first title."""
    return _TITLE_NORMS.get(book.plan.route, "AUFENTHG_18B" if _academic(book) else "AUFENTHG_18A")


def _title(book: Casebook) -> str:
    if "title" not in book.notes:
        book.notes["title"] = book.new_number(office_of(book), "title")
    title: str = book.notes["title"]
    return title


def title_claim(book: Casebook) -> list[dict[str, str]]:
    """Return how others name the title, and the procedure where there is one."""
    return [reference(office_of(book), "TITLE", _title(book)), *office_claims(book)]


def _office_says(book: Casebook, event_type: str, **facts: Any) -> SimRecord:
    return book.write(
        event_type,
        publisher=office_of(book),
        references=office_claims(book),
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        **facts,
    )


def agree_on_fast_track(book: Casebook) -> None:
    """Write the agreement of employer and foreigners' office that begins the fast track."""
    employer = book.new_number(office_of(book), "contact")
    book.write(
        "FastTrackAgreementConcluded",
        publisher=office_of(book),
        employer_reference=employer,
        mandate_reference=employer,
        legal_route=FAST_TRACK,
        legal_basis="STATUTORY_TASK",
        by=book.day,
    )


def consent_and_visa(book: Casebook) -> None:
    """Write the consent of the labour agency, in the fast track the pre-approval, and the visa."""
    if book.plan.route != "CHANCENKARTE_20A":
        _labour_consent(book)
    if book.plan.route == FAST_TRACK:
        book.wait(0, 4, brisk=(0, 1))
        via_azr = book.rng.choice(("YES", "NO"))
        _office_says(book, "PreApprovalIssued", title_reference=_title(book), via_azr=via_azr, by=book.day)
        book.notes["approved_on"] = book.latest("PreApprovalIssued").facts["occurred_on"]
    _visa(book)


def _labour_consent(book: Casebook) -> None:
    norm = _CONSENT_NORMS.get(book.plan.route) or f"AUFENTHG_{'18B' if _academic(book) else '18A'}"
    if book.plan.route == "BLUE_CARD_18G":
        norm = book.rng.choice(("AUFENTHG_18G", "AUFENTHG_18G_4"))
    weeks = 1 if book.plan.route == FAST_TRACK or norm == "AUFENTHG_18G_4" else 2
    due = _request(book, norm, weeks)
    if book.does("insufficient", 0.1):
        book.wait_before(due, 2, 4)
        _agency_says(book, "LabourAgencyInfoInsufficient", norm, missing_information=["JOB_DESCRIPTION"], by=due)
        book.wait(2, 10)
        due = _request(book, norm, weeks)
    if book.does("fiction", 0.1):
        book.day = book.world.workdays.plus(due, 1)  # silence counts as consent
        return
    book.wait_before(due, 1, 4 if weeks == 1 else 8, brisk=(1, 3))
    if book.does("refusal", 0.05):
        _agency_says(book, "LabourAgencyConsentRefused", norm, refusal_reason="WORKING_CONDITIONS", by=due)
        raise CaseEnds
    months = 12 if norm == "BESCHV_2A" else 48
    valid_until = months_later(book.day, months)
    _agency_says(book, "LabourAgencyConsentGranted", norm, valid_from=book.day + _DAY, valid_until=valid_until, by=due)


def _request(book: Casebook, norm: str, weeks: int) -> dt.date:
    """Write a request for consent and return the last day for its answer."""
    book.wait(0, 4, brisk=(0, 2))
    day = book.world.workdays.on_or_after(book.day)
    book.day = day
    sent = book.midday(day)
    _office_says(
        book, "LabourAgencyConsentRequested", title_reference=_title(book), consent_norm=norm, occurred_at=sent, by=day
    )
    return roll_over(day + _DAY * 7 * weeks)


def _agency_says(book: Casebook, event_type: str, norm: str, **facts: Any) -> None:
    book.write(
        event_type,
        publisher=book.world.offices.labour_agency,
        references=title_claim(book),
        consent_norm=norm,
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        **facts,
    )


def _visa(book: Casebook) -> None:
    """Write appointment, application and decision; in the fast track each within three weeks."""
    book.notes["visa office"] = book.rng.choice(book.world.offices.visa_offices)
    fast = book.plan.route == FAST_TRACK
    book.wait(0, 5, brisk=(0, 2))
    requested = book.day
    _visa_office_says(book, "VisaAppointmentRequested", by=requested)
    later = max(requested, book.notes.get("approved_on", requested))
    due = roll_over(later + _DAY * 21)
    book.wait(1, 4, brisk=(1, 2))
    workdays = book.world.workdays
    span = (4, 9) if book.plan.brisk else (3, 11) if fast else (8, 40)
    appointment = workdays.plus(book.day, book.rng.randint(*span))
    if fast:
        appointment = min(appointment, workdays.on_or_before(due))
    _visa_office_says(book, "VisaAppointmentOffered", appointment_on=appointment, by=min(appointment, due))
    book.day = max(book.day, appointment)
    complete = book.day
    norm = title_norm(book)
    _visa_office_says(book, "VisaApplicationComplete", title_norm=norm, by=complete)
    due = roll_over(complete + _DAY * 21)
    if not fast and book.does("security check", 0.15):
        _security_check(book)
    book.wait_before(max(due, book.day), 3, 12, brisk=(3, 7))
    refused = book.does("visa refused", 0.04)
    result = "REFUSED" if refused else "GRANTED"
    _visa_office_says(book, "VisaDecided", visa_result=result, title_norm=norm, by=due if fast else None)
    if refused:
        raise CaseEnds


def _security_check(book: Casebook) -> None:
    """Let the foreigners' office take part: it answers within ten days, or its silence counts as consent."""
    sent = book.day
    _visa_office_says(book, "VisaDataTransmitted", consent_case="SECURITY_CHECK", by=sent)
    due = roll_over(sent + _DAY * 10)
    fate = book.rng.random()
    if fate < 0.3:
        book.wait_before(due, 2, 5)
        _office_says(book, "VisaCheckProlonged", title_reference=_title(book), consent_case="SECURITY_CHECK", by=due)
        book.wait(10, 20)
    elif fate < 0.36:
        book.wait_before(due, 2, 5)
        _office_says(book, "VisaObjectionRaised", title_reference=_title(book), consent_case="SECURITY_CHECK", by=due)
        raise CaseEnds
    else:
        book.day = book.world.workdays.plus(due, 1)


def _visa_office_says(book: Casebook, event_type: str, **facts: Any) -> None:
    book.write(
        event_type,
        publisher=book.notes["visa office"],
        references=title_claim(book),
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        **facts,
    )


def enter_country(book: Casebook) -> None:
    """Write the entry, on any day of the week."""
    if book.does("stays abroad", 0.06):
        raise CaseEnds
    book.wait_days(book.rng.randint(3, 12) if book.plan.brisk else book.rng.randint(5, 60))
    _office_says(book, "EntryReported", by=book.world.workdays.on_or_after(book.day))
    book.notes["entered_on"] = book.latest("EntryReported").facts["occurred_on"]


def confirm_qualification(book: Casebook) -> None:
    """Write the digital information on the qualification that the assessment office gives for some titles."""
    if not book.does("qualification confirmed", 0.7):
        return
    book.wait(1, 10, brisk=(1, 2))
    book.write(
        "QualificationConfirmed",
        publisher=book.world.offices.assessment_office,
        two_year_training="YES",
        training_state=book.plan.state,
        legal_route=book.plan.route,
    )


def extend_title(book: Casebook, *, months: int, by: dt.date) -> None:
    """Write the extension of the present title, in time."""
    until = months_later(book.notes["valid until"], months)
    book.notes["valid until"] = until
    _office_says(
        book,
        "ResidenceTitleExtended",
        title_reference=_title(book),
        title_norm=book.notes["norm"],
        valid_from=book.day,
        valid_until=until,
        by=by,
    )


def issue_title(
    book: Casebook, norm: str | None = None, *, months: int | None = None, by: dt.date | None = None
) -> None:
    """Write application and issue of a residence title; a second one after the first is a title of its own."""
    first = "issued" not in book.notes
    if not first:
        book.notes["title"] = book.new_number(office_of(book), "title")
    norm = norm or title_norm(book)
    told: dict[str, Any] = {
        "title_reference": _title(book),
        "title_norm": norm,
        "first_title": "YES" if first else "NO",
    }
    book.wait(1, 6, brisk=(1, 2))
    _office_says(book, "ResidenceTitleApplied", **told)
    book.wait(3, 15, brisk=(1, 3))
    if by is not None and book.day > by:
        book.day = book.world.workdays.on_or_before(by)
    until = months_later(book.day, months or _PERMIT_MONTHS.get(norm, 48)) - _DAY
    book.notes |= {"issued": book.day, "valid until": until, "norm": norm}
    _office_says(book, "ResidenceTitleIssued", valid_from=book.day, valid_until=until, by=by, **told)
