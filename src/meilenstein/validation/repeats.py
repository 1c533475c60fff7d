"""Same event or not: which candidates are new, which repeat an accepted event, which contradict one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from meilenstein.store.events import KnownEvent
from meilenstein.store.schema_book import SchemaBook
from meilenstein.validation.reading import Candidate
from meilenstein_connectors.facts import fact_digest

__all__ = ["First", "Repeats", "sort_repeats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Where the first acceptance of an event id stands."""

    journal_id: int
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The candidates by what they are; each is in exactly one of the three."""

    new: list[Candidate] = field(default_factory=list)
    duplicates: list[tuple[Candidate, First]] = field(default_factory=list)
    conflicts: list[Candidate] = field(default_factory=list)


def sort_repeats(
    candidates: Iterable[Candidate], known: Mapping[tuple[str, str], KnownEvent], book: SchemaBook
) -> Repeats:
    """Sort candidates, given in journal order, by whether their (publisher, event_id) was accepted before.

    `known` holds the accepted ones of the store. The first one in journal order stays; digests are computed only
    where an id is met again.
    """
    repeats = Repeats()
    accepted: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        stored, earlier = known.get(candidate.event), accepted.get(candidate.event)
        if stored is not None:
            same = _digest(candidate) == fact_digest(*book.read(stored.raw))
            first = First(
                journal_id=stored.journal_id,
                topic=stored.topic,
                partition=stored.partition,
                offset=stored.record_offset,
            )
        elif earlier is not None:
            same = _digest(candidate) == _digest(earlier)
            first = First(
                journal_id=earlier.record.id,
                topic=earlier.record.topic,
                partition=earlier.record.partition,
                offset=earlier.record.record_offset,
            )
        else:
            accepted[candidate.event] = candidate
            repeats.new.append(candidate)
            continue
        if same:
            repeats.duplicates.append((candidate, first))
        else:
            repeats.conflicts.append(candidate)
    return repeats


def _digest(candidate: Candidate) -> bytes:
    return fact_digest(candidate.event_type, candidate.body)
