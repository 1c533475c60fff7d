"""The one entry point of the pure core: from all accepted events of a closed set of files to their settled cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from meilenstein.cases.canonical import encode
from meilenstein.cases.case_runs import runs_of
from meilenstein.cases.clocks import Clock, clocks_of
from meilenstein.cases.corrections import REPLACED, WITHDRAWN
from meilenstein.cases.events import Event, FileKey, Identifier
from meilenstein.cases.finding import Finding, Hit
from meilenstein.cases.findings import Doubts, find, waits_of
from meilenstein.cases.fold import Case, fold, state_of
from meilenstein.cases.graph import Bulk, Graph, graphs_of
from meilenstein.cases.identity import Decision, Identities
from meilenstein.cases.referrals import answers_among
from meilenstein.cases.tick import Tick
from meilenstein.cases.visibility import boundaries, clock_state, clock_view, views_of
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Decision", "Finding", "SettledCase", "Tick", "settle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCase:
    """One case as of a tick."""

    files: tuple[FileKey, ...]
    """Sorted."""
    state: bytes
    """Canonical JSON of facts, clocks, findings and the consent purposes in force: references only; no case id,
    version, day of the tick or arrival. By one rule table and directory, equal states have equal views."""
    findings: tuple[Finding, ...]
    """By code and about; no two share both."""
    clocks: tuple[Clock, ...]
    views: Mapping[str, bytes]
    """Canonical JSON by recipient; an agency without any right is absent."""
    parts: Mapping[str, tuple[str, ...]]
    """The names at the top of each view."""
    own_references: Mapping[str, tuple[Mapping[str, str], ...]]
    """By recipient of a view: the identifiers of this case that are its own, as {agency, kind, reference}."""
    next_change_on: dt.date | None
    """Earliest day after the tick's on which the mere passing of time may change anything; None: never."""


