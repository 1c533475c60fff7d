"""What one case says about its procedures and referrals, read from its state as of a day.

Only facts in force of their authority of record count, and only those whose own day is not after the day as of which is
counted. Reads the canonical JSON of `meilenstein.cases`; days stay ISO 8601 texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from meilenstein.cases.authority import PROCEDURE_EVENTS
from meilenstein.cases.procedures import FAST_TRACK

__all__ = [
    "CASE_ENDINGS", "ENDINGS", "UNKNOWN", "CaseFacts", "Fact", "ProcedureFacts", "ReferralFacts", "case_facts",
]  # fmt: skip

UNKNOWN = "UNKNOWN"
_CLOSED = ("ApplicationWithdrawn", "ProcedureClosedNoDecision")
CASE_ENDINGS = frozenset({"CaseTransferred", "CaseClosed"})
ENDINGS = frozenset({"ApplicationForwarded", *_CLOSED, *CASE_ENDINGS})
"""Facts that end a wait without being what was waited for; the first ones end any wait of the case."""


class Fact(NamedTuple):
    """One line of a timeline."""

    kind: str
    event_id: str
    day: str
    publisher: str
    district: str | None
    route: str
    own: Mapping[str, Any]
    """The event type's own fields that are known."""

    def say(self, field_: str) -> str:
        """Return a code, or UNKNOWN."""
        return self.own.get(field_) or UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFacts:
    """One recognition procedure."""

    body: str
    reference: str
    facts: Sequence[Fact]
    """Earliest first."""
    transferred_on: str | None
    """Day on which the body handed the case over."""
    route: str

    @property
    def about(self) -> str:
        """The name that clocks use."""
        return f"procedure:{self.body}/{self.reference}"

    def first(self, *kinds: str) -> Fact | None:
        """Return the earliest fact of one of these event types."""
        return next((fact for fact in self.facts if fact.kind in kinds), None)

    def named(self, about: str) -> bool:
        """Say whether a clock runs for this procedure, or for a decision in it."""
        kind, _, rest = about.partition(":")
        return about == self.about or (
            kind == "decision" and any(rest == f"{self.body}/{fact.event_id}" for fact in self.facts)
        )

    def of(self, kind: str) -> list[Fact]:
        """Return the facts of an event type."""
        return [fact for fact in self.facts if fact.kind == kind]

    def application(self, field_: str) -> str:
        """Return what an application says in a field, the first that knows it."""
        return next((fact.say(field_) for fact in self.of("ApplicationReceived") if fact.own.get(field_)), UNKNOWN)

    @property
    def decision(self) -> Fact | None:
        """The first decision: the one that the official statistics count."""
        return self.first("DecisionIssued")

    @property
    def ended_on(self) -> str | None:
        """The day on which it ceased to be pending at this body, or None."""
        ends = [fact.day for fact in self.facts if fact.kind in {"DecisionIssued", "ApplicationForwarded", *_CLOSED}]
        return min([*ends, *([self.transferred_on] if self.transferred_on else [])], default=None)

    @property
    def closed_on(self) -> str | None:
        """The day on which it ended without a decision, or None where one came first."""
        closed, decision = self.first(*_CLOSED), self.decision
        return closed.day if closed is not None and (decision is None or closed.day < decision.day) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """One referral, with what had become of it."""

    sender: str
    target: str | None
    sent_on: str
    district: str | None
    about: str
    answers: Mapping[str, str]
    """Days of ACCEPTED, DECLINED, RETURNED and CONSENT_WITHDRAWN, as far as they are known."""

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.answers


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is counted of one case."""

    timeline: Sequence[Fact]
    procedures: Sequence[ProcedureFacts]
    referrals: Sequence[ReferralFacts]
    clocks: Sequence[Mapping[str, Any]] = field(default=())
    """As they stand in the state."""
    district: str | None = None
    """The first district that the case names."""


def case_facts(state: Mapping[str, Any], as_of: str) -> CaseFacts | None:
    """Return what a case says as of a day, or None for a sandbox case."""
    if state.get("test"):
        return None
    timeline = [
        Fact(
            kind=entry["type"],
            event_id=entry["event_id"],
            day=entry["occurred_on"],
            publisher=entry["publisher"],
            district=entry.get("district_ags"),
            route=entry.get("legal_route", UNKNOWN),
            own=entry.get("facts", {}),
        )
        for entry in state["timeline"]
        if entry["occurred_on"] <= as_of and "status" not in entry and entry["standing"] == "AUTHORITATIVE"
    ]
    return CaseFacts(
        timeline=timeline,
        procedures=_procedures(timeline),
        referrals=[_referral(one, state, timeline, as_of) for one in state["referrals"] if one["sent_on"] <= as_of],
        clocks=state.get("clocks", ()),
        district=next((fact.district for fact in timeline if fact.district), None),
    )


def _procedures(timeline: Iterable[Fact]) -> list[ProcedureFacts]:
    found: dict[tuple[str, str], list[Fact]] = {}
    transferred: dict[str, list[str]] = {}
    agreed: str | None = None
    for fact in timeline:
        if fact.kind in PROCEDURE_EVENTS:
            found.setdefault((fact.publisher, fact.own["procedure_reference"]), []).append(fact)
        elif fact.kind == "CaseTransferred":
            transferred.setdefault(fact.publisher, []).append(fact.day)
        elif fact.kind == "FastTrackAgreementConcluded":
            agreed = agreed or fact.day
    return [
        ProcedureFacts(
            body=body,
            reference=reference,
            facts=facts,
            transferred_on=next((day for day in transferred.get(body, ()) if day >= facts[0].day), None),
            route=FAST_TRACK if agreed else _route(facts),
        )
        for (body, reference), facts in sorted(found.items())
    ]


def _route(facts: Sequence[Fact]) -> str:
    return next((fact.route for fact in reversed(facts) if fact.route != UNKNOWN), UNKNOWN)


def _referral(one: Mapping[str, Any], state: Mapping[str, Any], timeline: Iterable[Fact], as_of: str) -> ReferralFacts:
    """Return a referral with its answers so far.

    The state keeps the last answer. That it was accepted before it was returned is found in the target's own file.
    """
    answers: dict[str, str] = {}
    last = one.get("answered_on")
    if one["state"] == "CONSENT_WITHDRAWN":
        withdrawn = _withdrawn_on(one, state)
        if withdrawn is not None and withdrawn <= as_of:
            answers["CONSENT_WITHDRAWN"] = withdrawn
    elif last is not None:
        if last <= as_of:
            answers[one["state"]] = last
        if one["state"] != "ACCEPTED":
            before = _accepted_before(one, timeline, last)
            answers |= {"ACCEPTED": before} if before is not None else {}
    return ReferralFacts(
        sender=one["sender"],
        target=one.get("target"),
        sent_on=one["sent_on"],
        district=_district_of(one, timeline),
        about=f"referral:{one['sender']}/{one['referral']}",
        answers=answers,
    )


def _accepted_before(one: Mapping[str, Any], timeline: Iterable[Fact], last: str) -> str | None:
    days = (
        fact.day
        for fact in timeline
        if fact.kind == "ReferralAccepted" and fact.publisher == one.get("target") and fact.day >= one["sent_on"]
    )
    return next((day for day in days if day <= last), None)


def _district_of(one: Mapping[str, Any], timeline: Iterable[Fact]) -> str | None:
    for fact in timeline:
        own = fact.kind == "ReferralSent" and fact.publisher == one["sender"]
        if own and fact.own.get("referral_id") == one["referral"]:
            return fact.district
    return None


def _withdrawn_on(one: Mapping[str, Any], state: Mapping[str, Any]) -> str | None:
    """Return the day on which the consent a referral rests on was withdrawn, never before it was sent."""
    days = [
        consent["withdrawn_on"]
        for consent in state.get("consents", ())
        if consent["agency"] == one["sender"] and consent["consent"] == one.get("consent") and "withdrawn_on" in consent
    ]
    return max([*days, one["sent_on"]]) if days else None
