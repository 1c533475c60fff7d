"""Which files belong to one case: claims on identifiers, decided by their owners' accepted events.

An identifier is owned by the agency that publishes it in its own field (case_reference, procedure_reference,
referral_id) with an authoritative event in force. Naming another agency's identifier in `references` is a claim. It
links the two files when the owner's events contain the identifier and

- REFERRAL: the claimant is the target which that referral names,
- PROCEDURE: the claimant's kind may claim procedures (registry data), or the application was forwarded or the case
  transferred to it,
- CASE: both files name each other, or the owner transferred the case to the claimant, or a steward decided so, or both
  carry the same case number.

What is known but not entitled is proposed to stewards; what is not known waits, and is proposed after the parking span.
A decline, a return, a retraction, a mandate and a title never link; naming one's own identifier says nothing.
Every file with an event about a person is a node, also when all its events are withdrawn: its case then has no facts.
What people decided about two files goes before all that: JOINED is the first link to be added, KEPT_APART is a guard
against every way on which the two could meet. An identifier that very many files name links none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.authority import ANSWERS, AUTHORITATIVE, PROCEDURE_EVENTS
from meilenstein.cases.components import Candidate, Pair, Proposal, connect, pair_of
from meilenstein.cases.events import Event, FileKey, Identifier
from meilenstein_schemas.agencies import Directory

__all__ = [
    "JOINED",
    "KEPT_APART",
    "REFERENCE_UNKNOWN",
    "UNLINKING",
    "Decision",
    "Identities",
    "Owned",
    "WaitingClaim",
    "gather",
    "newest_among",
    "number_of",
    "owned_by",
    "resolve",
    "without_bulk",
]

JOINED, KEPT_APART = "JOINED", "KEPT_APART"
"""What people decide about two files: one case, or never one case."""
REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
"""Why a claim waits: nobody here has stated what it names."""

_CLAIMED = frozenset({"REFERRAL", "PROCEDURE", "CASE"})
_DECIDED, _REFERRAL, _PROCEDURE, _CASE = range(4)
UNLINKING = frozenset({"ReferralDeclined", "ReferralReturned"})
"""Answers of a target that does not take the case: what they name joins nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people decided about two files, in whichever order they are named; the newest about a pair counts."""

    decision_id: int
    """Grows with time."""
    decided_on: dt.date
    left: FileKey
    right: FileKey
    verdict: str = JOINED
    known: frozenset[Identifier] = frozenset()
    """KEPT_APART: what spoke for the link and did not convince. Anything else that comes up is proposed again."""

    @property
    def pair(self) -> Pair:
        """The two files."""
        return pair_of(self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingClaim:
    """A reference that no accepted event of its owner contains so far, or that too many files name."""

    event: Event
    identifier: Identifier
    entitled: bool
    """Whether it would link if it were known; only then may its publisher be asked about it."""
    reason: str = REFERENCE_UNKNOWN
    """Or NAMED_BY_TOO_MANY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """The cases of a closed set of files, and what was not linked."""

    components: tuple[tuple[FileKey, ...], ...]
    """Each sorted; in order of their smallest file."""
    proposals: Mapping[FileKey, list[Proposal]]
    """By the file of the claimant."""
    waiting: Mapping[FileKey, list[WaitingClaim]]


Owned = dict[Identifier, dict[FileKey, str | None]]
"""The files in which each identifier is owned, with the target that a referral, a forwarding or a transfer names."""


