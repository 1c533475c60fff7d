"""The columns that single event types have beside the envelope's: name, PostgreSQL type, how the value is derived."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from meilenstein_expectations.forms import CODE, KEY
from meilenstein_schemas.codes import load_codes, training_states

__all__ = ["EVENT_COLUMNS", "Body", "Column", "Scalar", "places"]

Body = Mapping[str, Any]
"""An event as its schema decodes to."""

Scalar = str | int | bool | dt.date | dt.datetime | None
"""A value of a projected row."""

_LONGEST_LIST = 50
_MOST_PLACES = 5
_is_key = re.compile(KEY).match
_is_code = re.compile(CODE).match
_is_alpha_2 = re.compile(r"\A[A-Z]{2}\Z").match


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one event type."""

    name: str
    sql: str
    derive: Callable[[Body], Scalar]


def places(entries: Sequence[Any], field: str, is_meant: Callable[[Any], bool]) -> str | None:
    """Return which entries of an array are meant, as `items[2], items[5]`."""
    found = [f"{field}[{place}]" for place, entry in enumerate(entries) if is_meant(entry)]
    return ", ".join(found[:_MOST_PLACES]) or None


def _plain(field: str, sql: str = "text") -> Column:
    """The field as it is; an absent enum value counts as UNKNOWN by the contract's default, other values as NULL."""
    return Column(field, sql, lambda body: body.get(field))


def _enum(field: str) -> Column:
    return Column(field, "text", lambda body: body.get(field) or "UNKNOWN")


def _required(field: str) -> Column:
    """A text the type cannot do without: null becomes the empty text, so that the rule on its form refuses it."""
    return Column(field, "text", lambda body: body.get(field) or "")


def _count(field: str) -> Column:
    return Column(f"{field}_count", "bigint", lambda body: len(body.get(field) or ()))


def _malformed(field: str, is_well_formed: Callable[[str], Any]) -> Column:
    """Entries of a list that have not the agreed form, or stand beyond the longest list."""

    def derive(body: Body) -> Scalar:
        entries = body.get(field) or ()
        wrong = [n for n, entry in enumerate(entries) if n >= _LONGEST_LIST or is_well_formed(entry) is None]
        return ", ".join(f"{field}[{place}]" for place in wrong[:_MOST_PLACES]) or None

    return Column(f"{field}_malformed", "text", derive)


def _not_listed(field: str) -> Column:
    """Entries of the agreed form that are in no list of documents; the other forms have a rule of their own."""

    def derive(body: Body) -> Scalar:
        entries = body.get(field)
        return places(entries[:_LONGEST_LIST], field, _is_new_item) if entries else None

    return Column(f"{field}_unlisted", "text", derive)


def _is_new_item(entry: str) -> bool:
    return entry not in _document_items() and _is_code(entry) is not None


@cache
def _document_items() -> frozenset[str]:
    return frozenset(load_codes("document_items").codes)


def _of_kind(body: Body, kind: str) -> list[str]:
    return [entry.get("reference") or "" for entry in body.get("references") or () if entry.get("kind") == kind]


def _procedure_named(body: Body) -> str:
    """The procedure's identifier: the body's own, or the only one that another agency refers to."""
    named = _of_kind(body, "PROCEDURE")
    return body.get("procedure_reference") or (named[0] if len(named) == 1 else "")


def _title_named(body: Body) -> str:
    """The title's identifier: the office's own, or the only one that another agency refers to."""
    named = _of_kind(body, "TITLE")
    return body.get("title_reference") or (named[0] if len(named) == 1 else "")


def _unlisted(state: str | None) -> str | None:
    """A code of the right form that no state has, nor had; other forms have a rule of their own."""
    known = state is None or state in training_states()
    return None if known or _is_alpha_2(state or "") is None else state


@cache
def _prefixes() -> Mapping[str, str]:
    return {code.code: code.more["ags_prefix"] for code in load_codes("laender").codes.values()}


def _is_outside(ags: str | None, land: str | None) -> bool:
    """Say whether a district lies in another Land than the one that is named beside it."""
    prefix = _prefixes().get(land or "")
    return ags is not None and prefix is not None and not ags.startswith(prefix)


