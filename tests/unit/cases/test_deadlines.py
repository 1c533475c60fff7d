"""Periods counted by hand, in tables that a lawyer can read (`deadlines/*.csv`): each line with reckoning and source.

None of the days was found by running the program. The columns: Uhr (clock), Beginn (start), Umstände (what is known of
the matter), Hemmung (suspensions from:until), Verlängerung (extensions), Ende (last day), Rechenweg (why), Quelle.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.unit.cases.world import day, rules

from meilenstein.cases.calculator import Question, answer, facets_of
from meilenstein.cases.ledger import Extension, Pause
from meilenstein_schemas.clock_lint import facet_values

FOLDER = Path(__file__).with_name("deadlines")
FACETS: Mapping[str, str] = {
    "Recht": "procedure_law",
    "reglementiert": "regulated",
    "Weg": "legal_route",
    "Ausbildung": "training_state_group",
    "Gegenstand": "decision_object",
    "Belehrung": "remedies_instruction",
    "Fall": "consent_case",
    "Anlass": "exam_start",
}
NOT_APPLICABLE = "nicht anwendbar"
Row = Mapping[str, str]


def rows() -> Iterator[Row]:
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as table:
            yield from csv.DictReader(table, delimiter=";")


def named(row: Row) -> str:
    return "-".join(filter(None, (row["Uhr"], row["Beginn"], row["Umstände"], row["Hemmung"], row["Verlängerung"])))


def question(row: Row) -> Question:
    given = dict(one.split("=") for one in row["Umstände"].split())
    facets = {FACETS[name]: value for name, value in given.items() if name in FACETS}
    norm = given.get("Norm")
    for facet in facets_of(rules(), row["Uhr"]) & {"title_norm", "consent_norm"} if norm else ():
        if norm in facet_values(facet):
            facets[facet] = norm
    return Question(
        clock=row["Uhr"],
        start=day(row["Beginn"]),
        on=day(row["Beginn"]),
        period=given.get("Abschnitt"),
        facets=facets,
        pauses=[pause(text) for text in row["Hemmung"].split()],
        extensions=[extension(text) for text in row["Verlängerung"].split(" und ") if text],
        granted=day(given["befristet"]) if "befristet" in given else None,
        sent=given.get("Bekanntgabe") in {"POSTED", "ELECTRONIC"},
    )


def pause(text: str) -> Pause:
    since, until = text.split(":")
    return Pause(since=day(since), until=day(until), basis="BQFG_5_4")


def extension(text: str) -> Extension:
    new_end, notified = text.split(" mitgeteilt ")
    return Extension(new_end=day(new_end), notified_on=day(notified), reason="COMPLEX_MATTER")


@pytest.mark.parametrize("row", rows(), ids=named)
def test_the_period_ends_where_it_ends_by_hand(row: Row) -> None:
    found = answer(question(row), rules())
    if row["Ende"] == NOT_APPLICABLE:
        assert (found.state, found.due) == ("NOT_APPLICABLE", None), row["Rechenweg"]
    else:
        assert found.due == day(row["Ende"]), row["Rechenweg"]
        assert found.state in {"RUNNING", "DUE"}


def test_every_clock_has_at_least_five_lines_that_end() -> None:
    lines = Counter(row["Uhr"] for row in rows() if row["Ende"] != NOT_APPLICABLE)
    every = {rule.id for rule in rules().clocks}
    assert every == {*(f"C{number:02}" for number in range(1, 26)), "S01", "S02"}
    assert {clock for clock in every if lines[clock] < 5} == set()


def test_every_line_has_its_reckoning_and_source_and_no_line_stands_twice() -> None:
    every = list(rows())
    assert all(row["Rechenweg"] and row["Quelle"] for row in every)
    assert len({named(row) for row in every}) == len(every)


def test_the_tables_hold_the_days_at_which_counting_goes_wrong() -> None:
    ends = Counter(row["Ende"] for row in rows())
    starts = {row["Beginn"] for row in rows()}
    assert ends["2024-02-29"] > 5  # leap day
    assert ends["2025-11-20"] > 5  # the day after Buß- und Bettag
    assert ends["2025-11-03"] > 5  # Reformationstag on a Friday
    assert ends["2026-04-07"] > 5  # the day after Easter
    assert {"2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"} <= starts  # dispatch before and after 2025
    assert sum(dt.date.fromisoformat(row["Beginn"]).day == 31 for row in rows()) > 10  # month ends
