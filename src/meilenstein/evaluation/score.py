"""How well what was found agrees with the truth: precision and recall by code, clocks by id, cases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from meilenstein.evaluation.observation import FoundClock, FoundFinding, Observation
from meilenstein.simulate.simulation import Simulation
from meilenstein.simulate.truth_cases import File

__all__ = ["Score"]

_SERIOUS = frozenset({"W", "C"})


@dataclass(slots=True)
class Score:
    """Counts over all months that were measured."""

    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)
    wrong_clocks: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    wrong_cases: int = 0
    records: int = 0
    wrong_fates: int = 0
    clean_false_findings: int = 0
    differences: list[str] = field(default_factory=list)
    """One line each, the first of them are shown to people."""

    def add(self, simulation: Simulation, observed: Observation, *, clean: bool) -> None:
        """Compare one month."""
        name = f"seed {simulation.seed}{' clean' if clean else ''}"
        self._findings(name, simulation, observed)
        self._clocks(name, simulation, observed)
        self._cases(name, simulation, observed)
        self._fates(name, simulation, observed)
        if clean:
            self.clean_false_findings += sum(severity in _SERIOUS for severity in observed.findings.values())

    def _findings(self, name: str, simulation: Simulation, observed: Observation) -> None:
        told = (*simulation.truth.findings, *simulation.truth.sources)
        expected = {FoundFinding(one.case, one.code, one.about) for one in told}
        found = set(observed.findings)
        self.expected.update(one.code for one in expected)
        self.found.update(one.code for one in found)
        self.right.update(one.code for one in expected & found)
        for word, differing in (("missing", expected - found), ("unexpected", found - expected)):
            self.differences += [f"{name}: {word} {one.code} {one.about} ({one.case})" for one in sorted(differing)]

    def _clocks(self, name: str, simulation: Simulation, observed: Observation) -> None:
        expected = {
            (case, one.id, one.about): FoundClock(one.start, one.due, one.state, one.stopped_on)
            for case, one in simulation.truth.clocks
        }
        for key in sorted(expected.keys() | observed.clocks.keys()):
            self.clocks[key[1]] += 1
            wanted, found = expected.get(key), observed.clocks.get(key)
            if wanted != found:
                self.wrong_clocks[key[1]] += 1
                self.differences.append(f"{name}: clock {key[1]} {key[2]} ({key[0]}): expected {wanted}, found {found}")

    def _cases(self, name: str, simulation: Simulation, observed: Observation) -> None:
        groups: dict[str, set[File]] = defaultdict(set)
        for file, case in simulation.truth.cases.items():
            groups[case].add(file)
        expected = {frozenset(files) for files in groups.values()}
        found = set(observed.cases)
        self.cases += len(expected)
        nobodys = {files for files in found if files.isdisjoint(simulation.truth.cases)}
        self.wrong_cases += len(expected - found) + len(nobodys)
        self.differences += [f"{name}: no case of the files {sorted(files)}" for files in _sorted(expected - found)]
        self.differences += [f"{name}: a case of files about nobody {sorted(files)}" for files in _sorted(nobodys)]

    def _fates(self, name: str, simulation: Simulation, observed: Observation) -> None:
        if not observed.fates:
            return
        truth = simulation.truth
        expected = Counter({**truth.counts, **truth.reasons})
        del expected["LOST"]
        found = Counter(observed.fates)
        self.records += len(simulation.records)
        for fate in sorted(expected | found):
            if expected[fate] != found[fate]:
                self.wrong_fates += abs(expected[fate] - found[fate])
                self.differences.append(f"{name}: {found[fate]} records {fate}, expected {expected[fate]}")

    @property
    def perfect(self) -> bool:
        """Say whether nothing differs anywhere."""
        return not (self.differences or self.clean_false_findings)

    def result(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        codes = sorted(self.expected | self.found)
        return {
            "findings": {
                code: {
                    "precision": _share(self.right[code], self.found[code]),
                    "recall": _share(self.right[code], self.expected[code]),
                    "expected": self.expected[code],
                }
                for code in codes
            },
            "clocks": {
                clock: {"checked": count, "wrong": self.wrong_clocks[clock]}
                for clock, count in sorted(self.clocks.items())
            },
            "clean_false_findings": self.clean_false_findings,
            "cases": {"checked": self.cases, "wrong": self.wrong_cases},
            "records": {"checked": self.records, "wrong": self.wrong_fates},
        }


def _share(part: int, whole: int) -> float:
    """Return a share that is 1.0 only where it is exactly that: nothing is rounded up."""
    return 1.0 if part == whole else int(part / whole * 10_000) / 10_000


def _sorted(groups: Iterable[frozenset[File]]) -> Iterator[frozenset[File]]:
    yield from sorted(groups, key=sorted)
