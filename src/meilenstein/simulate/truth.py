"""What has to become of a simulation, worked out from labels, facts and plain code, and by none of the pipeline's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meilenstein.simulate import truth_matters, truth_procedures
from meilenstein.simulate.naive_law import Spans
from meilenstein.simulate.records import Defect, SimRecord, Via, Weight
from meilenstein.simulate.source_defects import findings_of_sources
from meilenstein.simulate.truth_cases import File, cases_of
from meilenstein.simulate.truth_clocks import ExpectedClock, expected_clocks
from meilenstein.simulate.truth_facts import Facts
from meilenstein.simulate.truth_findings import ExpectedFinding, findings_of_clocks, findings_of_labels, late_reports

__all__ = ["REASONS", "ExpectedClock", "ExpectedFinding", "Fate", "FateKind", "Truth", "tell_truth"]


class FateKind(StrEnum):
    """What the pipeline decides about a record."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    QUARANTINED = "QUARANTINED"
    LOST = "LOST"
    """It never arrives, so nothing is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The expected fate of one record."""

    kind: FateKind
    reasons: tuple[str, ...] = ()
    """Reason codes of a quarantined record, in the order of the rules."""

    @property
    def reason(self) -> str | None:
        """The first reason code."""
        return self.reasons[0] if self.reasons else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Expected fates, in the order of the records, and what has to be known of the cases on the last day.

    If two copies of one id are judged in batches that run at once, the fates of those two may change places; the
    counts stay.
    """

    fates: tuple[Fate, ...]
    cases: Mapping[File, str]
    """The case of each file: it is named by its smallest file."""
    findings: tuple[ExpectedFinding, ...]
    sources: tuple[ExpectedFinding, ...]
    """Findings about sources and publishers as a whole, which only a whole pipeline can make."""
    clocks: tuple[tuple[str, ExpectedClock], ...]
    """Every clock with a date, with its case."""
    labels: Mapping[str, int]
    """Number of records by label."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of records by fate."""
        always = (FateKind.ACCEPTED, FateKind.DUPLICATE, FateKind.QUARANTINED)
        counted = Counter(fate.kind.value for fate in self.fates)
        return {**{kind.value: 0 for kind in always}, **counted}

    @property
    def reasons(self) -> Mapping[str, int]:
        """Number of quarantined records by reason code; one with two reasons counts for both."""
        return Counter(reason for fate in self.fates for reason in fate.reasons)


REASONS: Mapping[str, tuple[str, ...]] = {
    "CASE_REFERENCE_EMPTY": ("RULE:E-005",),
    "REFERENCES_TOO_MANY": ("RULE:E-010",),
    "EVENT_ID_NOT_LOWER_CASE": ("RULE:E-001",),
    "CORRECTS_ITSELF": ("RULE:E-025",),
    "CONSENT_EMPTY": ("RULE:E-027",),
    "OCCURRED_AFTER_RECORDED": ("OCCURRED_AFTER_RECORDED",),
    "FUTURE_FACT": ("FUTURE_FACT",),
    "CASE_NUMBER_MISTYPED": ("RULE:E-029",),
    "LONG_AGO": ("RULE:E-014", "WRONG_PUBLISHER"),
    "CASE_REFERENCE": ("FORBIDDEN_CONTENT",),
    "OTHERS_REFERENCE": ("FORBIDDEN_CONTENT",),
    "DISTRICT_BY_NAME": ("RULE:E-008",),
    "DISTRICT_WITH_FOOTNOTE": ("RULE:E-008",),
    "PUBLISHER_BY_NAME": ("RULE:E-002", "WRONG_PUBLISHER"),
    "DECOMPOSED_LETTERS": ("RULE:E-005", "RULE:E-021"),
    "ZERO_WIDTH": ("RULE:E-005", "RULE:E-020"),
    "NO_BREAK_SPACE": ("RULE:E-005", "RULE:E-020"),
    "APPLICATION_WITHOUT_NUMBER": ("RULE:AR-001",),
    "REFERRAL_WITHOUT_TARGET": ("RULE:RS-002",),
    "ANSWER_WITHOUT_REFERRAL": ("RULE:RA-001",),
    "CONSENT_WITHOUT_RECIPIENT": ("RULE:CG-004",),
}
"""Reason codes of each variant of what a rule refuses. A century ago no agency took part: nobody may speak of it."""
_REFUSED: Mapping[Defect, str] = {
    Defect.CONFLICT: "CONFLICT",
    Defect.WRONG_PUBLISHER: "WRONG_PUBLISHER",
    Defect.BROKEN_BYTES: "UNREADABLE",
    Defect.UNKNOWN_SCHEMA: "UNKNOWN_SCHEMA",
}
_BY_VARIANT = frozenset({
    Defect.RULE_VIOLATION, Defect.INCOMPLETE_REPORT, Defect.FREE_TEXT_IN_CODE, Defect.WRONG_CHARACTERS,
    Defect.FORBIDDEN_NUMBER, Defect.IMPOSSIBLE_DATE,
})  # fmt: skip
_REFUSALS = frozenset({"ReferralDeclined", "ReferralReturned"})
_SOURCES = (
    truth_procedures.receipts,
    truth_procedures.decisions,
    truth_procedures.exams,
    truth_procedures.appeals,
    truth_matters.notifications,
    truth_matters.consents_of_labour_agency,
    truth_matters.visas,
    truth_matters.permits,
    truth_matters.entries,
    truth_matters.employments,
    truth_matters.courses,
    truth_matters.referrals,
    truth_matters.inquiries,
)


