"""Referrals: who sent whom where, and what the named target answered.

An answer counts when it comes from the named target and names {sender, REFERRAL, id}, whatever file it stands in: a
decline never joins the case, and yet the sender learns of it. If a target answers more than once, the last answer
stands (on one day: a return, then a decline), while the service clock stops with the first. A referral that rests on a
consent withdrawn before it was accepted has ended: its target sees nothing of it any more and owes no answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meilenstein.cases.authority import ANSWERS, AUTHORITATIVE
from meilenstein.cases.consents import Consents
from meilenstein.cases.events import Event, Identifier
from meilenstein_schemas.agencies import Directory

__all__ = [
    "ACCEPTED", "CONSENT_WITHDRAWN", "DECLINED", "OPEN", "RETURNED", "Answers", "Referral", "answers_among",
    "referrals_of",
]  # fmt: skip

OPEN = "OPEN"
ACCEPTED = "ACCEPTED"
DECLINED = "DECLINED"
RETURNED = "RETURNED"
CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
_STATES: Mapping[str, str] = {
    "ReferralAccepted": ACCEPTED, "ReferralDeclined": DECLINED, "ReferralReturned": RETURNED,
}  # fmt: skip
_RANKS: Mapping[str, int] = {name: rank for rank, name in enumerate(_STATES)}

Answers = Mapping[Identifier, list[Event]]
"""Answers in force, by the referral they name, in canonical order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One referral with its answer."""

    identifier: Identifier
    target: str | None
    reason: str
    sent_on: dt.date
    district_ags: str | None
    legal_route: str
    legal_basis: str
    consent_id: str | None
    state: str
    """OPEN, ACCEPTED, DECLINED, RETURNED or CONSENT_WITHDRAWN."""
    answered_on: dt.date | None
    decline_reason: str | None
    return_reason: str | None
    ended_by: tuple[tuple[str, dt.date], ...]
    """Event type and day of each fact that ends the waiting for an answer."""

    @property
    def sender(self) -> str:
        """The agency that sent it."""
        return self.identifier.owner

    @property
    def about(self) -> str:
        """The name findings and clocks use."""
        return f"referral:{self.identifier.owner}/{self.identifier.reference}"


def answers_among(events: Iterable[Event], directory: Directory) -> Answers:
    """Return who answered which referral; `events` are all facts in force of the closed set, in canonical order."""
    answers: dict[Identifier, list[Event]] = {}
    for event in events:
        kind = event.event_type
        if kind in ANSWERS and directory.rank(event.publisher, kind, event.occurred_on) == AUTHORITATIVE:
            for reference in dict.fromkeys(event.references):
                if reference.kind == "REFERRAL":
                    answers.setdefault(reference, []).append(event)
    return answers


def referrals_of(events: Iterable[Event], answers: Answers, consents: Consents) -> tuple[Referral, ...]:
    """Return the referrals sent in one case, by sender and id; the first event with an id is the referral.

    `events` are the authoritative referrals in canonical order.
    """
    sent: dict[Identifier, Event] = {}
    for event in events:
        reference = event.facts.get("referral_id")
        if reference:
            sent.setdefault(Identifier(event.publisher, "REFERRAL", reference), event)
    return tuple(_referral(key, sent[key], answers.get(key, ()), consents) for key in sorted(sent))


def _referral(identifier: Identifier, sent: Event, answers: Iterable[Event], consents: Consents) -> Referral:
    target = sent.facts.get("target")
    given = [event for event in answers if event.publisher == target]
    withdrawn_on = _withdrawn_on(sent, consents)
    last = max(given, key=_lasting, default=None)
    state, ended_by = OPEN, tuple((event.event_type, event.occurred_on) for event in given)
    if last is not None:
        state = _STATES[last.event_type]
    elif withdrawn_on is not None:
        state, ended_by = CONSENT_WITHDRAWN, (("ConsentWithdrawn", max(withdrawn_on, sent.occurred_on)),)
    return Referral(
        identifier=identifier,
        target=target,
        reason=sent.facts.get("reason", "UNKNOWN"),
        sent_on=sent.occurred_on,
        district_ags=sent.district_ags,
        legal_route=sent.legal_route,
        legal_basis=sent.legal_basis,
        consent_id=sent.consent_id,
        state=state,
        answered_on=last.occurred_on if last else None,
        decline_reason=last.facts.get("decline_reason") if last and state == DECLINED else None,
        return_reason=last.facts.get("return_reason") if last and state == RETURNED else None,
        ended_by=ended_by,
    )


def _lasting(answer: Event) -> tuple[dt.date, int, str]:
    return answer.occurred_on, _RANKS[answer.event_type], answer.event_id


def _withdrawn_on(sent: Event, consents: Consents) -> dt.date | None:
    """Return when the consent a referral rests on was withdrawn; None where it stands, or is not the basis."""
    if sent.legal_basis != "CONSENT":
        return None
    named = consents.named(sent.publisher, sent.consent_id)
    days = [consent.withdrawn_on for consent in named if consent.withdrawn_on is not None]
    return max(days) if days and len(days) == len(named) else None
