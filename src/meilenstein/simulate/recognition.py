"""The recognition procedure at its body, from the application to the first decision, always within its periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from meilenstein.simulate import population
from meilenstein.simulate.casebook import Casebook, CaseEnds, reference
from meilenstein.simulate.naive_calendar import months_later, werktage_later
from meilenstein.simulate.naive_law import FAST_TRACK, Period, decision_period, receipt_period
from meilenstein.simulate.population import pick

__all__ = ["DOCUMENTS", "decide", "notify_foreigners_office", "office_claims", "recognise", "say"]

DOCUMENTS = (
    "identity", "curriculum-vitae", "diploma", "transcript-of-records", "work-certificates", "translation",
    "certified-copy", "language-certificate", "proof-of-purpose",
)  # fmt: skip
"""Codes of the documents that bodies ask for."""
_DAYS_FOR_DOCUMENTS = 42


def say(book: Casebook, event_type: str, **facts: Any) -> Any:
    """Write an event of the present procedure by its body."""
    body, procedure = book.notes["procedure"]
    return book.write(
        event_type,
        publisher=body,
        procedure_reference=procedure,
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        **facts,
    )


def office_claims(book: Casebook) -> list[dict[str, str]]:
    """Return how the foreigners' office and those who act with it name the procedure they hold in their hands."""
    if "procedure" not in book.notes:
        return []
    body, procedure = book.notes["procedure"]
    return [reference(body, "PROCEDURE", procedure)]


def recognise(book: Casebook, body: str, *, by: dt.date | None = None, then: Callable[[], None] = lambda: None) -> str:
    """Write the procedure at `body` up to its first decision and return the outcome.

    A procedure that ends without a decision ends the case. `by`: when the application has to be there; `then`: what
    follows the application at once.
    """
    if by is None and book.does("forwarding", 0.05):
        body = _forward(book, body)
    received = _apply(book, body, by=by, references=book.notes.pop("forwarded", []))
    then()
    complete = _until_complete(book, received)
    period = _period(book, complete)
    due = period.due if period else months_later(complete, 3)
    if book.does("withdrawn", 0.03):
        book.wait_before(due, 3, 30)
        say(book, "ApplicationWithdrawn", closing_reason="WITHDRAWN_BY_APPLICANT", by=due)
        raise CaseEnds
    if book.plan.profession.law == "PFLAPRV" and book.does("waiver", 0.12):
        book.wait_before(due, 5, 30)
        book.notes["waived_on"] = book.day
        say(book, "EquivalenceCheckWaived", declared_final="YES", informed_of_consequences="YES", by=due)
        return "WAIVED"
    if period is not None and period.pausable:
        due = _change_period(book, period)
    book.wait_before(due, *_decision_span(book, due), brisk=(8, 25))
    outcome = _outcome(book)
    decide(book, outcome, by=due)
    return outcome


def _apply(book: Casebook, body: str, *, by: dt.date | None, **claims: Any) -> dt.date:
    """Write the application, and return its day."""
    plan = book.plan
    book.notes["procedure"] = (body, book.new_number(body, "procedure"))
    received = book.day
    say(
        book,
        "ApplicationReceived",
        procedure_law=plan.profession.law,
        regulated=plan.profession.regulated,
        training_state_group="EU_EEA_CH" if plan.from_eu else "THIRD_STATE",
        training_state=plan.state,
        profession_kldb=plan.profession.kldb,
        application_channel="FOREIGNERS_OFFICE"
        if plan.route == FAST_TRACK
        else pick(book.rng, population.APPLICATION_CHANNELS),
        application_kind="FOLLOW_UP" if book.does("follow-up", 0.06) else "FIRST",
        by=by or book.day,
        **claims,
    )
    return received


