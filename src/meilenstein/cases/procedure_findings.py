"""What is doubtful about a recognition procedure: order, extensions, outcome, what was asked for, pauses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from meilenstein.cases.calendar import months_after, next_working_day, plus_days
from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event
from meilenstein.cases.finding import Found, Hit
from meilenstein.cases.fold import Case
from meilenstein.cases.ledger import Entry
from meilenstein.cases.procedures import Procedure
from meilenstein.cases.requirements import RECEIVED
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.codes import load_codes
from meilenstein_schemas.directory_tables import HOME_LAND
from meilenstein_schemas.rules import RuleTable, Spans

__all__ = ["ENDINGS", "extension_findings", "procedure_findings", "procedure_waits"]

ENDINGS = ("DecisionIssued", "ApplicationForwarded", "ApplicationWithdrawn", "ProcedureClosedNoDecision")
"""Event types after which the body has nothing to decide any more."""
_ASKING_AGAIN = frozenset({"ReceiptConfirmed", "DocumentsRequested"})
"""Requests that contradict a completeness before them; a request for further evidence does not, it is made after it."""
_NAMES_A_MATTER = frozenset({"PROCEDURE", "CASE"})
_HAND_ON = frozenset({"RECOGNITION_BODY", "CROSS_LAND"})
"""Kinds of agency whose decision, or word of it, another Land's body goes on with."""


def procedure_findings(case: Case, directory: Directory) -> Found:
    """Yield what the facts alone say of the procedures of one case."""
    for one in case.procedures:
        by_type = one.by_type
        yield from _order(one, case, directory)
        if len(by_type.get("DeadlineExtended", ())) > 1:
            yield _second_extension(one)
        if "DecisionIssued" in by_type:
            yield from _outcome(one)
        if one.licences and one.regulated == "NO":
            yield _licence(one)
        if one.about in case.requirements and "DocumentsComplete" in by_type:
            yield from _complete_with_open_items(one, case)


def _begun_elsewhere(one: Procedure, case: Case, directory: Directory) -> bool:
    """Say whether a body only continues what began elsewhere, or itself decides in another Land.

    That an application or its completeness never came over this bus says nothing of it. Somebody else handed the matter
    over, or a body or desk of another Land takes part in the case, or is named by what this body tells.
    """
    body = one.body
    if case.ground.transferred.keys() - {body}:
        return True
    forwarded = (event for other in case.procedures for event in other.of("ApplicationForwarded"))
    if any(event.facts.get("target") == body for event in forwarded):
        return True
    named = (
        reference.owner
        for event in one.milestones
        for reference in event.references
        if reference.kind in _NAMES_A_MATTER
    )
    owners = {body, *(file.publisher for file in case.files), *named}
    return any(_decides_elsewhere(owner, directory) for owner in owners)


def _decides_elsewhere(key: str, directory: Directory) -> bool:
    agency = directory.agencies.get(key)
    return agency is not None and agency.land != HOME_LAND and agency.kind in _HAND_ON


def _order(one: Procedure, case: Case, directory: Directory) -> Found:
    decided, received = one.first("DecisionIssued"), one.first("ApplicationReceived")
    complete, waived = one.first("DocumentsComplete"), one.first("EquivalenceCheckWaived")
    if (
        decided is not None
        and (complete is None or complete > decided)
        and not (complete is None and waived is not None and waived <= decided)
        and not (complete is None and received is None and _begun_elsewhere(one, case, directory))
    ):
        yield Hit("DECISION_BEFORE_COMPLETE", one.about, decided, {"decided_on": decided}, one.body)
    pairs: list[tuple[dt.date, dict[str, Any]]] = [
        (day, {"first": earlier, "on": day, "then": later, "then_on": than})
        for earlier, day, later, than in (
            ("ReceiptConfirmed", one.first("ReceiptConfirmed"), "ApplicationReceived", received),
            ("DocumentsComplete", complete, "ApplicationReceived", received),
            ("DecisionIssued", decided, "ApplicationReceived", received),
            ("DecisionIssued", decided, "DocumentsComplete", complete),
        )
        if day is not None and than is not None and day < than
    ]
    if pairs:
        since = min(day for day, _ in pairs)
        yield Hit("ORDER_IMPOSSIBLE", one.about, since, {"pairs": [pair for _, pair in pairs]}, one.body)


