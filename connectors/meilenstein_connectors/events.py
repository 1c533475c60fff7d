"""The events as typed values. Generated from the contracts by `events_tool`; do not edit.

Each class has exactly the fields and defaults of its contract. `event_id`, `publisher` and `source_system` may stay
empty: the Publisher fills them in, like `sent_by`, `sequence` and `published_at`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from meilenstein_connectors.typed_event import TypedEvent

__all__ = [
    "EVENTS",
    "Announcement",
    "ApplicationChannel",
    "ApplicationKind",
    "ApplicationReceived",
    "AskerRole",
    "ConsentGiven",
    "ConsentPurpose",
    "ConsentWithdrawn",
    "ContactChannel",
    "CorrectionReason",
    "DecisionIssued",
    "DecisionOutcome",
    "DeclineReason",
    "DocumentsAreComplete",
    "DocumentsComplete",
    "DocumentsRequested",
    "EntryReported",
    "EventRetracted",
    "InquiryReceived",
    "LegalBasis",
    "LegalRoute",
    "Milestone",
    "ProcedureLaw",
    "ReceiptConfirmed",
    "Reference",
    "ReferenceKind",
    "ReferralAccepted",
    "ReferralDeclined",
    "ReferralReason",
    "ReferralSent",
    "Regulated",
    "RemediesInstruction",
    "SubjectKind",
    "TrainingStateGroup",
    "WelcomeCenterOnboardingStarted",
]


class Announcement(StrEnum):
    """Codes of Announcement."""

    UNKNOWN = "UNKNOWN"
    SERVED = "SERVED"
    POSTED = "POSTED"
    ELECTRONIC = "ELECTRONIC"
    HANDED_OVER = "HANDED_OVER"


class ApplicationChannel(StrEnum):
    """Codes of ApplicationChannel."""

    UNKNOWN = "UNKNOWN"
    EFA = "EFA"
    PAPER = "PAPER"
    EMAIL = "EMAIL"
    FOREIGNERS_OFFICE = "FOREIGNERS_OFFICE"
    IN_PERSON = "IN_PERSON"
    OTHER = "OTHER"


class ApplicationKind(StrEnum):
    """Codes of ApplicationKind."""

    UNKNOWN = "UNKNOWN"
    FIRST = "FIRST"
    FOLLOW_UP = "FOLLOW_UP"


class AskerRole(StrEnum):
    """Codes of AskerRole."""

    UNKNOWN = "UNKNOWN"
    PERSON = "PERSON"
    EMPLOYER = "EMPLOYER"


class ConsentPurpose(StrEnum):
    """Codes of ConsentPurpose."""

    UNKNOWN = "UNKNOWN"
    REFERRAL = "REFERRAL"
    PROGRESS = "PROGRESS"
    OUTCOME = "OUTCOME"
    ENTRY = "ENTRY"


class ContactChannel(StrEnum):
    """Codes of ContactChannel."""

    UNKNOWN = "UNKNOWN"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    WEB_FORM = "WEB_FORM"
    IN_PERSON = "IN_PERSON"
    LETTER = "LETTER"
    OTHER = "OTHER"


class CorrectionReason(StrEnum):
    """Codes of CorrectionReason."""

    UNKNOWN = "UNKNOWN"
    TYPING_ERROR = "TYPING_ERROR"
    WRONG_CASE = "WRONG_CASE"
    WRONG_FACT = "WRONG_FACT"
    ENTERED_TWICE = "ENTERED_TWICE"
    OTHER = "OTHER"


class DecisionOutcome(StrEnum):
    """Codes of DecisionOutcome."""

    UNKNOWN = "UNKNOWN"
    FULL_EQUIVALENCE = "FULL_EQUIVALENCE"
    COMPENSATION_REQUIRED = "COMPENSATION_REQUIRED"
    PARTIAL_EQUIVALENCE = "PARTIAL_EQUIVALENCE"
    PARTIAL_ACCESS = "PARTIAL_ACCESS"
    NEGATIVE = "NEGATIVE"


class DeclineReason(StrEnum):
    """Codes of DeclineReason."""

    UNKNOWN = "UNKNOWN"
    NOT_COMPETENT = "NOT_COMPETENT"
    NO_CAPACITY = "NO_CAPACITY"
    NOT_REACHED = "NOT_REACHED"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    OTHER = "OTHER"


class DocumentsAreComplete(StrEnum):
    """Codes of DocumentsAreComplete."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class LegalBasis(StrEnum):
    """Codes of LegalBasis."""

    UNKNOWN = "UNKNOWN"
    CONSENT = "CONSENT"
    STATUTORY_TASK = "STATUTORY_TASK"
    OTHER = "OTHER"


