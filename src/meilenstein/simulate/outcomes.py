"""What follows a decision: compensation measures, a second decision, the licence, an appeal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meilenstein.simulate.casebook import Casebook, CaseEnds
from meilenstein.simulate.naive_calendar import months_later, roll_over
from meilenstein.simulate.naive_law import announced_on
from meilenstein.simulate.recognition import decide, say

__all__ = ["appeal", "choose_measure", "compensate", "license_profession"]

_HEALTH = frozenset({"PFLAPRV", "AEAPPRO", "MTAPRV", "OTHER"})


def license_profession(book: Casebook) -> None:
    """Write the licence of a regulated profession, and before that a physician's language exam."""
    profession = book.plan.profession
    if profession.regulated != "YES":
        return
    if profession.law == "AEAPPRO":
        _language_exam(book)
    book.wait(1, 15, brisk=(1, 4))
    kind = "APPROBATION" if profession.law == "AEAPPRO" else "PERMIT"
    say(book, "LicenceGranted", licence_kind=kind)


def _language_exam(book: Casebook) -> None:
    examiner = book.world.offices.language_examiner
    facts: dict[str, Any] = {"publisher": examiner, "language_level": "C1", "language_exam_kind": "PROFESSIONAL"}
    book.wait(2, 15, brisk=(1, 3))
    book.write("LanguageExamRegistered", **facts)
    book.wait(10, 40, brisk=(2, 5))
    if book.does("failed language exam", 0.3):
        book.write("LanguageExamFailed", **facts)
        book.wait(15, 40)
    book.write("LanguageExamPassed", **facts)


def choose_measure(book: Casebook, *, exam: bool) -> None:
    """Write which compensation measure was chosen after a decision on differences, or a waiver.

    An exam can be taken within six months (C10); whoever chooses a course takes none.
    """
    waived = "decision" not in book.notes
    imposed = book.notes["waived_on"] if waived else book.notes["decision"].facts["occurred_on"]
    choose_by = book.world.workdays.on_or_before(imposed + dt.timedelta(days=60))
    book.wait_before(choose_by, 3, 25, brisk=(1, 3))
    test = "KNOWLEDGE_TEST" if book.plan.profession.law in _HEALTH else "APTITUDE_TEST"
    kind = test if exam else "ADAPTATION_PERIOD"
    if book.plan.profession.regulated != "YES":
        kind = "ADAPTATION_QUALIFICATION"
    begun = imposed if book.plan.profession.law in {"PFLAPRV", "AEAPPRO"} else book.day
    book.notes["measure"] = kind
    book.notes["exam by"] = roll_over(months_later(begun, 6))
    say(book, "CompensationChosen", compensation_kind=kind, by=choose_by)


def compensate(book: Casebook) -> None:
    """Write the chosen measure up to the second decision."""
    kind = book.notes["measure"]
    if kind.endswith("_TEST"):
        _exam(book, kind, book.notes["exam by"])
    else:
        book.wait(5, 30, brisk=(1, 3))
        say(book, "CompensationStarted", compensation_kind=kind)
        book.wait(60, 150, brisk=(5, 10))
        say(book, "CompensationCompleted", compensation_kind=kind)
    book.wait(2, 15, brisk=(1, 4))
    decide(book, "FULL_EQUIVALENCE")


def _exam(book: Casebook, kind: str, due: dt.date) -> None:
    book.wait_before(due, 25, 90, brisk=(4, 10))
    if book.does("failed exam", 0.2):
        say(book, "ExamTaken", compensation_kind=kind, passed="NO", attempt=1, by=due)
        book.wait(60, 110)
        say(book, "ExamTaken", compensation_kind=kind, passed="YES", attempt=2)
    else:
        say(book, "ExamTaken", compensation_kind=kind, passed="YES", attempt=1, by=due)


def appeal(book: Casebook) -> None:
    """Let some people object to a decision, in time; the objection is decided in the same procedure."""
    if not book.does("appeal", 0.25):
        raise CaseEnds
    decision = book.notes["decision"]
    announced = announced_on(decision.facts)
    assert announced is not None
    due = roll_over(months_later(announced, 1))
    book.wait_before(due, 6, 18)
    say(book, "AppealFiled", appeal_kind="OBJECTION", decision_event_id=decision.event_id, by=due)
    book.wait(30, 70)
    result = book.rng.choice(("REJECTED", "PARTLY_UPHELD", "UPHELD"))
    say(book, "AppealDecided", appeal_kind="OBJECTION", decision_event_id=decision.event_id, appeal_result=result)
    raise CaseEnds