_PURPOSES_KNOWN = Column(
    "purposes_known", "bigint", lambda body: len({entry for entry in body.get("purposes") or () if entry != "UNKNOWN"})
)
_PURPOSES_UNKNOWN = Column(
    "purposes_unknown", "bigint", lambda body: sum(entry == "UNKNOWN" for entry in body.get("purposes") or ())
)
_VALID_FIRST_DAY = Column("valid_first_day", "date", lambda body: body.get("valid_from") or body.get("occurred_on"))
_TARGET_IS_PUBLISHER = Column(
    "target_is_publisher",
    "boolean",
    lambda body: body.get("target") is not None and body["target"] == body.get("publisher"),
)
_REFERRAL_REFERENCES = Column("referral_references", "bigint", lambda body: len(_of_kind(body, "REFERRAL")))
_PROCEDURE_REFERENCES = Column("procedure_references", "bigint", lambda body: len(_of_kind(body, "PROCEDURE")))
_TITLE_REFERENCES = Column("title_references", "bigint", lambda body: len(_of_kind(body, "TITLE")))
_COMPLETE_WITH_MISSING = Column(
    "complete_with_missing_items",
    "boolean",
    lambda body: body.get("documents_complete") == "YES" and bool(body.get("missing_items")),
)
_CONTRADICTIONS = frozenset(
    {("FULL_EQUIVALENCE", "YES"), ("COMPENSATION_REQUIRED", "NO"), ("PARTIAL_EQUIVALENCE", "NO")}
)
_OUTCOME_CONTRADICTS = Column(
    "outcome_contradicts_differences",
    "boolean",
    lambda body: (body.get("outcome"), body.get("differences")) in _CONTRADICTIONS,
)
_STATE_UNLISTED = Column("training_state_unlisted", "text", lambda body: _unlisted(body.get("training_state")))
_TEMPORARY_WITHOUT_END = Column(
    "temporary_without_end",
    "boolean",
    lambda body: body.get("licence_kind") == "TEMPORARY_PERMIT" and body.get("valid_until") is None,
)
_INSTANT_KNOWN = Column("instant_known", "boolean", lambda body: body.get("occurred_at") is not None)
_MISSING_INFORMATION = Column(
    "missing_information_known",
    "bigint",
    lambda body: sum(entry != "UNKNOWN" for entry in body.get("missing_information") or ()),
)
_OUTSIDE_LAND = Column(
    "district_outside_land",
    "boolean",
    lambda body: _is_outside(body.get("target_district_ags"), body.get("target_land")),
)
_PROCEDURE = _required("procedure_reference")
_PROCEDURE_NAMED = Column("procedure_named", "text", _procedure_named)
_TITLE = _required("title_reference")
_TITLE_NAMED = Column("title_named", "text", _title_named)
_VALIDITY = (_plain("valid_until", "date"), _VALID_FIRST_DAY)
_TITLE_VALIDITY = (_TITLE, _enum("title_norm"), *_VALIDITY, _plain("valid_from", "date"))
_CLOSED = (_PROCEDURE, _enum("closing_reason"))
_COMPENSATION = (_PROCEDURE_NAMED, _enum("compensation_kind"), _plain("provider_reference"))
_LANGUAGE_EXAM = (_enum("language_level"), _enum("language_exam_kind"))
_COURSE = (
    _required("course_reference"),
    _enum("course_kind"),
    _enum("language_level"),
    _plain("provider_reference"),
)

