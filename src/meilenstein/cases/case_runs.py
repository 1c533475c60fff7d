"""Everything that runs in one case, procedures first."""

from __future__ import annotations

from collections.abc import Iterator

from meilenstein.cases.fold import Case
from meilenstein.cases.other_runs import (
    course_runs,
    employment_runs,
    entry_runs,
    inquiry_runs,
    notification_runs,
    referral_runs,
)
from meilenstein.cases.procedure_runs import procedure_runs
from meilenstein.cases.runs import Run
from meilenstein.cases.subjects import COURSE, EMPLOYMENT, INQUIRY, NOTIFICATION, REFERRAL
from meilenstein.cases.title_runs import title_runs
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["runs_of"]


def runs_of(case: Case, directory: Directory, rules: RuleTable) -> Iterator[Run]:
    """Yield the waits and spans of what the case has; what it has not is not looked at."""
    ground, subjects = case.ground, case.subjects
    for procedure in case.procedures:
        yield from procedure_runs(procedure, ground, rules.counting)
    yield from referral_runs(case.referrals, ground)
    yield from inquiry_runs(subjects.about(INQUIRY), subjects.about(REFERRAL), ground)
    yield from notification_runs(subjects.about(NOTIFICATION), ground)
    for title in case.titles:
        others = [other for other in case.titles if other is not title]
        yield from title_runs(title, others, ground, lambda kind: _only(directory, kind))
    yield from entry_runs(case.entries, case.procedures, case.titles, ground)
    yield from course_runs(subjects.about(COURSE))
    yield from employment_runs(subjects.about(EMPLOYMENT), ground)


def _only(directory: Directory, kind: str) -> str | None:
    keys = directory.keys(kind)
    return keys[0] if len(keys) == 1 else None
