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
    "AdditionalEvidenceRequested",
    "Announcement",
    "AppealDecided",
    "AppealFiled",
    "AppealKind",
    "AppealResult",
    "ApplicationChannel",
    "ApplicationForwarded",
    "ApplicationKind",
    "ApplicationReceived",
    "ApplicationWithdrawn",
    "AskerRole",
    "CaseClosed",
    "CaseReopened",
    "CaseTransferred",
    "ClosingReason",
    "CompensationChosen",
    "CompensationCompleted",
    "CompensationKind",
    "CompensationStarted",
    "ConsentCase",
    "ConsentGiven",
    "ConsentNorm",
    "ConsentPurpose",
    "ConsentWithdrawn",
    "ContactChannel",
    "CorrectionReason",
    "CounsellingCompleted",
    "CounsellingTopic",
    "CourseCompleted",
    "CourseDropped",
    "CourseEntitled",
    "CourseKind",
    "CourseNotHeld",
    "CoursePlacementChanged",
    "CourseRegistered",
    "CourseStarted",
    "DeadlineExtended",
    "DecisionIssued",
    "DecisionObject",
    "DecisionOutcome",
    "DeclaredFinal",
    "DeclineReason",
    "DocumentsAreComplete",
    "DocumentsComplete",
    "DocumentsRequested",
    "EmployerInvited",
    "EmploymentEndReported",
    "EmploymentEndedEarly",
    "EmploymentStarted",
    "EntryReported",
    "EquivalenceCheckWaived",
    "EssentialDifferences",
    "EventRetracted",
    "EvidenceBasis",
    "ExamTaken",
    "ExtensionReason",
    "FastTrackAgreementConcluded",
    "FirstTitle",
    "ForeignersOfficeNotified",
    "ForwardReason",
    "InformedOfConsequences",
    "InquiryReceived",
    "LabourAgencyConsentGranted",
    "LabourAgencyConsentRefused",
    "LabourAgencyConsentRequested",
    "LabourAgencyInfoInsufficient",
    "Land",
    "LanguageExamFailed",
    "LanguageExamKind",
    "LanguageExamPassed",
    "LanguageExamRegistered",
    "LanguageLevel",
    "LegalBasis",
    "LegalRoute",
    "LicenceGranted",
    "LicenceKind",
    "Milestone",
    "MissingInformation",
    "NotifiedOf",
    "OtherProcedureEnded",
    "OtherProcedureKind",
    "OtherProcedureStarted",
    "Passed",
    "PreApprovalIssued",
    "ProcedureClosedNoDecision",
    "ProcedureLaw",
    "QualificationConfirmed",
    "QuickcheckCompleted",
    "ReceiptConfirmed",
    "Reference",
    "ReferenceKind",
    "ReferralAccepted",
    "ReferralDeclined",
    "ReferralReason",
    "ReferralReturned",
    "ReferralSent",
    "RefusalReason",
    "Regulated",
    "RemediesInstruction",
    "ReopeningReason",
    "Reporter",
    "ResidenceTitleApplied",
    "ResidenceTitleExtended",
    "ResidenceTitleIssued",
    "ReturnReason",
    "SubjectKind",
    "TitleNorm",
    "TrainingStateGroup",
    "TwoYearTraining",
    "ViaAzr",
    "VisaApplicationComplete",
    "VisaAppointmentOffered",
    "VisaAppointmentRequested",
    "VisaCheckProlonged",
    "VisaDataTransmitted",
    "VisaDecided",
    "VisaObjectionRaised",
    "VisaResult",
    "WelcomeCenterOnboardingCompleted",
    "WelcomeCenterOnboardingStarted",
]


class Announcement(StrEnum):
    """Codes of Announcement."""

    UNKNOWN = "UNKNOWN"
    SERVED = "SERVED"
    POSTED = "POSTED"
    ELECTRONIC = "ELECTRONIC"
    HANDED_OVER = "HANDED_OVER"


class AppealKind(StrEnum):
    """Codes of AppealKind."""

    UNKNOWN = "UNKNOWN"
    OBJECTION = "OBJECTION"
    ACTION = "ACTION"


class AppealResult(StrEnum):
    """Codes of AppealResult."""

    UNKNOWN = "UNKNOWN"
    UPHELD = "UPHELD"
    PARTLY_UPHELD = "PARTLY_UPHELD"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    SETTLED = "SETTLED"


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


class ClosingReason(StrEnum):
    """Codes of ClosingReason."""

    UNKNOWN = "UNKNOWN"
    COMPLETED = "COMPLETED"
    WITHDRAWN_BY_APPLICANT = "WITHDRAWN_BY_APPLICANT"
    DOCUMENTS_NOT_SUBMITTED = "DOCUMENTS_NOT_SUBMITTED"
    NOT_COMPETENT = "NOT_COMPETENT"
    MOVED_AWAY = "MOVED_AWAY"
    NOT_REACHED = "NOT_REACHED"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


class CompensationKind(StrEnum):
    """Codes of CompensationKind."""

    UNKNOWN = "UNKNOWN"
    ADAPTATION_PERIOD = "ADAPTATION_PERIOD"
    APTITUDE_TEST = "APTITUDE_TEST"
    KNOWLEDGE_TEST = "KNOWLEDGE_TEST"
    ADAPTATION_QUALIFICATION = "ADAPTATION_QUALIFICATION"