def _second_extension(one: Procedure) -> Hit:
    extensions = sorted(one.extensions, key=lambda found: (found.notified_on, found.event_id))
    detail = {
        "extensions": [
            {"event": found.event_id, "notified_on": found.notified_on, "new_end": found.new_end}
            for found in extensions
        ]
    }
    return Hit("SECOND_EXTENSION", one.about, extensions[1].notified_on, detail, one.body)


@lru_cache(maxsize=1)
def _possible() -> Mapping[str, frozenset[str]]:
    """Return for each outcome class the values of `regulated` it fits."""
    return {name: frozenset(code.more["regulated"]) for name, code in load_codes("outcome_classes").codes.items()}


def _outcome(one: Procedure) -> Found:
    """An outcome class of the other kind of profession, or none after the comparison was waived."""
    waived = one.first("EquivalenceCheckWaived")
    wrong: list[tuple[Event, str]] = []
    for event in one.of("DecisionIssued"):
        outcome = event.facts.get("outcome") or "UNKNOWN"
        fits = _possible().get(outcome)
        if fits is not None and one.regulated != "UNKNOWN" and one.regulated not in fits:
            wrong.append((event, "NOT_FOR_REGULATED" if one.regulated == "YES" else "NOT_FOR_UNREGULATED"))
        elif (
            outcome == "NEGATIVE"
            and waived is not None
            and event.occurred_on >= waived
            and not _exam_failed(one, event)
        ):
            wrong.append((event, "COMPARISON_WAIVED"))
    if wrong:
        detail = {
            "regulated": one.regulated,
            "decisions": [
                {"event": event.event_id, "outcome": event.facts.get("outcome"), "reason": reason}
                for event, reason in wrong
            ],
        }
        yield Hit("OUTCOME_NOT_POSSIBLE", one.about, wrong[0][0].occurred_on, detail, one.body)


def _exam_failed(one: Procedure, decision: Event) -> bool:
    """Say whether a refusal of the licence follows a failed exam: that is no outcome of a comparison."""
    return decision.facts.get("decision_object") == "LICENCE" and any(
        exam.facts.get("passed") == "NO" and exam.occurred_on <= decision.occurred_on for exam in one.of("ExamTaken")
    )


def _licence(one: Procedure) -> Hit:
    first = one.licences[0]
    publishers = {event.publisher for event in one.licences}
    asked = one.body if publishers == {one.body} else None
    detail = {"licences": [event.event_id for event in one.licences], "licence_kind": first.facts.get("licence_kind")}
    return Hit("LICENCE_UNREGULATED", one.about, first.occurred_on, detail, asked)


def _complete_with_open_items(one: Procedure, case: Case) -> Found:
    """Items were asked for after the body had said that the documents were complete, and nothing says they came."""
    complete = one.of("DocumentsComplete")[0].occurred_on
    still = [
        found
        for found in case.requirements[one.about]
        if found.state != RECEIVED and found.asked_by in _ASKING_AGAIN and found.asked_on > complete
    ]
    if still:
        detail = {"complete_on": complete, "items": [{"item": one.item, "asked_on": one.asked_on} for one in still]}
        yield Hit("COMPLETE_WITH_OPEN_ITEMS", one.about, still[0].asked_on, detail, one.body)


def extension_findings(case: Case, clocks: Iterable[Clock], rules: RuleTable) -> Found:
    """Yield what is wrong with extensions, measured against the end that stood when they were notified."""
    extended = {one.about: one for one in case.procedures if "DeadlineExtended" in one.by_type}
    if not extended:
        return
    longest = _longest_extensions(rules)
    for clock in clocks:
        one = extended.get(clock.about)
        if one is None or clock.id not in _decision_clocks(rules):
            continue
        late, long = [], []
        for entry in clock.ledger:
            if entry.kind == "EXTENSION" and entry.refused not in {"WHILE_SUSPENDED", "DATE_OUT_OF_RANGE"}:
                late.extend([_extension(entry)] if entry.since > next_working_day(entry.old) else [])
                long.extend([_extension(entry)] if _too_long(entry, longest.get((clock.id, one.training))) else [])
        late.extend(_after_the_stop(one, clock))
        for code, found in (("LATE_EXTENSION", late), ("EXTENSION_TOO_LONG", long)):
            if found:
                yield Hit(code, one.about, found[0]["notified_on"], {"clock": clock.id, "extensions": found}, one.body)


