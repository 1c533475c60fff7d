"""The ways a case takes through the agencies, written as the steps a case worker would tell."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from meilenstein.simulate import contact
from meilenstein.simulate.casebook import Casebook, CaseEnds
from meilenstein.simulate.elsewhere import continue_here, hand_over
from meilenstein.simulate.naive_law import FAST_TRACK, service_period
from meilenstein.simulate.outcomes import appeal, choose_measure, compensate, license_profession
from meilenstein.simulate.plan import WITHOUT_RECOGNITION_FIRST, Contact
from meilenstein.simulate.recognition import recognise
from meilenstein.simulate.residence import (
    agree_on_fast_track,
    confirm_qualification,
    consent_and_visa,
    enter_country,
    extend_title,
    issue_title,
    office_of,
)
from meilenstein.simulate.settling import attend_course, close_case, settle, work

__all__ = ["write_case"]

_WITH_MEASURE = frozenset({"COMPENSATION_REQUIRED", "PARTIAL_EQUIVALENCE", "WAIVED"})
_PARTNERSHIP = "RECOGNITION_PARTNERSHIP_16D3"


def write_case(book: Casebook) -> None:
    """Write all events of the case that are known on the last day of the simulation."""
    with contextlib.suppress(CaseEnds):  # the rest of the case lies in the future, or there is none
        _BEGINNINGS[book.plan.contact](book)


def _referred(book: Casebook) -> None:
    _person(book, book.world.offices.service_desk)


def _welcome_center_first(book: Casebook) -> None:
    center = book.world.offices.welcome_center(book.plan.district)
    _person(book, center or book.world.offices.service_desk)


def _advice_centre_first(book: Casebook) -> None:
    offices = book.world.offices
    _person(book, offices.advice_centre if offices.advises(book.plan.district) else offices.service_desk)


def _direct(book: Casebook) -> None:
    _person(book, None)


_BEGINNINGS: Mapping[Contact, Callable[[Casebook], None]] = {
    Contact.EMPLOYER: contact.employer,
    Contact.ANONYMOUS: contact.anonymous,
    Contact.QUICKCHECK: contact.quickcheck,
    Contact.ADVICE: contact.advice,
    Contact.REFERRED: _referred,
    Contact.WELCOME_CENTER_FIRST: _welcome_center_first,
    Contact.ADVICE_CENTRE_FIRST: _advice_centre_first,
    Contact.DIRECT: _direct,
}


def _body(book: Casebook) -> str:
    return book.world.offices.body(book.plan.profession.body, book.plan.district)


def _recognised_first(book: Casebook) -> bool:
    """Say whether the way begins with recognition: not where none is needed, or only after the entry."""
    if book.plan.route == "BLUE_CARD_18G":
        return book.plan.profession.regulated == "YES"
    return book.plan.route not in WITHOUT_RECOGNITION_FIRST


def _person(book: Casebook, agency: str | None) -> None:
    analysis = book.plan.route == "QUALIFICATION_16D1" and book.does("analysis first", 0.2)
    first = _recognised_first(book) and not analysis
    if agency is not None:
        target, reason = (_body(book), "RECOGNITION") if first else (office_of(book), "RESIDENCE")
        contact.first_contact(book, agency, target, reason=reason)
        book.wait(2, 15, brisk=(1, 4))
    if book.plan.route == FAST_TRACK:
        agree_on_fast_track(book)
        book.wait(1, 10, brisk=(1, 3))
    if analysis:
        _analysis_first(book)
    elif first:
        _recognition_first(book, agency)
    else:
        _residence_first(book)
    attend_course(book)
    work(book)
    close_case(book)


def _recognition_first(book: Casebook, agency: str | None) -> None:
    if (
        book.plan.route == "REGULAR"
        and not book.plan.resident
        and agency is None
        and book.does("from another Land", 0.06)
    ):
        continue_here(book)
        issue_title(book)
        return
    outcome = recognise(book, _body(book))
    if outcome == "FULL_EQUIVALENCE":
        contact.withdraw(book, 0.02)
        hand_over(book, 0.03)
    if outcome == "NEGATIVE":
        appeal(book)
    if book.plan.resident:
        _finish(book, outcome)
        return
    if outcome in _WITH_MEASURE:
        choose_measure(book, exam=False)
    if outcome == "FULL_EQUIVALENCE":
        license_profession(book)
    consent_and_visa(book)
    enter_country(book)
    issue_title(book)
    settle(book)
    if outcome in _WITH_MEASURE:
        compensate(book)
        license_profession(book)


def _analysis_first(book: Casebook) -> None:
    """Write the way of somebody whose skills are examined here, and who then qualifies (AufenthG 16d(6) and (1))."""
    consent_and_visa(book)
    enter_country(book)
    issue_title(book, "AUFENTHG_16D_6", months=6)
    book.wait_before(book.notes["valid until"], 20, 70)
    issue_title(book, "AUFENTHG_16D_1", months=6, by=book.notes["valid until"])
    book.wait_before(book.notes["valid until"], 20, 70)
    extend_title(book, months=12, by=book.notes["valid until"])
    settle(book)


def _finish(book: Casebook, outcome: str) -> None:
    """Write what follows the decision for somebody who lives here."""
    if outcome in _WITH_MEASURE:
        choose_measure(book, exam=book.plan.brisk or book.rng.random() < 0.6)
        compensate(book)
        outcome = "FULL_EQUIVALENCE"
    if outcome == "FULL_EQUIVALENCE":
        license_profession(book)


def _residence_first(book: Casebook) -> None:
    confirm_qualification(book)
    consent_and_visa(book)
    enter_country(book)
    if book.plan.route != _PARTNERSHIP:
        issue_title(book)
        settle(book)
        return
    due = service_period("C17", book.notes["entered_on"], book.world.spans).due
    book.wait_before(due, 1, 6)
    # The office learns of the application and names it when it issues the title: from then on it is one case.
    outcome = recognise(book, _body(book), by=due, then=lambda: issue_title(book, by=due))
    if outcome == "NEGATIVE":
        appeal(book)
    _finish(book, outcome)
    settle(book)
