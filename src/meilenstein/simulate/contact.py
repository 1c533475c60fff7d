"""How a case begins: inquiry, advice, consent, referral, and the answers to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meilenstein.simulate import population
from meilenstein.simulate.casebook import Casebook, CaseEnds, reference
from meilenstein.simulate.naive_law import service_period
from meilenstein.simulate.population import pick
from meilenstein.simulate.records import Weight
from meilenstein.simulate.workdays import BERLIN

__all__ = ["advice", "anonymous", "ask_again", "employer", "first_contact", "quickcheck", "refer", "withdraw"]

_PURPOSES = {"PROGRESS": 0.92, "OUTCOME": 0.88, "ENTRY": 0.82}
_CONSENT_FORM = "2025-1"


def employer(book: Casebook) -> None:
    """Write the inquiries of an employer."""
    agency = _advice_desk(book)
    contact = book.new_number(agency, "contact")
    for _ in range(book.rng.choice((1, 1, 2))):
        _inquiry(book, agency, subject_kind="EMPLOYER", asker_role="EMPLOYER", case_reference=contact)
        book.wait(2, 15)


def anonymous(book: Casebook) -> None:
    """Write an inquiry of somebody who does not say who they are, now and then through the portal."""
    portal = book.world.offices.info_portal
    agency = portal if book.rng.random() < 0.4 else _advice_desk(book)
    contact = book.new_number(agency, "contact")
    weight = Weight.REMARK if agency == portal else Weight.FACT
    _inquiry(book, agency, subject_kind="ANONYMOUS", case_reference=contact, weight=weight)


def quickcheck(book: Casebook) -> None:
    """Write one use of the portal's anonymous check."""
    portal = book.world.offices.info_portal
    session = book.new_number(portal, "contact")
    book.write(
        "QuickcheckCompleted",
        publisher=portal,
        case_reference=session,
        subject_kind="ANONYMOUS",
        session_reference=session,
        profession_kldb=book.plan.profession.kldb,
        training_state=book.plan.state,
    )


def advice(book: Casebook) -> None:
    """Write an inquiry that is answered by advice alone."""
    agency = _advice_desk(book)
    answer_by = _inquiry(book, agency)
    if book.rng.random() < 0.5:
        book.wait_before(answer_by, 0, 2)
        consent = _consent(book, agency, recipients=[agency], by=answer_by)
        if book.rng.random() < 0.3:
            book.wait_before(answer_by, 0, 1)
            book.write("ConsentWithdrawn", publisher=agency, consent_id=consent, by=answer_by)
    book.wait_before(answer_by, 0, 2)
    if agency == book.world.offices.service_desk:
        _counselling(book, agency, weight=Weight.REMARK, by=answer_by)
    book.write("CaseClosed", publisher=agency, closing_reason="COMPLETED", by=answer_by)


def first_contact(book: Casebook, agency: str, target: str, *, reason: str) -> None:
    """Write a person's way to `target` through `agency`, up to the target's acceptance."""
    offices = book.world.offices
    counsels = agency == offices.advice_centre
    answer_by = _inquiry(book, agency, weight=Weight.REMARK if counsels else Weight.FACT)
    book.wait_before(answer_by, 0, 2, brisk=(0, 1))
    if counsels:
        _counselling(book, agency, recommended_body=target)
    center = offices.welcome_center(book.plan.district)
    recipients = [agency, target, *([center] if center else []), *offices.course_providers, offices.service_desk]
    if reason == "RECOGNITION":
        recipients.append(offices.other_body(target))
    else:  # an application after entry
        recipients.append(offices.body(book.plan.profession.body, book.plan.district))
    book.notes["holder"] = agency
    book.notes["consent"] = _consent(book, agency, recipients=list(dict.fromkeys(recipients)), by=answer_by)
    book.wait_before(answer_by, 0, 2, brisk=(0, 1))
    if agency != offices.service_desk and reason == "RECOGNITION" and book.does("detour", 0.2):
        _through_the_desk(book, agency, target, answer_by)
    elif reason == "RECOGNITION":
        _refer_to_body(book, agency, target, answer_by)
    else:
        refer(book, agency, target, reason=reason, by=answer_by)


def ask_again(book: Casebook, agency: str) -> None:
    """Write a later inquiry of somebody whose case was reopened for it, and its answer."""
    counsels = agency == book.world.offices.advice_centre
    answer_by = _inquiry(book, agency, weight=Weight.REMARK if counsels else Weight.FACT)
    book.wait_before(answer_by, 1, 3)
    book.write("CaseClosed", publisher=agency, closing_reason="COMPLETED", by=answer_by)


def _through_the_desk(book: Casebook, agency: str, target: str, answer_by: dt.date) -> None:
    """Let the service desk take over and refer on."""
    desk = book.world.offices.service_desk
    refer(book, agency, desk, reason="COUNSELLING", by=answer_by)
    book.wait(0, 3)
    own = book.notes["consent"]
    book.notes["consent"] = _consent(book, desk, recipients=[desk, target, agency])
    refer(book, desk, target, reason="RECOGNITION")
    book.notes["consent"] = own