@lru_cache(maxsize=4)
def _decision_clocks(rules: RuleTable) -> frozenset[str]:
    return frozenset(row.id for row in rules.periods["DECISION"])


@lru_cache(maxsize=4)
def _suspendable(rules: RuleTable) -> frozenset[str]:
    """Return the laws under which the period for a decision can be suspended."""
    return frozenset(
        law for row in rules.periods["DECISION"] if row.pausable for law in row.when.get("procedure_law", ())
    )


@lru_cache(maxsize=4)
def _longest_extensions(rules: RuleTable) -> Mapping[tuple[str, str], int]:
    """Return how many months a period may be extended at most, by clock and group of the state of training."""
    return {
        (row.id, training): row.extension_months
        for row in rules.clocks
        if row.extension_months is not None
        for training in row.when.get("training_state_group", ())
    }


def _too_long(entry: Entry, months: int | None) -> bool:
    if months is None or entry.until is None:
        return False
    return entry.until > next_working_day(months_after(next_working_day(entry.old), months))  # from the end: BGB § 190


def _extension(entry: Entry) -> dict[str, Any]:
    return {"event": entry.event_id, "notified_on": entry.since, "old_end": entry.old, "new_end": entry.until}


def _after_the_stop(one: Procedure, clock: Clock) -> list[dict[str, Any]]:
    """Return extensions notified after the decision and after the end: no part of the ledger any more."""
    known = {entry.event_id for entry in clock.ledger}
    return [
        {"event": found.event_id, "notified_on": found.notified_on, "old_end": clock.due, "new_end": found.new_end}
        for found in one.extensions
        if found.event_id not in known and clock.due is not None and found.notified_on > clock.due
    ]


def procedure_waits(case: Case, directory: Directory, rules: RuleTable) -> Found:
    """Yield what becomes a finding of a procedure by the mere passing of time, with the first day on which it is."""
    for one in case.procedures:
        by_type = one.by_type
        alone = "DecisionIssued" in by_type and "ApplicationReceived" not in by_type and not case.ground.transferred
        if alone and not _begun_elsewhere(one, case, directory):
            yield _orphan(one, rules)
        if "AdditionalEvidenceRequested" in by_type or "OtherProcedureStarted" in by_type:
            yield from _pause_open(one, case, rules)


def _orphan(one: Procedure, rules: RuleTable) -> Hit:
    decided = min(event.known_on for event in one.of("DecisionIssued"))
    since = plus_days(decided, rules.parking_days + 1)
    return Hit("ORPHAN_DECISION", one.about, since, {"decided_on": one.first("DecisionIssued")}, one.body)


def _pause_open(one: Procedure, case: Case, rules: RuleTable) -> Found:
    """A request for evidence whose set date has passed without a sign, or a suspension that takes very long."""
    if one.law != "UNKNOWN" and one.law not in _suspendable(rules):
        return  # in nursing and medicine a request for evidence suspends nothing
    if any(name in one.by_type for name in ENDINGS) or one.body in case.ground.transferred:
        return
    found = sorted(_open_pauses(one, rules.spans), key=lambda pause: (pause[0], pause[1]["event"]))
    if found:
        since, detail = found[0]
        yield Hit("PAUSE_OPEN", one.about, since, detail, one.body)


def _open_pauses(one: Procedure, spans: Spans) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    for pause in one.pauses:
        if pause.until is None:
            detail = {"event": pause.event_id, "since": pause.since, "basis": pause.basis}
            yield plus_days(pause.since, spans.pause_open_days + 1), detail
    last = one.milestones[-1].occurred_on
    if "DocumentsComplete" not in one.by_type:
        return  # nothing runs yet that a request could suspend
    for event in one.of("AdditionalEvidenceRequested"):
        until = event.facts.get("until_on")
        if until is not None and event.occurred_on >= last:  # else the body has gone on since
            longest = plus_days(event.occurred_on, spans.pause_open_days + 1)
            passed = plus_days(until, spans.pause_set_date_days + 1)
            basis = event.facts.get("evidence_basis") or "UNKNOWN"
            detail = {"event": event.event_id, "since": event.occurred_on, "until": until, "basis": basis}
            yield min(longest, passed), detail