class ConsentCase(StrEnum):
    """Codes of ConsentCase."""

    UNKNOWN = "UNKNOWN"
    SECURITY_CHECK = "SECURITY_CHECK"
    LISTED = "LISTED"
    OTHER = "OTHER"


class ConsentNorm(StrEnum):
    """Codes of ConsentNorm."""

    UNKNOWN = "UNKNOWN"
    BESCHV_36 = "BESCHV_36"
    BESCHV_2A = "BESCHV_2A"
    BESCHV_6 = "BESCHV_6"
    BESCHV_8 = "BESCHV_8"
    AUFENTHG_18A = "AUFENTHG_18A"
    AUFENTHG_18B = "AUFENTHG_18B"
    AUFENTHG_18G = "AUFENTHG_18G"
    AUFENTHG_18G_4 = "AUFENTHG_18G_4"
    OTHER = "OTHER"


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


class CounsellingTopic(StrEnum):
    """Codes of CounsellingTopic."""

    UNKNOWN = "UNKNOWN"
    RECOGNITION = "RECOGNITION"
    QUALIFICATION = "QUALIFICATION"
    RESIDENCE = "RESIDENCE"
    LANGUAGE = "LANGUAGE"
    EMPLOYMENT = "EMPLOYMENT"
    SETTLEMENT = "SETTLEMENT"
    OTHER = "OTHER"


class CourseKind(StrEnum):
    """Codes of CourseKind."""

    UNKNOWN = "UNKNOWN"
    VOCATIONAL_LANGUAGE = "VOCATIONAL_LANGUAGE"
    INTEGRATION = "INTEGRATION"


class DecisionObject(StrEnum):
    """Codes of DecisionObject."""

    UNKNOWN = "UNKNOWN"
    EQUIVALENCE = "EQUIVALENCE"
    DIFFERENCES = "DIFFERENCES"
    LICENCE = "LICENCE"


class DecisionOutcome(StrEnum):
    """Codes of DecisionOutcome."""

    UNKNOWN = "UNKNOWN"
    FULL_EQUIVALENCE = "FULL_EQUIVALENCE"
    COMPENSATION_REQUIRED = "COMPENSATION_REQUIRED"
    PARTIAL_EQUIVALENCE = "PARTIAL_EQUIVALENCE"
    PARTIAL_ACCESS = "PARTIAL_ACCESS"
    NEGATIVE = "NEGATIVE"


class DeclaredFinal(StrEnum):
    """Codes of DeclaredFinal."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


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


class EssentialDifferences(StrEnum):
    """Codes of EssentialDifferences."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class EvidenceBasis(StrEnum):
    """Codes of EvidenceBasis."""

    UNKNOWN = "UNKNOWN"
    BQFG_5_4 = "BQFG_5_4"
    BQFG_5_5 = "BQFG_5_5"
    BQFG_12_4 = "BQFG_12_4"
    BQFG_12_5 = "BQFG_12_5"


class ExtensionReason(StrEnum):
    """Codes of ExtensionReason."""

    UNKNOWN = "UNKNOWN"
    COMPLEX_MATTER = "COMPLEX_MATTER"
    EXPERT_OPINION = "EXPERT_OPINION"
    FOREIGN_AUTHORITY = "FOREIGN_AUTHORITY"
    OTHER = "OTHER"


class FirstTitle(StrEnum):
    """Codes of FirstTitle."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class ForwardReason(StrEnum):
    """Codes of ForwardReason."""

    UNKNOWN = "UNKNOWN"
    OTHER_PROFESSION = "OTHER_PROFESSION"
    OTHER_AREA = "OTHER_AREA"
    OTHER = "OTHER"


class InformedOfConsequences(StrEnum):
    """Codes of InformedOfConsequences."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class Land(StrEnum):
    """Codes of Land."""

    UNKNOWN = "UNKNOWN"
    BB = "BB"
    BE = "BE"
    BW = "BW"
    BY = "BY"
    HB = "HB"
    HE = "HE"
    HH = "HH"
    MV = "MV"
    NI = "NI"
    NW = "NW"
    RP = "RP"
    SH = "SH"
    SL = "SL"
    SN = "SN"
    ST = "ST"
    TH = "TH"


class LanguageExamKind(StrEnum):
    """Codes of LanguageExamKind."""

    UNKNOWN = "UNKNOWN"
    GENERAL = "GENERAL"
    PROFESSIONAL = "PROFESSIONAL"


class LanguageLevel(StrEnum):
    """Codes of LanguageLevel."""

    UNKNOWN = "UNKNOWN"
    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


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


class LicenceKind(StrEnum):
    """Codes of LicenceKind."""

    UNKNOWN = "UNKNOWN"
    APPROBATION = "APPROBATION"
    PERMIT = "PERMIT"
    TEMPORARY_PERMIT = "TEMPORARY_PERMIT"


class MissingInformation(StrEnum):
    """Codes of MissingInformation."""

    UNKNOWN = "UNKNOWN"
    EMPLOYER_ANSWER = "EMPLOYER_ANSWER"
    JOB_DESCRIPTION = "JOB_DESCRIPTION"
    PAY = "PAY"
    WORKING_HOURS = "WORKING_HOURS"
    QUALIFICATION = "QUALIFICATION"
    OTHER = "OTHER"


