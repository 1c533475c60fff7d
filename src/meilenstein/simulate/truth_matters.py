"""Expected clocks of everything but procedures: C11 to C23, C25, S01, S02."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from meilenstein.simulate.naive_calendar import months_later, werktage_later
from meilenstein.simulate.naive_law import FAST_TRACK, Period, Spans, service_period
from meilenstein.simulate.truth_clocks import Wait
from meilenstein.simulate.truth_facts import Facts

__all__ = [
    "consents_of_labour_agency", "courses", "employments", "entries", "inquiries", "notifications", "permits",
    "referrals", "visas",
]  # fmt: skip

_WEEK = dt.timedelta(days=7)
_COURSE_ENDS = ("CourseStarted", "CoursePlacementChanged", "CourseDropped", "CourseCompleted")
_LONGEST_PERMIT: Mapping[str, tuple[str, int, int | None]] = {
    "AUFENTHG_16D_3": ("C18", 12, 36), "AUFENTHG_16D_1": ("C19", 24, 36), "AUFENTHG_16D_6": ("C20", 6, None),
}  # fmt: skip
"""Clock, months of the first permit, and months in total once it was extended."""


def referrals(facts: Facts, spans: Spans) -> Iterator[Wait]:
    """S01: from the referral until its target answers, or the consent is withdrawn before that."""
    for sent in facts.of_type("ReferralSent"):
        name = (sent["publisher"], sent["referral_id"])
        answers = [
            body["occurred_on"]
            for body in facts.of_type("ReferralAccepted", "ReferralDeclined", "ReferralReturned")
            if name in {(item["agency"], item["reference"]) for item in body["references"]}
            and body["publisher"] == sent["target"]
        ]
        if not answers and sent["legal_basis"] == "CONSENT":
            withdrawn = facts.days("ConsentWithdrawn", publisher=sent["publisher"], consent_id=sent["consent_id"])
            given = facts.days("ConsentGiven", publisher=sent["publisher"], consent_id=sent["consent_id"])
            answers = [max(day, sent["occurred_on"]) for day in withdrawn if given]
        yield Wait(
            name="REFERRAL",
            about=f"referral:{sent['publisher']}/{sent['referral_id']}",
            period=service_period("S01", sent["occurred_on"], spans),
            stops=[*answers, *_closed_after(facts, sent)],
        )


def _closed_after(facts: Facts, body: Mapping[str, Any]) -> list[dt.date]:
    days = [*facts.handed_over(body["publisher"]), *facts.days("CaseClosed")]
    return [day for day in days if day >= body["occurred_on"]]


def inquiries(facts: Facts, spans: Spans) -> Iterator[Wait]:
    """S02: from the inquiry until somebody is referred, or the case is closed."""
    for asked in facts.of_type("InquiryReceived"):
        sent = [
            body["occurred_on"]
            for body in facts.of_type("ReferralSent")
            if (body["publisher"], body["case_reference"]) == (asked["publisher"], asked["case_reference"])
            and body["occurred_on"] >= asked["occurred_on"]
        ]
        yield Wait(
            name="INQUIRY",
            about=f"inquiry:{asked['publisher']}/{asked['event_id']}",
            period=service_period("S02", asked["occurred_on"], spans),
            stops=[*sent, *_closed_after(facts, asked)],
        )


def entries(facts: Facts, spans: Spans) -> Iterator[Wait]:
    """C17: in a recognition partnership, from the first entry until the application."""
    entered = facts.of_type("EntryReported")
    if not entered:
        return
    first = entered[0]
    norms = [_norm(one) for one in facts.titles().values()]
    partnership = first["legal_route"] == "RECOGNITION_PARTNERSHIP_16D3" or "AUFENTHG_16D_3" in norms
    applied = facts.days("ApplicationReceived")
    if partnership and not any(day < first["occurred_on"] for day in applied):
        yield Wait(
            name="AFTER_ENTRY",
            about=f"entry:{first['publisher']}/{first['case_reference']}",
            period=service_period("C17", first["occurred_on"], spans),
            stops=[*applied, *_closed_after(facts, first)],
        )


def _norm(one: Facts) -> str:
    told = [body["title_norm"] for _, body in one.all if body.get("title_norm") not in {None, "UNKNOWN"}]
    return str(told[-1]) if told else "UNKNOWN"


def notifications(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C11: three Werktage from what the foreigners' office received until it invites the employer."""
    for told in facts.of_type("ForeignersOfficeNotified"):
        received = told["received_on"] or told["occurred_on"]
        fast = facts.fast_track_on is not None and facts.fast_track_on <= received
        if not fast and told["legal_route"] not in {FAST_TRACK, "UNKNOWN"}:
            continue
        invited = facts.days("EmployerInvited", publisher=told["publisher"], trigger_event_id=told["event_id"])
        yield Wait(
            name="INVITATION",
            about=f"notification:{told['publisher']}/{told['event_id']}",
            period=Period(clock="C11", start=received, end=werktage_later(received, 3)),
            stops=[*invited, *facts.handed_over(told["publisher"])],
        )


