"""The recognition procedure at its body, from the application to the decision, and the entry that may follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from meilenstein.simulate import population
from meilenstein.simulate.casebook import Casebook, CaseEnds, reference
from meilenstein.simulate.population import pick

__all__ = ["DOCUMENTS", "decide", "enter_country"]

DOCUMENTS = (
    "identity", "curriculum-vitae", "diploma", "transcript-of-records", "work-certificates", "translation",
    "certified-copy", "language-certificate", "proof-of-purpose",
)  # fmt: skip
"""Codes of the documents that bodies ask for."""
_CHANNELS: Mapping[str, int] = {"EFA": 30, "PAPER": 34, "EMAIL": 30, "IN_PERSON": 6}
_ANNOUNCEMENTS: Mapping[str, int] = {"POSTED": 72, "ELECTRONIC": 15, "SERVED": 8, "HANDED_OVER": 5}
_INSTRUCTIONS: Mapping[str, int] = {"CORRECT": 98, "MISSING": 2}
_DAYS_FOR_DOCUMENTS = 42


def decide(book: Casebook, body: str) -> None:
    """Write the procedure of the case at `body` as far as it has come. Its reference is kept with the body's file."""
    procedure = book.new_number(body, "procedure")
    received = book.day
    _apply(book, body, procedure)
    _confirm_receipt(book, body, procedure, received)
    book.wait(*_decision_span(book), brisk=(8, 25))
    announcement = pick(book.rng, _ANNOUNCEMENTS)
    book.write(
        "DecisionIssued",
        publisher=body,
        procedure_reference=procedure,
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        outcome=_outcome(book),
        announcement=announcement,
        dispatched_on=None if announcement == "HANDED_OVER" else book.day,
        announced_on=book.day if announcement == "HANDED_OVER" else None,
        remedies_instruction=pick(book.rng, _INSTRUCTIONS),
    )


def _apply(book: Casebook, body: str, procedure: str) -> None:
    plan = book.plan
    fast = plan.route == "FAST_TRACK_81A"
    book.write(
        "ApplicationReceived",
        publisher=body,
        procedure_reference=procedure,
        legal_route=plan.route,
        legal_basis="STATUTORY_TASK",
        procedure_law=plan.profession.law,
        regulated=plan.profession.regulated,
        training_state_group="EU_EEA_CH" if plan.from_eu else "THIRD_STATE",
        training_state=plan.state,
        profession_kldb=plan.profession.kldb,
        application_channel="FOREIGNERS_OFFICE" if fast else pick(book.rng, _CHANNELS),
        application_kind="FOLLOW_UP" if book.rng.random() < 0.06 else "FIRST",
    )


def _confirm_receipt(book: Casebook, body: str, procedure: str, received: dt.date) -> None:
    """Write the confirmation, what is missing, and the completeness of the documents."""
    promptness = 1.0 if book.plan.brisk else book.rng.random()
    if promptness < 0.15:
        book.wait(23, 80)  # beyond the statutory month
    elif promptness < 0.3:
        book.wait(13, 22)
    else:
        book.wait(1, 12, brisk=(2, 8))
    at_once = promptness >= 0.3 and not book.plan.brisk and book.rng.random() < 0.35
    missing = [] if at_once else sorted(book.rng.sample(DOCUMENTS, book.rng.randint(1, 4)))
    book.write(
        "ReceiptConfirmed",
        publisher=body,
        procedure_reference=procedure,
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
        documents_complete="YES" if at_once else "NO",
        missing_items=missing,
    )
    if not at_once:
        _collect(book, body, procedure, missing)
    book.write(
        "DocumentsComplete",
        publisher=body,
        # Complete from the beginning: the period for the decision began with the application.
        on=received if at_once else None,
        procedure_reference=procedure,
        legal_route=book.plan.route,
        legal_basis="STATUTORY_TASK",
    )


def _collect(book: Casebook, body: str, procedure: str, missing: list[str]) -> None:
    """Ask for what is missing, more than once where it takes long."""
    rounds = 1 if book.plan.brisk else pick(book.rng, {0: 15, 1: 65, 2: 20})
    for _ in range(rounds):
        book.wait(0, 4, brisk=(0, 2))
        book.write(
            "DocumentsRequested",
            publisher=body,
            procedure_reference=procedure,
            legal_route=book.plan.route,
            legal_basis="STATUTORY_TASK",
            items=missing,
            due_on=book.day + dt.timedelta(days=_DAYS_FOR_DOCUMENTS),
        )
        book.wait(5, 30, brisk=(3, 10))
        missing = sorted(book.rng.sample(missing, book.rng.randint(1, len(missing))))
    if not rounds:
        book.wait(5, 30)
    if not book.plan.brisk and book.rng.random() < 0.04:
        raise CaseEnds  # never completed


def _decision_span(book: Casebook) -> tuple[int, int]:
    """Return the working days a decision takes: mostly well within three months, some longer."""
    kind = book.rng.random()
    if kind < 0.2:
        return 5, 25
    if kind < 0.66:
        return 20, 58
    return 59, 120


def _outcome(book: Casebook) -> str:
    if book.plan.brisk:
        return "FULL_EQUIVALENCE"
    return pick(book.rng, population.OUTCOMES[book.plan.profession.regulated])


def enter_country(book: Casebook, body: str) -> None:
    """Write the entry that the foreigners' office reports on the strength of the body's decision."""
    decision = book.latest("DecisionIssued")
    plan, may_enter = book.plan, decision.facts["outcome"] not in {"NEGATIVE", "UNKNOWN"}
    if plan.from_eu or not may_enter or (not plan.brisk and book.rng.random() < 0.2):
        raise CaseEnds
    book.wait_days(book.rng.randint(8, 25) if plan.brisk else book.rng.randint(14, 110))
    book.write(
        "EntryReported",
        publisher=book.world.offices.foreigners_office(plan.district),
        references=[reference(body, "PROCEDURE", decision.facts["procedure_reference"])],
        legal_route=plan.route,
        legal_basis="STATUTORY_TASK",
    )