def _forward(book: Casebook, body: str) -> str:
    """Let the application arrive at a body that is not competent and forwards it; return the right one."""
    wrong = book.world.offices.other_body(body)
    received = _apply(book, wrong, by=None)
    claims = office_claims(book)
    due = receipt_period(book.plan.profession.law, book.plan.route, received)
    last = due.due if due else months_later(received, 1)
    book.wait_before(last, 1, 6)
    if book.rng.random() < 0.5:  # it had looked into the papers before it saw who is competent
        book.notes["asked before"] = sorted(book.rng.sample(DOCUMENTS, 2))
        say(book, "ReceiptConfirmed", documents_complete="NO", missing_items=book.notes["asked before"], by=last)
        book.wait(1, 5)
    say(book, "ApplicationForwarded", target=body, forward_reason="OTHER_PROFESSION", by=last)
    book.wait(1, 4)
    book.notes["forwarded"] = claims
    return body


def _until_complete(book: Casebook, received: dt.date) -> dt.date:
    """Write the confirmation of receipt, what is missing, and the completeness; return the day of completeness."""
    law, route = book.plan.profession.law, book.plan.route
    receipt = receipt_period(law, route, received)
    due = receipt.due if receipt else months_later(received, 1)
    at_once = not book.plan.brisk and book.rng.random() < 0.3
    book.wait_before(due, 1, 9 if at_once else 18, brisk=(2, 8))
    missing = [] if at_once else sorted(book.rng.sample(DOCUMENTS, book.rng.randint(1, 4)))
    missing = missing and sorted({*missing, *book.notes.pop("asked before", [])})
    say(book, "ReceiptConfirmed", documents_complete="YES" if at_once else "NO", missing_items=missing, by=due)
    if at_once:  # the period for the decision began with the application
        say(book, "DocumentsComplete", on=received, by=book.day)
        return received
    _collect(book, missing)
    complete = book.day
    say(book, "DocumentsComplete", by=book.day)
    return complete


def _collect(book: Casebook, missing: list[str]) -> None:
    """Ask for what is missing, more than once where it takes long."""
    rounds = 1 if book.plan.brisk else pick(book.rng, {0: 15, 1: 65, 2: 20})
    for _ in range(rounds):
        book.wait(0, 4, brisk=(0, 2))
        due_on = book.day + dt.timedelta(days=_DAYS_FOR_DOCUMENTS)
        say(book, "DocumentsRequested", items=missing, due_on=due_on, by=book.day)
        notify_foreigners_office(book, "DOCUMENTS_REQUESTED")
        book.wait(5, 22, brisk=(3, 10))
        missing = sorted(book.rng.sample(missing, book.rng.randint(1, len(missing))))
    if not rounds:
        book.wait(5, 22)
    if book.does("never complete", 0.05):
        if book.rng.random() < 0.5:
            book.wait(20, 40)
            say(book, "ProcedureClosedNoDecision", closing_reason="DOCUMENTS_NOT_SUBMITTED")
        raise CaseEnds


def notify_foreigners_office(book: Casebook, what: str) -> None:
    """In the fast track: the office gets what the body sent, and invites the employer within three Werktage."""
    if book.plan.route != FAST_TRACK:
        return
    office = book.world.offices.foreigners_office(book.plan.district)
    book.wait(1, 2, brisk=(1, 1))
    received = book.day
    told = book.write(
        "ForeignersOfficeNotified",
        publisher=office,
        notified_of=what,
        received_on=received,
        references=office_claims(book),
        legal_route=FAST_TRACK,
        by=received,
    )
    due = Period(clock="C11", start=received, end=werktage_later(received, 3)).due
    book.wait_before(due, 0, 2, brisk=(0, 1))
    book.write("EmployerInvited", publisher=office, trigger_event_id=told.event_id, legal_route=FAST_TRACK, by=due)


def _period(book: Casebook, complete: dt.date) -> Period | None:
    profession, plan = book.plan.profession, book.plan
    return decision_period(
        law=profession.law,
        regulated=profession.regulated,
        training="EU_EEA_CH" if plan.from_eu else "THIRD_STATE",
        route=plan.route,
        complete=complete,
    )


