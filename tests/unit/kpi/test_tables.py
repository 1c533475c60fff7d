"""The tables as they are published: shape, protection between rows, and nothing that is not protected."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import stat
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.docs.pages import ROOT
from tests.unit.kpi.samples import DIRECTORY, MONTH, RULES

from meilenstein.errors import ConfigurationError
from meilenstein.kpi.breakdowns import LAND, Breakdown, Sums, protect
from meilenstein.kpi.columns import CLASSES, HEAD, columns_of
from meilenstein.kpi.figures import Durations, Figures
from meilenstein.kpi.files import revised, write_kpi
from meilenstein.kpi.names import Names
from meilenstein.kpi.report import KpiReport, as_json, digest
from meilenstein.kpi.tables import tables_of

KNOWN_AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
_COLUMNS = ("applications", "receipts_confirmed", *CLASSES, "no_decision", "pending", "overdue")


def random_figures(seed, cases=400):
    """Return figures of a month with so many procedures, spread unevenly."""
    random, figures = Random(seed), Figures(MONTH, DIRECTORY, RULES)
    districts, bodies = [*DIRECTORY.districts, "UNKNOWN"], DIRECTORY.keys("RECOGNITION_BODY")
    for _ in range(cases):
        groups = {
            "REGION": random.choice(districts[: random.randint(1, 14)]),
            "BODY": random.choice(bodies[: random.randint(1, 20)]),
            "TRAINING": random.choice(["EU_EEA_CH", "THIRD_STATE", "THIRD_STATE", "UNKNOWN"]),
            "ROUTE": random.choice(["REGULAR", "FAST_TRACK_81A", "UNKNOWN"]),
        }
        column = random.choice(_COLUMNS)
        for breakdown, group in groups.items():
            figures.procedures[breakdown, group, column] += 1
        sent = random.choice(["sent", "accepted", "declined", "unanswered"])
        for breakdown, group in (("REGION", groups["REGION"]), ("SENDER", "zefas"), ("TARGET", groups["BODY"])):
            figures.referrals[breakdown, group, sent] += 1
        state = random.choice(["IN", "VN", "UA", "CO", "UNKNOWN"])
        if column == "applications":
            figures.variables["APPLICATIONS", "TRAINING_STATE", state] += 1
        elif column in CLASSES:
            figures.variables["DECISIONS", "TRAINING_STATE", state] += 1
            figures.variables["DECISIONS", "FEATURE", "FAST_TRACK"] += groups["ROUTE"] == "FAST_TRACK_81A"
            for breakdown, group in groups.items():
                cell = ("AGENCY" if breakdown == "BODY" else breakdown, group)
                found = figures.durations.setdefault("C03", {}).setdefault(cell, Durations())
                found.days[90 + len(state)] += 1
                found.within += state != "IN"
    return figures


def made(figures, minimum=10):
    return tables_of(figures, DIRECTORY, RULES, minimum)


def report(figures=None, **changes):
    figures = figures or random_figures(1)
    values = {
        "month": figures.month, "known_at": KNOWN_AT, "program": "0.1.0",
        "rule_version": "abc", "registry_version": "def", "minimum": 10, "tables": made(figures),
    }  # fmt: skip
    return KpiReport(**{**values, **changes})


def numbers(table):
    """Yield each published count with its column."""
    heads = {*HEAD, "clock", "clock_de", "clock_en", "label", "share_within", "days_q1", "days_median", "days_q3",
             "population", "variable"}  # fmt: skip
    for row in table.rows:
        yield from ((name, value) for name, value in row.items() if name not in heads and value is not None)


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from([3, 40, 400]))
@settings(max_examples=15, deadline=None)
def test_every_published_count_is_a_multiple_of_three(seed, cases):
    for table in made(random_figures(seed, cases)).values():
        for name, value in numbers(table):
            assert isinstance(value, int), name
            assert value % 3 == 0, name
            assert value >= 0, name


def leaves_two(total, parts):
    """Say whether every part can have two values at least, when every number is taken for rounded."""
    if not parts:
        return True
    low, high = sum(max(part - 1, 0) for part in parts), sum(part + 1 for part in parts)
    least, most = max(total - 1, 0), total + 1
    for part in parts:
        smallest = max(part - 1, 0, least - (high - part - 1))
        largest = min(part + 1, most - (low - max(part - 1, 0)))
        if smallest >= largest:
            return False
    return True


@given(st.integers(min_value=0, max_value=10_000), st.sampled_from([3, 40, 400]))
@settings(max_examples=15, deadline=None)
def test_no_sum_of_rows_or_of_classes_narrows_what_it_is_the_sum_of(seed, cases):
    tables = made(random_figures(seed, cases))
    for name in ("procedures", "referrals"):
        columns = [column for column in columns_of(name) if column not in HEAD]
        by_level = {}
        for row in tables[name].rows:
            by_level.setdefault(row["level"], []).append(row)
        (land,) = by_level["LAND"]
        nowhere = [row for row in by_level["DISTRICT"] if row["key"] == "UNKNOWN"]
        for column in columns:
            assert leaves_two(land[column], [row[column] for row in (*by_level["DIREKTIONSBEZIRK"], *nowhere)])
            for top in by_level["DIREKTIONSBEZIRK"]:
                inside = [row for row in by_level["DISTRICT"] if row["direktionsbezirk"] == top["key"]]
                assert leaves_two(top[column], [row[column] for row in inside])
            for level in ("BODY", "TRAINING", "ROUTE"):
                values = [row[column] for row in by_level.get(level, ())]
                assert None in values or leaves_two(land[column], values)
    for row in tables["procedures"].rows:
        classes = [row[column] for column in (*CLASSES, "outcome_unknown")]
        assert None in (*classes, row["decisions"]) or leaves_two(row["decisions"], classes)


@pytest.mark.parametrize("seed", range(12))
def test_cells_are_right_by_one_and_the_land_nearly_so(seed):
    figures = random_figures(seed)
    for row in made(figures)["procedures"].rows:
        if row["level"] in {"BODY", "TRAINING", "ROUTE"}:
            true = figures.procedures[row["level"], row["key"], "applications"]
            assert row["applications"] is None or abs(row["applications"] - true) <= 1
    land = made(figures)["procedures"].rows[0]["applications"]
    true = sum(
        n
        for (breakdown, _, column), n in figures.procedures.items()
        if (breakdown, column) == ("REGION", "applications")
    )
    assert abs(land - true) <= 4 or made(figures)["procedures"].added_up


def test_every_district_and_every_body_has_a_row_whatever_was_counted():
    rows = made(random_figures(1, cases=0))["procedures"].rows
    levels = Counter(row["level"] for row in rows)
    assert (levels["LAND"], levels["DIREKTIONSBEZIRK"], levels["DISTRICT"]) == (1, 3, 14)
    assert levels["BODY"] == len(DIRECTORY.keys("RECOGNITION_BODY")) + 1
    dresden = next(row for row in rows if row["key"] == "14612")
    assert (dresden["name_de"], dresden["direktionsbezirk"]) == ("Dresden", "DRESDEN")


def test_small_months_give_no_groups_and_no_variables():
    small = made(random_figures(1, cases=40))
    assert {row["applications"] for row in small["procedures"].rows if row["level"] == "ROUTE"} == {None}
    assert [row for row in small["variables"].rows if row["variable"] == "TRAINING_STATE"] == []
    large = made(random_figures(1, cases=2000))
    states = {row["key"] for row in large["variables"].rows if row["variable"] == "TRAINING_STATE"}
    assert states == {"IN", "VN", "UA", "CO", "UNKNOWN"}
    assert all(row["applications"] is not None for row in large["procedures"].rows if row["level"] == "ROUTE")


def test_groups_of_states_do_not_count_what_the_states_count():
    """3 applications from the EU beside Poland 3 and Romania 3 would be 2 and 2."""
    rows = [row for row in made(random_figures(1, cases=2000))["procedures"].rows if row["level"] == "TRAINING"]
    assert {row[column] for row in rows for column in ("applications", "decisions")} == {None}
    assert all(isinstance(row[column], int) for row in rows for column in ("receipts_confirmed", *CLASSES, "pending"))


def test_the_law_of_decisions_is_not_counted_because_clocks_tell_it():
    figures = random_figures(1, cases=2000)
    figures.variables["DECISIONS", "PROCEDURE_LAW", "SAECHS_BQFG"] = 10
    figures.variables["APPLICATIONS", "PROCEDURE_LAW", "SAECHS_BQFG"] = 10
    laws = [row for row in made(figures)["variables"].rows if row["variable"] == "PROCEDURE_LAW"]
    assert {row["population"] for row in laws} <= {"APPLICATIONS"}


def test_a_breakdown_that_would_betray_cells_beside_the_land_is_withheld():
    """No total fits a Land of 1 in one district and two bodies with 4 each."""
    counts = Counter({("REGION", "14612", "x"): 1, ("BODY", "a", "x"): 4, ("BODY", "b", "x"): 4})
    counts.update({("REGION", "14612", "y"): 7, ("BODY", "a", "y"): 4, ("BODY", "b", "y"): 4})
    sums = Sums(leaves=("x", "y"))
    protected = protect(counts, sums, Names(DIRECTORY), [Breakdown(level="BODY", keys=("a", "b"), sums=sums)])
    assert protected.withheld == ["BODY.x"]
    assert {cell for cell in protected.cells if cell[0][0] == "BODY"} == {(("BODY", "a"), "y"), (("BODY", "b"), "y")}
    assert protected.cells[LAND, "y"] == 6


def test_what_two_tables_count_alike_is_published_alike():
    """The fast track has five outcomes of 2 each: beside a moved total of 12, 9 would tell them exactly."""
    figures, bodies = Figures(MONTH, DIRECTORY, RULES), DIRECTORY.keys("RECOGNITION_BODY")
    classes = (*CLASSES, "outcome_unknown")[:5]
    for outcome in classes:
        figures.procedures["ROUTE", "FAST_TRACK_81A", outcome] = 2
        figures.procedures["ROUTE", "REGULAR", outcome] = 58
        for place in range(10):
            figures.procedures["REGION", tuple(DIRECTORY.districts)[place], outcome] = 6
            figures.procedures["BODY", bodies[place], outcome] = 6
        figures.procedures["TRAINING", "THIRD_STATE", outcome] = 60
    figures.variables["DECISIONS", "FEATURE", "FAST_TRACK"] = 10
    tables = made(figures)
    (row,) = [row for row in tables["procedures"].rows if row["key"] == "FAST_TRACK_81A"]
    (value,) = [row for row in tables["variables"].rows if row["key"] == "FAST_TRACK"]
    assert ({row[outcome] for outcome in classes}, row["decisions"], value["count"]) == ({3}, 12, 12)


def test_the_json_has_the_shape_that_the_manual_gives():
    schema = json.loads((ROOT / "docs/reference/kpi.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for figures in (random_figures(1), random_figures(1, cases=0)):
        document = as_json(report(figures))
        Draft202012Validator(schema).validate(document)
        assert json.loads(json.dumps(document)) == document
    for name, table in as_json(report())["tables"].items():
        assert [column["name"] for column in table["columns"]] == list(columns_of(name))
        assert all(list(row) == list(columns_of(name)) for row in table["rows"])


def test_no_exact_number_is_anywhere_in_the_json():
    """Only what is published, what identifies the document, and the rules of protection hold digits."""
    document = as_json(report())
    for name, value in document.items():
        if isinstance(value, int) and not isinstance(value, bool):
            assert name in {"format", "revision"}
    assert document["protection"] == {"base": 3, "minimum": 10}


def test_the_files_are_written_for_one_reader_and_tables_are_safe_for_spreadsheets(tmp_path):
    hostile = made(random_figures(1))
    rows = [{**hostile["procedures"].rows[0], "name_de": "=1+1", "name_en": "@x"}, *hostile["procedures"].rows[1:]]
    hostile["procedures"] = replace(hostile["procedures"], rows=rows)
    files = write_kpi(report(tables=hostile), tmp_path / "new")
    assert {path.name for path in files} == {
        "kpi-2026-10.json", "kpi-2026-10.de.html", "kpi-2026-10.en.html", "kpi-2026-10-procedures.csv",
        "kpi-2026-10-durations.csv", "kpi-2026-10-referrals.csv", "kpi-2026-10-variables.csv",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    text = (tmp_path / "new" / "kpi-2026-10-procedures.csv").read_bytes().decode()
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(read[0]) == columns_of("procedures")
    assert (read[0]["name_de"], read[0]["name_en"]) == ("'=1+1", "'@x")
    assert text.endswith("\r\n")
    for row in read:
        assert not any(value.startswith(("=", "+", "-", "@", "\t")) for value in row.values())


def test_one_format_alone_brings_the_json_that_revisions_are_counted_from(tmp_path):
    assert {path.suffix for path in write_kpi(report(), tmp_path, ("csv",))} == {".csv", ".json"}
    assert {path.suffix for path in write_kpi(report(), tmp_path, ("html",))} == {".html", ".json"}


def test_equal_figures_are_one_revision_and_other_figures_the_next(tmp_path):
    first = revised(report(), tmp_path)
    write_kpi(first, tmp_path, ("json",))
    again = revised(report(rule_version="other"), tmp_path)
    assert (first.revision, again.revision) == (1, 1)
    changed = revised(report(random_figures(2)), tmp_path)
    assert changed.revision == 2
    assert digest(changed) != digest(first)
    write_kpi(changed, tmp_path, ("json",))
    assert revised(report(), tmp_path).revision == 3


def test_a_file_that_is_no_export_is_not_replaced(tmp_path):
    (tmp_path / "kpi-2026-10.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="is no export of this month"):
        revised(report(), tmp_path)
