"""Expected clocks of recognition procedures: C01 to C10 and C24."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from meilenstein.simulate.naive_calendar import months_later
from meilenstein.simulate.naive_law import (
    FAST_TRACK,
    Period,
    Spans,
    announced_on,
    decision_period,
    receipt_period,
    suspended_and_extended,
)
from meilenstein.simulate.truth_clocks import Wait
from meilenstein.simulate.truth_facts import Facts

__all__ = ["appeals", "decisions", "exams", "receipts"]

_ENDINGS = ("ApplicationForwarded", "ApplicationWithdrawn", "ProcedureClosedNoDecision")
_EXAM_ENDS = ("ExamTaken", "CompensationStarted", "CompensationCompleted")
_COURSES = {"ADAPTATION_PERIOD", "ADAPTATION_QUALIFICATION"}
_TESTS = {"APTITUDE_TEST", "KNOWLEDGE_TEST"}


def _name(body: str, reference: str) -> str:
    return f"procedure:{body}/{reference}"


def _route(one: Facts, agreed: dt.date | None, until: dt.date | None) -> str:
    """Return the route on a day, or now: the last that was told, and the fast track from its agreement on."""
    told = [(body["occurred_on"], body["legal_route"]) for _, body in one.all if body["legal_route"] != "UNKNOWN"]
    if agreed is not None:
        told = [*((day, route) for day, route in told if day < agreed), (agreed, FAST_TRACK)]
    if not told:
        return "UNKNOWN"
    known = [route for day, route in told if until is None or day <= until]
    return known[-1] if known else str(told[0][1])


def _first_stop(days: list[dt.date], start: dt.date) -> dt.date | None:
    return min((day for day in days if day >= start), default=None)


def _application(one: Facts) -> Mapping[str, Any]:
    applied = one.of_type("ApplicationReceived")
    known = dict.fromkeys(("procedure_law", "regulated", "training_state_group"), "UNKNOWN")
    for name in known:
        known[name] = next((body[name] for body in applied if body[name] != "UNKNOWN"), "UNKNOWN")
    return known


def receipts(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C01 and C02: from the application until its receipt is confirmed."""
    for (body, reference), one in facts.procedures().items():
        received = min(one.days("ApplicationReceived"), default=None)
        if received is None:
            continue
        stops = [*one.days("ReceiptConfirmed", *_ENDINGS), *facts.handed_over(body)]
        route = _route(one, facts.fast_track_on, _first_stop(stops, received))
        period = receipt_period(_application(one)["procedure_law"], route, received)
        if period is not None:
            yield Wait(name="RECEIPT", about=_name(body, reference), period=period, stops=stops)


def decisions(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C03 to C09: from complete documents until the decision."""
    for (body, reference), one in facts.procedures().items():
        complete = min(one.days("DocumentsComplete"), default=None)
        if complete is None:
            continue
        stops = [*one.days("DecisionIssued", *_ENDINGS), *facts.handed_over(body)]
        if _application(one)["procedure_law"] == "PFLAPRV":
            stops += one.days("EquivalenceCheckWaived")
        stopped = _first_stop(stops, complete)
        period = _decision_period(facts, one, complete, stopped)
        if period is not None:
            yield Wait(name="DECISION", about=_name(body, reference), period=period, stops=stops)


def _decision_period(facts: Facts, one: Facts, complete: dt.date, stopped: dt.date | None) -> Period | None:
    applied = _application(one)
    deciding = [body for body in one.of_type("DecisionIssued") if body["occurred_on"] >= complete]
    period = decision_period(
        law=applied["procedure_law"],
        regulated=applied["regulated"],
        training=applied["training_state_group"],
        route=_route(one, facts.fast_track_on, stopped),
        complete=complete,
        differences=bool(deciding) and deciding[0]["decision_object"] == "DIFFERENCES",
    )
    if period is None:
        return None
    last = stopped or dt.date.max
    pauses = [(since, until) for since, until in _pauses(one) if since <= last]
    extensions = [
        (body["notified_on"] or body["occurred_on"], body["new_end_on"], body["extension_reason"])
        for body in one.of_type("DeadlineExtended")
        if (body["notified_on"] or body["occurred_on"]) <= last
    ]
    return suspended_and_extended(period, pauses, extensions)


def _pauses(one: Facts) -> Iterator[tuple[dt.date, dt.date | None]]:
    for body in one.of_type("AdditionalEvidenceRequested"):
        if body["until_on"] is not None:
            yield body["occurred_on"], body["until_on"]
    ends = sorted(one.days("OtherProcedureEnded"))
    for started in sorted(one.days("OtherProcedureStarted")):
        end = next((day for day in ends if day >= started), None)
        if end is not None:
            ends.remove(end)
        yield started, end


def exams(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C10: six months until the exam can be taken, from what the law of the profession starts it with."""
    for (body, reference), one in facts.procedures().items():
        stops = [*one.days(*_EXAM_ENDS, *_ENDINGS), *facts.handed_over(body)]
        start = _exam_start(one, _name(body, reference))
        if start is not None:
            day, about = start
            period = Period(clock="C10", start=day, end=months_later(day, 6))
            yield Wait(name="EXAM", about=about, period=period, stops=stops)


def _exam_start(one: Facts, name: str) -> tuple[dt.date, str] | None:
    applied = _application(one)
    chosen = one.of_type("CompensationChosen")
    tests = [body["occurred_on"] for body in chosen if body["compensation_kind"] in _TESTS]
    course = any(body["compensation_kind"] in _COURSES for body in chosen)
    imposing = next((body for body in one.of_type("DecisionIssued") if _imposes(body)), None)
    if applied["procedure_law"] == "BQFG" and applied["regulated"] == "YES":
        if tests:
            return min(tests), name
        measures = set(imposing["measures"]) if imposing else set()
        access = announced_on(imposing) if imposing else None
        if imposing and access and measures and measures <= _TESTS and not course:
            return access, _decision_name(imposing)
    elif applied["procedure_law"] in {"PFLAPRV", "AEAPPRO"} and not course:
        if imposing is not None:
            courses_only = imposing["measures"] and set(imposing["measures"]) <= _COURSES
            return None if courses_only else (imposing["occurred_on"], _decision_name(imposing))
        waived = one.days("EquivalenceCheckWaived")
        if waived and applied["procedure_law"] == "PFLAPRV":
            return min(waived), name
    return None


def _imposes(decision: Mapping[str, Any]) -> bool:
    return bool(decision["decision_object"] == "DIFFERENCES" or decision["outcome"] == "COMPENSATION_REQUIRED")


def _decision_name(decision: Mapping[str, Any]) -> str:
    return f"decision:{decision['publisher']}/{decision['event_id']}"


def appeals(facts: Facts, _spans: Spans) -> Iterator[Wait]:
    """C24: a month from the announcement of each decision, a year where it does not say how to appeal."""
    for one in facts.procedures().values():
        for decision in one.of_type("DecisionIssued"):
            announced = announced_on(decision)
            months = {"CORRECT": 1, "MISSING": 12}.get(decision["remedies_instruction"])
            if announced is None or months is None:
                continue
            meant = [
                body["occurred_on"]
                for body in one.of_type("AppealFiled")
                if body["decision_event_id"] in {decision["event_id"], decision["corrects"]}
            ]
            period = Period(clock="C24", start=announced, end=months_later(announced, months))
            yield Wait(name="APPEAL", about=_decision_name(decision), period=period, stops=meant)
