"""What is doubtful about a case as a whole: procedures beside each other, steps after its end, a visa from nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from meilenstein.cases.authority import AUTHORITATIVE
from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.finding import Found, Hit
from meilenstein.cases.fold import Case
from meilenstein.cases.procedure_findings import ENDINGS
from meilenstein.cases.procedures import FAST_TRACK, Procedure
from meilenstein.cases.requirements import ASKING, items_of
from meilenstein.cases.subjects import CASE
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["PROCESS_MILESTONES", "case_findings"]

PROCESS_MILESTONES = frozenset({
    "InquiryReceived", "CounsellingCompleted", "ReferralSent", "FastTrackAgreementConcluded",
    "ForeignersOfficeNotified", "EmployerInvited", "ApplicationReceived", "ApplicationForwarded", "ReceiptConfirmed",
    "DocumentsRequested", "DocumentsComplete", "AdditionalEvidenceRequested", "OtherProcedureStarted",
    "OtherProcedureEnded", "DeadlineExtended", "EquivalenceCheckWaived", "DecisionIssued", "ApplicationWithdrawn",
    "ProcedureClosedNoDecision", "CompensationChosen", "CompensationStarted", "CompensationCompleted", "ExamTaken",
    "LicenceGranted", "QualificationConfirmed", "LabourAgencyConsentRequested", "LabourAgencyInfoInsufficient",
    "LabourAgencyConsentGranted", "LabourAgencyConsentRefused", "PreApprovalIssued", "VisaAppointmentRequested",
    "VisaAppointmentOffered", "VisaApplicationComplete", "VisaDecided", "VisaDataTransmitted", "VisaObjectionRaised",
    "VisaCheckProlonged", "EntryReported", "WelcomeCenterOnboardingStarted", "WelcomeCenterOnboardingCompleted",
    "ResidenceTitleApplied", "ResidenceTitleIssued",
})  # fmt: skip
"""Event types that carry a case on. Not among them: consents, retractions, transfer, closing and reopening; the answer
to a referral sent before; an appeal, which concerns a decision; language courses and exams; employment and the renewal
of a permit, which come long after the case."""
_VISA = ("VisaAppointmentRequested", "VisaAppointmentOffered", "VisaApplicationComplete", "VisaDecided")
_HOLDER = "ZEFAS"
_ONE_PROFESSION = frozenset({"PFLAPRV", "AEAPPRO"})
"""Laws that are about one profession, so that two applications under one of them are for the same."""
_UNKNOWN = frozenset({"UNKNOWN", "OTHER"})


def case_findings(case: Case, directory: Directory, rules: RuleTable) -> Found:
    """Yield what the facts alone say of one case."""
    if len({one.body for one in case.procedures}) > 1:
        yield from _parallel(case, rules)
        yield from _same_item(case)
    if case.ground.closed:
        yield from _after_closing(case, directory)
    if not any("PreApprovalIssued" in title.by_type for title in case.titles):
        for title in case.titles:
            yield from _without_pre_approval(case, [event for name in _VISA for event in title.of(name)], title.about)


def _parallel(case: Case, rules: RuleTable) -> Found:
    pairs = [
        (max(_opened(left), _opened(right)), left, right)
        for left, right in combinations(case.procedures, 2)
        if left.body != right.body and _at_once(case, left, right) and _same_profession(left, right, rules)
    ]
    if pairs:
        detail = {"procedures": [[left.about, right.about] for _, left, right in pairs]}
        yield Hit("PARALLEL_PROCEDURE", case.about, min(day for day, *_ in pairs), detail, None)


def _opened(one: Procedure) -> dt.date:
    return one.first("ApplicationReceived") or one.milestones[0].occurred_on


def _closed(case: Case, one: Procedure) -> dt.date:
    """Return the day on which a procedure ended at its body; the last day there is while it has not."""
    days = [event.occurred_on for name in ENDINGS for event in one.of(name)]
    days.extend(case.ground.transferred.get(one.body, ()))
    days.extend(event.occurred_on for event in case.subjects.of_type(CASE, "CaseClosed") if event.publisher == one.body)
    return min(days, default=dt.date.max)


def _at_once(case: Case, left: Procedure, right: Procedure) -> bool:
    """Say whether both were open at once, with no hand-over that explains it."""
    if _opened(left) >= _closed(case, right) or _opened(right) >= _closed(case, left):
        return False
    later = max(_opened(left), _opened(right))
    handed_over = any(day <= later for days in case.ground.transferred.values() for day in days)
    return not handed_over and not _forwarded(left, right) and not _forwarded(right, left)


def _forwarded(one: Procedure, other: Procedure) -> bool:
    return any(event.facts.get("target") == other.body for event in one.of("ApplicationForwarded"))


def _same_profession(left: Procedure, right: Procedure, rules: RuleTable) -> bool:
    """Say whether two applications are for one profession: by its code, its group and law, or a law for just one.

    What is not known is not guessed: under a law for many professions the group must be known.
    """
    codes = [_profession(left), _profession(right)]
    laws = {left.law, right.law} - _UNKNOWN
    if None not in codes:
        digits = rules.spans.same_profession_digits
        same_group = len({(code or "")[:digits] for code in codes}) == 1
        return codes[0] == codes[1] or (same_group and len(laws) < 2)
    return left.law == right.law and left.law in _ONE_PROFESSION


def _profession(one: Procedure) -> str | None:
    codes = (event.facts.get("profession_kldb") for event in one.of("ApplicationReceived"))
    return next((code for code in codes if code), None)


def _same_item(case: Case) -> Found:
    """Two bodies asked for the same item, and the first had not handed the matter over by then."""
    asked: dict[str, list[tuple[Event, Procedure]]] = {}
    for one in case.procedures:
        for event in (event for name in ASKING for event in one.of(name)):
            for item in dict.fromkeys(items_of(event)):
                asked.setdefault(item, []).append((event, one))
    twice = {item: first for item in sorted(asked) if (first := _second_request(case, asked[item])) is not None}
    if twice:
        detail = {
            "items": [
                {"item": item, "bodies": sorted({event.publisher for event, _ in asked[item]}), "on": event.occurred_on}
                for item, event in twice.items()
            ]
        }
        since = min(event.occurred_on for event in twice.values())
        yield Hit("SECOND_REQUEST_SAME_ITEM", case.about, since, detail, None)


def _second_request(case: Case, requests: Iterable[tuple[Event, Procedure]]) -> Event | None:
    """Return the first request for an item that another body had asked for and was still in charge."""
    before: dict[str, Procedure] = {}
    for event, one in sorted(requests, key=lambda request: request[0].order):
        others = (other for other in before.values() if other.body != one.body)
        if any(not _let_go(case, other, one, event.occurred_on) for other in others):
            return event
        before.setdefault(one.about, one)
    return None


def _let_go(case: Case, before: Procedure, after: Procedure, day: dt.date) -> bool:
    released = [event.occurred_on for event in before.of("ApplicationForwarded")]
    released.extend(released_on for days in case.ground.transferred.values() for released_on in days)
    return any(one <= day for one in released) or _forwarded(before, after)


def _after_closing(case: Case, directory: Directory) -> Found:
    """Steps after the end: of the agency that closed its file, or of anybody once the holder closed the case."""
    by_file, by_holder = _closings(case, directory)
    late: list[dict[str, Any]] = []
    for event in case.events:
        closed_on = min(by_file.get(event.file, dt.date.max), by_holder)
        if (
            event.occurred_on > closed_on
            and event.event_type in PROCESS_MILESTONES
            and case.standings[event.key] == AUTHORITATIVE
        ):
            step = {"event": event.event_id, "type": event.event_type, "on": event.occurred_on, "closed_on": closed_on}
            late.append(step)
    if late:
        publishers = {file.publisher for file in case.files}
        asked = case.files[0].publisher if len(publishers) == 1 else None
        yield Hit("FOLLOW_UP_OR_WRONG_CASE", case.about, late[0]["on"], {"milestones": late}, asked)


def _closings(case: Case, directory: Directory) -> tuple[dict[FileKey, dt.date], dt.date]:
    """Return since when files are closed, and since when the holder closed the case: what was not reopened since.

    Whoever closed may reopen, and so may the holder.
    """
    holder, facts = _holder(case, directory), case.subjects.about(CASE)
    reopened: dict[str, dt.date] = {}
    for event in facts:
        if event.event_type == "CaseReopened":
            reopened[event.publisher] = event.occurred_on
    by_file: dict[FileKey, dt.date] = {}
    by_holder = dt.date.max
    for event in facts:
        if event.event_type != "CaseClosed":
            continue
        last = max(reopened.get(name, dt.date.min) for name in (event.publisher, holder))
        if last < event.occurred_on:
            by_file.setdefault(event.file, event.occurred_on)
            if event.publisher == holder:
                by_holder = min(by_holder, event.occurred_on)
    return by_file, by_holder


def _holder(case: Case, directory: Directory) -> str:
    """Return who holds the case: the service desk where it takes part, else the agency of the first fact."""
    desks = [file.publisher for file in case.files if directory.kind(file.publisher) == _HOLDER]
    return desks[0] if desks else case.events[0].publisher


def _without_pre_approval(case: Case, events: Iterable[Event], about: str) -> Found:
    """Steps of the visa in the fast track; whether the pre-approval was lost or just not reported is not known here."""
    agreed = case.ground.fast_track_on
    fast = sorted(
        (
            event
            for event in events
            if event.legal_route == FAST_TRACK or (agreed is not None and agreed <= event.occurred_on)
        ),
        key=lambda event: event.order,
    )
    if fast:
        detail: dict[str, Any] = {"milestones": [event.event_type for event in fast]}
        yield Hit("VISA_WITHOUT_PRE_APPROVAL", about, fast[0].occurred_on, detail, None)