def owned_by(events: Iterable[Event], standings: Mapping[tuple[str, str], str]) -> Owned:
    """Return the identifiers that events in force (canonical order) own."""
    owned: Owned = {}
    for event in events:
        publisher, file, kind = event.publisher, event.file, event.event_type
        as_case = owned.setdefault(Identifier(publisher, "CASE", event.case_reference), {})
        as_case.setdefault(file, None)
        if standings[event.key] != AUTHORITATIVE:
            continue
        if kind in PROCEDURE_EVENTS:
            holders = owned.setdefault(Identifier(publisher, "PROCEDURE", event.facts["procedure_reference"]), {})
            if kind == "ApplicationForwarded":
                holders[file] = event.facts.get("target")
            else:
                holders.setdefault(file, None)
        elif kind == "ReferralSent" and event.facts.get("referral_id"):
            holders = owned.setdefault(Identifier(publisher, "REFERRAL", event.facts["referral_id"]), {})
            holders.setdefault(file, event.facts.get("target"))  # the first to use an id says what it names
        elif kind == "CaseTransferred":
            as_case[file] = event.facts.get("target")
    return owned


def resolve(
    files: Iterable[FileKey],
    events: Sequence[Event],
    owned: Owned,
    directory: Directory,
    decisions: Iterable[Decision] = (),
    bulk: Mapping[tuple[str, str], tuple[Identifier, ...]] | None = None,
) -> Identities:
    """Return the cases that `files` form; `events` are the facts in force about persons, in canonical order.

    Sandbox files and real ones are resolved by separate calls; they never meet. `bulk` holds what `without_bulk` took
    out of the events, by event key.
    """
    claims = gather(events, owned, directory)
    nodes = set(files)
    joined, kept_apart = newest_among(nodes, decisions)
    claims.candidates.extend(map(_decided, joined))
    components, proposals = connect(nodes, claims.candidates, claims.proposals, _sizes(nodes, owned), kept_apart)
    waiting: dict[FileKey, list[WaitingClaim]] = {}
    for claim in claims.waiting:
        waiting.setdefault(claim.event.file, []).append(claim)
    for event in events if bulk else ():
        for identifier in (bulk or {}).get(event.key, ()):
            if event.event_type not in UNLINKING:
                claim = WaitingClaim(event=event, identifier=identifier, entitled=False, reason="NAMED_BY_TOO_MANY")
                waiting.setdefault(event.file, []).append(claim)
    return Identities(components=components, proposals=proposals, waiting=waiting)


def newest_among(
    files: Collection[FileKey], decisions: Iterable[Decision]
) -> tuple[list[Decision], dict[Pair, frozenset[Identifier]]]:
    """Return who is joined, and who is kept apart by people who knew what, among the given files."""
    newest: dict[Pair, Decision] = {}
    for decision in sorted(decisions, key=lambda decision: decision.decision_id):
        if decision.left in files and decision.right in files:
            newest[decision.pair] = decision
    joined = [one for one in newest.values() if one.verdict == JOINED]
    return joined, {pair: one.known for pair, one in newest.items() if one.verdict == KEPT_APART}


def gather(events: Sequence[Event], owned: Owned, directory: Directory) -> _Claims:
    """Return what the facts in force about persons claim, sorted into links, proposals and what waits."""
    claims = _Claims(owned=owned, directory=directory, candidates=[], proposals=[], waiting=[], namings={})
    for event in events:
        if event.references and event.event_type not in UNLINKING:
            for identifier in dict.fromkeys(event.references):
                if identifier.kind in _CLAIMED and identifier.owner != event.publisher:
                    claims.add(event, identifier)
    claims.match_namings()
    claims.match_numbers(events)
    return claims


def number_of(event: Event) -> Identifier | None:
    """Return the case number of an event as an identifier that nobody owns."""
    return None if event.case_number is None else Identifier("", "NUMBER", event.case_number)


def without_bulk(event: Event, bulk: Collection[Identifier]) -> tuple[Event, tuple[Identifier, ...]]:
    """Return the event without what it names and `bulk` contains, and that."""
    named = [one for one in dict.fromkeys(event.references) if one in bulk and one.owner != event.publisher]
    number = number_of(event)
    found = tuple(named if number is None or number not in bulk else [*named, number])
    if not found:
        return event, ()
    kept = tuple(one for one in event.references if one not in named)
    return event._replace(references=kept, case_number=None if number in found else event.case_number), found