class NotifiedOf(StrEnum):
    """Codes of NotifiedOf."""

    UNKNOWN = "UNKNOWN"
    DOCUMENTS_REQUESTED = "DOCUMENTS_REQUESTED"
    DECISION = "DECISION"


class OtherProcedureKind(StrEnum):
    """Codes of OtherProcedureKind."""

    UNKNOWN = "UNKNOWN"
    QUALIFICATION_ANALYSIS = "QUALIFICATION_ANALYSIS"
    OTHER = "OTHER"


class Passed(StrEnum):
    """Codes of Passed."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


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


class RefusalReason(StrEnum):
    """Codes of RefusalReason."""

    UNKNOWN = "UNKNOWN"
    WORKING_CONDITIONS = "WORKING_CONDITIONS"
    QUALIFICATION = "QUALIFICATION"
    EMPLOYER = "EMPLOYER"
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


class ReopeningReason(StrEnum):
    """Codes of ReopeningReason."""

    UNKNOWN = "UNKNOWN"
    NEW_FACT = "NEW_FACT"
    FOLLOW_UP = "FOLLOW_UP"
    RETURNED = "RETURNED"
    CLOSED_BY_MISTAKE = "CLOSED_BY_MISTAKE"
    OTHER = "OTHER"


class Reporter(StrEnum):
    """Codes of Reporter."""

    UNKNOWN = "UNKNOWN"
    EMPLOYER = "EMPLOYER"
    PERSON = "PERSON"


class ReturnReason(StrEnum):
    """Codes of ReturnReason."""

    UNKNOWN = "UNKNOWN"
    NOT_COMPETENT = "NOT_COMPETENT"
    NO_CAPACITY = "NO_CAPACITY"
    NOT_REACHED = "NOT_REACHED"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    PERSON_WITHDREW = "PERSON_WITHDREW"
    OTHER = "OTHER"


class SubjectKind(StrEnum):
    """Codes of SubjectKind."""

    UNKNOWN = "UNKNOWN"
    PERSON = "PERSON"
    EMPLOYER = "EMPLOYER"
    ANONYMOUS = "ANONYMOUS"


class TitleNorm(StrEnum):
    """Codes of TitleNorm."""

    UNKNOWN = "UNKNOWN"
    AUFENTHG_16D_1 = "AUFENTHG_16D_1"
    AUFENTHG_16D_3 = "AUFENTHG_16D_3"
    AUFENTHG_16D_4 = "AUFENTHG_16D_4"
    AUFENTHG_16D_5 = "AUFENTHG_16D_5"
    AUFENTHG_16D_6 = "AUFENTHG_16D_6"
    AUFENTHG_18A = "AUFENTHG_18A"
    AUFENTHG_18B = "AUFENTHG_18B"
    AUFENTHG_18G = "AUFENTHG_18G"
    AUFENTHG_19C_2 = "AUFENTHG_19C_2"
    AUFENTHG_20A = "AUFENTHG_20A"
    OTHER = "OTHER"


class TrainingStateGroup(StrEnum):
    """Codes of TrainingStateGroup."""

    UNKNOWN = "UNKNOWN"
    EU_EEA_CH = "EU_EEA_CH"
    THIRD_STATE = "THIRD_STATE"


class TwoYearTraining(StrEnum):
    """Codes of TwoYearTraining."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class ViaAzr(StrEnum):
    """Codes of ViaAzr."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"


class VisaResult(StrEnum):
    """Codes of VisaResult."""

    UNKNOWN = "UNKNOWN"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


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
class AdditionalEvidenceRequested(Milestone):
    """Additional evidence requested / Weitere Nachweise verlangt: The body asked for further information or evidence
    within a set time; the decision period is suspended until then.
    """

    EVENT_TYPE: ClassVar[str] = "AdditionalEvidenceRequested"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    evidence_basis: EvidenceBasis = EvidenceBasis.UNKNOWN
    """Provision on which more evidence is asked for."""
    until_on: dt.date | None = None
    """Last day by which it must be submitted; the decision period is suspended until then."""
    items: tuple[str, ...] = ()
    """Coded documents that are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided(Milestone):
    """Appeal decided / Über Rechtsbehelf entschieden: An objection or court action against a decision ended."""

    EVENT_TYPE: ClassVar[str] = "AppealDecided"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    decision_event_id: str | None = None
    """event_id of the DecisionIssued that is challenged."""
    appeal_kind: AppealKind = AppealKind.UNKNOWN
    """Objection or court action."""
    appeal_result: AppealResult = AppealResult.UNKNOWN
    """How the appeal ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFiled(Milestone):
    """Appeal filed / Rechtsbehelf eingelegt: An objection or court action against a decision was filed."""

    EVENT_TYPE: ClassVar[str] = "AppealFiled"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    decision_event_id: str | None = None
    """event_id of the DecisionIssued that is challenged."""
    appeal_kind: AppealKind = AppealKind.UNKNOWN
    """Objection or court action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationForwarded(Milestone):
    """Application forwarded / Antrag abgegeben: The body forwarded the application to another body because it is not
    competent.
    """

    EVENT_TYPE: ClassVar[str] = "ApplicationForwarded"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    target: str | None = None
    """Key of the agency that the person or the matter is passed on to."""
    forward_reason: ForwardReason = ForwardReason.UNKNOWN
    """Why the application was forwarded."""


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
    """Profession, KldB 2010, 3 to 5 digits, leading zero kept; in matters of recognition the reference profession."""
    training_state: str | None = None
    """State of the qualification, ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn(Milestone):
    """Application withdrawn / Antrag zurückgenommen: The applicant withdrew the application; all clocks of the
    procedure stop.
    """

    EVENT_TYPE: ClassVar[str] = "ApplicationWithdrawn"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    closing_reason: ClosingReason = ClosingReason.UNKNOWN
    """Why the procedure or the file was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Milestone):
    """Case closed / Akte geschlossen: The publisher closed its file; its service clocks stop."""

    EVENT_TYPE: ClassVar[str] = "CaseClosed"
    closing_reason: ClosingReason = ClosingReason.UNKNOWN
    """Why the procedure or the file was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Milestone):
    """Case reopened / Akte wieder geöffnet: The publisher opened its file again."""

    EVENT_TYPE: ClassVar[str] = "CaseReopened"
    reopening_reason: ReopeningReason = ReopeningReason.UNKNOWN
    """Why the file was opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(Milestone):
    """Case transferred / Fall abgegeben: The publisher gave its part of the case to an agency of another district or
    Land; its own clocks stop.
    """

    EVENT_TYPE: ClassVar[str] = "CaseTransferred"
    target_land: Land = Land.UNKNOWN
    """Land that the case goes to."""
    target_district_ags: str | None = None
    """AGS (5 digits) of the district that the case goes to."""
    target: str | None = None
    """Key of the agency that the person or the matter is passed on to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationChosen(Milestone):
    """Compensation chosen / Ausgleichsmaßnahme gewählt: The applicant chose a compensation measure."""

    EVENT_TYPE: ClassVar[str] = "CompensationChosen"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    compensation_kind: CompensationKind = CompensationKind.UNKNOWN
    """Kind of compensation measure."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationCompleted(Milestone):
    """Compensation completed / Ausgleichsmaßnahme abgeschlossen: The compensation measure was completed."""

    EVENT_TYPE: ClassVar[str] = "CompensationCompleted"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    compensation_kind: CompensationKind = CompensationKind.UNKNOWN
    """Kind of compensation measure."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationStarted(Milestone):
    """Compensation started / Ausgleichsmaßnahme begonnen: The compensation measure began."""

    EVENT_TYPE: ClassVar[str] = "CompensationStarted"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    compensation_kind: CompensationKind = CompensationKind.UNKNOWN
    """Kind of compensation measure."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


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
    """Last day of validity; null means no end is set (a consent: until withdrawn)."""
    form_version: str | None = None
    """Version of the consent form that was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(Milestone):
    """Consent withdrawn / Einwilligung widerrufen: The person withdrew the consent that consent_id names; views
    resting on it end at once.
    """

    EVENT_TYPE: ClassVar[str] = "ConsentWithdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellingCompleted(Milestone):
    """Counselling completed / Beratung abgeschlossen: The person was counselled; this starts no period."""

    EVENT_TYPE: ClassVar[str] = "CounsellingCompleted"
    counselling_topic: CounsellingTopic = CounsellingTopic.UNKNOWN
    """What the counselling was about."""
    recommended_body: str | None = None
    """Key of the recognition body that was recommended."""
    profession_kldb: str | None = None
    """Profession, KldB 2010, 3 to 5 digits, leading zero kept; in matters of recognition the reference profession."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCompleted(Milestone):
    """Course completed / Kurs abgeschlossen: The person completed the course."""

    EVENT_TYPE: ClassVar[str] = "CourseCompleted"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDropped(Milestone):
    """Course dropped / Kurs abgebrochen: The person left the course before its end."""

    EVENT_TYPE: ClassVar[str] = "CourseDropped"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEntitled(Milestone):
    """Course entitlement given / Kursberechtigung erteilt: The person was entitled to a course."""

    EVENT_TYPE: ClassVar[str] = "CourseEntitled"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseNotHeld(Milestone):
    """Course not held / Kurs kommt nicht zustande: The provider told that the course does not come about."""

    EVENT_TYPE: ClassVar[str] = "CourseNotHeld"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePlacementChanged(Milestone):
    """Course placement changed / An anderen Kursträger vermittelt: The person was placed with another provider;
    provider_reference is the new one.
    """

    EVENT_TYPE: ClassVar[str] = "CoursePlacementChanged"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRegistered(Milestone):
    """Course registered / Zum Kurs angemeldet: The provider registered the person for a course."""

    EVENT_TYPE: ClassVar[str] = "CourseRegistered"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStarted(Milestone):
    """Course started / Kurs begonnen: The course of the person began."""

    EVENT_TYPE: ClassVar[str] = "CourseStarted"
    course_reference: str | None = None
    """The publisher's own identifier of the participation in the course."""
    course_kind: CourseKind = CourseKind.UNKNOWN
    """Kind of course."""
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    provider_reference: str | None = None
    """The publisher's own identifier of the provider of the measure or course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExtended(Milestone):
    """Deadline extended / Frist verlängert: The body extended the decision period once, with a reason."""

    EVENT_TYPE: ClassVar[str] = "DeadlineExtended"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    new_end_on: dt.date | None = None
    """Last day of the extended decision period."""
    extension_reason: ExtensionReason = ExtensionReason.UNKNOWN
    """Why the decision period was extended."""
    notified_on: dt.date | None = None
    """Day on which the applicant was notified."""


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
    decision_object: DecisionObject = DecisionObject.UNKNOWN
    """What was decided."""
    differences: EssentialDifferences = EssentialDifferences.UNKNOWN
    """Whether the decision states essential differences."""
    measures: tuple[CompensationKind, ...] = ()
    """Compensation measures that the decision offers or imposes."""


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
class EmployerInvited(Milestone):
    """Employer invited / Arbeitgeber eingeladen: The foreigners' office invited the employer because of a request for
    documents or a decision of the recognition body.
    """

    EVENT_TYPE: ClassVar[str] = "EmployerInvited"
    trigger_event_id: str | None = None
    """event_id of the event that made the invitation due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentEndReported(Milestone):
    """Employment end reported / Ende der Beschäftigung gemeldet: The employer or the person reported the end of the
    employment to the foreigners' office.
    """

    EVENT_TYPE: ClassVar[str] = "EmploymentEndReported"
    reporter: Reporter = Reporter.UNKNOWN
    """Who reported the end."""
    known_on: dt.date | None = None
    """Day on which whoever must report it learned of the end."""
    reported_on: dt.date | None = None
    """Day on which the report reached the foreigners' office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentEndedEarly(Milestone):
    """Employment ended early / Beschäftigung vorzeitig beendet: The employment for which the title was issued ended
    early.
    """

    EVENT_TYPE: ClassVar[str] = "EmploymentEndedEarly"
    ended_on: dt.date | None = None
    """Last day of the employment."""
    known_on: dt.date | None = None
    """Day on which whoever must report it learned of the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentStarted(Milestone):
    """Employment started / Beschäftigung begonnen: The person began to work; district_ags is the district."""

    EVENT_TYPE: ClassVar[str] = "EmploymentStarted"
    profession_kldb: str | None = None
    """Profession, KldB 2010, 3 to 5 digits, leading zero kept; in matters of recognition the reference profession."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReported(Milestone):
    """Entry reported / Einreise gemeldet: The person entered the country; occurred_on is the day of entry,
    district_ags the district.
    """

    EVENT_TYPE: ClassVar[str] = "EntryReported"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceCheckWaived(Milestone):
    """Equivalence check waived / Verzicht auf Gleichwertigkeitsprüfung: The applicant waived the equivalence check in
    nursing (PflBG section 40(3a)); an exam or course follows.
    """

    EVENT_TYPE: ClassVar[str] = "EquivalenceCheckWaived"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    declared_final: DeclaredFinal = DeclaredFinal.UNKNOWN
    """Whether the applicant waived the equivalence check finally."""
    informed_of_consequences: InformedOfConsequences = InformedOfConsequences.UNKNOWN
    """Whether the applicant was informed of the consequences of the waiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRetracted(Milestone):
    """Event retracted / Meldung zurückgezogen: The publisher withdraws the event that `corrects` names, as if it had
    never been sent.
    """

    EVENT_TYPE: ClassVar[str] = "EventRetracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTaken(Milestone):
    """Exam taken / Prüfung abgelegt: The applicant took an exam that compensates essential differences."""

    EVENT_TYPE: ClassVar[str] = "ExamTaken"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    compensation_kind: CompensationKind = CompensationKind.UNKNOWN
    """Kind of compensation measure."""
    passed: Passed = Passed.UNKNOWN
    """Whether the exam was passed."""
    attempt: int | None = None
    """Number of the attempt, 1 for the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FastTrackAgreementConcluded(Milestone):
    """Fast-track agreement concluded / Vereinbarung nach § 81a geschlossen: Foreigners' office and employer agreed on
    the fast-track procedure; from then on the route of the whole case is FAST_TRACK_81A.
    """

    EVENT_TYPE: ClassVar[str] = "FastTrackAgreementConcluded"
    employer_reference: str | None = None
    """The publisher's own identifier of the employer; never a name."""
    mandate_reference: str | None = None
    """The publisher's own identifier of the mandate by which the employer acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignersOfficeNotified(Milestone):
    """Foreigners' office notified / Ausländerbehörde unterrichtet: A request for documents or a decision of the
    recognition body reached the foreigners' office; a reference {body, PROCEDURE, id} names the procedure.
    """

    EVENT_TYPE: ClassVar[str] = "ForeignersOfficeNotified"
    notified_of: NotifiedOf = NotifiedOf.UNKNOWN
    """What the recognition body sent to the foreigners' office."""
    received_on: dt.date | None = None
    """Day on which it was received."""


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
class LabourAgencyConsentGranted(Milestone):
    """Labour agency's consent granted / Zustimmung der BA erteilt: The labour agency consented; a reference {office,
    TITLE, id} names the matter. An office that passes the answer on names its own matter in title_reference.
    """

    EVENT_TYPE: ClassVar[str] = "LabourAgencyConsentGranted"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_norm: ConsentNorm = ConsentNorm.UNKNOWN
    """Legal norm on which the consent of the labour agency rests."""
    valid_from: dt.date | None = None
    """First day of validity; null means occurred_on."""
    valid_until: dt.date | None = None
    """Last day of validity; null means no end is set (a consent: until withdrawn)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourAgencyConsentRefused(Milestone):
    """Labour agency's consent refused / Zustimmung der BA versagt: The labour agency refused its consent; a reference
    {office, TITLE, id} names the matter. An office that passes the answer on names its own matter in
    title_reference.
    """

    EVENT_TYPE: ClassVar[str] = "LabourAgencyConsentRefused"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_norm: ConsentNorm = ConsentNorm.UNKNOWN
    """Legal norm on which the consent of the labour agency rests."""
    refusal_reason: RefusalReason = RefusalReason.UNKNOWN
    """Why the consent was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourAgencyConsentRequested(Milestone):
    """Labour agency's consent requested / Zustimmung der BA angefragt: The request for the consent of the labour
    agency was transmitted; occurred_at is the instant of transmission.
    """

    EVENT_TYPE: ClassVar[str] = "LabourAgencyConsentRequested"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_norm: ConsentNorm = ConsentNorm.UNKNOWN
    """Legal norm on which the consent of the labour agency rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourAgencyInfoInsufficient(Milestone):
    """Information insufficient for the labour agency / Angaben für die BA unzureichend: The labour agency said that
    information is missing; its consent is no longer deemed granted by lapse of time. A reference {office, TITLE,
    id} names the matter. An office that passes the answer on names its own matter in title_reference.
    """

    EVENT_TYPE: ClassVar[str] = "LabourAgencyInfoInsufficient"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_norm: ConsentNorm = ConsentNorm.UNKNOWN
    """Legal norm on which the consent of the labour agency rests."""
    missing_information: tuple[MissingInformation, ...] = ()
    """What the labour agency is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageExamFailed(Milestone):
    """Language exam failed / Sprachprüfung nicht bestanden: The person did not pass a language exam."""

    EVENT_TYPE: ClassVar[str] = "LanguageExamFailed"
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    language_exam_kind: LanguageExamKind = LanguageExamKind.UNKNOWN
    """General or professional language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageExamPassed(Milestone):
    """Language exam passed / Sprachprüfung bestanden: The person passed a language exam."""

    EVENT_TYPE: ClassVar[str] = "LanguageExamPassed"
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    language_exam_kind: LanguageExamKind = LanguageExamKind.UNKNOWN
    """General or professional language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageExamRegistered(Milestone):
    """Language exam registered / Zur Sprachprüfung angemeldet: The person was registered for a language exam."""

    EVENT_TYPE: ClassVar[str] = "LanguageExamRegistered"
    language_level: LanguageLevel = LanguageLevel.UNKNOWN
    """Level of the Common European Framework (GER); for courses the target level."""
    language_exam_kind: LanguageExamKind = LanguageExamKind.UNKNOWN
    """General or professional language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceGranted(Milestone):
    """Licence granted / Berufszulassung erteilt: The licence to practise a regulated profession was granted."""

    EVENT_TYPE: ClassVar[str] = "LicenceGranted"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    licence_kind: LicenceKind = LicenceKind.UNKNOWN
    """Kind of licence."""
    valid_until: dt.date | None = None
    """Last day of validity; null means no end is set (a consent: until withdrawn)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherProcedureEnded(Milestone):
    """Other procedure ended / Anderes Verfahren beendet: The other procedure to establish the qualification ended."""

    EVENT_TYPE: ClassVar[str] = "OtherProcedureEnded"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    other_procedure_kind: OtherProcedureKind = OtherProcedureKind.UNKNOWN
    """Which other procedure it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherProcedureStarted(Milestone):
    """Other procedure started / Anderes Verfahren begonnen: Another procedure to establish the qualification began;
    the decision period is suspended until it ends.
    """

    EVENT_TYPE: ClassVar[str] = "OtherProcedureStarted"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    other_procedure_kind: OtherProcedureKind = OtherProcedureKind.UNKNOWN
    """Which other procedure it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreApprovalIssued(Milestone):
    """Pre-approval issued / Vorabzustimmung erteilt: The foreigners' office issued the pre-approval of the visa."""

    EVENT_TYPE: ClassVar[str] = "PreApprovalIssued"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    via_azr: ViaAzr = ViaAzr.UNKNOWN
    """Whether the pre-approval was issued through the central register, not on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureClosedNoDecision(Milestone):
    """Procedure closed without decision / Verfahren ohne Bescheid beendet: The procedure ended without a decision; all
    its clocks stop.
    """

    EVENT_TYPE: ClassVar[str] = "ProcedureClosedNoDecision"
    procedure_reference: str | None = None
    """The recognition body's own identifier of the procedure."""
    closing_reason: ClosingReason = ClosingReason.UNKNOWN
    """Why the procedure or the file was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationConfirmed(Milestone):
    """Qualification confirmed / Qualifikation bestätigt: The assessment office confirmed that the foreign
    qualification is recognised by its state (Digitale Auskunft zur Berufsqualifikation).
    """

    EVENT_TYPE: ClassVar[str] = "QualificationConfirmed"
    two_year_training: TwoYearTraining = TwoYearTraining.UNKNOWN
    """Whether the qualification took at least two years of training."""
    training_state: str | None = None
    """State of the qualification, ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickcheckCompleted(Milestone):
    """Quick check completed / Anerkennungs-Check abgeschlossen: Somebody finished the anonymous quick check of the
    information portal.
    """

    EVENT_TYPE: ClassVar[str] = "QuickcheckCompleted"
    session_reference: str | None = None
    """The publisher's own identifier of the anonymous session."""
    profession_kldb: str | None = None
    """Profession, KldB 2010, 3 to 5 digits, leading zero kept; in matters of recognition the reference profession."""
    training_state: str | None = None
    """State of the qualification, ISO 3166-1 alpha-2."""


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
class ReferralReturned(Milestone):
    """Referral returned / Verweis zurückgegeben: The named target gave an accepted referral back; a reference {sender,
    REFERRAL, id} names it.
    """

    EVENT_TYPE: ClassVar[str] = "ReferralReturned"
    return_reason: ReturnReason = ReturnReason.UNKNOWN
    """Why the referral was given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralSent(Milestone):
    """Referral sent / Verweis gesendet: The publisher referred the person to another agency."""

    EVENT_TYPE: ClassVar[str] = "ReferralSent"
    referral_id: str | None = None
    """The sender's own identifier of the referral."""
    target: str | None = None
    """Key of the agency that the person or the matter is passed on to."""
    reason: ReferralReason = ReferralReason.UNKNOWN
    """Why the person is referred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceTitleApplied(Milestone):
    """Residence title applied for / Aufenthaltstitel beantragt: A residence title was applied for at the foreigners'
    office.
    """

    EVENT_TYPE: ClassVar[str] = "ResidenceTitleApplied"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    title_norm: TitleNorm = TitleNorm.UNKNOWN
    """Legal norm of the residence title or visa."""
    first_title: FirstTitle = FirstTitle.UNKNOWN
    """Whether it is the person's first residence title in Germany."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceTitleExtended(Milestone):
    """Residence title extended / Aufenthaltstitel verlängert: The foreigners' office extended a residence title."""

    EVENT_TYPE: ClassVar[str] = "ResidenceTitleExtended"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    title_norm: TitleNorm = TitleNorm.UNKNOWN
    """Legal norm of the residence title or visa."""
    valid_from: dt.date | None = None
    """First day of validity; null means occurred_on."""
    valid_until: dt.date | None = None
    """Last day of validity; null means no end is set (a consent: until withdrawn)."""
    first_title: FirstTitle = FirstTitle.UNKNOWN
    """Whether it is the person's first residence title in Germany."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceTitleIssued(Milestone):
    """Residence title issued / Aufenthaltstitel erteilt: The foreigners' office issued a residence title."""

    EVENT_TYPE: ClassVar[str] = "ResidenceTitleIssued"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    title_norm: TitleNorm = TitleNorm.UNKNOWN
    """Legal norm of the residence title or visa."""
    valid_from: dt.date | None = None
    """First day of validity; null means occurred_on."""
    valid_until: dt.date | None = None
    """Last day of validity; null means no end is set (a consent: until withdrawn)."""
    first_title: FirstTitle = FirstTitle.UNKNOWN
    """Whether it is the person's first residence title in Germany."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaApplicationComplete(Milestone):
    """Visa application complete / Visumantrag vollständig: The complete visa application was received."""

    EVENT_TYPE: ClassVar[str] = "VisaApplicationComplete"
    title_norm: TitleNorm = TitleNorm.UNKNOWN
    """Legal norm of the residence title or visa."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaAppointmentOffered(Milestone):
    """Visa appointment offered / Visumtermin angeboten: An appointment for the visa application was offered."""

    EVENT_TYPE: ClassVar[str] = "VisaAppointmentOffered"
    appointment_on: dt.date | None = None
    """Day of the appointment that was offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaAppointmentRequested(Milestone):
    """Visa appointment requested / Visumtermin beantragt: An appointment for the visa application was asked for; a
    reference {office, TITLE, id} names the matter where one is known.
    """

    EVENT_TYPE: ClassVar[str] = "VisaAppointmentRequested"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaCheckProlonged(Milestone):
    """Visa check prolonged / Visumprüfung dauert länger: The foreigners' office told the visa office that its check
    takes longer.
    """

    EVENT_TYPE: ClassVar[str] = "VisaCheckProlonged"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_case: ConsentCase = ConsentCase.UNKNOWN
    """Case of AufenthV section 31(1) in which the foreigners' office is asked for its consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaDataTransmitted(Milestone):
    """Visa data transmitted / Visumdaten übermittelt: The visa office transmitted the data of the visa application to
    the foreigners' office; a reference {office, TITLE, id} names the matter where one is known.
    """

    EVENT_TYPE: ClassVar[str] = "VisaDataTransmitted"
    consent_case: ConsentCase = ConsentCase.UNKNOWN
    """Case of AufenthV section 31(1) in which the foreigners' office is asked for its consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaDecided(Milestone):
    """Visa decided / Über das Visum entschieden: The visa was granted or refused. An office that passes the decision
    on names its own matter in title_reference.
    """

    EVENT_TYPE: ClassVar[str] = "VisaDecided"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    visa_result: VisaResult = VisaResult.UNKNOWN
    """Whether the visa was granted."""
    title_norm: TitleNorm = TitleNorm.UNKNOWN
    """Legal norm of the residence title or visa."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisaObjectionRaised(Milestone):
    """Visa objection raised / Widerspruch gegen das Visum: The foreigners' office did not consent to the visa."""

    EVENT_TYPE: ClassVar[str] = "VisaObjectionRaised"
    title_reference: str | None = None
    """The publisher's own identifier of the matter of the title."""
    consent_case: ConsentCase = ConsentCase.UNKNOWN
    """Case of AufenthV section 31(1) in which the foreigners' office is asked for its consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeCenterOnboardingCompleted(Milestone):
    """Welcome Center onboarding completed / Begleitung im Welcome Center abgeschlossen: A Welcome Center finished
    accompanying the person.
    """

    EVENT_TYPE: ClassVar[str] = "WelcomeCenterOnboardingCompleted"
    services: tuple[str, ...] = ()
    """Coded services of the Welcome Center."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeCenterOnboardingStarted(Milestone):
    """Welcome Center onboarding started / Begleitung im Welcome Center begonnen: A Welcome Center began to accompany
    the person.
    """

    EVENT_TYPE: ClassVar[str] = "WelcomeCenterOnboardingStarted"
    services: tuple[str, ...] = ()
    """Coded services of the Welcome Center."""


