"""Whether an accepted event changes state or is merely shown.

A fact is AUTHORITATIVE where the publisher's kind may say it (registry data in force on the day of the fact) and where
it speaks about what it owns: a body about a procedure it names in its own field, an answer from the named target of the
referral. Anything else that was accepted is INFORMATIVE: shown, compared, never deciding.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from meilenstein.cases.events import Event, Identifier
from meilenstein_schemas.agencies import Directory

__all__ = ["ANSWERS", "AUTHORITATIVE", "INFORMATIVE", "PROCEDURE_EVENTS", "Targets", "standing"]

AUTHORITATIVE = "AUTHORITATIVE"
INFORMATIVE = "INFORMATIVE"
PROCEDURE_EVENTS = frozenset({
    "ApplicationReceived", "ReceiptConfirmed", "DocumentsRequested", "DocumentsComplete", "DecisionIssued",
    "ApplicationForwarded", "AdditionalEvidenceRequested", "OtherProcedureStarted", "OtherProcedureEnded",
    "DeadlineExtended", "EquivalenceCheckWaived", "ApplicationWithdrawn", "ProcedureClosedNoDecision",
    "CompensationChosen", "CompensationStarted", "CompensationCompleted", "ExamTaken", "AppealFiled", "AppealDecided",
})  # fmt: skip
ANSWERS = frozenset({"ReferralAccepted", "ReferralDeclined", "ReferralReturned"})

Targets = Mapping[Identifier, Collection[str]]
"""The agencies that each referral names as its target."""


def standing(event: Event, directory: Directory, targets: Targets) -> str:
    """Return AUTHORITATIVE or INFORMATIVE."""
    if directory.rank(event.publisher, event.event_type, event.occurred_on) != AUTHORITATIVE:
        return INFORMATIVE
    if event.event_type in PROCEDURE_EVENTS:
        return AUTHORITATIVE if event.facts.get("procedure_reference") else INFORMATIVE
    if event.event_type in ANSWERS:
        named = any(event.publisher in targets.get(reference, ()) for reference in event.references)
        return AUTHORITATIVE if named else INFORMATIVE
    return AUTHORITATIVE