def _sizes(files: Iterable[FileKey], owned: Owned) -> dict[FileKey, int]:
    sizes = dict.fromkeys(files, 0)
    for holders in owned.values():
        for file in holders:
            sizes[file] += 1
    return sizes


def _decided(decision: Decision) -> Candidate:
    return Candidate(
        rank=(_DECIDED, decision.decided_on, "", decision.decision_id),
        identifier=Identifier(decision.right.publisher, "CASE", decision.right.case_reference),
        claimant=decision.left,
        holder=decision.right,
        since=decision.decided_on,
    )


@dataclass(slots=True, kw_only=True)
class _Claims:
    """Sorts claims into links that may be added, links to propose, and claims that wait."""

    owned: Owned
    directory: Directory
    candidates: list[Candidate]
    proposals: list[Proposal]
    waiting: list[WaitingClaim]
    namings: dict[tuple[FileKey, FileKey], Event]
    """The first event by which a file names another file."""

    def add(self, event: Event, identifier: Identifier) -> None:
        """Judge one reference of one event."""
        may = identifier.kind != "PROCEDURE" or self.directory.may_claim(
            event.publisher, "PROCEDURE", event.occurred_on, owner=identifier.owner
        )
        holders = self.owned.get(identifier, {})
        if not holders:
            entitled = (
                event.event_type in ANSWERS if identifier.kind == "REFERRAL" else identifier.kind != "CASE" and may
            )
            self.waiting.append(WaitingClaim(event=event, identifier=identifier, entitled=entitled))
        for holder in holders:
            if identifier.kind == "CASE":
                self.namings.setdefault((event.file, holder), event)
            elif identifier.kind == "PROCEDURE":
                named = may or holders[holder] == event.publisher or self._handed_over(event, holder)
                self._judge(event, identifier, holder, _PROCEDURE, None if named else "MAY_NOT_CLAIM")
            else:
                named = holders[holder] == event.publisher
                self._judge(event, identifier, holder, _REFERRAL, None if named else "NOT_NAMED_TARGET")

    def _handed_over(self, event: Event, holder: FileKey) -> bool:
        """Say whether the agency of a file transferred its case to whoever tells this event."""
        as_case = Identifier(holder.publisher, "CASE", holder.case_reference)
        return self.owned[as_case].get(holder) == event.publisher

    def _judge(
        self,
        event: Event,
        identifier: Identifier,
        holder: FileKey,
        rank: int,
        refused: str | None = None,
        evidence: Iterable[Identifier] = (),
    ) -> None:
        link = Candidate(
            rank=(rank, *event.order),
            identifier=identifier,
            claimant=event.file,
            holder=holder,
            since=event.occurred_on,
            evidence=frozenset(evidence or (identifier,)),
        )
        if refused is None:
            self.candidates.append(link)
        else:
            self.proposals.append(Proposal(link=link, reason=refused))

    def match_namings(self) -> None:
        """Link files that name each other; the later naming makes the link."""
        for (claimant, holder), event in self.namings.items():
            answer = self.namings.get((holder, claimant))
            identifier = Identifier(holder.publisher, "CASE", holder.case_reference)
            if answer is None:
                refused = None if self._handed_over(event, holder) else "NOT_MUTUAL"
                self._judge(event, identifier, holder, _CASE, refused)
            elif answer.order < event.order:
                both = (identifier, Identifier(claimant.publisher, "CASE", claimant.case_reference))
                self._judge(event, identifier, holder, _CASE, evidence=both)

    def match_numbers(self, events: Iterable[Event]) -> None:
        """Link files that carry the same case number to the first of them."""
        first: dict[Identifier, FileKey] = {}
        done: set[tuple[Identifier, FileKey]] = set()
        for event in events:
            number = number_of(event)
            if number is None or (number, event.file) in done:
                continue
            done.add((number, event.file))
            holder = first.setdefault(number, event.file)
            if holder != event.file:
                identifier = Identifier(holder.publisher, "CASE", holder.case_reference)
                self._judge(event, identifier, holder, _CASE, evidence=(number,))