def tell_truth(records: Sequence[SimRecord], *, until: dt.date, spans: Spans, silent: Sequence[str] = ()) -> Truth:
    """Return what must become of the records, which stand in publishing order, by the end of `until`.

    `silent` are the agencies that have said nothing for long.
    """
    fates = tuple(_fate(record) for record in records)
    accepted = [record for record, fate in zip(records, fates, strict=True) if fate.kind is FateKind.ACCEPTED]
    cases = cases_of(accepted)
    clocks = tuple(_clocks(accepted, cases, spans, until))
    found = dict.fromkeys(
        (*findings_of_labels(accepted, cases), *late_reports(accepted, cases, spans), *findings_of_clocks(clocks))
    )
    return Truth(
        fates=fates,
        cases=cases,
        findings=tuple(found),
        sources=findings_of_sources(records, silent),
        clocks=clocks,
        labels=Counter(record.label.value for record in records if record.label is not None),
    )


def _fate(record: SimRecord) -> Fate:
    if record.via is Via.LOST:
        return Fate(kind=FateKind.LOST)
    if record.label is Defect.DUPLICATE:
        return Fate(kind=FateKind.DUPLICATE)
    if record.label in _BY_VARIANT:
        return Fate(kind=FateKind.QUARANTINED, reasons=REASONS[record.detail or ""])
    if record.label is not None and record.label in _REFUSED:
        return Fate(kind=FateKind.QUARANTINED, reasons=(_REFUSED[record.label],))
    return Fate(kind=FateKind.ACCEPTED)


def _clocks(
    records: Iterable[SimRecord], cases: Mapping[File, str], spans: Spans, until: dt.date
) -> Iterator[tuple[str, ExpectedClock]]:
    by_case: dict[str, list[SimRecord]] = {}
    standing = [record for record in records if record.weight is Weight.FACT and record.file in cases]
    sent = {(one.publisher, one.facts["referral_id"]): one for one in standing if one.event_type == "ReferralSent"}
    for record in standing:
        by_case.setdefault(cases[record.file], []).append(record)
        if record.event_type in _REFUSALS:  # it joins nothing, and yet the sender learns of it
            for item in record.facts["references"]:
                referral = sent.get((item["agency"], item["reference"]))
                if referral is not None and cases[referral.file] != cases[record.file]:
                    by_case.setdefault(cases[referral.file], []).append(record)
    for case, facts in sorted(by_case.items()):
        for clock in expected_clocks(Facts.of(facts), _SOURCES, spans, until):
            yield case, clock
