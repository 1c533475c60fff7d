"""Cases that cross the border of the Land: continued here, or handed over."""

from __future__ import annotations

from meilenstein.simulate.casebook import Casebook, CaseEnds
from meilenstein.simulate.recognition import decide, office_claims, say
from meilenstein.simulate.residence import enter_country, office_of

__all__ = ["continue_here", "hand_over"]


def continue_here(book: Casebook) -> None:
    """Let a body of another Land decide and hand the case over; the office here goes on with the decision."""
    book.notes["procedure"] = (
        book.world.offices.body_elsewhere,
        book.new_number(book.world.offices.body_elsewhere, "procedure"),
    )
    say(book, "DocumentsComplete")
    book.wait(15, 45)
    decide(book, "FULL_EQUIVALENCE")
    book.wait(2, 10)
    body = book.world.offices.body_elsewhere
    book.write("CaseTransferred", publisher=body, target_land="SN", target_district_ags=book.plan.district, by=book.day)
    enter_country(book)


def hand_over(book: Casebook, share: float) -> None:
    """Let some people move to another Land; the foreigners' office hands the case over and nothing follows here."""
    if book.does("moves away", share):
        book.wait(5, 30)
        book.write(
            "CaseTransferred",
            publisher=office_of(book),
            target_land="ST",
            target="abh-example-st",
            references=office_claims(book),
        )
        raise CaseEnds
