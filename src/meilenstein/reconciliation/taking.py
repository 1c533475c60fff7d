"""Which files a worker folds next: touched ones with all that hang together with them, and nobody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meilenstein.store.closures import Closure, ClosureStore
from meilenstein.store.database import Connection
from meilenstein.store.events import EventStore
from meilenstein.store.fold_turns import FoldTurns

__all__ = ["Taken", "Taking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Files that nobody else folds until the transaction ends, with the notes about them."""

    closure: Closure
    changes: Mapping[int, set[str]]
    """What kinds of change touched a file."""


class Taking:
    """Takes files for one worker; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self._turns = FoldTurns(connection)
        self._events = EventStore(connection)
        self._closures = ClosureStore(connection)

    def next(self, limit: int, *, until: dt.datetime) -> Taken | None:
        """Take up to `limit` of the oldest notes made by `until` and all that hang together with their files.

        None where nothing is left to take, or somebody folds alone. What another worker folds at this moment stays
        touched: the facts that touched it may be newer than what that worker has read.
        """
        with self._turns.taking():
            if not self._turns.join():
                return None
            notes = self._events.take_touched(limit, until=until)
            if not notes:
                return None
            return self._take(notes)

    def again(self, taken: Taken, file_ids: Sequence[int]) -> Taken:
        """Return the part of what was taken that hangs together with some of its touched files."""
        return Taken(
            closure=self._closures.of(file_ids, note=True),
            changes={file_id: taken.changes[file_id] for file_id in file_ids},
        )

    def give_back(self, changes: Mapping[int, set[str]]) -> None:
        """Leave files to a later run."""
        self._events.touch((file_id, kind) for file_id, kinds in changes.items() for kind in kinds)

    def _take(self, notes: Sequence[tuple[int, str]]) -> Taken:
        changes: dict[int, set[str]] = {}
        for file_id, change in notes:
            changes.setdefault(file_id, set()).add(change)
        closure = self._closures.of(changes, note=True)
        foreign = closure.file_ids - self._closures.hold(closure.file_ids)
        if foreign:
            left = closure.hanging_on(foreign)
            # All of them, not only the touched: an identifier that was noted as bulk a moment ago concerns them too.
            self.give_back({file_id: changes.pop(file_id, {"RECALCULATION"}) for file_id in sorted(left)})
            closure = closure.without(left)
        # Notes about all other files of these cases too: else each case would be folded once per file.
        for file_id, change in self._events.take_touched_of(closure.file_ids):
            changes.setdefault(file_id, set()).add(change)
        return Taken(closure=closure, changes=changes)
