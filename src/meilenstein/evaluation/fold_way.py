"""The short way: the accepted events of a month straight into the pure core, without any server."""

from __future__ import annotations

from meilenstein.cases.events import Event
from meilenstein.cases.settle import SettledCase, settle
from meilenstein.cases.tick import Tick
from meilenstein.evaluation.observation import UNDETERMINED, FoundClock, FoundFinding, Observation, case_named
from meilenstein.simulate.simulation import Simulation
from meilenstein.simulate.truth import FateKind
from meilenstein_expectations import check
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["fold_month"]


def fold_month(simulation: Simulation, *, directory: Directory, rules: RuleTable) -> Observation:
    """Return what the core finds in what the truth says is accepted; it decides no fates."""
    accepted = [
        Event.from_body(
            record.event_type,
            record.body,
            [one.rule for one in check(record.event_type, record.body) if one.severity == "warning"],
        )
        for record, fate in zip(simulation.records, simulation.truth.fates, strict=True)
        if fate.kind is FateKind.ACCEPTED and record.event_type and record.body
    ]
    settled = settle(accepted, directory=directory, rules=rules, tick=Tick(as_of=simulation.until))
    return _observed(settled, simulation)


def _observed(settled: list[SettledCase], simulation: Simulation) -> Observation:
    findings: dict[FoundFinding, str] = {}
    clocks: dict[tuple[str, str, str], FoundClock] = {}
    cases = []
    for one in settled:
        files = frozenset((file.publisher, file.case_reference) for file in one.files)
        case = case_named(files, simulation.truth.cases)
        cases.append(files)
        for finding in one.findings:
            findings[FoundFinding(case, finding.code, finding.about)] = finding.severity
        for clock in one.clocks:
            if clock.state not in UNDETERMINED:
                key = (case, clock.id, clock.about)
                clocks[key] = FoundClock(clock.start, clock.due, clock.state, clock.stopped_on)
    return Observation(findings=findings, clocks=clocks, cases=cases)
