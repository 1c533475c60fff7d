"""What runs for a referral, an inquiry, an entry, a notification, a course and the end of an employment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from meilenstein.cases.events import Event
from meilenstein.cases.explain import KNOWN, RECEIVED, REPORTED
from meilenstein.cases.procedures import FAST_TRACK, Procedure
from meilenstein.cases.referrals import Referral
from meilenstein.cases.runs import Ground, Run, Stop, days_of
from meilenstein.cases.titles import Title

__all__ = ["course_runs", "employment_runs", "entry_runs", "inquiry_runs", "notification_runs", "referral_runs"]

_PARTNERSHIP = "RECOGNITION_PARTNERSHIP_16D3"
_UNKNOWN = "UNKNOWN"
_COURSE_ENDS = ("CourseStarted", "CourseNotHeld", "CoursePlacementChanged", "CourseDropped", "CourseCompleted")
_REPORTERS = (("EMPLOYER_REPORT", "EMPLOYER"), ("PERSON_REPORT", "PERSON"))


def referral_runs(referrals: Iterable[Referral], ground: Ground) -> Iterator[Run]:
    """Yield the wait for an answer to each referral."""
    for one in referrals:
        yield Run(
            period="REFERRAL",
            about=one.about,
            owner=one.sender,
            stop_publisher=one.target,
            facets=(),
            start_event="ReferralSent",
            start=one.sent_on,
            stops=[*(Stop(*ended) for ended in one.ended_by), *ground.ended(one.sender)],
        )


def inquiry_runs(inquiries: Iterable[Event], referrals: Sequence[Event], ground: Ground) -> Iterator[Run]:
    """Yield the wait for a first answer to each inquiry; a referral from the same file is one."""
    for event in inquiries:
        sent = [one for one in referrals if one.file == event.file and one.occurred_on >= event.occurred_on]
        closed = [stop for stop in ground.ended(event.publisher) if stop.day >= event.occurred_on]
        yield Run(
            period="INQUIRY",
            about=f"inquiry:{event.publisher}/{event.event_id}",
            owner=event.publisher,
            stop_publisher=event.publisher,
            facets=(),
            start_event=event.event_type,
            start=event.occurred_on,
            stops=[*days_of(sent), *closed],
        )


def entry_runs(
    entries: Sequence[Event], procedures: Iterable[Procedure], titles: Iterable[Title], ground: Ground
) -> Iterator[Run]:
    """Yield the wait for an application after entry, where recognition is sought in a partnership after it."""
    if not entries:
        return
    first = entries[0]
    partnership = first.legal_route == _PARTNERSHIP or any(
        one.last_value("title_norm") == "AUFENTHG_16D_3" for one in titles
    )
    applications = [event for one in procedures for event in one.of("ApplicationReceived")]
    if partnership and not any(event.occurred_on < first.occurred_on for event in applications):
        ended = [stop for stop in ground.ended(first.publisher) if stop.day >= first.occurred_on]
        yield Run(
            period="AFTER_ENTRY",
            about=f"entry:{first.publisher}/{first.case_reference}",
            owner=first.publisher,
            stop_publisher=None,
            facets=(("legal_route", _PARTNERSHIP),),
            start_event=first.event_type,
            start=first.occurred_on,
            stops=[*days_of(applications), *ended],
        )


def notification_runs(events: Sequence[Event], ground: Ground) -> Iterator[Run]:
    """Yield the wait for the invitation of the employer after each notification."""
    invitations = [event for event in events if event.event_type == "EmployerInvited"]
    for event in events:
        if event.event_type != "ForeignersOfficeNotified":
            continue
        received = event.facts.get("received_on") or event.occurred_on
        agreed = ground.fast_track_on
        yield Run(
            period="INVITATION",
            about=f"notification:{event.publisher}/{event.event_id}",
            owner=event.publisher,
            stop_publisher=event.publisher,
            facets=(("legal_route", FAST_TRACK if agreed and agreed <= received else event.legal_route),),
            start_event=RECEIVED,
            start=received,
            stops=[
                *days_of(one for one in invitations if _invited_for(one, event)),
                *ground.handed_over(event.publisher),
            ],
        )


def _invited_for(invitation: Event, notification: Event) -> bool:
    """Say whether an invitation follows a notification: it names it, or names nothing and came after it."""
    trigger = invitation.facts.get("trigger_event_id")
    if invitation.publisher != notification.publisher:
        return False
    if trigger is None:
        return invitation.occurred_on >= notification.occurred_on
    return trigger in {notification.event_id, notification.corrects}


def course_runs(events: Iterable[Event]) -> Iterator[Run]:
    """Yield for each course the wait for its start, and for another place once it is known not to be held."""
    courses: dict[tuple[str, str], dict[str, list[Event]]] = {}
    for event in events:
        key = (event.publisher, event.facts.get("course_reference") or event.case_reference)
        courses.setdefault(key, {}).setdefault(event.event_type, []).append(event)
    for (provider, reference), by_type in sorted(courses.items()):
        registered, not_held = by_type.get("CourseRegistered"), by_type.get("CourseNotHeld")
        facets = (("course_kind", _kind(by_type)),)
        stops = [stop for name in _COURSE_ENDS for stop in days_of(by_type.get(name, ()))]
        for period, started_by, about, ends in (
            ("COURSE_START", registered, "course", stops),
            ("PLACEMENT", not_held, "placement", [stop for stop in stops if stop.event_type != "CourseNotHeld"]),
        ):
            if started_by:
                yield Run(
                    period=period,
                    about=f"{about}:{provider}/{reference}",
                    owner=provider,
                    stop_publisher=provider,
                    facets=facets,
                    start_event=started_by[0].event_type,
                    start=started_by[0].occurred_on,
                    stops=ends,
                )


def _kind(by_type: Mapping[str, list[Event]]) -> str:
    kinds = {event.facts.get("course_kind") or _UNKNOWN for events in by_type.values() for event in events}
    known = sorted(kinds - {_UNKNOWN})
    return known[0] if len(known) == 1 else _UNKNOWN


def employment_runs(events: Sequence[Event], ground: Ground) -> Iterator[Run]:
    """Yield for each early end of an employment the report of the employer and that of the person.

    A report belongs to the latest end of the same office before it; one without an end stands for itself.
    """
    ends = [event for event in events if event.event_type == "EmploymentEndedEarly"]
    reports: dict[tuple[str, str], list[Event]] = {}
    alone = []
    for report in (event for event in events if event.event_type == "EmploymentEndReported"):
        reported = report.facts.get("reported_on") or report.occurred_on
        before = [end for end in ends if end.publisher == report.publisher and _ended(end) <= reported]
        if before:
            reports.setdefault(max(before, key=lambda end: (_ended(end), end.order)).key, []).append(report)
        else:
            alone.append(report)
    for end in ends:
        for period, reporter in _REPORTERS:
            told = [one for one in reports.get(end.key, ()) if one.facts.get("reporter") == reporter]
            yield _report(period, end, told, ground)
    for report in alone:
        for period, reporter in _REPORTERS:
            if report.facts.get("reporter") == reporter:
                yield _report(period, report, [report], ground)


def _ended(end: Event) -> dt.date:
    """Return the first day on which an end could be reported."""
    days = (end.facts.get("known_on"), end.facts.get("ended_on"), end.occurred_on)
    return min(day for day in days if day is not None)


def _report(period: str, end: Event, told: Sequence[Event], ground: Ground) -> Run:
    known = next((one.facts["known_on"] for one in (*told, end) if one.facts.get("known_on") is not None), None)
    return Run(
        period=period,
        about=f"employment:{end.publisher}/{end.event_id}",
        owner=end.publisher,
        stop_publisher=end.publisher,
        facets=(),
        start_event=KNOWN,
        start=known,
        stops=[
            *(Stop(one.event_type, one.facts.get("reported_on") or one.occurred_on, REPORTED) for one in told),
            *ground.handed_over(end.publisher),
        ],
        unknown=None if known is not None else "START_UNKNOWN",
    )