def _change_period(book: Casebook, period: Period) -> dt.date:
    """Let some bodies suspend or extend the period lawfully; return its last day."""
    if book.does("evidence", 0.1):
        book.wait_before(period.due, 3, 15)
        until = book.day + dt.timedelta(days=book.rng.randint(14, 28))
        basis = "BQFG_12_4" if book.plan.profession.regulated == "YES" else "BQFG_5_4"
        say(
            book,
            "AdditionalEvidenceRequested",
            evidence_basis=basis,
            until_on=until,
            items=[book.rng.choice(("subject-hours", "curriculum"))],
            by=period.due,
        )
        period.suspend(book.latest("AdditionalEvidenceRequested").facts["occurred_on"], until)
        book.wait_before(until, 4, 9)
        say(book, "DocumentsComplete", by=until)  # the evidence has come
    elif book.does("analysis", 0.05):
        book.wait_before(period.due, 3, 15)
        since = book.day
        say(book, "OtherProcedureStarted", other_procedure_kind="QUALIFICATION_ANALYSIS", by=period.due)
        book.wait(10, 35)
        say(book, "OtherProcedureEnded", other_procedure_kind="QUALIFICATION_ANALYSIS")
        period.suspend(since, book.latest("OtherProcedureEnded").facts["occurred_on"])
    if book.does("extension", 0.1):
        book.wait_before(period.due, 10, 40)
        new_end = months_later(period.end, 1)
        notified = book.day
        reason = book.rng.choice(("COMPLEX_MATTER", "EXPERT_OPINION", "FOREIGN_AUTHORITY"))
        say(book, "DeadlineExtended", new_end_on=new_end, extension_reason=reason, notified_on=notified, by=period.due)
        period.extend(new_end, notified, reason)
    return period.due


def _decision_span(book: Casebook, due: dt.date) -> tuple[int, int]:
    """Return the working days a decision takes: some come soon, most in the last third of the period."""
    left = max((due - book.day).days * 5 // 7 - 2, 1)
    kind = book.rng.random()
    if kind < 0.2:
        return min(5, left), min(25, left)
    return max(left // 2, 1), left


def _outcome(book: Casebook) -> str:
    if book.plan.route == "QUALIFICATION_16D1":
        return "COMPENSATION_REQUIRED" if book.plan.profession.regulated == "YES" else "PARTIAL_EQUIVALENCE"
    if book.plan.brisk:
        return "FULL_EQUIVALENCE"
    return pick(book.rng, population.OUTCOMES[book.plan.profession.regulated])


def decide(book: Casebook, outcome: str, *, by: dt.date | None = None) -> None:
    """Write a decision with what belongs to its outcome; in the fast track the foreigners' office gets it."""
    announcement = pick(book.rng, population.ANNOUNCEMENTS)
    law = book.plan.profession.law
    facts: dict[str, Any] = {"decision_object": "EQUIVALENCE", "differences": "NO", "measures": []}
    if outcome == "COMPENSATION_REQUIRED":
        health = law in {"PFLAPRV", "AEAPPRO", "MTAPRV", "OTHER"}
        measures = ["ADAPTATION_PERIOD", "KNOWLEDGE_TEST"] if health else ["ADAPTATION_PERIOD", "APTITUDE_TEST"]
        facts = {"decision_object": "DIFFERENCES", "differences": "YES", "measures": measures}
    elif outcome != "FULL_EQUIVALENCE":
        facts["differences"] = "YES"
    say(
        book,
        "DecisionIssued",
        outcome=outcome,
        announcement=announcement,
        dispatched_on=book.day if announcement in {"POSTED", "ELECTRONIC"} else None,
        announced_on=None if announcement in {"POSTED", "ELECTRONIC"} else book.day,
        remedies_instruction="MISSING" if book.does("no instruction", 0.02) else "CORRECT",
        by=by,
        **facts,
    )
    book.notes["decision"] = book.latest("DecisionIssued")
    notify_foreigners_office(book, "DECISION")
