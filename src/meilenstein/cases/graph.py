"""What a closed set of events says before it is folded: the facts in force, who may say them, and which files are one.

Real events and sandbox events are two graphs that never meet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.authority import standing
from meilenstein.cases.corrections import IN_FORCE, Corrections
from meilenstein.cases.corrections import resolve as resolve_corrections
from meilenstein.cases.events import RETRACTED, Event, FileKey, Identifier, unique
from meilenstein.cases.identity import Decision, Identities, Owned, owned_by, resolve, without_bulk
from meilenstein_schemas.agencies import Directory

__all__ = ["Bulk", "Graph", "graphs_of"]

Bulk = Collection[tuple[Identifier, bool]]
"""Identifiers that very many files name, each with the sandbox flag: they link nothing, and nobody need load them all.

A case number stands here without owner, with kind NUMBER.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Real or sandbox events with what follows from them for all cases together."""

    events: Sequence[Event]
    """In canonical order, also those no longer in force."""
    corrections: Corrections
    facts: Sequence[Event]
    """In force."""
    persons: Sequence[Event]
    """The facts about persons: only these make cases."""
    files: Collection[FileKey]
    """Every file with an event about a person."""
    standings: Mapping[tuple[str, str], str]
    owned: Owned
    identities: Identities


def graphs_of(
    events: Iterable[Event], directory: Directory, decisions: Sequence[Decision] = (), bulk: Bulk = ()
) -> list[Graph]:
    """Return the graph of the real events and that of the sandbox events, as far as there are any."""
    known = unique(events)
    corrections = resolve_corrections(known)
    graphs = []
    for sandbox in (False, True):
        part = [event for event in known if event.test is sandbox]
        if part:
            named = {identifier for identifier, test in bulk if test is sandbox}
            graphs.append(_graph(part, corrections, directory, decisions, named))
    return graphs


def _graph(
    events: list[Event],
    corrections: Corrections,
    directory: Directory,
    decisions: Sequence[Decision],
    bulk: Collection[Identifier],
) -> Graph:
    taken: dict[tuple[str, str], tuple[Identifier, ...]] = {}
    if bulk:
        for place, event in enumerate(events):
            events[place], named = without_bulk(event, bulk)
            if named:
                taken[event.key] = named
    facts = [event for event in events if event.event_type != RETRACTED and corrections.of(event) == IN_FORCE]
    persons = [event for event in facts if event.subject_kind == "PERSON"]
    standings = _standings(persons, directory)
    owned = owned_by(persons, standings)
    files = {event.file for event in events if event.subject_kind == "PERSON"}
    return Graph(
        events=events,
        corrections=corrections,
        facts=facts,
        persons=persons,
        files=files,
        standings=standings,
        owned=owned,
        identities=resolve(files, persons, owned, directory, decisions, taken),
    )


def _standings(events: Sequence[Event], directory: Directory) -> dict[tuple[str, str], str]:
    """Return AUTHORITATIVE or INFORMATIVE of each event; answers are judged by the referrals they name."""
    targets: dict[Identifier, set[str]] = {}
    for event in events:
        if event.event_type == "ReferralSent" and event.facts.get("referral_id"):
            identifier = Identifier(event.publisher, "REFERRAL", event.facts["referral_id"])
            targets.setdefault(identifier, set()).add(event.facts.get("target") or "")
    return {event.key: standing(event, directory, targets) for event in events}
