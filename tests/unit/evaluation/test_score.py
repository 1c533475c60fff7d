from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from meilenstein.cli.evaluate import parse_seeds
from meilenstein.errors import ConfigurationError
from meilenstein.evaluation.evaluation import last_day
from meilenstein.evaluation.fold_way import fold_month
from meilenstein.evaluation.observation import FoundFinding, Observation, case_named
from meilenstein.evaluation.score import Score
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein_schemas.agencies import load_directory
from meilenstein_schemas.rules import load_rules


@pytest.fixture(scope="module")
def month() -> Simulation:
    return simulate(seed=1, cases=100, until=dt.date(2026, 8, 14), directory=load_directory())


@pytest.fixture(scope="module")
def seen(month: Simulation) -> Observation:
    return fold_month(month, directory=load_directory(), rules=load_rules())


def scored(month: Simulation, seen: Observation, *, clean: bool = False) -> Score:
    score = Score()
    score.add(month, seen, clean=clean)
    return score


def test_what_agrees_is_perfect(month: Simulation, seen: Observation) -> None:
    score = scored(month, seen)
    assert score.perfect
    figures = score.result()
    assert figures["clean_false_findings"] == 0
    assert all((row["precision"], row["recall"]) == (1.0, 1.0) for row in figures["findings"].values())
    assert all(row["wrong"] == 0 for row in figures["clocks"].values())


def test_a_missed_finding_lowers_the_recall_and_an_invented_one_the_precision(
    month: Simulation, seen: Observation
) -> None:
    (fork,) = [one for one in seen.findings if one.code == "FORK"]
    without = {one: severity for one, severity in seen.findings.items() if one != fork}
    figures = scored(month, replace(seen, findings=without)).result()["findings"]["FORK"]
    assert figures == {"precision": 1.0, "recall": 0.0, "expected": 1}
    invented = {**seen.findings, FoundFinding(fork.case, "FORK", "event:zefas/other"): "W"}
    score = scored(month, replace(seen, findings=invented))
    assert score.result()["findings"]["FORK"] == {"precision": 0.5, "recall": 1.0, "expected": 1}
    assert not score.perfect
    (line,) = score.differences
    assert "unexpected FORK" in line


def test_a_finding_in_another_case_is_not_the_expected_one(month: Simulation, seen: Observation) -> None:
    (fork,) = [one for one in seen.findings if one.code == "FORK"]
    moved = {one._replace(case="mixed:zefas/x") if one == fork else one: what for one, what in seen.findings.items()}
    assert scored(month, replace(seen, findings=moved)).result()["findings"]["FORK"]["recall"] == 0.0


def test_a_wrong_date_a_missing_and_an_invented_clock_are_each_wrong(month: Simulation, seen: Observation) -> None:
    first, second, *_ = [key for key in sorted(seen.clocks) if key[1] == "C01"]
    changed = dict(seen.clocks)
    changed[first] = changed[first]._replace(due=dt.date(2026, 1, 1))
    changed[second[0], "C01", "procedure:nobody/1"] = changed.pop(second)
    score = scored(month, replace(seen, clocks=changed))
    assert score.result()["clocks"]["C01"]["wrong"] == 3
    assert not score.perfect


def test_files_of_two_persons_in_one_case_are_a_wrong_case(month: Simulation, seen: Observation) -> None:
    one, other, *rest = sorted(seen.cases, key=sorted)
    score = scored(month, replace(seen, cases=[one | other, *rest]))
    assert score.result()["cases"]["wrong"] == 2
    assert case_named(one | other, month.truth.cases).startswith("mixed:")


def test_a_case_of_files_about_nobody_is_a_wrong_case(month: Simulation, seen: Observation) -> None:
    score = scored(month, replace(seen, cases=[*seen.cases, frozenset({("info-portal", "session-1")})]))
    assert score.result()["cases"]["wrong"] == 1
    assert not score.perfect


def test_only_warnings_are_false_findings_of_a_clean_month(month: Simulation, seen: Observation) -> None:
    told = {FoundFinding("zefas/1", "FORK", "event:zefas/1"): "W", FoundFinding("zefas/1", "CLOCK_DUE", "x"): "I"}
    assert scored(month, replace(seen, findings=told), clean=True).clean_false_findings == 1


def test_fates_are_compared_where_a_pipeline_decided_them(month: Simulation, seen: Observation) -> None:
    right = {**month.truth.counts, **month.truth.reasons, "PENDING": 0}
    assert scored(month, replace(seen, fates=right)).perfect
    wrong = {**right, "ACCEPTED": right["ACCEPTED"] - 1, "QUARANTINED": right["QUARANTINED"] + 1}
    assert scored(month, replace(seen, fates=wrong)).result()["records"]["wrong"] == 2


def test_nothing_is_rounded_up_to_perfect() -> None:
    score = Score()
    score.expected["FORK"], score.found["FORK"], score.right["FORK"] = 1_000_000, 1_000_000, 999_999
    assert score.result()["findings"]["FORK"]["recall"] < 1.0


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", [3]), ("1-3", [1, 2, 3]), ("1,4-5", [1, 4, 5]), ("2,1-3", [2, 1, 3])]
)
def test_seeds_are_read_as_they_are_written(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "3-1", "1-", "1-9999999"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--seeds"):
        parse_seeds(text)


def test_twenty_seeds_end_in_every_month_of_the_year() -> None:
    days = [last_day(seed) for seed in range(1, 21)]
    assert len(set(days)) == 20
    assert {day.month for day in days} == set(range(1, 13))
