"""Sorts the authoritative facts of a case by what they are about, in one pass over its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from meilenstein.cases.authority import AUTHORITATIVE, PROCEDURE_EVENTS
from meilenstein.cases.events import Event

__all__ = [
    "ATTACHED", "CASE", "COURSE", "EMPLOYMENT", "ENTRY", "INQUIRY", "NOTIFICATION", "PROCEDURE", "REFERRAL", "TITLE",
    "Subjects", "subjects_of",
]  # fmt: skip

ATTACHED, CASE, COURSE, EMPLOYMENT, ENTRY = "ATTACHED", "CASE", "COURSE", "EMPLOYMENT", "ENTRY"
INQUIRY, NOTIFICATION, PROCEDURE, REFERRAL, TITLE = "INQUIRY", "NOTIFICATION", "PROCEDURE", "REFERRAL", "TITLE"

_SUBJECT: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(PROCEDURE_EVENTS, PROCEDURE),
    **dict.fromkeys(("LicenceGranted", "LanguageExamRegistered", "LanguageExamPassed", "LanguageExamFailed"), ATTACHED),
    **dict.fromkeys(
        (
            "LabourAgencyConsentRequested", "LabourAgencyInfoInsufficient", "LabourAgencyConsentGranted",
            "LabourAgencyConsentRefused", "PreApprovalIssued", "VisaAppointmentRequested", "VisaAppointmentOffered",
            "VisaApplicationComplete", "VisaDecided", "VisaDataTransmitted", "VisaObjectionRaised",
            "VisaCheckProlonged", "ResidenceTitleApplied", "ResidenceTitleIssued", "ResidenceTitleExtended",
        ),
        TITLE,
    ),
    **dict.fromkeys(
        (
            "CourseRegistered", "CourseStarted", "CourseDropped", "CourseCompleted", "CourseNotHeld",
            "CoursePlacementChanged",
        ),
        COURSE,
    ),
    **dict.fromkeys(("EmploymentEndedEarly", "EmploymentEndReported"), EMPLOYMENT),
    **dict.fromkeys(("ForeignersOfficeNotified", "EmployerInvited"), NOTIFICATION),
    **dict.fromkeys(("FastTrackAgreementConcluded", "CaseTransferred", "CaseClosed", "CaseReopened"), CASE),
    "InquiryReceived": INQUIRY,
    "EntryReported": ENTRY,
    "ReferralSent": REFERRAL,
})  # fmt: skip
"""A type that is not here starts and stops nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The authoritative facts of a case."""

    by_subject: Mapping[str, list[Event]]
    """In canonical order."""

    def about(self, subject: str) -> list[Event]:
        """Return the facts about one kind of thing."""
        return self.by_subject.get(subject, [])

    def of_type(self, subject: str, event_type: str) -> list[Event]:
        """Return the facts of one type."""
        return [event for event in self.by_subject.get(subject, ()) if event.event_type == event_type]


def subjects_of(events: Iterable[Event], standings: Mapping[tuple[str, str], str]) -> Subjects:
    """Return the facts in force of one case (canonical order) by what they are about."""
    found: dict[str, list[Event]] = {}
    for event in events:
        subject = _SUBJECT.get(event.event_type)
        if subject is not None and standings[event.key] == AUTHORITATIVE:
            if subject in found:
                found[subject].append(event)
            else:
                found[subject] = [event]
    return Subjects(by_subject=found)
