"""The one entry point of the pure core: from all accepted events of a closed set of files to their settled cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from meilenstein.cases.authority import standing
from meilenstein.cases.canonical import encode
from meilenstein.cases.clocks import Clock, clocks_of
from meilenstein.cases.corrections import IN_FORCE, REPLACED, WITHDRAWN, Corrections
from meilenstein.cases.corrections import resolve as resolve_corrections
from meilenstein.cases.events import RETRACTED, Event, FileKey, Identifier, unique
from meilenstein.cases.findings import Doubts, Finding, find
from meilenstein.cases.fold import Case, fold, state_of
from meilenstein.cases.identity import Decision, Identities, Owned, owned_by
from meilenstein.cases.identity import resolve as resolve_identity
from meilenstein.cases.referrals import Answers, answers_among
from meilenstein.cases.tick import Tick
from meilenstein.cases.visibility import boundaries, clock_view, views_of
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Decision", "Finding", "SettledCase", "Tick", "settle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCase:
    """One case as of a tick."""

    files: tuple[FileKey, ...]
    """Sorted."""
    state: bytes
    """Canonical JSON of facts, clocks and findings: references only; no case id, version, day of the tick, arrival."""
    findings: tuple[Finding, ...]
    """By code and about; no two share both."""
    clocks: tuple[Clock, ...]
    views: Mapping[str, bytes]
    """Canonical JSON by recipient; an agency without any right is absent."""
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
) -> list[SettledCase]:
    """Return the cases that `events` make, by their smallest file.

    `events` are all accepted events of a set of files that is closed under references in both directions and under
    `corrects`. Order, repetition and batching make no difference to a single byte. Only events about persons make
    cases; sandbox events make cases of their own. A file all of whose events were withdrawn is a case without facts.
    """
    known = unique(events)
    corrections = resolve_corrections(known)
    chosen = tuple(decisions)
    settled: list[SettledCase] = []
    for sandbox in (False, True):
        part = [event for event in known if event.test is sandbox]
        if part:
            settled.extend(_graph(part, corrections, directory, rules, tick, chosen))
    return sorted(settled, key=lambda case: case.files)


def _graph(
    events: Sequence[Event],
    corrections: Corrections,
    directory: Directory,
    rules: RuleTable,
    tick: Tick,
    decisions: tuple[Decision, ...],
) -> Iterator[SettledCase]:
    """Settle real events or sandbox events."""
    facts = [event for event in events if event.event_type != RETRACTED and corrections.of(event) == IN_FORCE]
    persons = [event for event in facts if event.subject_kind == "PERSON"]
    standings = _standings(persons, directory)
    owned = owned_by(persons, standings)
    files = {event.file for event in events if event.subject_kind == "PERSON"}
    identities = resolve_identity(files, persons, owned, directory, decisions)
    answers = answers_among(facts, directory)
    shown = _shown(events, corrections)
    for files_of_case in identities.components:
        case = fold(
            files_of_case,
            sorted(
                (entry for file in files_of_case for entry in shown.get(file, ())), key=lambda entry: entry[0].order
            ),
            standings,
            [name for name, holders in owned.items() if any(file in holders for file in files_of_case)],
            answers,
        )
        yield _settled(case, _doubts(files_of_case, corrections, identities), directory, rules, tick)


def _standings(events: Sequence[Event], directory: Directory) -> dict[tuple[str, str], str]:
    """Return AUTHORITATIVE or INFORMATIVE of each event; answers are judged by the referrals they name."""
    targets: dict[Identifier, set[str]] = {}
    for event in events:
        if event.event_type == "ReferralSent" and event.facts.get("referral_id"):
            identifier = Identifier(event.publisher, "REFERRAL", event.facts["referral_id"])
            targets.setdefault(identifier, set()).add(event.facts.get("target") or "")
    return {event.key: standing(event, directory, targets) for event in events}


def _shown(events: Iterable[Event], corrections: Corrections) -> dict[FileKey, list[tuple[Event, str]]]:
    """Return by file the events about persons that stand, or wait, with that status."""
    shown: dict[FileKey, list[tuple[Event, str]]] = {}
    for event in events:
        status = corrections.of(event)
        if event.subject_kind == "PERSON" and status not in {REPLACED, WITHDRAWN}:
            shown.setdefault(event.file, []).append((event, status))
    return shown


def _doubts(files: tuple[FileKey, ...], corrections: Corrections, identities: Identities) -> Doubts:
    return Doubts(
        forks=tuple(fork for fork in corrections.forks if fork[0].file in files),
        waiting=tuple(one for one in corrections.waiting if one[0].file in files),
        proposals=tuple(one for file in files for one in identities.proposals.get(file, ())),
        claims=tuple(one for file in files for one in identities.waiting.get(file, ())),
    )


def _settled(case: Case, doubts: Doubts, directory: Directory, rules: RuleTable, tick: Tick) -> SettledCase:
    clocks = clocks_of(case.procedures, case.referrals, rules, tick)
    clock_views = [clock_view(clock) for clock in clocks]
    views = views_of(case, clock_views, directory, rules, tick.as_of)
    findings = find(case, clocks, doubts, directory=directory, rules=rules, as_of=tick.as_of, views=views)
    state = state_of(case)
    state["clocks"] = clock_views
    state["findings"] = [_plain(finding) for finding in findings]
    return SettledCase(
        files=case.files,
        state=encode(state),
        findings=findings,
        clocks=clocks,
        views={agency: encode(view) for agency, view in views.items()},
        own_references={agency: _own_references(case, agency) for agency in views},
        next_change_on=_next_change(case, clocks, doubts, rules, tick.as_of),
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
    case: Case, clocks: Iterable[Clock], doubts: Doubts, rules: RuleTable, as_of: dt.date
) -> dt.date | None:
    days = chain(
        (day for clock in clocks for day in clock.changes()),
        (day for consent in case.consents.given for day in consent.changes()),
        doubts.parked_until(rules.parking_days),
        boundaries(rules),
    )
    return min((day for day in days if day > as_of), default=None)