class LegalRoute(StrEnum):
    """Codes of LegalRoute."""

    UNKNOWN = "UNKNOWN"
    REGULAR = "REGULAR"
    FAST_TRACK_81A = "FAST_TRACK_81A"
    RECOGNITION_PARTNERSHIP_16D3 = "RECOGNITION_PARTNERSHIP_16D3"
    QUALIFICATION_16D1 = "QUALIFICATION_16D1"
    BLUE_CARD_18G = "BLUE_CARD_18G"
    EXPERIENCE_19C2 = "EXPERIENCE_19C2"
    CHANCENKARTE_20A = "CHANCENKARTE_20A"
    EU = "EU"


class ProcedureLaw(StrEnum):
    """Codes of ProcedureLaw."""

    UNKNOWN = "UNKNOWN"
    BQFG = "BQFG"
    SAECHS_BQFG = "SAECHS_BQFG"
    PFLAPRV = "PFLAPRV"
    AEAPPRO = "AEAPPRO"
    MTAPRV = "MTAPRV"
    OTHER = "OTHER"


class ReferenceKind(StrEnum):
    """Codes of ReferenceKind."""

    UNKNOWN = "UNKNOWN"
    CASE = "CASE"
    PROCEDURE = "PROCEDURE"
    REFERRAL = "REFERRAL"
    MANDATE = "MANDATE"
    TITLE = "TITLE"


class ReferralReason(StrEnum):
    """Codes of ReferralReason."""

    UNKNOWN = "UNKNOWN"
    RECOGNITION = "RECOGNITION"
    SETTLEMENT = "SETTLEMENT"
    RESIDENCE = "RESIDENCE"
    COUNSELLING = "COUNSELLING"
    LANGUAGE = "LANGUAGE"
    EMPLOYMENT = "EMPLOYMENT"
    OTHER = "OTHER"


