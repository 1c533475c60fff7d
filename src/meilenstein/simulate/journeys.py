"""The ways a case takes through the agencies, written as the steps a case worker would tell."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from meilenstein.simulate import population
from meilenstein.simulate.casebook import Casebook, CaseEnds, reference
from meilenstein.simulate.plan import Journey
from meilenstein.simulate.population import pick
from meilenstein.simulate.procedures import decide, enter_country
from meilenstein.simulate.workdays import BERLIN

__all__ = ["write_case"]

_PURPOSES = {"PROGRESS": 0.92, "OUTCOME": 0.88, "ENTRY": 0.82}
_SERVICES = ("authorities", "housing", "language-course", "school-and-childcare", "family", "insurance")
_CONSENT_FORM = "2025-1"


def write_case(book: Casebook) -> None:
    """Write all events of the case that are known on the last day of the simulation."""
    with contextlib.suppress(CaseEnds):  # the rest of the case lies in the future, or there is none
        _JOURNEYS[book.plan.journey](book)


def _employer(book: Casebook) -> None:
    agency = _advice_centre(book)
    contact = book.new_number(agency, "contact")
    for _ in range(book.rng.choice((1, 1, 2))):
        _inquiry(book, agency, subject_kind="EMPLOYER", asker_role="EMPLOYER", case_reference=contact)
        book.wait(2, 15)


def _anonymous(book: Casebook) -> None:
    agency = _advice_centre(book)
    contact = book.new_number(agency, "contact")
    _inquiry(book, agency, subject_kind="ANONYMOUS", case_reference=contact)


def _advice(book: Casebook) -> None:
    agency = _advice_centre(book)
    _inquiry(book, agency)
    if book.rng.random() < 0.5:
        book.wait(0, 5)
        consent = _consent(book, agency, recipients=[agency])
        _withdraw(book, agency, consent, share=0.3)


def _referred(book: Casebook) -> None:
    desk = book.world.offices.service_desk
    body = _body(book)
    _inquiry(book, desk)
    book.wait(0, 4, brisk=(0, 1))
    center = book.world.offices.welcome_center(book.plan.district)
    consent = _consent(book, desk, recipients=[desk, body, book.world.offices.other_body(body), center])
    _refer_to_body(book, desk, body, consent)
    decide(book, body)
    _withdraw(book, desk, consent, share=0.03)
    enter_country(book, body)
    _settle(book, desk, center, consent)
    _withdraw(book, desk, consent, share=0.1)


def _welcome_center_first(book: Casebook) -> None:
    center = book.world.offices.welcome_center(book.plan.district)
    desk, body = book.world.offices.service_desk, _body(book)
    _inquiry(book, center)
    book.wait(0, 4)
    consent = _consent(book, center, recipients=[center, desk, body])
    if book.rng.random() < 0.3:  # the service desk takes over and refers on
        _refer(book, center, desk, consent, reason="COUNSELLING")
        book.wait(1, 4)
        center_consent, consent = consent, _consent(book, desk, recipients=[desk, center, body])
        _refer(book, desk, body, consent, reason="RECOGNITION")
        consent = center_consent
    else:
        _refer(book, center, body, consent, reason="RECOGNITION")
    book.wait(2, 15)
    decide(book, body)
    enter_country(book, body)
    book.wait(2, 15)
    _onboard(book, center)
    _withdraw(book, center, consent, share=0.1)


def _direct(book: Casebook) -> None:
    body = _body(book)
    decide(book, body)
    enter_country(book, body)


_JOURNEYS: Mapping[Journey, Callable[[Casebook], None]] = {
    Journey.EMPLOYER: _employer,
    Journey.ANONYMOUS: _anonymous,
    Journey.ADVICE: _advice,
    Journey.REFERRED: _referred,
    Journey.WELCOME_CENTER_FIRST: _welcome_center_first,
    Journey.DIRECT: _direct,
}


def _body(book: Casebook) -> str:
    return book.world.offices.body(book.plan.profession.body, book.plan.district)


def _advice_centre(book: Casebook) -> str:
    offices = book.world.offices
    return offices.service_desk if book.rng.random() < 0.7 else offices.welcome_center(book.plan.district)


def _inquiry(book: Casebook, agency: str, **facts: Any) -> None:
    channel = pick(book.rng, population.CONTACT_CHANNELS)
    arrived = None
    if channel == "WEB_FORM":  # forms carry the time, often before the office opens
        midnight = dt.datetime.combine(book.day, dt.time(), BERLIN)
        arrived = (midnight + dt.timedelta(seconds=book.rng.randrange(8 * 3600))).astimezone(dt.UTC)
    book.write(
        "InquiryReceived",
        publisher=agency,
        occurred_at=arrived,
        channel=channel,
        language=pick(book.rng, population.LANGUAGES),
        **{"asker_role": "PERSON", **facts},
    )


def _consent(book: Casebook, agency: str, *, recipients: list[str]) -> str:
    """Write a consent to REFERRAL, and mostly to the other purposes, and return its id."""
    consent = book.new_number(agency, "consent")
    others = [purpose for purpose, share in _PURPOSES.items() if book.plan.brisk or book.rng.random() < share]
    ends = book.rng.random() < 0.3
    book.write(
        "ConsentGiven",
        publisher=agency,
        consent_id=consent,
        legal_basis="CONSENT",
        purposes=["REFERRAL", *others],
        recipients=recipients,
        valid_from=book.day,
        valid_until=book.day.replace(year=book.day.year + 2, day=1) if ends else None,
        form_version=_CONSENT_FORM,
    )
    return consent


def _withdraw(book: Casebook, agency: str, consent: str, *, share: float) -> None:
    """Let some people withdraw their consent; after that the agency does nothing more in the case."""
    if not book.plan.brisk and book.rng.random() < share:
        book.wait(3, 30)
        book.write("ConsentWithdrawn", publisher=agency, consent_id=consent)
        raise CaseEnds


def _refer_to_body(book: Casebook, desk: str, body: str, consent: str) -> None:
    """Refer to the competent body; sometimes another one is asked first and declines."""
    book.wait(0, 3, brisk=(0, 1))
    fate = 1.0 if book.plan.brisk else book.rng.random()
    if fate < 0.07:
        _refer(book, desk, book.world.offices.other_body(body), consent, reason="RECOGNITION", decline="NOT_COMPETENT")
        book.wait(1, 4)
    elif fate < 0.12:
        reason = book.rng.choice(("NOT_REACHED", "NOT_ELIGIBLE", "OTHER"))
        _refer(book, desk, body, consent, reason="RECOGNITION", decline=reason)
        raise CaseEnds
    _refer(book, desk, body, consent, reason="RECOGNITION")
    book.wait(2, 15, brisk=(1, 4))


def _refer(book: Casebook, sender: str, target: str, consent: str, *, reason: str, decline: str | None = None) -> None:
    """Write a referral and the target's answer to it."""
    referral = book.new_number(sender, "referral")
    book.write(
        "ReferralSent",
        publisher=sender,
        referral_id=referral,
        target=target,
        reason=reason,
        consent_id=consent,
        legal_basis="CONSENT",
        legal_route=book.plan.route,
    )
    if not book.plan.brisk and book.rng.random() < 0.12:
        book.wait(6, 6)  # shortly before the service target of ten working days
    else:
        book.wait(1, 5, brisk=(1, 3))
    claim = [reference(sender, "REFERRAL", referral)]
    if decline is None:
        book.write("ReferralAccepted", publisher=target, references=claim)
    else:  # whoever declines opens no file
        contact = book.new_number(target, "contact")
        book.write(
            "ReferralDeclined", publisher=target, references=claim, case_reference=contact, decline_reason=decline
        )


def _settle(book: Casebook, desk: str, center: str, consent: str) -> None:
    """Refer the person who has arrived to the Welcome Center, which begins to accompany them."""
    if not book.plan.brisk and book.rng.random() < 0.2:
        raise CaseEnds
    book.wait(0, 8, brisk=(0, 2))
    decline = "NO_CAPACITY" if not book.plan.brisk and book.rng.random() < 0.08 else None
    _refer(book, desk, center, consent, reason="SETTLEMENT", decline=decline)
    if decline is None:
        book.wait(1, 12, brisk=(1, 4))
        _onboard(book, center)


def _onboard(book: Casebook, center: str) -> None:
    services = sorted(book.rng.sample(_SERVICES, book.rng.randint(1, 3)))
    book.write("WelcomeCenterOnboardingStarted", publisher=center, services=services)
