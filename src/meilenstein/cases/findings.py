"""What is doubtful about a case: one rule a function, each finding keyed by (code, about).

Here are the rules about single events, clocks, corrections and links; those about procedures, referrals, the case as a
whole and contradictions have modules of their own. Findings about sources and publishers are not of a case.

A finding says since when it is true by the facts alone; the day of the tick is not part of it. `publisher` is whom a
question may go to: nobody, where the question itself would tell an agency something it may not know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from meilenstein.cases.calendar import plus_days
from meilenstein.cases.case_findings import case_findings
from meilenstein.cases.clocks import DUE, Clock
from meilenstein.cases.components import Proposal
from meilenstein.cases.contradictions import contradictions
from meilenstein.cases.events import Event
from meilenstein.cases.finding import Finding, Found, Hit, about_event
from meilenstein.cases.fold import Case
from meilenstein.cases.identity import REFERENCE_UNKNOWN, WaitingClaim
from meilenstein.cases.procedure_findings import extension_findings, procedure_findings, procedure_waits
from meilenstein.cases.referral_findings import referral_findings, referral_waits
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.directory_tables import HOME_LAND
from meilenstein_schemas.rules import RuleTable

__all__ = ["Doubts", "Finding", "find", "waits_of"]


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


def waits_of(case: Case, directory: Directory, rules: RuleTable) -> tuple[Hit, ...]:
    """Return what becomes a finding by the mere passing of time, each with the first day on which it is one."""
    return (*procedure_waits(case, directory, rules), *referral_waits(case, directory, rules))


def find(
    case: Case,
    clocks: Sequence[Clock],
    doubts: Doubts,
    waits: Iterable[Hit] = (),
    *,
    directory: Directory,
    rules: RuleTable,
    as_of: dt.date,
    views: Mapping[str, Collection[str]],
) -> tuple[Finding, ...]:
    """Return the findings of one case, by code and about.

    `waits` are those of `waits_of`; `views` say which parts each agency sees.
    """
    found: dict[tuple[str, str], Finding] = {}
    for code, about, since, detail, publisher in chain(
        _of_events(case, directory),
        procedure_findings(case, directory),
        extension_findings(case, clocks, rules),
        case_findings(case, directory, rules),
        referral_findings(case),
        _of_clocks(clocks),
        contradictions(case, views),
        _of_corrections(doubts, rules, as_of),
        _of_links(doubts, directory, rules, as_of),
        (hit for hit in waits if hit.since is None or hit.since <= as_of),
    ):
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


def _of_events(case: Case, directory: Directory) -> Found:
    for event in case.events:
        for rule in event.warnings:
            yield Hit(f"RULE:{rule}", about_event(event), event.occurred_on, {}, event.publisher)
        if event.recorded_at is None:
            continue
        agency = directory.agencies.get(event.publisher)
        # The UTC day is never after the Berlin day and at most one before it: most events need no time zone.
        if agency and (event.recorded_at.date() - event.occurred_on).days >= agency.late_after_days:
            days = (event.known_on - event.occurred_on).days
            if days > agency.late_after_days:
                yield Hit("LATE_REPORT", about_event(event), event.known_on, {"days": days}, event.publisher)


def _of_clocks(clocks: Iterable[Clock]) -> Found:
    for clock in clocks:
        if clock.due is None or clock.state not in clock.alarms:
            continue
        detail = {"clock": clock.id, "about": clock.about, "due": clock.due, "label": clock.label}
        if clock.state == DUE:
            yield Hit("CLOCK_DUE", clock.subject, clock.due_soon_on, detail, clock.stop_publisher)
            continue
        since = plus_days(clock.due, 1)
        yield Hit("CLOCK_OVER", clock.subject, since, detail, clock.stop_publisher)
        if clock.id == "S01":
            yield Hit("REFERRAL_UNANSWERED", clock.about, since, {"due": clock.due}, clock.stop_publisher)


def _of_corrections(doubts: Doubts, rules: RuleTable, as_of: dt.date) -> Found:
    for target, corrections in doubts.forks:
        detail = {"corrections": [event.event_id for event in corrections]}
        yield Hit("FORK", about_event(target), corrections[1].occurred_on, detail, target.publisher)
    for event, reason in doubts.waiting:
        since = plus_days(event.known_on, rules.parking_days + 1)
        if as_of >= since:
            named = {"target": event.corrects, "reason": reason}
            yield Hit("CORRECTION_TARGET_UNKNOWN", about_event(event), since, named, event.publisher)


def _of_links(doubts: Doubts, directory: Directory, rules: RuleTable, as_of: dt.date) -> Found:
    for proposal in doubts.proposals:
        link = proposal.link
        name = link.identifier
        detail: dict[str, Any] = {"reason": proposal.reason, "claimant": str(link.claimant), "holder": str(link.holder)}
        yield Hit("LINK_PROPOSED", f"link:{name.kind}:{name.owner}/{name.reference}", link.since, detail, None)
    for claim in doubts.claims:
        since = plus_days(claim.event.known_on, rules.parking_days + 1)
        if as_of >= since and not _elsewhere(claim, directory):
            name = claim.identifier
            detail = {"reason": claim.reason, "claimant": str(claim.event.file)}
            publisher = claim.event.publisher if claim.entitled else None
            yield Hit("LINK_PROPOSED", f"link:{name.kind}:{name.owner}/{name.reference}", since, detail, publisher)


def _elsewhere(claim: WaitingClaim, directory: Directory) -> bool:
    """Say whether a reference is to a file of another Land, whose procedures need not be known here."""
    owner = directory.agencies.get(claim.identifier.owner)
    return owner is not None and owner.land != HOME_LAND and claim.reason == REFERENCE_UNKNOWN
