"""After the arrival: Welcome Center, language course, work, and the end of the case."""

from __future__ import annotations

import datetime as dt
from typing import Any

from meilenstein.simulate.casebook import Casebook
from meilenstein.simulate.contact import ask_again, refer, withdraw
from meilenstein.simulate.naive_calendar import roll_over
from meilenstein.simulate.residence import office_of

__all__ = ["attend_course", "close_case", "settle", "work"]

_SERVICES = ("authorities", "housing", "language-course", "school-and-childcare", "family", "insurance")
_WEEK = dt.timedelta(days=7)


def settle(book: Casebook) -> None:
    """Let the Welcome Center accompany the person, if there is one and somebody refers them to it."""
    center = book.world.offices.welcome_center(book.plan.district)
    holder = book.notes.get("holder")
    if center is None or holder is None:
        return
    if holder != center:
        if not book.plan.brisk and book.rng.random() < 0.2:
            return
        book.wait(0, 8, brisk=(0, 2))
        decline = "NO_CAPACITY" if book.does("no capacity", 0.06) else None
        refer(book, holder, center, reason="SETTLEMENT", decline=decline)
        if decline:
            return
    book.wait(1, 12, brisk=(1, 4))
    offered = [one for one in _SERVICES if book.world.offices.offers(center, one, book.day)] or ["authorities"]
    services = sorted(book.rng.sample(offered, min(len(offered), book.rng.randint(1, 3))))
    book.write("WelcomeCenterOnboardingStarted", publisher=center, services=services)
    withdraw(book, 0.04)
    book.wait(10, 40, brisk=(2, 5))
    book.write("WelcomeCenterOnboardingCompleted", publisher=center, services=services)


def attend_course(book: Casebook) -> None:
    """Write a language course, from the entitlement to its end; some are not held, and people placed elsewhere."""
    if "holder" not in book.notes or not book.does("course", 0.2):
        return
    offices = book.world.offices
    vocational = book.plan.brisk or book.rng.random() < 0.75
    kind = "VOCATIONAL_LANGUAGE" if vocational else "INTEGRATION"
    level = book.rng.choice(("B1", "B2"))
    entitling = book.rng.choice((offices.course_office, offices.labour_agency))
    provider = book.rng.choice(offices.course_providers)
    book.wait(1, 8, brisk=(1, 2))
    if entitling == offices.course_office:
        number = book.new_number(entitling, "course")
        book.write(
            "CourseEntitled", publisher=entitling, course_reference=number, course_kind=kind, language_level=level
        )
    refer(book, book.notes["holder"], provider, reason="LANGUAGE")
    facts: dict[str, Any] = {
        "publisher": provider,
        "course_reference": book.new_number(provider, "course"),
        "course_kind": kind,
        "language_level": level,
    }
    book.wait(1, 8, brisk=(1, 2))
    registered = book.day
    book.write("CourseRegistered", by=registered, **facts)
    due = roll_over(registered + _WEEK * 4)
    book.wait_before(due, 5, 16, brisk=(2, 5))
    if book.does("course not held", 0.15):
        missed = book.day
        book.write("CourseNotHeld", by=missed, **facts)
        due = roll_over(missed + _WEEK * 2)
        book.wait_before(due, 2, 8)
        elsewhere = book.new_number(provider, "course")
        book.write("CoursePlacementChanged", by=due, provider_reference=elsewhere, **facts)
        return
    book.write("CourseStarted", by=due, **facts)
    book.wait(40, 90, brisk=(2, 5))
    ends = "CourseDropped" if book.rng.random() < 0.15 else "CourseCompleted"
    book.write(ends, **facts)


def work(book: Casebook) -> None:
    """Write the beginning of an employment; some end early, which employer and person report in time."""
    if not book.does("work", 0.5):
        return
    book.wait(1, 15, brisk=(1, 2))
    book.write("EmploymentStarted", publisher=office_of(book), profession_kldb=book.plan.profession.kldb)
    if not book.does("end of work", 0.12):
        return
    book.wait(10, 60, brisk=(5, 8))
    known = book.day
    book.wait_before(roll_over(known + _WEEK * 2), 2, 6)
    office, ended = office_of(book), known + _WEEK
    by = roll_over(known + _WEEK * 2)
    book.write("EmploymentEndedEarly", publisher=office, on=known, ended_on=ended, known_on=known, by=book.day)
    for reporter, due in (("PERSON", by), ("EMPLOYER", roll_over(known + _WEEK * 4))):
        book.wait_before(due, 0, 2)
        book.write(
            "EmploymentEndReported",
            publisher=office,
            reporter=reporter,
            known_on=known,
            reported_on=book.day,
            by=due,
        )


def close_case(book: Casebook) -> None:
    """Let whoever holds the case close it."""
    holder = book.notes.get("holder")
    if holder is not None and book.does("closing", 0.4):
        book.wait(5, 25, brisk=(1, 3))
        book.write("CaseClosed", publisher=holder, closing_reason="COMPLETED")
        if book.does("reopening", 0.2):
            book.wait(3, 20)
            book.write("CaseReopened", publisher=holder, reopening_reason="FOLLOW_UP", by=book.day)
            ask_again(book, holder)
