"""From the store to the pure core: everything that some files are folded from, and the fold itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meilenstein.cases.events import Event, FileKey, Identifier
from meilenstein.cases.identity import Decision
from meilenstein.cases.settle import SettledCase, Tick, settle
from meilenstein.errors import RetryableError
from meilenstein.reconciliation.encoding import encode
from meilenstein.store.cases import CaseStore
from meilenstein.store.closures import Closure, ClosureStore
from meilenstein.store.database import Connection
from meilenstein.store.decisions import DecisionRow, DecisionStore
from meilenstein.store.events import CaseFile, EventStore, FileName
from meilenstein.store.schema_book import SchemaBook
from meilenstein_schemas.agencies import Directory
from meilenstein_schemas.rules import RuleTable

__all__ = ["Fold", "Ground", "decision_of"]

_CODE_VERSION = 4
"""Raised when this program concludes, or stores, something else from the same events: every case is folded again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a closed set of files is folded from."""

    closure: Closure
    files: Mapping[FileName, CaseFile]
    events: Sequence[Event]
    decisions: Sequence[Decision]
    tick: Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What a fold depends on besides the events: rights, rules and the day taken as today."""

    directory: Directory
    rules: RuleTable
    book: SchemaBook

    @property
    def version(self) -> str:
        """Identifies rules, rights and program; cases folded under another version are folded again."""
        return f"{self.rules.version}-{self.directory.version}-{_CODE_VERSION}"

    def load(self, connection: Connection, file_ids: Iterable[int], *, note: bool) -> Ground:
        """Read what the files and all that hang together with them are folded from.

        `note` as in `ClosureStore.of`. Before the first tick this is a RetryableError.
        """
        return self.load_closed(connection, ClosureStore(connection).of(file_ids, note=note))

    def load_closed(self, connection: Connection, closure: Closure) -> Ground:
        """Read what a closed set of files is folded from."""
        stored = CaseStore(connection).latest_tick()
        if stored is None:
            raise RetryableError("reconcile: no day is set yet; run `meilenstein up`, or the clocks step, first")
        store = EventStore(connection)
        files = store.describe_files(closure.file_ids)
        raws, warnings = store.of_files(closure.file_ids)
        events = [
            Event.from_body(event_type, body, warnings=named)
            for (event_type, body), named in zip(self.book.read_all(raws), warnings, strict=True)
        ]
        names = {file.id: FileKey(*file.name) for file in files.values()}
        return Ground(
            closure=closure,
            files=files,
            events=events,
            decisions=[decision_of(row, names) for row in DecisionStore(connection).links_among(closure.file_ids)],
            tick=Tick(as_of=stored.as_of, feed_health=stored.feed_health),
        )

    def settle(self, ground: Ground, decisions: Sequence[Decision] | None = None) -> list[SettledCase]:
        """Fold the cases; `decisions` in place of those that were taken show what others would bring."""
        return settle(
            ground.events,
            directory=self.directory,
            rules=self.rules,
            tick=ground.tick,
            decisions=ground.decisions if decisions is None else decisions,
            bulk=ground.closure.bulk,
            encoder=encode,
        )


def decision_of(row: DecisionRow, names: Mapping[int, FileKey]) -> Decision:
    """Return a stored decision about two files as the fold takes it; `names` holds the files by id."""
    return Decision(
        decision_id=row.id,
        decided_on=dt.date.fromisoformat(row.content["decided_on"]),
        left=names[row.left_file or 0],
        right=names[row.right_file or 0],
        verdict=row.content["verdict"],
        known=frozenset(Identifier(*one) for one in row.content.get("known", ())),
    )
