"""What runs for a residence title: the labour agency's consent, the visa, the office's consent to it, the permit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from meilenstein.cases.events import Event
from meilenstein.cases.explain import APPOINTMENT, LATER, Step, later_step
from meilenstein.cases.procedures import FAST_TRACK
from meilenstein.cases.runs import Ground, Run, Stop, days_of
from meilenstein.cases.titles import Title

__all__ = ["title_runs"]

_ANSWERS = ("LabourAgencyConsentGranted", "LabourAgencyConsentRefused", "LabourAgencyInfoInsufficient")
_UNKNOWN = "UNKNOWN"
_IN_TOTAL = frozenset({"AUFENTHG_16D_1", "AUFENTHG_16D_3"})
"""Provisions that allow a renewal, and a longest span in total (§ 16d Abs. 1 and 3 AufenthG)."""
_DAY = dt.timedelta(days=1)

Answerer = Callable[[str], str | None]
"""The only agency of a kind, where there is just one."""


def title_runs(title: Title, others: Sequence[Title], ground: Ground, answerer: Answerer) -> Iterator[Run]:
    """Yield what runs for one title; `others` are the other titles of the case."""
    yield from _labour_consent(title, ground, answerer)
    yield from _visa(title, ground)
    yield from _visa_consent(title, ground)
    yield from _permit(title, others, ground)


def _route(title: Title, day: dt.date, ground: Ground) -> str:
    if ground.fast_track_on is not None and ground.fast_track_on <= day:
        return FAST_TRACK
    known = [event.legal_route for event in title.events if event.legal_route != _UNKNOWN]
    return known[-1] if known else _UNKNOWN


def _labour_consent(title: Title, ground: Ground, answerer: Answerer) -> Iterator[Run]:
    answers = [event for name in _ANSWERS for event in title.of(name)]
    request, again = _last_round(title.of("LabourAgencyConsentRequested"), answers)
    if request is not None:
        publishers = {event.publisher for event in answers}
        yield Run(
            period="LABOUR_CONSENT",
            about=title.about,
            owner=title.owner,
            stop_publisher=min(publishers) if len(publishers) == 1 else answerer("LABOUR_AGENCY"),
            facets=(
                ("legal_route", _route(title, request.occurred_on, ground)),
                ("consent_norm", request.facts.get("consent_norm") or _UNKNOWN),
            ),
            start_event=request.event_type,
            start=request.occurred_on,
            stops=[*_of_round(answers, request, again), *ground.handed_over(title.owner)],
        )
    granted = title.of("LabourAgencyConsentGranted")
    if granted:
        last = granted[-1]
        norm = last.facts.get("consent_norm") or _UNKNOWN
        if norm == _UNKNOWN and request is not None:
            norm = request.facts.get("consent_norm") or _UNKNOWN
        yield Run(
            period="CONSENT_VALIDITY",
            about=title.about,
            owner=title.owner,
            stop_publisher=title.owner,
            facets=(("consent_norm", norm), ("title_norm", title.last_value("title_norm"))),
            start_event=last.event_type,
            start=last.occurred_on,
            until=last.facts.get("valid_until"),
        )


def _last_round(requests: Sequence[Event], answers: Sequence[Event]) -> tuple[Event | None, bool]:
    """Return the request that counts, and whether it is not the first: one after an answer begins the wait anew."""
    current: Event | None = None
    for request in requests:
        if current is None or any(
            current.occurred_on <= answer.occurred_on <= request.occurred_on > current.occurred_on for answer in answers
        ):
            current = request
    return current, current is not None and current is not requests[0]


def _of_round(answers: Sequence[Event], request: Event, again: bool) -> list[Stop]:
    """Return the answers to one request; an answer of the same day belongs to an earlier request, if there was one."""
    first = request.occurred_on + _DAY if again else request.occurred_on
    return [stop for stop in days_of(answers) if stop.day >= first]


def _visa(title: Title, ground: Ground) -> Iterator[Run]:
    approved, requested = title.of("PreApprovalIssued"), title.of("VisaAppointmentRequested")
    complete = title.of("VisaApplicationComplete")
    if requested:
        later = max((approved or requested)[0].occurred_on, requested[0].occurred_on)
        lead: tuple[Step, ...] = ()
        if approved:
            lead = (later_step(approved[0].occurred_on, requested[0].occurred_on),)
        yield Run(
            period="APPOINTMENT",
            about=title.about,
            owner=title.owner,
            stop_publisher=requested[0].publisher,
            facets=(("legal_route", _visa_route(title, later, ground)),),
            start_event=LATER,
            start=later if approved else None,
            stops=[_offered(event) for event in title.of("VisaAppointmentOffered")],
            unknown=None if approved else "PRE_APPROVAL_UNKNOWN",
            lead=lead,
        )
    if complete:
        start = complete[0].occurred_on
        yield Run(
            period="VISA",
            about=title.about,
            owner=title.owner,
            stop_publisher=complete[0].publisher,
            facets=(("legal_route", _visa_route(title, start, ground)),),
            start_event=complete[0].event_type,
            start=start,
            stops=days_of(title.of("VisaDecided")),
        )


def _visa_route(title: Title, day: dt.date, ground: Ground) -> str:
    """Return the route; a pre-approval stands for the fast track where nobody says otherwise."""
    route = _route(title, day, ground)
    return FAST_TRACK if route == _UNKNOWN and title.of("PreApprovalIssued") else route


def _offered(event: Event) -> Stop:
    """Return the stop: what must lie within the period is the appointment itself."""
    appointment = event.facts.get("appointment_on")
    if appointment is None:
        return Stop(event.event_type, event.occurred_on)
    return Stop(event.event_type, appointment, APPOINTMENT)


def _visa_consent(title: Title, ground: Ground) -> Iterator[Run]:
    replies = [*title.of("VisaObjectionRaised"), *title.of("VisaCheckProlonged")]
    sent, again = _last_round(title.of("VisaDataTransmitted"), replies)
    if sent is not None:
        yield Run(
            period="VISA_CONSENT",
            about=title.about,
            owner=title.owner,
            stop_publisher=title.owner if title.owner != sent.publisher else None,
            facets=(("consent_case", sent.facts.get("consent_case") or _UNKNOWN),),
            start_event=sent.event_type,
            start=sent.occurred_on,
            stops=[*_of_round(replies, sent, again), *ground.handed_over(title.owner)],
        )


def _permit(title: Title, others: Sequence[Title], ground: Ground) -> Iterator[Run]:
    issued, extended = title.of("ResidenceTitleIssued"), title.of("ResidenceTitleExtended")
    if not issued:
        return
    first = issued[0]
    start = first.occurred_on
    following = [
        stop for other in others for stop in days_of(other.of("ResidenceTitleIssued")) if stop.day > start
    ]  # fmt: skip
    norm = _norm(title)
    begun = _begun(title, norm, others) if norm in _IN_TOTAL else first
    endings = [*following, *ground.handed_over(title.owner)]
    if begun is first:
        until = first.facts.get("valid_until") or _consented_until(title, norm)
        yield _span(title, "PERMIT", title.about, norm, first, [*days_of(extended), *endings], until)
    if extended or begun is not first:
        about = f"renewal:{title.owner}/{title.reference}"
        yield _span(title, "PERMIT_TOTAL", about, norm, begun, endings, _valid_until(title))


def _norm(title: Title) -> str:
    stated = title.of("ResidenceTitleIssued")[0].facts.get("title_norm") or _UNKNOWN
    return title.last_value("title_norm") if stated == _UNKNOWN else str(stated)


def _begun(title: Title, norm: str, others: Sequence[Title]) -> Event:
    """Return the issue with which permits of one provision began that followed each other without a gap.

    An office may renew by a title of its own instead of an extension; the law counts them together all the same.
    """
    first = title.of("ResidenceTitleIssued")[0]
    issued = [one for one in others if one.of("ResidenceTitleIssued") and _norm(one) == norm]
    before = [one for one in issued if one.of("ResidenceTitleIssued")[0].occurred_on < first.occurred_on]
    for one in sorted(before, key=lambda each: each.of("ResidenceTitleIssued")[0].occurred_on, reverse=True):
        until = _valid_until(one)
        if until is not None and (first.facts.get("valid_from") or first.occurred_on) - until > _DAY:
            break
        first = one.of("ResidenceTitleIssued")[0]
    return first


def _valid_until(title: Title) -> dt.date | None:
    """Return until when a title was granted last."""
    last = [*title.of("ResidenceTitleIssued")[:1], *title.of("ResidenceTitleExtended")][-1]
    until: dt.date | None = last.facts.get("valid_until")
    return until


def _consented_until(title: Title, norm: str) -> dt.date | None:
    """Return how long the consent is valid, where the first permit is granted for as long as that."""
    granted = title.of("LabourAgencyConsentGranted")
    until: dt.date | None = granted[-1].facts.get("valid_until") if granted and norm == "AUFENTHG_16D_3" else None
    return until


def _span(
    title: Title, period: str, about: str, norm: str, first: Event, stops: Sequence[Stop], until: dt.date | None
) -> Run:
    return Run(
        period=period,
        about=about,
        owner=title.owner,
        stop_publisher=title.owner,
        facets=(("title_norm", norm),),
        start_event=first.event_type,
        start=first.occurred_on,
        stops=stops,
        until=until,
    )
