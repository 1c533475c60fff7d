"""The simulation and the pipeline's pure parts were written apart; here each checks the other."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from tests.unit.simulate.conftest import UNTIL

from meilenstein.evaluation.fold_way import fold_month
from meilenstein.evaluation.observation import Observation
from meilenstein.evaluation.score import Score
from meilenstein.simulate.rates import NO_DEFECTS
from meilenstein.simulate.records import Defect, Via
from meilenstein.simulate.refused_defects import REFUSED
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein.simulate.truth import REASONS, FateKind
from meilenstein_expectations import check
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable, load_rules

REFUSED_LABELS = {*REFUSED, Defect.INCOMPLETE_REPORT}
SENT_ON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def rules() -> RuleTable:
    return load_rules()


@pytest.fixture(scope="module")
def seen_clean(clean: Simulation, directory: Directory, rules: RuleTable) -> Observation:
    return fold_month(clean, directory=directory, rules=rules)


@pytest.mark.parametrize("name", ["simulation", "clean"])
def test_everything_but_what_is_to_be_refused_or_doubted_passes_the_data_rules(
    name: str, request: pytest.FixtureRequest
) -> None:
    for record in request.getfixturevalue(name).records:
        if record.body is not None and record.event_type and record.label not in REFUSED_LABELS:
            found = {one.rule for one in check(record.event_type, record.body) if one.severity != "info"}
            assert found == ({record.detail} if record.label is Defect.DOUBTFUL_REPORT else set())


def test_what_is_to_be_refused_breaks_exactly_the_rules_it_is_labelled_with(directory: Directory) -> None:
    reasons: set[str] = set()
    rates = dict.fromkeys((defect.lower() for defect in REFUSED_LABELS), 0.15)
    for seed in range(2):
        month = simulate(seed=seed, cases=120, until=UNTIL, directory=directory, defects=replace(NO_DEFECTS, **rates))
        for record, fate in zip(month.records, month.truth.fates, strict=True):
            if record.label in REFUSED_LABELS and record.body is not None and record.event_type:
                body = {**record.body, "published_at": SENT_ON}
                critical = [one.code for one in check(record.event_type, body) if one.severity == "critical"]
                expected = [code for code in fate.reasons if code != "WRONG_PUBLISHER"]  # no matter of a data rule
                assert critical == expected, record.detail
                reasons.update(fate.reasons)
    assert reasons == {code for codes in REASONS.values() for code in codes}


def test_a_land_in_which_nothing_is_wrong_has_findings_for_information_only(seen_clean: Observation) -> None:
    assert {one.code for one in seen_clean.findings} <= {"CLOCK_DUE", "LATE_REPORT"}
    assert set(seen_clean.findings.values()) <= {"I"}


def test_clocks_of_a_clean_month_run_fall_due_and_stop_and_none_is_over(directory: Directory, rules: RuleTable) -> None:
    many = simulate(seed=1, cases=600, until=UNTIL, directory=directory, defects=None)
    clocks = fold_month(many, directory=directory, rules=rules).clocks
    states = Counter((clock, found.state) for (_, clock, _), found in clocks.items())
    for clock in ("C01", "C03", "C06", "C12", "C24", "S01"):
        assert states[clock, "STOPPED"] > 0 or clock == "C24", clock
        assert states[clock, "RUNNING"] > 0, clock
    over = {clock for clock, state in states if state == "OVER"}
    assert over <= {"C24"}, "the period for an appeal is over in the ordinary course of things"
    assert states["C12", "FICTION_ELAPSED"] > 0


def test_the_files_of_a_clean_case_are_joined(seen_clean: Observation) -> None:
    sizes = Counter(len(files) for files in seen_clean.cases)
    assert sizes[5] > 10
    assert max(sizes) <= 10


@pytest.mark.parametrize(
    ("seed", "until"),
    [
        (1, UNTIL),
        (2, dt.date(2026, 1, 2)),
        (3, dt.date(2025, 12, 28)),
        (4, dt.date(2026, 4, 6)),
        (5, dt.date(2026, 11, 18)),
    ],
)
@pytest.mark.parametrize("clean", [False, True])
def test_findings_clocks_and_cases_agree_with_the_truth(
    seed: int, until: dt.date, *, clean: bool, directory: Directory, rules: RuleTable
) -> None:
    if clean:
        month = simulate(seed=seed, cases=150, until=until, directory=directory, defects=None)
    else:
        month = simulate(seed=seed, cases=150, until=until, directory=directory)
    score = Score()
    score.add(month, fold_month(month, directory=directory, rules=rules), clean=clean)
    assert score.differences == []
    assert score.clean_false_findings == 0


def test_a_month_of_500_cases_has_every_clock_and_every_label(directory: Directory) -> None:
    months = [
        simulate(seed=seed, cases=500, until=UNTIL, directory=directory, sources=True, **kind)
        for seed in (1, 2)
        for kind in ({}, {"defects": None})
    ]
    for month in months[::2]:
        assert set(month.truth.labels) == {defect.value for defect in Defect}
        assert {one.code for one in month.truth.sources} == {"SEQUENCE_GAP", "PUBLISHER_SILENT"}
    clocks = {one.id for month in months for _, one in month.truth.clocks}
    assert clocks == {*(f"C{number:02d}" for number in range(1, 26)), "S01", "S02"}


def test_a_clock_is_over_only_where_that_is_the_trouble_or_follows_from_it(simulation: Simulation) -> None:
    of_case = {record.case: record.label for record in simulation.records if record.label is not None}
    persons = {
        simulation.truth.cases[record.file]: record.case
        for record, fate in zip(simulation.records, simulation.truth.fates, strict=True)
        if fate.kind is FateKind.ACCEPTED and record.body is not None and record.file in simulation.truth.cases
    }
    for finding in simulation.truth.findings:
        if finding.code == "CLOCK_OVER":
            assert persons[finding.case] in of_case


def test_only_raw_records_have_no_body(simulation: Simulation) -> None:
    assert all((record.body is None) == (record.via is Via.RAW) for record in simulation.records)
