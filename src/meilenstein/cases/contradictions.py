"""What an informative source states otherwise than the agency in charge: shown, and changing nothing.

The source is asked only where its view holds the fact anyway; otherwise the question itself would tell it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from meilenstein.cases.authority import ANSWERS, INFORMATIVE
from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.finding import Found, Hit
from meilenstein.cases.fold import Case
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.referrals import ACCEPTED, DECLINED, RETURNED
from meilenstein.cases.titles import Title, named_title

__all__ = ["contradictions"]

_ANSWERED = {"ReferralAccepted": ACCEPTED, "ReferralDeclined": DECLINED, "ReferralReturned": RETURNED}
_CONSENT = {"LabourAgencyConsentGranted": "GRANTED", "LabourAgencyConsentRefused": "REFUSED"}
_LOOKED_AT = frozenset({"DecisionIssued", "EntryReported", "VisaDecided", *_CONSENT, *ANSWERS})
_UNKNOWN = frozenset({"UNKNOWN", None})

Differing = Iterator[tuple[str, Any, Any]]
"""A fact, what was stated, and what the agency in charge says."""


def contradictions(case: Case, views: Mapping[str, Collection[str]]) -> Found:
    """Yield the contradictions of one case; `views` say which parts each agency sees."""
    told = [
        event for event in case.events if event.event_type in _LOOKED_AT and case.standings[event.key] == INFORMATIVE
    ]
    titles = _titles_by_file(case.titles) if told and case.titles else {}
    for event in told:
        for thing, part, differing in _compared(event, case, titles):
            for fact, stated, valid in differing:
                asked = event.publisher if part in views.get(event.publisher, ()) else None
                detail = {"event": event.event_id, "stated": stated, "valid": valid}
                about = f"{fact}:{event.publisher}:{thing}"
                yield Hit("CONTRADICTION", about, event.occurred_on, detail, asked)


def _compared(
    event: Event, case: Case, titles: Mapping[FileKey, list[Title]]
) -> Iterator[tuple[str, str | None, Differing]]:
    """Yield what the event speaks about, the part of a view that shows it, and what differs."""
    if event.event_type == "EntryReported":
        if case.entries:
            yield case.about, "entry", _entry(event, case.entries)
    elif event.event_type == "DecisionIssued":
        named = {(name.owner, name.reference) for name in event.references if name.kind == "PROCEDURE"}
        for one in case.procedures:
            if (one.body, one.reference) in named:
                yield one.about, "outcome", _decision(event, one)
    elif event.event_type in ANSWERS:
        for referral in case.referrals:
            stated = _ANSWERED[event.event_type]
            if referral.identifier in event.references and referral.state in {*_ANSWERED.values()} - {stated}:
                yield referral.about, None, iter((("answer", stated, referral.state),))
    else:
        title = _title(event, case.titles, titles)
        if title is not None:
            compare = _visa if event.event_type == "VisaDecided" else _consent
            yield title.about, None, compare(event, title)


def _decision(event: Event, one: Procedure) -> Differing:
    """Compare with the decision of the day that is stated, else with all: a later decision does not belie the first."""
    decisions = one.of("DecisionIssued")
    meant = [decision for decision in decisions if event.occurred_on in _days_of(decision)]
    stated = event.facts.get("outcome")
    valid = [decision.facts.get("outcome") for decision in meant or decisions]
    valid = [outcome for outcome in valid if outcome not in _UNKNOWN]
    if valid and stated not in {*_UNKNOWN, *valid}:
        yield "outcome", stated, valid[-1]
    if decisions and not meant:
        yield "decided_on", event.occurred_on, sorted(decision.occurred_on for decision in decisions)


def _days_of(decision: Event) -> tuple[Any, ...]:
    return decision.occurred_on, decision.facts.get("dispatched_on"), decision.facts.get("announced_on")


def _entry(event: Event, entries: Collection[Event]) -> Differing:
    days = {entry.occurred_on for entry in entries}
    districts = {entry.district_ags for entry in entries if entry.district_ags is not None}
    if event.occurred_on not in days:
        yield "entered_on", event.occurred_on, sorted(days)
    if districts and event.district_ags not in {None, *districts}:
        yield "entry_district", event.district_ags, sorted(districts)


def _visa(event: Event, title: Title) -> Differing:
    decided = title.of("VisaDecided")
    for fact in ("visa_result", "title_norm"):
        stated = event.facts.get(fact)
        valid = {one.facts.get(fact) for one in decided} - _UNKNOWN
        if valid and stated not in {*_UNKNOWN, *valid}:
            yield fact, stated, sorted(valid)


def _consent(event: Event, title: Title) -> Differing:
    stated = _CONSENT[event.event_type]
    valid = {result for name, result in _CONSENT.items() if title.of(name)}
    if valid and stated not in valid:
        yield "labour_consent", stated, sorted(valid)


def _titles_by_file(titles: Iterable[Title]) -> dict[FileKey, list[Title]]:
    found: dict[FileKey, list[Title]] = {}
    for one in titles:
        for file in {event.file for event in one.events}:
            found.setdefault(file, []).append(one)
    return found


def _title(event: Event, titles: Collection[Title], by_file: Mapping[FileKey, list[Title]]) -> Title | None:
    """Return the title an event speaks about: the one it names, else the only one of its file, else of the case."""
    named = named_title(event)
    if named is not None:
        return next((one for one in titles if (one.owner, one.reference) == named), None)
    meant = by_file.get(event.file) or list(titles)
    return meant[0] if len(meant) == 1 else None