def settle(
    events: Iterable[Event],
    *,
    directory: Directory,
    rules: RuleTable,
    tick: Tick,
    decisions: Iterable[Decision] = (),
    bulk: Bulk = (),
    encoder: Callable[[Any], bytes] = encode,
) -> list[SettledCase]:
    """Return the cases that `events` make, by their smallest file.

    `events` are all accepted events of a set of files that is closed under references in both directions and under
    `corrects`. Order, repetition and batching make no difference to a single byte. Only events about persons make
    cases; sandbox events make cases of their own. A file all of whose events were withdrawn is a case without facts.
    `decisions` are those about pairs of these files. The set need not be closed under the identifiers in `bulk`.
    `encoder` may be another one that gives the same bytes as `canonical.encode`.
    """
    basis = _Basis(directory=directory, rules=rules, tick=tick, encoder=encoder)
    graphs = graphs_of(events, directory, tuple(decisions), bulk)
    return sorted((case for graph in graphs for case in _cases(graph, basis)), key=lambda case: case.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What is the same for all cases of one call."""

    directory: Directory
    rules: RuleTable
    tick: Tick
    encoder: Callable[[Any], bytes]


def _cases(graph: Graph, basis: _Basis) -> Iterator[SettledCase]:
    """Settle real events or sandbox events."""
    answers = answers_among(graph.facts, basis.directory)
    by_file = _ByFile.of(graph)
    for component in graph.identities.components:
        shown, owned = by_file.shown_in(component), by_file.owned_in(component)
        case = fold(component, shown, graph.standings, owned, answers)
        yield _settled(case, by_file.doubts_in(component), basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByFile:
    """What belongs to each file, looked up once per case: the cost of a call grows with its events alone."""

    shown: Mapping[FileKey, list[tuple[Event, str]]]
    owned: Mapping[FileKey, list[Identifier]]
    forks: Mapping[FileKey, list[tuple[Event, tuple[Event, ...]]]]
    waiting: Mapping[FileKey, list[tuple[Event, str]]]
    identities: Identities

    @classmethod
    def of(cls, graph: Graph) -> _ByFile:
        """Sort events about persons that stand or wait, identifiers and unsettled corrections by file."""
        shown: dict[FileKey, list[tuple[Event, str]]] = {}
        for event in graph.events:
            status = graph.corrections.of(event)
            if event.subject_kind == "PERSON" and status not in {REPLACED, WITHDRAWN}:
                shown.setdefault(event.file, []).append((event, status))
        identifiers: dict[FileKey, list[Identifier]] = {}
        for name, holders in graph.owned.items():
            for file in holders:
                identifiers.setdefault(file, []).append(name)
        return cls(
            shown=shown,
            owned=identifiers,
            forks=_grouped(graph.corrections.forks),
            waiting=_grouped(graph.corrections.waiting),
            identities=graph.identities,
        )

    def shown_in(self, files: tuple[FileKey, ...]) -> list[tuple[Event, str]]:
        """Return the events of a case with their status, in canonical order."""
        entries = [entry for file in files for entry in self.shown.get(file, ())]
        return entries if len(files) == 1 else sorted(entries, key=lambda entry: entry[0].order)

    def owned_in(self, files: tuple[FileKey, ...]) -> list[Identifier]:
        """Return the identifiers owned in a case."""
        return [name for file in files for name in self.owned.get(file, ())]

    def doubts_in(self, files: tuple[FileKey, ...]) -> Doubts:
        """Return what corrections and identity left open for a case."""
        return Doubts(
            forks=tuple(one for file in files for one in self.forks.get(file, ())),
            waiting=tuple(one for file in files for one in self.waiting.get(file, ())),
            proposals=tuple(one for file in files for one in self.identities.proposals.get(file, ())),
            claims=tuple(one for file in files for one in self.identities.waiting.get(file, ())),
        )


_Doubted = TypeVar("_Doubted", bound=tuple[Event, object])


def _grouped(doubts: Iterable[_Doubted]) -> dict[FileKey, list[_Doubted]]:
    grouped: dict[FileKey, list[_Doubted]] = {}
    for doubt in doubts:
        grouped.setdefault(doubt[0].file, []).append(doubt)
    return grouped


def _settled(case: Case, doubts: Doubts, basis: _Basis) -> SettledCase:
    directory, rules, tick = basis.directory, basis.rules, basis.tick
    clocks = clocks_of(runs_of(case, directory, rules), rules, tick)
    clock_views = [clock_view(clock) for clock in clocks]
    own = zip((clock.owner for clock in clocks), clock_views, strict=True)
    views = views_of(case, own, directory, rules, tick.as_of)
    waits = waits_of(case, directory, rules)
    findings = find(case, clocks, doubts, waits, directory=directory, rules=rules, as_of=tick.as_of, views=views)
    state = state_of(case)
    state["clocks"] = [clock_state(clock, view) for clock, view in zip(clocks, clock_views, strict=True)]
    state["findings"] = [_plain(finding) for finding in findings]
    # Who sees by consent is part of the state, so that a consent that merely ran out is a change of the case.
    state["purposes"] = {agency: view["purposes"] for agency, view in views.items() if "purposes" in view}
    return SettledCase(
        files=case.files,
        state=basis.encoder(state),
        findings=findings,
        clocks=clocks,
        views={agency: basis.encoder(view) for agency, view in views.items()},
        parts={agency: tuple(view) for agency, view in views.items()},
        own_references={agency: _own_references(case, agency) for agency in views},
        next_change_on=_next_change(case, clocks, doubts, waits, rules=rules, as_of=tick.as_of),
    )


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "about": finding.about,
        "since": finding.since,
        "detail": finding.detail,
    }


def _own_references(case: Case, agency: str) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"agency": name.owner, "kind": name.kind, "reference": name.reference}
        for name in case.identifiers
        if name.owner == agency
    )


def _next_change(
    case: Case, clocks: Iterable[Clock], doubts: Doubts, waits: Iterable[Hit], *, rules: RuleTable, as_of: dt.date
) -> dt.date | None:
    days = chain(
        (day for clock in clocks for day in clock.changes()),
        (day for consent in case.consents.given for day in consent.changes()),
        doubts.parked_until(rules.parking_days),
        (hit.since for hit in waits if hit.since is not None),
        boundaries(rules),
    )
    return min((day for day in days if day > as_of), default=None)
