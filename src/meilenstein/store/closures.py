"""Which files must be folded together: the closure of some files under shared identifiers and corrections.

An identifier is followed where a file of its owner mentions it too: before that nothing can link through it. Case
numbers and what people joined have no owner and are always followed. An identifier that more than `MOST_FILES` files
mention is a placeholder or a bulk number: it links nothing (`meilenstein.cases.graph`) and is followed only once, when
the limit is first passed and the files folded before must let go of it. So a fold stays bounded whatever is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from meilenstein.cases.events import Identifier
from meilenstein.store.array_text import numbers
from meilenstein.store.database import Connection
from meilenstein.store.queries import load_queries

__all__ = ["MOST_FILES", "Closure", "ClosureStore"]

MOST_FILES = 100
"""Far above the 25 identifiers that one case may hold, far below what makes a fold slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Files that are folded together."""

    file_ids: frozenset[int]
    bulk: frozenset[tuple[Identifier, bool]]
    """What these files mention and what is not followed, with the sandbox flag."""
    ties: Sequence[Sequence[int]] = field(default=(), compare=False)
    """Files that hang together directly, in no order."""

    def hanging_on(self, file_ids: Iterable[int]) -> set[int]:
        """Return the given files of the closure and all that hang together with them, directly or through others."""
        found, left = set(file_ids) & self.file_ids, list(self.ties)
        while True:
            apart = [tie for tie in left if found.isdisjoint(tie)]
            if len(apart) == len(left):
                return found
            found.update(*(tie for tie in left if not found.isdisjoint(tie)))
            left = apart

    def without(self, file_ids: Collection[int]) -> Closure:
        """Return the closure without some files that nothing else hangs on."""
        return Closure(
            file_ids=self.file_ids - frozenset(file_ids),
            bulk=self.bulk,
            ties=[tie for tie in self.ties if tie[0] not in file_ids],
        )


class ClosureStore:
    """Closures on one connection; the caller decides when to commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = load_queries("closures")

    def of(self, file_ids: Iterable[int], *, note: bool) -> Closure:
        """Return the closure of some files.

        `note` follows bulk identifiers that are new and notes them: for the one worker that folds and writes. Without
        it nothing is written, and bulk identifiers are not followed.
        """
        known: set[int] = set(file_ids)
        bulk: set[tuple[Identifier, bool]] = set()
        ties: list[Sequence[int]] = []
        frontier = set(known)
        while frontier:
            first, ids = len(ties), sorted(frontier)
            ties.extend(self._connection.execute(self._sql["corrections"], {"file_ids": ids}).fetchall())
            shared = self._connection.execute(self._sql["shared"], {"file_ids": ids, "most": MOST_FILES}).fetchall()
            for kind, owner, reference, test, files, is_new in shared:
                if files is not None:
                    ties.append(files)
                    continue
                bulk.add((Identifier(owner, kind, reference), test))
                if is_new and note:
                    ties.append(self._note(kind=kind, owner=owner, reference=reference, test=test))
            frontier = {file_id for tie in ties[first:] for file_id in tie} - known
            known |= frontier
        return Closure(file_ids=frozenset(known), bulk=frozenset(bulk), ties=ties)

    def hold(self, file_ids: Iterable[int]) -> set[int]:
        """Hold files until the transaction ends, against others who fold; return those that nobody else holds."""
        return {row[0] for row in self._connection.execute(self._sql["hold"], {"file_ids": numbers(file_ids)})}

    def _note(self, **identifier: str | bool) -> list[int]:
        self._connection.execute(self._sql["note_bulk"], identifier)
        return [row[0] for row in self._connection.execute(self._sql["mentioning"], identifier)]