EVENT_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "InquiryReceived": (_plain("language"), _enum("channel"), _enum("asker_role")),
    "ConsentGiven": (
        _PURPOSES_KNOWN,
        _PURPOSES_UNKNOWN,
        _count("recipients"),
        _malformed("recipients", _is_key),
        _VALID_FIRST_DAY,
        _plain("valid_until", "date"),
        _plain("form_version"),
    ),
    "ReferralSent": (
        _required("referral_id"),
        _required("target"),
        _TARGET_IS_PUBLISHER,
        _enum("legal_basis"),
        _enum("reason"),
    ),
    "ReferralAccepted": (_REFERRAL_REFERENCES,),
    "ReferralDeclined": (_REFERRAL_REFERENCES, _enum("decline_reason")),
    "ApplicationReceived": (
        _PROCEDURE,
        _enum("procedure_law"),
        _enum("regulated"),
        _plain("profession_kldb"),
        _plain("training_state"),
        _STATE_UNLISTED,
    ),
    "ReceiptConfirmed": (
        _PROCEDURE,
        _malformed("missing_items", _is_code),
        _COMPLETE_WITH_MISSING,
        _not_listed("missing_items"),
    ),
    "DocumentsRequested": (
        _PROCEDURE,
        _count("items"),
        _malformed("items", _is_code),
        _plain("due_on", "date"),
        _not_listed("items"),
    ),
    "DocumentsComplete": (_PROCEDURE,),
    "DecisionIssued": (
        _PROCEDURE_NAMED,
        _enum("outcome"),
        _plain("dispatched_on", "date"),
        _plain("announced_on", "date"),
        _enum("announcement"),
        _enum("remedies_instruction"),
        _enum("decision_object"),
        _OUTCOME_CONTRADICTS,
    ),
    "WelcomeCenterOnboardingStarted": (_malformed("services", _is_code),),
    "QuickcheckCompleted": (
        _required("session_reference"),
        _plain("profession_kldb"),
        _plain("training_state"),
        _STATE_UNLISTED,
    ),
    "CounsellingCompleted": (_enum("counselling_topic"), _plain("recommended_body"), _plain("profession_kldb")),
    "ReferralReturned": (_REFERRAL_REFERENCES, _enum("return_reason")),
    "FastTrackAgreementConcluded": (_required("employer_reference"), _plain("mandate_reference")),
    "EmployerInvited": (_required("trigger_event_id"),),
    "ForeignersOfficeNotified": (_enum("notified_of"), _plain("received_on", "date"), _PROCEDURE_REFERENCES),
    "ApplicationForwarded": (_PROCEDURE, _required("target"), _TARGET_IS_PUBLISHER, _enum("forward_reason")),
    "AdditionalEvidenceRequested": (
        _PROCEDURE,
        _enum("evidence_basis"),
        _plain("until_on", "date"),
        _malformed("items", _is_code),
        _not_listed("items"),
    ),
    "OtherProcedureStarted": (_PROCEDURE, _enum("other_procedure_kind")),
    "OtherProcedureEnded": (_PROCEDURE, _enum("other_procedure_kind")),
    "DeadlineExtended": (
        _PROCEDURE,
        _plain("new_end_on", "date"),
        _enum("extension_reason"),
        _plain("notified_on", "date"),
    ),
    "EquivalenceCheckWaived": (_PROCEDURE, _enum("declared_final"), _enum("informed_of_consequences")),
    "ApplicationWithdrawn": _CLOSED,
    "ProcedureClosedNoDecision": _CLOSED,
    "CompensationChosen": _COMPENSATION,
    "CompensationStarted": _COMPENSATION,
    "CompensationCompleted": _COMPENSATION,
    "ExamTaken": (_PROCEDURE_NAMED, _enum("compensation_kind"), _enum("passed"), _plain("attempt", "bigint")),
    "LanguageExamRegistered": _LANGUAGE_EXAM,
    "LanguageExamPassed": _LANGUAGE_EXAM,
    "LanguageExamFailed": _LANGUAGE_EXAM,
    "LicenceGranted": (
        _plain("procedure_reference"),
        _PROCEDURE_NAMED,
        _enum("licence_kind"),
        _TEMPORARY_WITHOUT_END,
        _plain("valid_until", "date"),
    ),
    "AppealFiled": (_PROCEDURE, _plain("decision_event_id"), _enum("appeal_kind")),
    "AppealDecided": (_PROCEDURE, _plain("decision_event_id"), _enum("appeal_kind"), _enum("appeal_result")),
    "QualificationConfirmed": (_enum("two_year_training"), _plain("training_state"), _STATE_UNLISTED),
    "LabourAgencyConsentRequested": (_TITLE, _enum("consent_norm"), _INSTANT_KNOWN),
    "LabourAgencyInfoInsufficient": (_TITLE_NAMED, _MISSING_INFORMATION),
    "LabourAgencyConsentGranted": (
        _TITLE_NAMED,
        _enum("consent_norm"),
        *_VALIDITY,
        _plain("valid_from", "date"),
    ),
    "LabourAgencyConsentRefused": (_TITLE_NAMED, _enum("refusal_reason")),
    "PreApprovalIssued": (_TITLE, _enum("via_azr")),
    "VisaAppointmentRequested": (_TITLE_REFERENCES,),
    "VisaAppointmentOffered": (_TITLE_REFERENCES, _plain("appointment_on", "date")),
    "VisaApplicationComplete": (_TITLE_REFERENCES, _enum("title_norm")),
    "VisaDecided": (
        _TITLE_REFERENCES,
        _TITLE_NAMED,
        _enum("visa_result"),
        _enum("title_norm"),
        _plain("title_reference"),
    ),
    "VisaDataTransmitted": (_TITLE_REFERENCES, _enum("consent_case")),
    "VisaObjectionRaised": (_TITLE, _enum("consent_case")),
    "VisaCheckProlonged": (_TITLE, _enum("consent_case")),
    "WelcomeCenterOnboardingCompleted": (_malformed("services", _is_code),),
    "ResidenceTitleApplied": (_TITLE, _enum("title_norm")),
    "ResidenceTitleIssued": (*_TITLE_VALIDITY, _enum("first_title")),
    "ResidenceTitleExtended": _TITLE_VALIDITY,
    "CourseEntitled": (_plain("course_reference"), *_COURSE[1:]),
    "CourseRegistered": _COURSE,
    "CourseStarted": _COURSE,
    "CourseDropped": _COURSE,
    "CourseCompleted": _COURSE,
    "CourseNotHeld": _COURSE,
    "CoursePlacementChanged": (*_COURSE[:-1], _required("provider_reference")),
    "EmploymentStarted": (_plain("profession_kldb"),),
    "EmploymentEndedEarly": (_plain("ended_on", "date"), _plain("known_on", "date")),
    "EmploymentEndReported": (_enum("reporter"), _plain("known_on", "date"), _plain("reported_on", "date")),
    "CaseTransferred": (
        _enum("target_land"),
        _plain("target_district_ags"),
        _OUTSIDE_LAND,
        _plain("target"),
        _TARGET_IS_PUBLISHER,
    ),
    "CaseClosed": (_enum("closing_reason"),),
    "CaseReopened": (_enum("reopening_reason"),),
}
