"""Joins files by links, one by one in canonical order, and keeps apart what the guards forbid to join."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from meilenstein.cases.events import FileKey, Identifier

__all__ = ["MAX_REFERENCES", "Candidate", "Pair", "Proposal", "connect", "pair_of"]

MAX_REFERENCES = 25
"""More identifiers than this in one case are a bulk number, not a person."""

Pair = tuple[FileKey, FileKey]
"""Two files, the smaller first: who is named first says nothing."""


def pair_of(left: FileKey, right: FileKey) -> Pair:
    """Return the two files as an unordered pair."""
    return (left, right) if left <= right else (right, left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A link that may be added."""

    rank: tuple[Any, ...]
    """Class of the link, then the canonical order of the event that makes it."""
    identifier: Identifier
    claimant: FileKey
    holder: FileKey
    since: dt.date
    evidence: frozenset[Identifier] = frozenset()
    """What was said that speaks for the link; empty where people decided it."""

    @property
    def pair(self) -> Pair:
        """The two files."""
        return pair_of(self.claimant, self.holder)

    @property
    def order(self) -> tuple[Any, ...]:
        """The canonical order of links; total, because one event may claim several identifiers."""
        return (*self.rank, self.identifier, self.claimant, self.holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A link that was not added, and why."""

    link: Candidate
    reason: str
    """NOT_NAMED_TARGET, MAY_NOT_CLAIM, NOT_MUTUAL, KEPT_APART, TWO_FILES_OF_ONE_AGENCY or TOO_MANY_REFERENCES."""


class _Forest:
    """Union-find over files that knows publishers, the number of identifiers, and what each tree must not meet."""

    def __init__(self, sizes: Mapping[FileKey, int], kept_apart: Iterable[Pair]) -> None:
        self._strangers: dict[FileKey, set[FileKey]] = {}
        for left, right in kept_apart:
            self._strangers.setdefault(left, set()).add(right)
            self._strangers.setdefault(right, set()).add(left)
        self._parent = {file: file for file in sizes}
        self._sizes = dict(sizes)
        self._publishers = {file: {file.publisher} for file in sizes}

    def find(self, file: FileKey) -> FileKey:
        """Return the file that stands for the tree."""
        while self._parent[file] != file:
            self._parent[file] = file = self._parent[self._parent[file]]
        return file

    def join(self, left: FileKey, right: FileKey) -> str | None:
        """Join two trees, or return which guard forbids it."""
        one, two = self.find(left), self.find(right)
        if one == two:
            return None
        if self._publishers[one] & self._publishers[two]:
            return "TWO_FILES_OF_ONE_AGENCY"
        if self._sizes[one] + self._sizes[two] > MAX_REFERENCES:
            return "TOO_MANY_REFERENCES"
        # Last, so that a decision about files that are apart anyway changes nothing else.
        if any(self.find(stranger) == two for stranger in self._strangers.get(one, ())):
            return "KEPT_APART"
        self._parent[two] = one
        self._sizes[one] += self._sizes[two]
        self._publishers[one] |= self._publishers[two]
        if two in self._strangers:
            self._strangers.setdefault(one, set()).update(self._strangers[two])
        return None


def connect(
    files: Iterable[FileKey],
    candidates: Iterable[Candidate],
    proposals: Iterable[Proposal],
    sizes: Mapping[FileKey, int],
    kept_apart: Mapping[Pair, frozenset[Identifier]],
) -> tuple[tuple[tuple[FileKey, ...], ...], dict[FileKey, list[Proposal]]]:
    """Return the components and, by claimant, the proposals between files that ended up apart.

    `sizes` counts the identifiers that each file owns. Guards: two files that people keep apart, two files of one
    agency, or more than `MAX_REFERENCES` identifiers, in one component. `kept_apart` says for each pair what the people
    who decided knew: a proposal between the two that rests on nothing else is not made again.
    """
    forest = _Forest(sizes, kept_apart)
    refused = list(proposals)
    for link in sorted(candidates, key=lambda link: link.order):
        reason = forest.join(link.claimant, link.holder)
        if reason is not None:
            refused.append(Proposal(link=link, reason=reason))
    trees: dict[FileKey, list[FileKey]] = {}
    for file in files:
        trees.setdefault(forest.find(file), []).append(file)
    apart: dict[FileKey, list[Proposal]] = {}
    for proposal in sorted(refused, key=lambda proposal: proposal.link.order):
        link = proposal.link
        known = kept_apart.get(link.pair)
        if known is not None and link.evidence <= known:
            continue
        if forest.find(link.claimant) != forest.find(link.holder):
            apart.setdefault(link.claimant, []).append(proposal)
    return tuple(sorted(tuple(sorted(tree)) for tree in trees.values())), apart
