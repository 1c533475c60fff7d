"""Which findings have to be open: from the labels, one line for each kind of trouble, and from the clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from meilenstein.simulate.naive_law import Spans
from meilenstein.simulate.records import Defect, SimRecord, Weight
from meilenstein.simulate.truth_cases import File
from meilenstein.simulate.truth_clocks import ExpectedClock
from meilenstein.simulate.workdays import BERLIN

__all__ = ["ExpectedFinding", "findings_of_clocks", "findings_of_labels", "late_reports"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFinding:
    """A finding that has to be open on the last day of the simulation."""

    case: str
    """The case, named by its smallest file."""
    code: str
    about: str


def _event(record: SimRecord, _case: str) -> str:
    return f"event:{record.publisher}/{record.event_id}"


def _target(record: SimRecord, _case: str) -> str:
    return f"event:{record.publisher}/{record.facts['corrects']}"


def _procedure(record: SimRecord, _case: str) -> str:
    return f"procedure:{record.publisher}/{record.facts['procedure_reference']}"


def _referral(record: SimRecord, _case: str) -> str:
    return f"referral:{record.publisher}/{record.facts['referral_id']}"


def _case(_record: SimRecord, case: str) -> str:
    return f"case:{case}"


def _title(record: SimRecord, _case: str) -> str:
    named = next(item for item in record.facts["references"] if item["kind"] == "TITLE")
    return f"title:{named['agency']}/{named['reference']}"


def _link(record: SimRecord, _case: str) -> str:
    claim = record.facts["references"][0]
    return f"link:{claim['kind']}:{claim['agency']}/{claim['reference']}"


def _contradicted(record: SimRecord, case: str) -> str:
    if record.event_type == "EntryReported":
        return f"entered_on:{record.publisher}:case:{case}"
    claim = next(item for item in record.facts["references"] if item["kind"] == "PROCEDURE")
    return f"outcome:{record.publisher}:procedure:{claim['agency']}/{claim['reference']}"


About = Callable[[SimRecord, str], str]
_FOUND: Mapping[Defect, tuple[str, About]] = {
    Defect.LATE: ("LATE_REPORT", _event),
    Defect.REFERRAL_UNANSWERED: ("REFERRAL_UNANSWERED", _referral),
    Defect.REFERRAL_WITHOUT_APPLICATION: ("REFERRAL_WITHOUT_APPLICATION", _referral),
    Defect.CONSENT_MISSING: ("CONSENT_MISSING", _referral),
    Defect.DECISION_BEFORE_COMPLETE: ("DECISION_BEFORE_COMPLETE", _procedure),
    Defect.ORDER_IMPOSSIBLE: ("ORDER_IMPOSSIBLE", _procedure),
    Defect.SECOND_EXTENSION: ("SECOND_EXTENSION", _procedure),
    Defect.LATE_EXTENSION: ("LATE_EXTENSION", _procedure),
    Defect.EXTENSION_TOO_LONG: ("EXTENSION_TOO_LONG", _procedure),
    Defect.PAUSE_OPEN: ("PAUSE_OPEN", _procedure),
    Defect.OUTCOME_NOT_POSSIBLE: ("OUTCOME_NOT_POSSIBLE", _procedure),
    Defect.LICENCE_UNREGULATED: ("LICENCE_UNREGULATED", _procedure),
    Defect.COMPLETE_WITH_OPEN_ITEMS: ("COMPLETE_WITH_OPEN_ITEMS", _procedure),
    Defect.SECOND_REQUEST_SAME_ITEM: ("SECOND_REQUEST_SAME_ITEM", _case),
    Defect.SECOND_APPLICATION: ("PARALLEL_PROCEDURE", _case),
    Defect.NOT_FORWARDED: ("PARALLEL_PROCEDURE", _case),
    Defect.ORPHAN_DECISION: ("ORPHAN_DECISION", _procedure),
    Defect.VISA_WITHOUT_PRE_APPROVAL: ("VISA_WITHOUT_PRE_APPROVAL", _title),
    Defect.FOLLOW_UP_OR_WRONG_CASE: ("FOLLOW_UP_OR_WRONG_CASE", _case),
    Defect.CONTRADICTION: ("CONTRADICTION", _contradicted),
    Defect.THREE_PUBLISHERS: ("CONTRADICTION", _contradicted),
    Defect.LINK_PROPOSED: ("LINK_PROPOSED", _link),
    Defect.REGISTERED_TWICE: ("LINK_PROPOSED", _link),
    Defect.PLACEHOLDER_NUMBER: ("LINK_PROPOSED", _link),
    Defect.CORRECTION_TARGET_UNKNOWN: ("CORRECTION_TARGET_UNKNOWN", _event),
    Defect.FORK: ("FORK", _target),
}
"""Code, and what the finding is about. CLOCK_OVER and TRANSITIONAL_LAW show in the clocks."""


def findings_of_labels(accepted: Iterable[SimRecord], cases: Mapping[File, str]) -> Iterator[ExpectedFinding]:
    """Yield what the labelled records have to lead to; what is labelled without a finding is no trouble in the end."""
    for record in accepted:
        if record.label is Defect.DOUBTFUL_REPORT:
            case = cases[record.file]
            yield ExpectedFinding(case=case, code=f"RULE:{record.detail}", about=_event(record, case))
        elif record.label is not None and record.label in _FOUND:
            code, about = _FOUND[record.label]
            case = cases[record.file]
            yield ExpectedFinding(case=case, code=code, about=about(record, case))


def late_reports(accepted: Iterable[SimRecord], cases: Mapping[File, str], spans: Spans) -> Iterator[ExpectedFinding]:
    """Yield what was entered so long after the fact that it counts as late: an information, in a clean Land as well."""
    for record in accepted:
        if record.weight is Weight.VOID or record.file not in cases or record.facts["recorded_at"] is None:
            continue
        entered = record.facts["recorded_at"].astimezone(BERLIN).date()
        if (entered - record.facts["occurred_on"]).days > spans.late_after[record.publisher or ""]:
            case = cases[record.file]
            yield ExpectedFinding(case=case, code="LATE_REPORT", about=_event(record, case))


def findings_of_clocks(clocks: Iterable[tuple[str, ExpectedClock]]) -> Iterator[ExpectedFinding]:
    """Yield what is due soon, or over."""
    for case, clock in clocks:
        if clock.id == "S01" and clock.state == "OVER":
            yield ExpectedFinding(case=case, code="REFERRAL_UNANSWERED", about=clock.about)
        if clock.finding is not None:
            yield ExpectedFinding(case=case, code=clock.finding, about=f"clock:{clock.id}:{clock.about}")
