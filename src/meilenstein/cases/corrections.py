"""Which events are in force once corrections and retractions have been applied.

- An event whose `corrects` names an event of the same publisher, type and sandbox flag replaces it; a correction may
  itself be replaced, and then the last of the chain stands for all.
- EventRetracted withdraws what it names, whatever its type: a withdrawn correction restores what it replaced, a
  withdrawn retraction restores what it withdrew.
- Two corrections of one event (or one and a retraction) are a FORK: neither applies, the event stays, until all but one
  of them are withdrawn. Retractions alone agree with each other and are no fork.
- A correction whose target is unknown, of another type, or its own correction waits and applies to nothing.

The result depends on the set of events alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from meilenstein.cases.events import RETRACTED, Event

__all__ = ["FORKED", "IN_FORCE", "REPLACED", "WAITING", "WITHDRAWN", "Corrections", "resolve"]

IN_FORCE = "IN_FORCE"
REPLACED = "REPLACED"
WITHDRAWN = "WITHDRAWN"
FORKED = "FORKED"
WAITING = "WAITING"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What became of each event; `status` names only those that are not simply in force."""

    status: Mapping[Key, str] = field(default_factory=dict)
    forks: tuple[tuple[Event, tuple[Event, ...]], ...] = ()
    """Each event with two or more corrections that are not withdrawn, and those."""
    waiting: tuple[tuple[Event, str], ...] = ()
    """Each correction without a usable target, and why: UNKNOWN, OTHER_TYPE, CIRCLE or NOT_NAMED."""

    def of(self, event: Event) -> str:
        """Return what became of an event."""
        return self.status.get(event.key, IN_FORCE)


def resolve(events: Sequence[Event]) -> Corrections:
    """Apply the corrections among `events` (unique, in canonical order)."""
    correcting = [event for event in events if event.corrects is not None or event.event_type == RETRACTED]
    if not correcting:
        return Corrections()
    known = {event.key: event for event in events}
    unusable = {event.key: why for event in correcting if (why := _why_unusable(event, known))}
    unusable.update(dict.fromkeys(_in_circles(correcting, unusable), "CIRCLE"))
    children: dict[Key, list[Event]] = {}
    for event in correcting:
        if event.key not in unusable:
            children.setdefault(_target(event), []).append(event)
    order = _roots_first([event for event in events if event.key in unusable or event.corrects is None], children)
    verdicts = _verdicts(order, children)
    status = _statuses(order, children, verdicts, unusable)
    return Corrections(
        status=status,
        forks=tuple(
            (event, tuple(verdict)) for event in events if isinstance(verdict := verdicts.get(event.key), list)
        ),
        waiting=tuple(
            (event, unusable[event.key])
            for event in correcting
            if event.key in unusable and status.get(event.key) == WAITING
        ),
    )


def _target(event: Event) -> Key:
    return event.publisher, event.corrects or ""


def _why_unusable(event: Event, known: Mapping[Key, Event]) -> str | None:
    if event.corrects is None:
        return "NOT_NAMED"
    target = known.get(_target(event))
    if target is None or target.test != event.test:
        return "UNKNOWN"
    if event.event_type not in {RETRACTED, target.event_type}:
        return "OTHER_TYPE"
    return None


def _in_circles(correcting: Sequence[Event], unusable: Mapping[Key, str]) -> set[Key]:
    """Return the keys of events that, followed from target to target, come back to themselves."""
    targets = {event.key: _target(event) for event in correcting if event.key not in unusable}
    settled: set[Key] = set()
    circles: set[Key] = set()
    for start in targets:
        path: list[Key] = []
        key = start
        while key in targets and key not in settled:
            settled.add(key)
            path.append(key)
            key = targets[key]
        if key in path:
            circles.update(path[path.index(key) :])
    return circles


def _roots_first(roots: list[Event], children: Mapping[Key, list[Event]]) -> list[Event]:
    """Return every event after its target, without recursion: a chain may be as long as a sender likes."""
    order = list(roots)
    for event in order:  # grows while it is walked
        order.extend(children.get(event.key, ()))
    return order


def _verdicts(order: list[Event], children: Mapping[Key, list[Event]]) -> dict[Key, str | list[Event]]:
    """Return for each corrected event REPLACED, WITHDRAWN, or the list of corrections that make it a fork."""
    verdicts: dict[Key, str | list[Event]] = {}
    for event in reversed(order):  # corrections are judged before what they correct
        standing = [child for child in children.get(event.key, ()) if verdicts.get(child.key) != WITHDRAWN]
        if not standing:
            continue
        if all(child.event_type == RETRACTED for child in standing):
            verdicts[event.key] = WITHDRAWN
        else:
            verdicts[event.key] = REPLACED if len(standing) == 1 else standing
    return verdicts


def _statuses(
    order: list[Event],
    children: Mapping[Key, list[Event]],
    verdicts: Mapping[Key, str | list[Event]],
    unusable: Mapping[Key, str],
) -> dict[Key, str]:
    """Return the status of each event that is not simply in force."""
    standing_as = {event.key: WAITING if event.key in unusable else IN_FORCE for event in order}
    status: dict[Key, str] = {}
    for event in order:
        verdict = verdicts.get(event.key)
        inherited = FORKED if isinstance(verdict, list) else standing_as[event.key]
        for child in children.get(event.key, ()):
            # A retraction that applies stands by itself, whatever became of what it withdraws.
            standing_as[child.key] = IN_FORCE if verdict == WITHDRAWN and child.event_type == RETRACTED else inherited
        own = verdict if isinstance(verdict, str) else standing_as[event.key]
        if own != IN_FORCE:
            status[event.key] = own
    return status
