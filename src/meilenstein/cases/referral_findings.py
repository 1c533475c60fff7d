"""What is doubtful about a referral: the basis it was sent on, and whether anything came of it."""

from __future__ import annotations

from meilenstein.cases.calendar import plus_days
from meilenstein.cases.finding import Found, Hit
from meilenstein.cases.fold import Case
from meilenstein.cases.referrals import ACCEPTED, Referral
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["referral_findings", "referral_waits"]

_FOR_RECOGNITION = frozenset({"RECOGNITION", "UNKNOWN"})
"""Reasons of a referral after which an application is expected; a body is asked for advice and language exams too."""


def referral_findings(case: Case) -> Found:
    """Yield referrals without a valid basis."""
    for one in case.referrals:
        reason = _basis_missing(case, one)
        if reason is not None:
            yield Hit("CONSENT_MISSING", one.about, one.sent_on, {"reason": reason}, one.sender)


def _basis_missing(case: Case, referral: Referral) -> str | None:
    if referral.legal_basis == "UNKNOWN":
        return "BASIS_UNKNOWN"
    if referral.legal_basis != "CONSENT":
        return None
    consents = case.consents.named(referral.sender, referral.consent_id)
    if not consents:
        return "CONSENT_UNKNOWN"
    covering = any(
        "REFERRAL" in consent.purposes and referral.target in consent.recipients and consent.covered(referral.sent_on)
        for consent in consents
    )
    return None if covering else "CONSENT_DOES_NOT_COVER"


def referral_waits(case: Case, directory: Directory, rules: RuleTable) -> Found:
    """Yield accepted referrals to recognition bodies without an application, with the first day on which that counts.

    Any procedure of the body answers it, and so does an application to another body after the referral was sent.
    Closing the case, or handing it over, ends the waiting.
    """
    for one in case.referrals:
        accepted, target = one.answered_on, one.target
        if one.state != ACCEPTED or accepted is None or target is None or one.reason not in _FOR_RECOGNITION:
            continue
        if directory.kind(target) != "RECOGNITION_BODY" or _applied(case, one):
            continue
        if any(stop.day >= accepted for stop in case.ground.ended(one.sender)) or target in case.ground.transferred:
            continue
        since = plus_days(accepted, rules.spans.application_after_referral_days + 1)
        yield Hit("REFERRAL_WITHOUT_APPLICATION", one.about, since, {"accepted_on": accepted, "body": target}, target)


def _applied(case: Case, referral: Referral) -> bool:
    return any(
        procedure.body == referral.target
        or any(event.occurred_on >= referral.sent_on for event in procedure.of("ApplicationReceived"))
        for procedure in case.procedures
    )