EVENTS: Mapping[str, type[Milestone]] = {
    "AdditionalEvidenceRequested": AdditionalEvidenceRequested,
    "AppealDecided": AppealDecided,
    "AppealFiled": AppealFiled,
    "ApplicationForwarded": ApplicationForwarded,
    "ApplicationReceived": ApplicationReceived,
    "ApplicationWithdrawn": ApplicationWithdrawn,
    "CaseClosed": CaseClosed,
    "CaseReopened": CaseReopened,
    "CaseTransferred": CaseTransferred,
    "CompensationChosen": CompensationChosen,
    "CompensationCompleted": CompensationCompleted,
    "CompensationStarted": CompensationStarted,
    "ConsentGiven": ConsentGiven,
    "ConsentWithdrawn": ConsentWithdrawn,
    "CounsellingCompleted": CounsellingCompleted,
    "CourseCompleted": CourseCompleted,
    "CourseDropped": CourseDropped,
    "CourseEntitled": CourseEntitled,
    "CourseNotHeld": CourseNotHeld,
    "CoursePlacementChanged": CoursePlacementChanged,
    "CourseRegistered": CourseRegistered,
    "CourseStarted": CourseStarted,
    "DeadlineExtended": DeadlineExtended,
    "DecisionIssued": DecisionIssued,
    "DocumentsComplete": DocumentsComplete,
    "DocumentsRequested": DocumentsRequested,
    "EmployerInvited": EmployerInvited,
    "EmploymentEndReported": EmploymentEndReported,
    "EmploymentEndedEarly": EmploymentEndedEarly,
    "EmploymentStarted": EmploymentStarted,
    "EntryReported": EntryReported,
    "EquivalenceCheckWaived": EquivalenceCheckWaived,
    "EventRetracted": EventRetracted,
    "ExamTaken": ExamTaken,
    "FastTrackAgreementConcluded": FastTrackAgreementConcluded,
    "ForeignersOfficeNotified": ForeignersOfficeNotified,
    "InquiryReceived": InquiryReceived,
    "LabourAgencyConsentGranted": LabourAgencyConsentGranted,
    "LabourAgencyConsentRefused": LabourAgencyConsentRefused,
    "LabourAgencyConsentRequested": LabourAgencyConsentRequested,
    "LabourAgencyInfoInsufficient": LabourAgencyInfoInsufficient,
    "LanguageExamFailed": LanguageExamFailed,
    "LanguageExamPassed": LanguageExamPassed,
    "LanguageExamRegistered": LanguageExamRegistered,
    "LicenceGranted": LicenceGranted,
    "OtherProcedureEnded": OtherProcedureEnded,
    "OtherProcedureStarted": OtherProcedureStarted,
    "PreApprovalIssued": PreApprovalIssued,
    "ProcedureClosedNoDecision": ProcedureClosedNoDecision,
    "QualificationConfirmed": QualificationConfirmed,
    "QuickcheckCompleted": QuickcheckCompleted,
    "ReceiptConfirmed": ReceiptConfirmed,
    "ReferralAccepted": ReferralAccepted,
    "ReferralDeclined": ReferralDeclined,
    "ReferralReturned": ReferralReturned,
    "ReferralSent": ReferralSent,
    "ResidenceTitleApplied": ResidenceTitleApplied,
    "ResidenceTitleExtended": ResidenceTitleExtended,
    "ResidenceTitleIssued": ResidenceTitleIssued,
    "VisaApplicationComplete": VisaApplicationComplete,
    "VisaAppointmentOffered": VisaAppointmentOffered,
    "VisaAppointmentRequested": VisaAppointmentRequested,
    "VisaCheckProlonged": VisaCheckProlonged,
    "VisaDataTransmitted": VisaDataTransmitted,
    "VisaDecided": VisaDecided,
    "VisaObjectionRaised": VisaObjectionRaised,
    "WelcomeCenterOnboardingCompleted": WelcomeCenterOnboardingCompleted,
    "WelcomeCenterOnboardingStarted": WelcomeCenterOnboardingStarted,
}
"""The class of each event type."""
