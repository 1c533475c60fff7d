"""What is doubtful about a case: one rule a function, each finding keyed by (code, about).

A finding says since when it is true by the facts alone; the day of the tick is not part of it. `publisher` is whom a
question may go to: nobody, where the question itself would tell an agency something it may not know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from meilenstein.cases.authority import INFORMATIVE
from meilenstein.cases.calendar import plus_days
from meilenstein.cases.clocks import DUE, OVER, Clock
from meilenstein.cases.components import Proposal
from meilenstein.cases.events import Event
from meilenstein.cases.fold import Case
from meilenstein.cases.identity import WaitingClaim
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.referrals import Referral
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Doubts", "Finding", "find"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One open doubt."""

    code: str
    severity: str
    """I = information, W = warning."""
    about: str
    since: dt.date | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    """For stewards: it may hold what the publisher asked may not see."""
    publisher: str | None = None
    """The agency that may be asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What corrections and identity left open for the files of one case."""

    forks: tuple[tuple[Event, tuple[Event, ...]], ...] = ()
    waiting: tuple[tuple[Event, str], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    claims: tuple[WaitingClaim, ...] = ()

    def parked_until(self, days: int) -> Iterator[dt.date]:
        """Yield the days from which on something that waits is a finding."""
        for event, _ in self.waiting:
            yield plus_days(event.known_on, days + 1)
        for claim in self.claims:
            yield plus_days(claim.event.known_on, days + 1)


def find(
    case: Case,
    clocks: Iterable[Clock],
    doubts: Doubts,
    *,
    directory: Directory,
    rules: RuleTable,
    as_of: dt.date,
    views: Mapping[str, Collection[str]],
) -> tuple[Finding, ...]:
    """Return the findings of one case, by code and about; `views` say which parts each agency sees."""
    found: dict[tuple[str, str], Finding] = {}
    for source in (
        _of_events(case, directory),
        _of_procedures(case.procedures),
        _of_referrals(case),
        _of_clocks(clocks),
        _contradictions(case, views),
        _of_corrections(doubts, rules, as_of),
        _of_links(doubts, rules, as_of),
    ):
        for code, about, since, detail, publisher in source:
            if (code, about) not in found:
                found[code, about] = Finding(
                    code=code,
                    severity=rules.finding(code).severity,
                    about=about,
                    since=since,
                    detail=detail,
                    publisher=publisher,
                )
    return tuple(found[key] for key in sorted(found))


Found = Iterator[tuple[str, str, dt.date | None, Mapping[str, Any], str | None]]


def _about(event: Event) -> str:
    return f"event:{event.publisher}/{event.event_id}"


def _of_events(case: Case, directory: Directory) -> Found:
    for event in case.events:
        for rule in event.warnings:
            yield f"RULE:{rule}", _about(event), event.occurred_on, {}, event.publisher
        if event.recorded_at is None:
            continue
        agency = directory.agencies.get(event.publisher)
        # The UTC day is never after the Berlin day and at most one before it: most events need no time zone.
        if agency and (event.recorded_at.date() - event.occurred_on).days >= agency.late_after_days:
            days = (event.known_on - event.occurred_on).days
            if days > agency.late_after_days:
                yield "LATE_REPORT", _about(event), event.known_on, {"days": days}, event.publisher


def _of_procedures(procedures: Iterable[Procedure]) -> Found:
    for one in procedures:
        decided, received = one.first("DecisionIssued"), one.first("ApplicationReceived")
        complete = one.first("DocumentsComplete")
        if decided is not None and (complete is None or complete > decided):
            yield "DECISION_BEFORE_COMPLETE", one.about, decided, {"decided_on": decided}, one.body
        pairs: list[tuple[dt.date, dict[str, Any]]] = [
            (day, {"first": earlier, "on": day, "then": later, "then_on": than})
            for earlier, day, later, than in (
                ("ReceiptConfirmed", one.first("ReceiptConfirmed"), "ApplicationReceived", received),
                ("DocumentsComplete", complete, "ApplicationReceived", received),
                ("DecisionIssued", decided, "ApplicationReceived", received),
                ("DecisionIssued", decided, "DocumentsComplete", complete),
            )
            if day is not None and than is not None and day < than
        ]
        if pairs:
            yield (
                "ORDER_IMPOSSIBLE",
                one.about,
                min(day for day, _ in pairs),
                {"pairs": [pair for _, pair in pairs]},
                one.body,
            )


def _of_referrals(case: Case) -> Found:
    for one in case.referrals:
        reason = _basis_missing(case, one)
        if reason is not None:
            yield "CONSENT_MISSING", one.about, one.sent_on, {"reason": reason}, one.sender


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


def _of_clocks(clocks: Iterable[Clock]) -> Found:
    for clock in clocks:
        if clock.due is None or clock.state not in {DUE, OVER}:
            continue
        detail = {"clock": clock.id, "about": clock.about, "due": clock.due, "label": clock.label}
        if clock.state == DUE:
            yield "CLOCK_DUE", clock.subject, clock.due_soon_on, detail, clock.stop_publisher
            continue
        since = plus_days(clock.due, 1)
        yield "CLOCK_OVER", clock.subject, since, detail, clock.stop_publisher
        if clock.id == "S01":
            yield "REFERRAL_UNANSWERED", clock.about, since, {"due": clock.due}, clock.stop_publisher


def _contradictions(case: Case, views: Mapping[str, Collection[str]]) -> Found:
    procedures = {(one.body, one.reference): one for one in case.procedures}
    days = {entry.occurred_on for entry in case.entries}
    districts = {entry.district_ags for entry in case.entries if entry.district_ags is not None}
    for event in case.events:
        if case.standings[event.key] != INFORMATIVE:
            continue
        asked = event.publisher
        if event.event_type == "DecisionIssued":
            stated = event.facts.get("outcome", "UNKNOWN")
            for name in event.references:
                one = procedures.get((name.owner, name.reference)) if name.kind == "PROCEDURE" else None
                if one and one.outcome and one.outcome != stated and "UNKNOWN" not in {one.outcome, stated}:
                    detail = {"event": event.event_id, "stated": stated, "valid": one.outcome}
                    publisher = asked if "outcome" in views.get(asked, ()) else None
                    yield "CONTRADICTION", f"outcome:{asked}:{one.about}", event.occurred_on, detail, publisher
        elif event.event_type == "EntryReported" and case.entries:
            publisher = asked if "entry" in views.get(asked, ()) else None
            for fact, values in _entry_differs(event, days, districts):
                yield "CONTRADICTION", f"{fact}:{asked}:{case.about}", event.occurred_on, values, publisher


def _entry_differs(
    event: Event, days: Collection[dt.date], districts: Collection[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if event.occurred_on not in days:
        yield "entered_on", {"event": event.event_id, "stated": event.occurred_on, "valid": sorted(days)}
    if districts and event.district_ags not in {None, *districts}:
        yield "entry_district", {"event": event.event_id, "stated": event.district_ags, "valid": sorted(districts)}


def _of_corrections(doubts: Doubts, rules: RuleTable, as_of: dt.date) -> Found:
    for target, corrections in doubts.forks:
        detail = {"corrections": [event.event_id for event in corrections]}
        yield "FORK", _about(target), corrections[1].occurred_on, detail, target.publisher
    for event, reason in doubts.waiting:
        since = plus_days(event.known_on, rules.parking_days + 1)
        if as_of >= since:
            named = {"target": event.corrects, "reason": reason}
            yield "CORRECTION_TARGET_UNKNOWN", _about(event), since, named, event.publisher


def _of_links(doubts: Doubts, rules: RuleTable, as_of: dt.date) -> Found:
    for proposal in doubts.proposals:
        link = proposal.link
        name = link.identifier
        detail: dict[str, Any] = {"reason": proposal.reason, "claimant": str(link.claimant), "holder": str(link.holder)}
        yield "LINK_PROPOSED", f"link:{name.kind}:{name.owner}/{name.reference}", link.since, detail, None
    for claim in doubts.claims:
        since = plus_days(claim.event.known_on, rules.parking_days + 1)
        if as_of >= since:
            name = claim.identifier
            detail = {"reason": claim.reason, "claimant": str(claim.event.file)}
            publisher = claim.event.publisher if claim.entitled else None
            yield "LINK_PROPOSED", f"link:{name.kind}:{name.owner}/{name.reference}", since, detail, publisher