def _advice_desk(book: Casebook) -> str:
    offices = book.world.offices
    center = offices.welcome_center(book.plan.district)
    return center if center and book.rng.random() < 0.3 else offices.service_desk


def _inquiry(book: Casebook, agency: str, **facts: Any) -> dt.date:
    """Write an inquiry; return by when it wants an answer."""
    channel = pick(book.rng, population.CONTACT_CHANNELS)
    arrived = None
    if channel == "WEB_FORM":  # forms carry the time, often before the office opens
        midnight = dt.datetime.combine(book.day, dt.time(), BERLIN)
        arrived = (midnight + dt.timedelta(seconds=book.rng.randrange(8 * 3600))).astimezone(dt.UTC)
    asked = book.day
    book.write(
        "InquiryReceived",
        publisher=agency,
        occurred_at=arrived,
        channel=channel,
        language=pick(book.rng, population.LANGUAGES),
        by=book.day,
        **{"asker_role": "PERSON", **facts},
    )
    return service_period("S02", asked, book.world.spans).due


def _counselling(book: Casebook, agency: str, **facts: Any) -> None:
    book.write(
        "CounsellingCompleted",
        publisher=agency,
        counselling_topic="RECOGNITION",
        profession_kldb=book.plan.profession.kldb,
        **{"by": book.day, **facts},
    )


def _consent(book: Casebook, agency: str, *, recipients: list[str], by: dt.date | None = None) -> str:
    """Write a consent to REFERRAL, and mostly to the other purposes, and return its id."""
    consent = book.new_number(agency, "consent")
    others = [purpose for purpose, share in _PURPOSES.items() if book.plan.brisk or book.rng.random() < share]
    ends = not book.plan.brisk and book.rng.random() < 0.3
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
        by=by,
    )
    return consent


def withdraw(book: Casebook, share: float) -> None:
    """Let some people withdraw their consent; after that the agency does nothing more in the case."""
    if "consent" in book.notes and book.does("withdrawal", share):
        book.wait(1, 10)
        book.write("ConsentWithdrawn", publisher=book.notes["holder"], consent_id=book.notes["consent"])
        raise CaseEnds


def _refer_to_body(book: Casebook, agency: str, body: str, answer_by: dt.date) -> None:
    """Refer to the competent body; sometimes another one is asked first and declines, or the body does."""
    fate = 1.0 if book.plan.brisk else book.rng.random()
    if fate < 0.07:
        other = book.world.offices.other_body(body)
        refer(book, agency, other, reason="RECOGNITION", decline="NOT_COMPETENT", by=answer_by)
        book.wait(0, 3)
    elif fate < 0.12:
        reason = book.rng.choice(("NOT_REACHED", "NOT_ELIGIBLE", "OTHER"))
        refer(book, agency, body, reason="RECOGNITION", decline=reason, by=answer_by)
        raise CaseEnds
    elif fate < 0.15:
        refer(book, agency, body, reason="RECOGNITION", by=answer_by)
        _return(book, agency, body)
    refer(book, agency, body, reason="RECOGNITION", by=answer_by if fate >= 0.07 else None)


def _return(book: Casebook, agency: str, body: str) -> None:
    """Let the body hand an accepted referral back; the person is not to be reached any more."""
    book.wait(2, 15)
    book.write(
        "ReferralReturned",
        publisher=body,
        references=[reference(agency, "REFERRAL", book.notes["referral"])],
        return_reason=book.rng.choice(("NOT_REACHED", "PERSON_WITHDREW")),
    )
    raise CaseEnds


def refer(
    book: Casebook,
    sender: str,
    target: str,
    *,
    reason: str,
    by: dt.date | None = None,
    decline: str | None = None,
) -> None:
    """Write a referral and the target's answer to it, well within the service target."""
    referral = book.new_number(sender, "referral")
    sent = book.day
    book.notes["referral"] = referral
    book.write(
        "ReferralSent",
        publisher=sender,
        referral_id=referral,
        target=target,
        reason=reason,
        consent_id=book.notes["consent"],
        legal_basis="CONSENT",
        legal_route=book.plan.route,
        by=by or book.day,
    )
    answer_by = service_period("S01", sent, book.world.spans).due
    first = reason in {"RECOGNITION", "RESIDENCE"} and decline is None
    if first and book.does("withdrawn before the answer", 0.03):
        book.wait_before(answer_by, 1, 4)
        book.write("ConsentWithdrawn", publisher=sender, consent_id=book.notes["consent"], by=answer_by)
        raise CaseEnds  # the target owes no answer any more
    if not book.plan.brisk and book.rng.random() < 0.12:
        book.wait_before(answer_by, 6, 7)  # shortly before the service target
    else:
        book.wait_before(answer_by, 1, 5, brisk=(1, 3))
    claim = [reference(sender, "REFERRAL", referral)]
    if decline is None:
        book.write("ReferralAccepted", publisher=target, references=claim, by=answer_by)
    else:  # whoever declines opens no file
        contact = book.new_number(target, "contact")
        book.write(
            "ReferralDeclined",
            publisher=target,
            references=claim,
            case_reference=contact,
            decline_reason=decline,
            by=answer_by,
        )
