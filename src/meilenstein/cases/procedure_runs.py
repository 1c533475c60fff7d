"""What runs for a recognition procedure: receipt, decision, exam, and the appeal against each decision.

Forwarding, withdrawal and closing without a decision end everything that runs for the procedure itself; the body to
which an application was forwarded starts afresh with its own receipt. A decision keeps its own period for the appeal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from meilenstein.cases.calendar import LATEST, next_working_day, plus_days
from meilenstein.cases.events import Event
from meilenstein.cases.explain import ANNOUNCED, Step, announced_step
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.runs import Facets, Ground, Run, Stop, days_of, stop_of
from meilenstein_schemas.rules import Counting
from meilenstein_schemas.tables import in_force

__all__ = ["announcement", "deemed_announced", "procedure_runs"]

_CLOSING = ("ApplicationForwarded", "ApplicationWithdrawn", "ProcedureClosedNoDecision")
_EXAM_DONE = ("ExamTaken", "CompensationStarted", "CompensationCompleted")
_EXAMS = frozenset({"APTITUDE_TEST", "KNOWLEDGE_TEST"})
_COURSES = frozenset({"ADAPTATION_PERIOD", "ADAPTATION_QUALIFICATION"})
_SENT = frozenset({"POSTED", "ELECTRONIC"})


def procedure_runs(one: Procedure, ground: Ground, counting: Counting) -> Iterator[Run]:
    """Yield what runs for a procedure and for each of its decisions."""
    endings = [stop for name in _CLOSING for stop in days_of(one.of(name))]
    endings.extend(ground.handed_over(one.body))
    received = one.first("ApplicationReceived")
    if received is not None:
        yield _receipt(one, received, endings)
    decisions = one.of("DecisionIssued")
    complete = one.first("DocumentsComplete")
    if complete is not None or decisions:
        yield _decision(one, complete, endings)
    yield from _exams(one, endings, counting)
    for decision in decisions:
        yield _appeal(one, decision, counting)


def _route(one: Procedure, start: dt.date | None, stops: Collection[Stop]) -> str:
    """Return the route as it was when the waiting ended; while it has not, as it is now."""
    if start is None or len(one.routes) < 2:
        return one.route
    stop = stop_of(stops, start)
    return one.route_on(stop.day if stop else None)


def _receipt(one: Procedure, received: dt.date, endings: list[Stop]) -> Run:
    stops = [*days_of(one.of("ReceiptConfirmed")), *endings]
    return Run(
        period="RECEIPT",
        about=one.about,
        owner=one.body,
        stop_publisher=one.body,
        facets=(
            ("procedure_law", one.law),
            ("regulated", one.regulated),
            ("legal_route", _route(one, received, stops)),
        ),
        start_event="ApplicationReceived",
        start=received,
        stops=stops,
    )


def _decision(one: Procedure, complete: dt.date | None, endings: list[Stop]) -> Run:
    decisions = one.of("DecisionIssued")
    stops = [*days_of(decisions), *days_of(one.of("EquivalenceCheckWaived")), *endings]
    deciding = next((event for event in decisions if complete is None or event.occurred_on >= complete), None)
    return Run(
        period="DECISION",
        about=one.about,
        owner=one.body,
        stop_publisher=one.body,
        facets=(
            ("procedure_law", one.law),
            ("regulated", one.regulated),
            ("training_state_group", one.training),
            ("legal_route", _route(one, complete, stops)),
            ("decision_object", (deciding.facts.get("decision_object") if deciding else None) or "UNKNOWN"),
        ),
        start_event="DocumentsComplete",
        start=complete,
        stops=stops,
        pauses=one.pauses,
        extensions=one.extensions,
    )


def _exams(one: Procedure, endings: list[Stop], counting: Counting) -> Iterator[Run]:
    if one.law == "BQFG":
        if one.regulated == "YES":
            yield from _exam_by_choice(one, endings, counting)
    elif one.law in {"PFLAPRV", "AEAPPRO"} and not _chose(one, _COURSES):
        imposing = next((event for event in one.of("DecisionIssued") if _imposes(event)), None)
        if imposing is not None and _leaves_courses_only(imposing):
            return
        waived = one.of("EquivalenceCheckWaived")
        if imposing is not None:
            about = _about(imposing)
            yield _exam(one, endings, "DECISION", "DecisionIssued", imposing.occurred_on, about=about)
        elif waived:
            yield _exam(one, endings, "WAIVER", "EquivalenceCheckWaived", waived[0].occurred_on)


def _exam_by_choice(one: Procedure, endings: list[Stop], counting: Counting) -> Iterator[Run]:
    """From the choice of the exam; without one from access to a decision that leaves no choice."""
    chosen = _chose(one, _EXAMS)
    imposing = next((event for event in one.of("DecisionIssued") if _imposes(event)), None)
    if chosen:
        yield _exam(one, endings, "CHOICE", "CompensationChosen", chosen[0].occurred_on)
    elif imposing is not None and not _chose(one, _COURSES):
        measures = set(imposing.facts.get("measures") or ())
        if measures and measures <= _EXAMS:
            access, lead = announcement(imposing, counting)
            unknown = None if access is not None else "ANNOUNCEMENT_UNKNOWN"
            yield _exam(one, endings, "DECISION", ANNOUNCED, access, about=_about(imposing), lead=lead, unknown=unknown)
        elif not _leaves_courses_only(imposing):
            yield _exam(one, endings, "UNKNOWN", ANNOUNCED, None, about=_about(imposing), unknown="CHOICE_UNKNOWN")


def _exam(
    one: Procedure,
    endings: list[Stop],
    exam_start: str,
    start_event: str,
    start: dt.date | None,
    *,
    about: str | None = None,
    lead: tuple[Step, ...] = (),
    unknown: str | None = None,
) -> Run:
    return Run(
        period="EXAM",
        about=about or one.about,
        owner=one.body,
        stop_publisher=one.body,
        facets=(("procedure_law", one.law), ("exam_start", exam_start)),
        start_event=start_event,
        start=start,
        stops=[*(stop for name in _EXAM_DONE for stop in days_of(one.of(name))), *endings],
        unknown=unknown,
        lead=lead,
    )


def _chose(one: Procedure, kinds: frozenset[str]) -> list[Event]:
    return [event for event in one.of("CompensationChosen") if event.facts.get("compensation_kind") in kinds]


def _leaves_courses_only(decision: Event) -> bool:
    """Say whether the measures of a decision are known, and none of them is an exam."""
    measures = set(decision.facts.get("measures") or ())
    return bool(measures) and measures <= _COURSES


def _imposes(decision: Event) -> bool:
    facts = decision.facts
    return facts.get("decision_object") == "DIFFERENCES" or facts.get("outcome") == "COMPENSATION_REQUIRED"


def _about(decision: Event) -> str:
    return f"decision:{decision.publisher}/{decision.event_id}"


def _appeal(one: Procedure, decision: Event, counting: Counting) -> Run:
    announced, lead = announcement(decision, counting)
    facets: Facets = (("remedies_instruction", decision.facts.get("remedies_instruction") or "UNKNOWN"),)
    return Run(
        period="APPEAL",
        about=_about(decision),
        owner=one.body,
        stop_publisher=one.body,
        facets=facets,
        start_event=ANNOUNCED,
        start=announced,
        stops=days_of(event for event in one.of("AppealFiled") if _against(event, decision, one)),
        stops_from=decision.occurred_on,  # who holds the decision may appeal before it counts as announced
        unknown=None if announced is not None else "ANNOUNCEMENT_UNKNOWN",
        lead=lead,
    )


def _against(appeal: Event, decision: Event, one: Procedure) -> bool:
    """Say whether an appeal is against a decision: the one it names, else the latest before it."""
    decisions = one.of("DecisionIssued")
    named = appeal.facts.get("decision_event_id")
    meant = [event for event in decisions if named and named in {event.event_id, event.corrects}]
    if not meant:
        meant = [event for event in decisions if event.occurred_on <= appeal.occurred_on][-1:]
    return decision in meant


def announcement(decision: Event, counting: Counting) -> tuple[dt.date | None, tuple[Step, ...]]:
    """Return the day on which a decision counts as announced, and how it was found; None where that is not known.

    Posted or sent electronically: some days after dispatch (VwVfG § 41(2)), or later if it was stated to have arrived
    later; served or handed over: on the day that was stated.
    """
    facts = decision.facts
    stated, dispatched = facts.get("announced_on"), facts.get("dispatched_on")
    if facts.get("announcement") not in _SENT or dispatched is None or dispatched > LATEST:
        return stated, ()
    return deemed_announced(dispatched, stated, counting)


def deemed_announced(
    dispatched: dt.date, stated: dt.date | None, counting: Counting
) -> tuple[dt.date, tuple[Step, ...]]:
    """Return the day on which something sent counts as announced, at the earliest by law, and the line that says so."""
    days = next((days for since, until, days in counting.announcement_days if in_force(since, until, dispatched)), 0)
    deemed = plus_days(dispatched, days)
    moved = next_working_day(deemed) if counting.announcement_day_shifts else deemed
    day: dt.date = max(moved, stated or moved)
    return day, (announced_step(dispatched, days, day, later=day != moved, shifted=moved != deemed),)
