"""The page of monthly figures names every table, column, level and variable, by the labels that the files use."""

from __future__ import annotations

import re

import pytest
from tests.docs.pages import page, section, table_rows

from meilenstein.kpi.columns import COLUMNS, HEAD, TABLES, columns_of
from meilenstein.kpi.names import LEVELS
from meilenstein.kpi.variables import LEGAL, POPULATIONS, VARIABLES

PAGE = "reference/kpi.md"


def columns_in(table):
    """Return the rows of a table's section, each with the columns it explains."""
    rows = list(table_rows(section(page(PAGE), table)))[1:]  # without the heading
    return [([name.strip() for name in row[0].split(",")], row[1:3]) for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_table_is_explained_and_no_other_is(table):
    shared = {"month"} if table == "variables" else set(HEAD)
    named = [name for names, _ in columns_in(table) for name in names]
    assert named == [name for name in columns_of(table) if name not in shared]
    head = section(page(PAGE), "Tables")
    assert all(f"`{name}`" in head for name in shared)


@pytest.mark.parametrize("table", ["procedures", "referrals"])
def test_the_labels_are_those_of_the_files(table):
    for names, labels in columns_in(table):
        assert labels == [", ".join(COLUMNS[name][code] for name in names) for code in ("de", "en")]


def test_every_level_population_and_variable_is_named():
    text = page(PAGE)
    for name in (*LEVELS, *POPULATIONS, *VARIABLES):
        assert re.search(rf"\b{name}\b", text), name


def test_every_variable_of_the_law_is_in_its_table():
    said = " ".join(row[1] for row in table_rows(section(page(PAGE), "The variables of the federal statistics")))
    for one in LEGAL:
        assert one.name[0].removesuffix(" der Entscheidung").split(",")[0] in said, one.name
