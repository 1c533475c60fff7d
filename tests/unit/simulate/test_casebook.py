"""When facts of a simulated case are entered."""

from __future__ import annotations

import datetime as dt
import uuid
from random import Random

import pytest

from meilenstein.simulate.casebook import Casebook, World
from meilenstein.simulate.naive_law import load_spans
from meilenstein.simulate.offices import Offices, Registers
from meilenstein.simulate.plan import plan_cases
from meilenstein.simulate.rates import NO_DEFECTS
from meilenstein.simulate.workdays import BERLIN, Workdays
from meilenstein_schemas.agencies import Directory

UNTIL, THURSDAY = dt.date(2026, 8, 14), dt.date(2026, 3, 5)


def book_on(day: dt.date, directory: Directory, *, seed: int) -> Casebook:
    """Return a case without any event that stands on a day."""
    workdays, offices = Workdays(dt.date(2025, 1, 1), dt.date(2027, 12, 31)), Offices(directory, UNTIL)
    world = World(
        until=UNTIL, workdays=workdays, offices=offices, registers=Registers(offset=1), spans=load_spans(),
        namespace=uuid.UUID(int=seed),
    )  # fmt: skip
    (plan,) = plan_cases(
        Random(seed), cases=1, until=UNTIL, months=1, rates=NO_DEFECTS, workdays=workdays, served=offices.accompanied
    )
    book = Casebook(world=world, plan=plan, rng=Random(seed))
    book.day = day
    return book


@pytest.mark.parametrize("due", [dt.date(2026, 3, 6), dt.date(2026, 3, 7), dt.date(2026, 3, 8)])
def test_what_is_due_at_a_weekend_is_entered_on_a_working_day_before(due: dt.date, directory: Directory) -> None:
    entered = {
        book_on(THURSDAY, directory, seed=seed)
        .write("EntryReported", publisher="abh-dresden", by=due)
        .facts["recorded_at"]
        .astimezone(BERLIN)
        .date()
        for seed in range(40)
    }
    assert entered == {THURSDAY, dt.date(2026, 3, 6)}
