"""What has to become of each record, worked out from the labels alone and by none of the pipeline's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meilenstein.simulate.records import Defect, SimRecord

__all__ = ["RULE_REASONS", "ExpectedFinding", "Fate", "FateKind", "Truth", "tell_truth"]


class FateKind(StrEnum):
    """What the pipeline decides about a record."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The expected fate of one record."""

    kind: FateKind
    reason: str | None = None
    """Reason code of a quarantined record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFinding:
    """A finding that an injected defect has to lead to, once the clocks stand at the last day of the simulation."""

    code: str
    publisher: str
    reference: str
    """What the publisher calls it: procedure, referral, or else its own file."""
    event_id: str
    """The event it hangs on: the labelled one; for FORK the target of both corrections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Expected fates, in the order of the records, and expected findings.

    If two copies of one id are judged in batches that run at once, the fates of those two may change places; the
    counts stay.
    """

    fates: tuple[Fate, ...]
    findings: tuple[ExpectedFinding, ...]
    labels: Mapping[str, int]
    """Number of records by label."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of records by fate."""
        return Counter({kind.value: 0 for kind in FateKind} | Counter(fate.kind.value for fate in self.fates))

    @property
    def reasons(self) -> Mapping[str, int]:
        """Number of quarantined records by reason code."""
        return Counter(fate.reason for fate in self.fates if fate.reason is not None)


RULE_REASONS: Mapping[str, str] = {
    "CASE_REFERENCE_EMPTY": "RULE:E-005",
    "OCCURRED_AFTER_RECORDED": "OCCURRED_AFTER_RECORDED",
    "REFERENCES_TOO_MANY": "RULE:E-010",
    "EVENT_ID_NOT_LOWER_CASE": "RULE:E-001",
    "REGISTER_NUMBER_IN_REFERENCE": "FORBIDDEN_CONTENT",
    "DISTRICT_NOT_AGS": "RULE:E-008",
}
"""Reason code of each variant of RULE_VIOLATION."""
_REFUSED: Mapping[Defect, str] = {
    Defect.CONFLICT: "CONFLICT",
    Defect.WRONG_PUBLISHER: "WRONG_PUBLISHER",
    Defect.BROKEN_BYTES: "UNREADABLE",
    Defect.UNKNOWN_SCHEMA: "UNKNOWN_SCHEMA",
}
_FOUND: Mapping[Defect, str] = {
    Defect.LATE: "LATE_REPORT",
    Defect.REFERRAL_UNANSWERED: "REFERRAL_UNANSWERED",
    Defect.DECISION_BEFORE_COMPLETE: "DECISION_BEFORE_COMPLETE",
    Defect.ORDER_IMPOSSIBLE: "ORDER_IMPOSSIBLE",
    Defect.CONTRADICTION: "CONTRADICTION",
    Defect.CONSENT_MISSING: "CONSENT_MISSING",
    Defect.LINK_PROPOSED: "LINK_PROPOSED",
    Defect.CORRECTION_TARGET_UNKNOWN: "CORRECTION_TARGET_UNKNOWN",
    Defect.FORK: "FORK",
}


def tell_truth(records: Sequence[SimRecord]) -> Truth:
    """Return what must become of the records, which stand in publishing order."""
    return Truth(
        fates=tuple(_fate(record) for record in records),
        findings=tuple(dict.fromkeys(_findings(records))),  # a fork is labelled on both its corrections
        labels=Counter(record.label.value for record in records if record.label is not None),
    )


def _fate(record: SimRecord) -> Fate:
    if record.label is Defect.DUPLICATE:
        return Fate(kind=FateKind.DUPLICATE)
    if record.label is Defect.RULE_VIOLATION:
        return Fate(kind=FateKind.QUARANTINED, reason=RULE_REASONS[record.detail or ""])
    if record.label is not None and record.label in _REFUSED:
        return Fate(kind=FateKind.QUARANTINED, reason=_REFUSED[record.label])
    return Fate(kind=FateKind.ACCEPTED)


def _findings(records: Sequence[SimRecord]) -> Iterator[ExpectedFinding]:
    for record in records:
        if record.label is None or record.label not in _FOUND or record.body is None:
            continue
        body = record.body
        yield ExpectedFinding(
            code=_FOUND[record.label],
            publisher=body["publisher"],
            reference=body.get("procedure_reference") or body.get("referral_id") or body["case_reference"],
            event_id=body["corrects"] if record.label is Defect.FORK else body["event_id"],
        )
