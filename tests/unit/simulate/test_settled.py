"""The simulation and the pipeline's pure parts were written apart; here each checks the other."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from tests.unit.simulate.conftest import UNTIL

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein.simulate.records import SimRecord, Via
from meilenstein.simulate.simulation import Simulation, simulate
from meilenstein.simulate.truth import ExpectedFinding, FateKind
from meilenstein_expectations import check
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable, load_rules

BY_TIME = {"CLOCK_DUE", "CLOCK_OVER"}
"""Findings that a Land in which nothing is wrong has as well: procedures take their time."""


@pytest.fixture(scope="module")
def rules() -> RuleTable:
    return load_rules()


def settled(simulation: Simulation, directory: Directory, rules: RuleTable) -> list[SettledCase]:
    accepted = [
        Event.from_body(record.event_type, record.body)
        for record, fate in zip(simulation.records, simulation.truth.fates, strict=True)
        if fate.kind is FateKind.ACCEPTED and record.event_type and record.body
    ]
    return settle(accepted, directory=directory, rules=rules, tick=Tick(as_of=simulation.until))


@pytest.mark.parametrize("name", ["simulation", "clean"])
def test_everything_but_the_labelled_violations_passes_the_data_rules(
    name: str, request: pytest.FixtureRequest
) -> None:
    for record in request.getfixturevalue(name).records:
        if record.body is not None and record.event_type and record.label != "RULE_VIOLATION":
            severities = {violation.severity: violation.rule for violation in check(record.event_type, record.body)}
            assert severities.keys() <= {"info"}, severities


def test_every_labelled_violation_breaks_exactly_the_rule_it_is_labelled_with(simulation: Simulation) -> None:
    reasons: Counter[str | None] = Counter()
    for record, fate in zip(simulation.records, simulation.truth.fates, strict=True):
        if record.label == "RULE_VIOLATION" and record.body is not None and record.event_type:
            critical = [one for one in check(record.event_type, record.body) if one.severity == "critical"]
            assert [one.code for one in critical] == [fate.reason], record.detail
            reasons[fate.reason] += 1
    assert len(reasons) == 6


def test_a_land_in_which_nothing_is_wrong_has_no_findings_but_those_of_passing_time(
    clean: Simulation, directory: Directory, rules: RuleTable
) -> None:
    found = {finding.code for case in settled(clean, directory, rules) for finding in case.findings}
    assert "CLOCK_OVER" in found
    assert found <= BY_TIME


def test_clocks_of_a_clean_month_run_fall_due_end_and_stop(directory: Directory, rules: RuleTable) -> None:
    many = simulate(seed=1, cases=1_000, until=UNTIL, directory=directory, defects=None)
    states = Counter((clock.id, clock.state) for case in settled(many, directory, rules) for clock in case.clocks)
    for clock in ("C01", "C03"):
        for state in ("RUNNING", "DUE", "OVER", "STOPPED", "NOT_DETERMINABLE"):
            assert states[clock, state], (clock, state)
    assert states["S01", "OVER"] == 0
    assert states["S01", "STOPPED"] > 200


def test_the_files_of_a_clean_case_are_joined(clean: Simulation, directory: Directory, rules: RuleTable) -> None:
    sizes = Counter(len(case.files) for case in settled(clean, directory, rules))
    assert sizes[4] > 20  # service desk, body, foreigners' office, Welcome Center
    assert max(sizes) <= 5


@pytest.mark.parametrize(
    ("seed", "until"),
    [
        (1, UNTIL),
        (2, dt.date(2026, 1, 2)),
        (3, dt.date(2025, 2, 28)),
        (4, dt.date(2026, 4, 6)),
        (5, dt.date(2024, 12, 24)),
    ],
)
def test_every_injected_trouble_is_found_and_nothing_else(
    seed: int, until: dt.date, directory: Directory, rules: RuleTable
) -> None:
    simulation = simulate(seed=seed, cases=130, until=until, directory=directory)
    cases = settled(simulation, directory, rules)
    found = {
        (finding.code, finding.detail.get("event") or finding.about)
        for case in cases
        for finding in case.findings
        if finding.code not in BY_TIME
    }
    by_id = {record.event_id: record for record in simulation.records if record.body is not None}
    expected = {(one.code, _about(one, by_id[one.event_id])) for one in simulation.truth.findings}
    assert found == expected
    assert len(expected) == len(simulation.truth.findings)


def _about(finding: ExpectedFinding, record: SimRecord) -> str:
    """Return how the pipeline names what the finding is about; a contradiction goes by its event."""
    assert record.body is not None
    if finding.code == "CONTRADICTION":
        return finding.event_id
    if finding.code == "LINK_PROPOSED":
        (claim,) = record.body["references"]
        return f"link:{claim['kind']}:{claim['agency']}/{claim['reference']}"
    if finding.code in {"LATE_REPORT", "FORK", "CORRECTION_TARGET_UNKNOWN"}:
        return f"event:{finding.publisher}/{finding.event_id}"
    kind = "referral" if finding.code in {"REFERRAL_UNANSWERED", "CONSENT_MISSING"} else "procedure"
    return f"{kind}:{finding.publisher}/{finding.reference}"


def test_only_raw_records_have_no_body(simulation: Simulation) -> None:
    assert all((record.body is None) == (record.via is Via.RAW) for record in simulation.records)
