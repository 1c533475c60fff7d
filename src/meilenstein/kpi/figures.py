"""Counts one case after another: true figures, which nobody sees before `meilenstein.kpi.tables` has protected them.

A flow (applications, decisions, answers) counts in the month of the fact's own day; a stock (open, overdue, unanswered)
is what stands at the end of the day as of which is counted. A duration counts in the month in which its clock stopped.
Memory grows with the groups and the different lengths of durations, not with the cases.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from meilenstein.kpi.columns import CLASSES
from meilenstein.kpi.facts import CASE_ENDINGS, ENDINGS, UNKNOWN, CaseFacts, ProcedureFacts, ReferralFacts, case_facts
from meilenstein.kpi.month import Month
from meilenstein.kpi.names import codes_of
from meilenstein.kpi.variables import VARIABLES, decided_values
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["OTHER", "PER_PROCEDURE", "Counted", "Durations", "Figures", "Groups"]

OTHER = "OTHER"
"""An agency that the registry does not know as one of these."""
_BODY = "RECOGNITION_BODY"
_NOT_MEASURED = frozenset({"PERMIT", "PERMIT_TOTAL", "CONSENT_VALIDITY", "APPEAL"})
"""Periods in which nobody waits for an agency: how long a permit or a consent lasts, and when a person objects."""
PER_PROCEDURE = ("procedure", "decision")
"""What clocks run for that belong to a procedure: they have its groups."""
_ANSWERS = frozenset({"ACCEPTED", "DECLINED", "RETURNED"})
_DUE = frozenset({"RECEIPT", "DECISION"})

Groups = Mapping[str, str]
"""The group that something belongs to, by breakdown."""
Counted = Counter[tuple[str, str, str]]
"""How many, by breakdown, group and column."""


@dataclass(slots=True)
class Durations:
    """Durations of one clock in one group."""

    days: Counter[int] = field(default_factory=Counter)
    """How often the clock took so many days."""
    within: int = 0
    """How often it stopped within its period."""


class Figures:
    """Counts cases for one month."""

    def __init__(self, month: Month, directory: Directory, rules: RuleTable) -> None:
        self.month = month
        self.procedures: Counted = Counter()
        self.referrals: Counted = Counter()
        self.variables: Counted = Counter()
        """By population, variable and value."""
        self.durations: dict[str, dict[tuple[str, str], Durations]] = {}
        """By clock, then by breakdown and group."""
        self._directory = directory
        self._codes = {name: frozenset(variable.codes()) for name, variable in VARIABLES.items()}
        self._bodies = frozenset(directory.keys(_BODY))
        self._stops = {rule.id: frozenset(rule.stop) - ENDINGS for rule in rules.clocks}
        self._measured = {rule.id for rule in rules.clocks if rule.period not in _NOT_MEASURED}
        self._due = {rule.id for rule in rules.clocks if rule.period in _DUE}

    def add(self, state: Mapping[str, Any]) -> None:
        """Count one case, given as the plain values of its state; a sandbox case counts nowhere."""
        case = case_facts(state, self.month.as_of)
        if case is None:
            return
        groups: dict[str, Groups] = {}
        for procedure in case.procedures:
            groups[procedure.about] = self._groups_of(procedure, case)
            self._count_procedure(procedure, groups[procedure.about], case.clocks)
        for referral in case.referrals:
            self._count_referral(referral, case)
        for clock in case.clocks:
            self._measure(clock, case, groups)

    def _groups_of(self, one: ProcedureFacts, case: CaseFacts) -> Groups:
        application = one.first("ApplicationReceived")
        district = (application.district if application else None) or case.district
        return {
            "REGION": self._region(district),
            "BODY": one.body if one.body in self._bodies else OTHER,
            "TRAINING": _known(one.application("training_state_group"), "TrainingStateGroup"),
            "ROUTE": _known(one.route, "LegalRoute"),
        }

    def _region(self, district: str | None) -> str:
        return district if district is not None and district in self._directory.districts else UNKNOWN

    def _agency(self, key: str | None) -> str:
        return key if key is not None and key in self._directory.agencies else OTHER

    def _count_procedure(self, one: ProcedureFacts, groups: Groups, clocks: Iterable[Mapping[str, Any]]) -> None:
        for column in self._columns_of(one, clocks):
            for breakdown, group in groups.items():
                self.procedures[breakdown, group, column] += 1
        for population, variable, value in self._values_of(one):
            self.variables[population, variable, value] += 1

    def _columns_of(self, one: ProcedureFacts, clocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        month, decision, application = self.month, one.decision, one.first("ApplicationReceived")
        for kind, column in (
            ("ApplicationReceived", "applications"),
            ("ReceiptConfirmed", "receipts_confirmed"),
            ("DocumentsComplete", "documents_complete"),
            ("ApplicationForwarded", "forwarded"),
        ):
            fact = one.first(kind)
            if fact is not None and month.holds(fact.day):
                yield column
        if decision is not None and month.holds(decision.day):
            outcome = decision.say("outcome").lower()
            yield outcome if outcome in CLASSES else "outcome_unknown"
        if month.holds(one.closed_on):
            yield "no_decision"
        if application is not None and one.ended_on is None:
            yield "pending"
            if any(clock["id"] in self._due and self._over(clock, one.about) for clock in clocks):
                yield "overdue"

    def _values_of(self, one: ProcedureFacts) -> Iterator[tuple[str, str, str]]:
        application, decision = one.first("ApplicationReceived"), one.decision
        for population, fact in (("APPLICATIONS", application), ("DECISIONS", decision)):
            if fact is not None and self.month.holds(fact.day):
                for variable in VARIABLES.values():
                    if population in variable.populations and variable.of is not None:
                        value = variable.of(one)
                        yield population, variable.name, value if value in self._codes[variable.name] else UNKNOWN
        if decision is not None and self.month.holds(decision.day):
            yield from (("DECISIONS", "FEATURE", value) for value in decided_values(one))
        for kind, population, name in (
            ("AppealFiled", "REMEDIES_FILED", "appeal_kind"),
            ("AppealDecided", "REMEDIES_DECIDED", "appeal_result"),
        ):
            for fact in one.of(kind):
                if self.month.holds(fact.day):
                    yield population, "REMEDY", fact.say(name)

    def _count_referral(self, one: ReferralFacts, case: CaseFacts) -> None:
        groups = {
            "REGION": self._region(one.district or case.district),
            "SENDER": self._agency(one.sender),
            "TARGET": self._agency(one.target),
        }
        for column in self._columns_of_referral(one, case):
            for breakdown, group in groups.items():
                self.referrals[breakdown, group, column] += 1

    def _columns_of_referral(self, one: ReferralFacts, case: CaseFacts) -> Iterator[str]:
        if self.month.holds(one.sent_on):
            yield "sent"
        for answer in ("ACCEPTED", "DECLINED", "RETURNED"):
            if self.month.holds(one.answers.get(answer)):
                yield answer.lower()
        if one.open:
            yield "unanswered"
            if any(self._over(clock, one.about) for clock in case.clocks):
                yield "overdue"
        if self.month.holds(self._applied_on(one, case)):
            yield "to_application"

    def _over(self, clock: Mapping[str, Any], about: str) -> bool:
        """Say whether a period was over without a stop known by then; a suspension or a silent feed proves nothing."""
        due, stopped, as_of = clock.get("due"), clock.get("stopped_on"), self.month.as_of
        return (
            clock["about"] == about
            and due is not None
            and due < as_of
            and (stopped is None or stopped > as_of)
            and clock.get("reason") is None
        )

    def _applied_on(self, one: ReferralFacts, case: CaseFacts) -> str | None:
        """Return when the first application followed at the body that accepted the referral."""
        if "ACCEPTED" not in one.answers or one.target not in self._bodies:
            return None
        received = (
            procedure.first("ApplicationReceived") for procedure in case.procedures if procedure.body == one.target
        )
        return min((fact.day for fact in received if fact is not None and fact.day >= one.sent_on), default=None)

    def _measure(self, clock: Mapping[str, Any], case: CaseFacts, groups: Mapping[str, Groups]) -> None:
        """Count the days that a clock took, if it stopped in the month by what was waited for."""
        stopped, start = clock.get("stopped_on"), clock.get("start")
        if start is None or stopped is None or not self.month.holds(stopped) or clock["id"] not in self._measured:
            return
        if not self._answered(clock, case):
            return
        days = (dt.date.fromisoformat(stopped) - dt.date.fromisoformat(start)).days
        within = clock.get("due") is not None and stopped <= clock["due"]
        cells = self.durations.setdefault(clock["id"], {})
        for cell in self._groups_of_clock(clock, case, groups).items():
            found = cells.setdefault(cell, Durations())
            found.days[days] += 1
            found.within += within

    def _answered(self, clock: Mapping[str, Any], case: CaseFacts) -> bool:
        """Say whether a clock stopped by what it waited for, not because the wait was given up on that day."""
        day, about = clock["stopped_on"], clock["about"]
        referral = next((one for one in case.referrals if one.about == about), None)
        if referral is not None:
            return any(answer in _ANSWERS and said == day for answer, said in referral.answers.items())
        one = _procedure_of(about, case)
        kinds = {fact.kind for fact in (one.facts if one is not None else case.timeline) if fact.day == day}
        if one is not None and one.transferred_on == day:
            kinds.add("CaseTransferred")
        given_up = ENDINGS if one is not None else CASE_ENDINGS
        return not kinds & given_up or bool(kinds & self._stops[clock["id"]])

    def _groups_of_clock(self, clock: Mapping[str, Any], case: CaseFacts, groups: Mapping[str, Groups]) -> Groups:
        """Return the groups of a clock; a referral is the business of its target."""
        kind, _, rest = clock["about"].partition(":")
        agency = rest.partition("/")[0]
        if kind == "referral":
            referral = next((one for one in case.referrals if one.about == clock["about"]), None)
            district = (referral.district if referral else None) or case.district
            return {"REGION": self._region(district), "AGENCY": self._agency(referral.target if referral else None)}
        if kind not in PER_PROCEDURE:
            return {"REGION": self._region(case.district), "AGENCY": self._agency(agency)}
        one = _procedure_of(clock["about"], case)
        found = groups[one.about] if one is not None else {}
        return {
            "REGION": found.get("REGION", UNKNOWN),
            "AGENCY": self._agency(agency),
            "TRAINING": found.get("TRAINING", UNKNOWN),
            "ROUTE": found.get("ROUTE", UNKNOWN),
        }


def _known(code: str, enum: str) -> str:
    return code if code in codes_of(enum) else UNKNOWN


def _procedure_of(about: str, case: CaseFacts) -> ProcedureFacts | None:
    return next((one for one in case.procedures if one.named(about)), None)
