"""A case as it was known on an earlier day, and what changed since and why. Both folds use the rules of today.

`settle` reads no time of receipt, so "as known on D" is the same fold over what had been received by D. What changed is
a difference of values: what runs, what procedures, referrals, consents and the entry say, which findings are open,
which files hang together.

Why it changed is found by letting what came after D arrive again, one by one, in the order in which it came, while the
day stays what it was on D; the day moves on last. The cause of a change is what brought the value that stands today and
from which on it stood: the last arrival before which it was another. Where the value changed without any arrival,
time brought it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from meilenstein.cases.canonical import iso
from meilenstein.cases.clocks import Clock
from meilenstein.cases.events import Event, FileKey
from meilenstein.cases.identity import Decision
from meilenstein.cases.settle import SettledCase
from meilenstein.cases.tick import Tick

__all__ = ["MOST_STEPS", "Arrival", "Change", "Comparison", "Fact", "Facts", "Known", "Settle", "compare", "facts_of"]

MOST_STEPS = 512
"""So often a case is folded at most to find causes; above that, arrivals are taken some at a time."""

Settle = Callable[[Sequence[Event], Sequence[Decision], Tick], Sequence[SettledCase]]
"""The fold over events and decisions on a tick."""


class Fact(NamedTuple):
    """The name of a value."""

    what: str
    """CLOCK, PROCEDURE, REQUIREMENT, REFERRAL, CONSENT, ENTRY, FINDING or FILES."""
    about: str
    """As clocks and findings name it; of a finding with its code before it."""
    name: str
    """Of a requirement its item and the day on which it was asked for."""


Facts = Mapping[Fact, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event that was received, or a decision of people about two files; one of the two."""

    at: dt.datetime
    event: Event | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was known by the end of a day, what came since in the order of its arrival, and the ticks of both days."""

    events: Sequence[Event]
    decisions: Sequence[Decision]
    tick: Tick
    since: Sequence[Arrival]
    tick_now: Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that is another one today."""

    fact: Fact
    old: Any
    """None: there was no such value."""
    new: Any
    """None: there is no such value any more."""
    causes: tuple[Arrival, ...]
    """What brought it: one, or a few that arrived one after the other where very many did; none: time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The cases of some files as they were known and as they are, and the differences by what, about and name."""

    then: tuple[SettledCase, ...]
    now: tuple[SettledCase, ...]
    changes: tuple[Change, ...]


def compare(known: Known, anchors: Collection[FileKey], settle: Settle) -> Comparison:
    """Compare the cases that hold any of the files `anchors` with what they were."""
    replay = _Replay(known=known, anchors=frozenset(anchors), settle=settle)
    then, now = replay.cases(0), replay.cases_now()
    old, new = facts_of(then), facts_of(now)
    pending = {fact for fact in {*old, *new} if old.get(fact) != new.get(fact)}
    causes = replay.causes(pending, new)
    changes = [
        Change(fact=fact, old=old.get(fact), new=new.get(fact), causes=causes.get(fact, ())) for fact in sorted(pending)
    ]
    return Comparison(then=tuple(then), now=tuple(now), changes=tuple(changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replay:
    """Lets what came later arrive again."""

    known: Known
    anchors: frozenset[FileKey]
    settle: Settle

    def cases(self, arrived: int) -> list[SettledCase]:
        """Return the cases after the first arrivals, on the day of then."""
        return self._cases(arrived, self.known.tick)

    def cases_now(self) -> list[SettledCase]:
        """Return the cases of today."""
        return self._cases(len(self.known.since), self.known.tick_now)

    def _cases(self, arrived: int, tick: Tick) -> list[SettledCase]:
        since = self.known.since[:arrived]
        events = [*self.known.events, *(one.event for one in since if one.event is not None)]
        decisions = [*self.known.decisions, *(one.decision for one in since if one.decision is not None)]
        found = self.settle(events, decisions, tick)
        return [case for case in found if not self.anchors.isdisjoint(case.files)]

    def causes(self, pending: Collection[Fact], new: Facts) -> dict[Fact, tuple[Arrival, ...]]:
        """Return the arrivals behind the changes; what time brought is not in it."""
        left, found = set(pending), dict[Fact, tuple[Arrival, ...]]()
        after = self.known.since
        size = max(1, -(-len(after) // MOST_STEPS))
        for end in range(len(after), -1, -size):  # backwards, until every change is explained
            before = facts_of(self.cases(end))
            brought = {fact for fact in left if before.get(fact) != new.get(fact)}
            if end < len(after):
                found.update(dict.fromkeys(brought, tuple(after[end : end + size])))
            left -= brought
            if not left:
                return found
        start = len(after) % size
        found.update(dict.fromkeys(left, tuple(after[:start])))
        return found


def facts_of(cases: Collection[SettledCase]) -> Facts:
    """Return every value of the cases that is compared."""
    facts: dict[Fact, Any] = {}
    for case in cases:
        state: dict[str, Any] = json.loads(case.state)
        for one in state["procedures"]:
            about = f"procedure:{one['body']}/{one['procedure']}"
            for asked in one.pop("requirements", ()):
                facts[Fact("REQUIREMENT", about, f"{asked['item']} {asked['asked_on']}")] = asked["state"]
            _put(facts, "PROCEDURE", about, one)
        for one in state["referrals"]:
            _put(facts, "REFERRAL", f"referral:{one['sender']}/{one['referral']}", one)
        for one in state["consents"]:
            _put(facts, "CONSENT", f"consent:{one['agency']}/{one['consent']}", one)
        if "entry" in state:
            _put(facts, "ENTRY", f"entry:{state['entry']['agency']}", state["entry"])
        for clock in case.clocks:
            facts.update((Fact("CLOCK", clock.subject, name), value) for name, value in _clock(clock))
        for finding in case.findings:
            facts[Fact("FINDING", f"{finding.code} {finding.about}", "open")] = "OPEN"
    together = sorted([str(file) for file in case.files] for case in cases)
    if together:
        facts[Fact("FILES", "case", "together")] = together
    return facts


_IN_ABOUT = frozenset({"body", "procedure", "sender", "referral", "agency", "consent"})


def _put(facts: dict[Fact, Any], what: str, about: str, values: Mapping[str, Any]) -> None:
    facts.update((Fact(what, about, name), value) for name, value in values.items() if name not in _IN_ABOUT)


def _clock(clock: Clock) -> list[tuple[str, Any]]:
    values = {
        "start": iso(clock.start),
        "due": iso(clock.due),
        "state": f"{clock.state}: {clock.reason}" if clock.reason else clock.state,
        "stopped_on": iso(clock.stopped_on),
        "paragraph": clock.paragraph,
    }
    return [(name, value) for name, value in values.items() if value is not None]