class Regulated(StrEnum):
    """Codes of Regulated."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class RemediesInstruction(StrEnum):
    """Codes of RemediesInstruction."""

    UNKNOWN = "UNKNOWN"
    CORRECT = "CORRECT"
    MISSING = "MISSING"


class SubjectKind(StrEnum):
    """Codes of SubjectKind."""

    UNKNOWN = "UNKNOWN"
    PERSON = "PERSON"
    EMPLOYER = "EMPLOYER"
    ANONYMOUS = "ANONYMOUS"


class TrainingStateGroup(StrEnum):
    """Codes of TrainingStateGroup."""

    UNKNOWN = "UNKNOWN"
    EU_EEA_CH = "EU_EEA_CH"
    THIRD_STATE = "THIRD_STATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of a list of Reference records."""

    agency: str = ""
    """Key of the agency that owns the identifier."""
    kind: ReferenceKind = ReferenceKind.UNKNOWN
    """What the identifier names."""
    reference: str = ""
    """The identifier as its owner writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(TypedEvent):
    """The fields that every milestone carries."""

    event_id: str = ""
    """Lower-case UUID, given once by the publisher; a repeated id is a repeated event."""
    publisher: str = ""
    """Key of the agency responsible for the fact."""
    sent_by: str | None = None
    """Key of the technical sender acting for the publisher; null when the publisher sends itself."""
    source_system: str = ""
    """Name of the business application the fact comes from."""
    source_epoch: int | None = None
    """Grows by one when the source's numbering starts anew."""
    sequence: int | None = None
    """Contiguous number per publisher, source system and epoch."""
    subject_kind: SubjectKind = SubjectKind.UNKNOWN
    """Whom the case is about; only PERSON enters the case graph."""
    case_reference: str
    """The publisher's own file."""
    case_number: str | None = None
    """Speakable case number of the hub."""
    references: tuple[Reference, ...] = ()
    """Identifiers owned by other agencies; at most 20."""
    occurred_on: dt.date
    """Berlin calendar date on which the fact became true."""
    occurred_at: dt.datetime | None = None
    """Instant at which the fact became true; its Berlin date equals occurred_on."""
    recorded_at: dt.datetime | None = None
    """Instant at which the fact was entered in the source system."""
    published_at: dt.datetime | None = None
    """Instant at which the event was handed over for sending."""
    district_ags: str | None = None
    """AGS (5 digits) of the district of residence or intended residence."""
    legal_route: LegalRoute = LegalRoute.UNKNOWN
    """Legal route of the case."""
    corrects: str | None = None
    """event_id of the publisher's own event that this one replaces (or, for EventRetracted, withdraws)."""
    correction_reason: CorrectionReason = CorrectionReason.UNKNOWN
    """Why an earlier event is replaced or withdrawn."""
    legal_basis: LegalBasis = LegalBasis.UNKNOWN
    """Why the data may flow."""
    consent_id: str | None = None
    """The consent the data flow rests on; in ConsentGiven and ConsentWithdrawn the consent itself."""
    test: bool = False
    """True for sandbox traffic, which forms a graph of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReceived(Milestone):
    """Application received / Antrag eingegangen: An application for recognition reached the recognition body."""

    EVENT_TYPE: ClassVar[str] = "ApplicationReceived"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    procedure_law: ProcedureLaw = ProcedureLaw.UNKNOWN
    """Law that governs the procedure."""
    regulated: Regulated = Regulated.UNKNOWN
    """Whether the reference profession is regulated."""
    training_state_group: TrainingStateGroup = TrainingStateGroup.UNKNOWN
    """Group of the state in which the qualification was acquired."""
    application_channel: ApplicationChannel = ApplicationChannel.UNKNOWN
    """How the application came in."""
    application_kind: ApplicationKind = ApplicationKind.UNKNOWN
    """First or follow-up application."""
    profession_kldb: str | None = None
    """Reference profession, KldB 2010, 3 to 5 digits, leading zero kept."""
    training_state: str | None = None
    """State of the qualification, ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Milestone):
    """Consent given / Einwilligung erteilt: The person allowed named agencies to know parts of the case; consent_id of
    the envelope names the consent.
    """

    EVENT_TYPE: ClassVar[str] = "ConsentGiven"
    purposes: tuple[ConsentPurpose, ...] = ()
    """What may be passed on."""
    recipients: tuple[str, ...] = ()
    """Keys of the agencies that may know it."""
    valid_from: dt.date | None = None
    """First day of validity; null means occurred_on."""
    valid_until: dt.date | None = None
    """Last day of validity; null means until withdrawn."""
    form_version: str | None = None
    """Version of the consent form that was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Milestone):
    """Consent withdrawn / Einwilligung widerrufen: The person withdrew the consent that consent_id names; views
    resting on it end at once.
    """

    EVENT_TYPE: ClassVar[str] = "ConsentWithdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionIssued(Milestone):
    """Decision issued / Bescheid erlassen: The body decided on the application."""

    EVENT_TYPE: ClassVar[str] = "DecisionIssued"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    outcome: DecisionOutcome = DecisionOutcome.UNKNOWN
    """Outcome class of the official statistics."""
    announcement: Announcement = Announcement.UNKNOWN
    """How the decision is announced."""
    dispatched_on: dt.date | None = None
    """Day on which the decision was dispatched."""
    announced_on: dt.date | None = None
    """Day on which the decision was announced."""
    remedies_instruction: RemediesInstruction = RemediesInstruction.UNKNOWN
    """Whether the instruction on legal remedies was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsComplete(Milestone):
    """Documents complete / Unterlagen vollständig: The complete documents reached the body; occurred_on is the day of
    completeness.
    """

    EVENT_TYPE: ClassVar[str] = "DocumentsComplete"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsRequested(Milestone):
    """Documents requested / Unterlagen nachgefordert: The body asked the applicant for documents."""

    EVENT_TYPE: ClassVar[str] = "DocumentsRequested"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    items: tuple[str, ...] = ()
    """Coded documents that are asked for."""
    due_on: dt.date | None = None
    """Day by which they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReported(Milestone):
    """Entry reported / Einreise gemeldet: The person entered the country; occurred_on is the day of entry,
    district_ags the district.
    """

    EVENT_TYPE: ClassVar[str] = "EntryReported"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRetracted(Milestone):
    """Event retracted / Meldung zurückgezogen: The publisher withdraws the event that `corrects` names, as if it had
    never been sent.
    """

    EVENT_TYPE: ClassVar[str] = "EventRetracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryReceived(Milestone):
    """Inquiry received / Anfrage eingegangen: A person or employer asked for advice."""

    EVENT_TYPE: ClassVar[str] = "InquiryReceived"
    channel: ContactChannel = ContactChannel.UNKNOWN
    """How the inquiry came in."""
    asker_role: AskerRole = AskerRole.UNKNOWN
    """Who asked."""
    language: str | None = None
    """Language of the inquiry, ISO 639-1, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptConfirmed(Milestone):
    """Receipt confirmed / Eingang bestätigt: The body confirmed the receipt of the application to the applicant."""

    EVENT_TYPE: ClassVar[str] = "ReceiptConfirmed"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    documents_complete: DocumentsAreComplete = DocumentsAreComplete.UNKNOWN
    """Whether the confirmation says that the documents are complete."""
    missing_items: tuple[str, ...] = ()
    """Coded documents that the confirmation asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralAccepted(Milestone):
    """Referral accepted / Verweis angenommen: The named target took the referral on; a reference {sender, REFERRAL,
    id} names it.
    """

    EVENT_TYPE: ClassVar[str] = "ReferralAccepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDeclined(Milestone):
    """Referral declined / Verweis abgelehnt: The named target declined the referral; a reference {sender, REFERRAL,
    id} names it.
    """

    EVENT_TYPE: ClassVar[str] = "ReferralDeclined"
    decline_reason: DeclineReason = DeclineReason.UNKNOWN
    """Why the referral was declined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralSent(Milestone):
    """Referral sent / Verweis gesendet: The publisher referred the person to another agency."""

    EVENT_TYPE: ClassVar[str] = "ReferralSent"
    referral_id: str | None = None
    """The sender's own identifier of the referral."""
    target: str | None = None
    """Key of the agency the person is referred to."""
    reason: ReferralReason = ReferralReason.UNKNOWN
    """Why the person is referred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeCenterOnboardingStarted(Milestone):
    """Welcome Center onboarding started / Begleitung im Welcome Center begonnen: A Welcome Center began to accompany
    the person.
    """

    EVENT_TYPE: ClassVar[str] = "WelcomeCenterOnboardingStarted"
    services: tuple[str, ...] = ()
    """Coded services that were begun."""


EVENTS: Mapping[str, type[Milestone]] = {
    "ApplicationReceived": ApplicationReceived,
    "ConsentGiven": ConsentGiven,
    "ConsentWithdrawn": ConsentWithdrawn,
    "DecisionIssued": DecisionIssued,
    "DocumentsComplete": DocumentsComplete,
    "DocumentsRequested": DocumentsRequested,
    "EntryReported": EntryReported,
    "EventRetracted": EventRetracted,
    "InquiryReceived": InquiryReceived,
    "ReceiptConfirmed": ReceiptConfirmed,
    "ReferralAccepted": ReferralAccepted,
    "ReferralDeclined": ReferralDeclined,
    "ReferralSent": ReferralSent,
    "WelcomeCenterOnboardingStarted": WelcomeCenterOnboardingStarted,
}
"""The class of each event type."""