def _fast(one: Facts, facts: Facts, day: dt.date) -> bool:
    if facts.fast_track_on is not None and facts.fast_track_on <= day:
        return True
    told = [body["legal_route"] for _, body in one.all if body["legal_route"] != "UNKNOWN"]
    return bool(told) and told[-1] == FAST_TRACK


def consents_of_labour_agency(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C12, C13: two weeks, or one, until the labour agency answers. C25: how long its consent is valid."""
    answers = ("LabourAgencyConsentGranted", "LabourAgencyConsentRefused", "LabourAgencyInfoInsufficient")
    for (office, reference), one in facts.titles().items():
        about = f"title:{office}/{reference}"
        asked = one.of_type("LabourAgencyConsentRequested")
        if asked:
            counts = _asked_anew(asked, one.days(*answers))
            day = counts["occurred_on"]
            quick = counts["consent_norm"] == "AUFENTHG_18G_4" or _fast(one, facts, day)
            answered = [other for other in one.days(*answers) if other > day or (counts is asked[0] and other == day)]
            period = Period(clock="C13" if quick else "C12", start=day, end=day + _WEEK * (1 if quick else 2))
            yield Wait(name="LABOUR_CONSENT", about=about, period=period, stops=[*answered, *facts.handed_over(office)])
        granted = one.of_type("LabourAgencyConsentGranted")
        if granted:
            day, until = granted[-1]["occurred_on"], granted[-1]["valid_until"]
            partnership = granted[-1]["consent_norm"] == "BESCHV_2A" or _norm(one) == "AUFENTHG_16D_3"
            longest = months_later(day, 12 if partnership else 48)
            period = Period(clock="C25", start=day, end=min(until or longest, longest), rolls=False)
            yield Wait(name="CONSENT_VALIDITY", about=about, period=period, stops=[])


def _asked_anew(asked: list[Mapping[str, Any]], answers: list[dt.date]) -> Mapping[str, Any]:
    """Return the request that counts: the first, or the last one that was made again after an answer."""
    counts = asked[0]
    for request in asked[1:]:
        if any(counts["occurred_on"] <= day <= request["occurred_on"] for day in answers):
            counts = request
    return counts


def visas(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C14: the appointment; C15: the decision on the visa; C16: the foreigners' office's consent to it."""
    for (office, reference), one in facts.titles().items():
        about = f"title:{office}/{reference}"
        approved, requested = one.days("PreApprovalIssued"), one.days("VisaAppointmentRequested")
        if approved and requested:
            later = max(min(approved), min(requested))
            if _fast(one, facts, later):
                offered = [
                    body["appointment_on"] or body["occurred_on"] for body in one.of_type("VisaAppointmentOffered")
                ]
                period = Period(clock="C14", start=later, end=later + _WEEK * 3)
                yield Wait(name="APPOINTMENT", about=about, period=period, stops=offered)
        complete = min(one.days("VisaApplicationComplete"), default=None)
        if complete is not None and _fast(one, facts, complete):
            period = Period(clock="C15", start=complete, end=complete + _WEEK * 3)
            yield Wait(name="VISA", about=about, period=period, stops=one.days("VisaDecided"))
        for sent in one.of_type("VisaDataTransmitted")[-1:]:
            if sent["consent_case"] in {"SECURITY_CHECK", "LISTED"}:
                day = sent["occurred_on"]
                replies = [*one.days("VisaObjectionRaised", "VisaCheckProlonged"), *facts.handed_over(office)]
                period = Period(clock="C16", start=day, end=day + dt.timedelta(days=10))
                yield Wait(name="VISA_CONSENT", about=about, period=period, stops=replies)


def permits(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C18 to C20: how long a permit is good for, and in total once it was extended."""
    titles = facts.titles()
    for (office, reference), one in titles.items():
        issued = one.of_type("ResidenceTitleIssued")
        if not issued:
            continue
        first = issued[0]
        row = _LONGEST_PERMIT.get(first["title_norm"])
        if row is None:
            continue
        clock, months, in_total = row
        start = first["occurred_on"]
        others = [day for key, other in titles.items() if key != (office, reference)
                  for day in other.days("ResidenceTitleIssued") if day > start]  # fmt: skip
        ends = [*others, *facts.handed_over(office)]
        extended = one.of_type("ResidenceTitleExtended")
        longest = months_later(start, months)
        period = Period(clock=clock, start=start, end=min(first["valid_until"] or longest, longest), rolls=False)
        stops = [*(body["occurred_on"] for body in extended), *ends]
        yield Wait(name="PERMIT", about=f"title:{office}/{reference}", period=period, stops=stops)
        if extended and in_total:
            longest = months_later(start, in_total)
            end = min(extended[-1]["valid_until"] or longest, longest)
            period = Period(clock=clock, start=start, end=end, rolls=False)
            yield Wait(name="PERMIT_TOTAL", about=f"renewal:{office}/{reference}", period=period, stops=ends)


def courses(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C23: four weeks until a vocational language course starts; two more to place its participants elsewhere."""
    grouped: dict[tuple[str, str], list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for event_type, body in facts.all:
        if event_type.startswith("Course") and event_type != "CourseEntitled":
            grouped[body["publisher"], body["course_reference"]].append((event_type, body))
    for (provider, reference), found in sorted(grouped.items()):
        one = Facts(tuple(found))
        if all(body["course_kind"] != "VOCATIONAL_LANGUAGE" for _, body in one.all):
            continue
        registered, not_held = one.days("CourseRegistered"), one.days("CourseNotHeld")
        if registered:
            period = Period(clock="C23", start=min(registered), end=min(registered) + _WEEK * 4)
            stops = one.days("CourseNotHeld", *_COURSE_ENDS)
            yield Wait(name="COURSE_START", about=f"course:{provider}/{reference}", period=period, stops=stops)
        if not_held:
            period = Period(clock="C23", start=min(not_held), end=min(not_held) + _WEEK * 2)
            stops = one.days("CoursePlacementChanged", "CourseStarted", "CourseDropped")
            yield Wait(name="PLACEMENT", about=f"placement:{provider}/{reference}", period=period, stops=stops)


def employments(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C21, C22: four weeks for the employer and two for the person to report an early end that became known."""
    for end in facts.of_type("EmploymentEndedEarly"):
        for clock, name, weeks, reporter in (
            ("C21", "EMPLOYER_REPORT", 4, "EMPLOYER"),
            ("C22", "PERSON_REPORT", 2, "PERSON"),
        ):
            told = [
                body
                for body in facts.of_type("EmploymentEndReported")
                if body["publisher"] == end["publisher"] and body["reporter"] == reporter
            ]
            known = next((body["known_on"] for body in (*told, end) if body["known_on"]), None)
            if known is not None:
                period = Period(clock=clock, start=known, end=known + _WEEK * weeks)
                stops = [body["reported_on"] or body["occurred_on"] for body in told]
                about = f"employment:{end['publisher']}/{end['event_id']}"
                yield Wait(name=name, about=about, period=period, stops=[*stops, *facts.handed_over(end["publisher"])])
