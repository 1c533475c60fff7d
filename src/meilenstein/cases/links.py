"""Two files side by side: what speaks for one case, whether they are one, and what a decision about them would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from meilenstein.cases.components import MAX_REFERENCES, Pair
from meilenstein.cases.events import Event, FileKey, Identifier
from meilenstein.cases.graph import Bulk, Graph, graphs_of
from meilenstein.cases.identity import JOINED, Decision, gather, newest_among, number_of
from meilenstein_schemas.agencies import Directory

__all__ = ["FileSide", "LinkExamination", "examine"]

_LATER = 2**62
"""Number of a decision that nobody has taken yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSide:
    """What one file says, as far as it may help to tell whether two files are about one person: ids and days only."""

    file: FileKey
    identifiers: tuple[Identifier, ...]
    """What its facts in force mention: its own and other agencies', and case numbers; sorted."""
    first_on: dt.date | None
    last_on: dt.date | None
    milestones: int
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkExamination:
    """Two files and the link between them."""

    sides: tuple[FileSide, FileSide]
    joined: bool
    """Whether they are one case now."""
    evidence: tuple[Identifier, ...]
    """What either of them said that speaks for a link between these two, sorted."""
    refusal: str | None
    """Why people cannot join them: the guard that their two cases would break as one, or MOVES_OTHERS where the fold
    would then put another file elsewhere."""


def examine(
    events: Iterable[Event],
    *,
    directory: Directory,
    decisions: Sequence[Decision],
    bulk: Bulk,
    left: FileKey,
    right: FileKey,
    decided_on: dt.date,
) -> LinkExamination:
    """Examine two files of a closed set; both are files about persons, real or sandbox alike.

    `decided_on` is the day on which they would be joined.
    """
    known = tuple(events)
    join = Decision(decision_id=_LATER, decided_on=decided_on, left=left, right=right, verdict=JOINED)
    now = _graph(known, directory, decisions, bulk, left)
    then = _graph(known, directory, (*decisions, join), bulk, left)
    claims = gather(now.persons, now.owned, directory)
    links = [*claims.candidates, *(proposal.link for proposal in claims.proposals)]
    evidence = {one for link in links if link.pair == join.pair for one in link.evidence}
    both = {*_component(now, left), *_component(now, right)}
    kept_apart = newest_among(now.files, (*decisions, join))[1]
    return LinkExamination(
        sides=(_side(now, left), _side(now, right)),
        joined=right in _component(now, left),
        evidence=tuple(sorted(evidence)),
        refusal=None if both <= set(_component(then, left)) else _refusal(both, now, kept_apart),
    )


def _refusal(files: Collection[FileKey], graph: Graph, kept_apart: Iterable[Pair]) -> str:
    """Return which guard the files of two cases would break as one case."""
    if len({file.publisher for file in files}) < len(files):
        return "TWO_FILES_OF_ONE_AGENCY"
    if sum(file in holders for holders in graph.owned.values() for file in files) > MAX_REFERENCES:
        return "TOO_MANY_REFERENCES"
    if any(left in files and right in files for left, right in kept_apart):
        return "KEPT_APART"
    return "MOVES_OTHERS"


def _component(graph: Graph, file: FileKey) -> tuple[FileKey, ...]:
    return next(component for component in graph.identities.components if file in component)


def _graph(
    events: Sequence[Event], directory: Directory, decisions: Sequence[Decision], bulk: Bulk, file: FileKey
) -> Graph:
    graphs = graphs_of(events, directory, decisions, bulk)
    return next(graph for graph in graphs if graph.events[0].test is file.test)


def _side(graph: Graph, file: FileKey) -> FileSide:
    own = [event for event in graph.persons if event.file == file]
    mentioned = {name for name, holders in graph.owned.items() if file in holders}
    for event in own:
        mentioned.update(event.references)
        number = number_of(event)
        if number is not None:
            mentioned.add(number)
    return FileSide(
        file=file,
        identifiers=tuple(sorted(mentioned)),
        first_on=min((event.occurred_on for event in own), default=None),
        last_on=max((event.occurred_on for event in own), default=None),
        milestones=len(own),
        districts=tuple(sorted({event.district_ags for event in own if event.district_ags})),
    )
