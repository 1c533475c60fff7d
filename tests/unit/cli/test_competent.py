"""Who is competent, as the command line tells it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from meilenstein.cli.main import app
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.routing import welcome_center_for


def told(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(app, ["competent", "--json", *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_district_has_its_offices_and_the_bodies_of_a_law():
    found = told("--district", "14612", "--law", "BQFG", "--on", "2026-03-02")
    assert found["referral_target"] == found["welcome_center"] == "wc-dresden"
    assert found["foreigners_office"] == found["foreigners_office_fast_track"] == "abh-dresden"
    assert "hwk-dresden" in found["recognition_bodies"]
    assert "hwk-leipzig" not in found["recognition_bodies"]


def test_where_there_is_no_welcome_center_somebody_stands_in():
    directory = load_directory()
    day = dt.date(2026, 3, 2)
    without = [key for key in directory.districts if welcome_center_for(directory, key, day) is None]
    assert len(without) == 3
    for district in without:
        found = told("--district", district, "--on", "2026-03-02")
        assert (found["welcome_center"], found["referral_target"]) == (None, "zefas")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--district", "14262"], "is no district of Saxony"),
        (["--district", "14612", "--law", "BQGF"], "near: BQFG"),
        (["--district", "14612", "--on", "2.3.2026"], "write YYYY-MM-DD"),
    ],
)
def test_what_is_not_known_is_said(arguments, says):
    done = CliRunner().invoke(app, ["competent", *arguments])
    assert done.exit_code != 0
    assert says in f"{done.output}{done.exception}"


def test_people_see_a_table():
    done = CliRunner().invoke(app, ["competent", "--district", "14612", "--on", "2026-03-02"])
    assert done.exit_code == 0, done.output
    assert "Welcome Center" in done.output
    assert "abh-dresden" in done.output
