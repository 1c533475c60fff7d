"""Validate: one verdict for each journal row, in one transaction per batch.

The batch is claimed on one connection; the data rules run over a committed scratch copy; verdicts, events, quarantine
items, answers and the run are then written together with the claim. A crash in between leaves only scratch. Where the
rules cannot be evaluated there is no verdict at all: the batch stays open, and nobody is refused for a fault of ours.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from meilenstein.errors import PermanentError
from meilenstein.store.database import Connection, retryable
from meilenstein.store.events import EventStore
from meilenstein.store.filing import file_events
from meilenstein.store.journal import Batch, JournalStore, StoredRecord
from meilenstein.store.outbox import Message, Outbox
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.verdicts import Run, VerdictRow, VerdictStore
from meilenstein.summary import Summary
from meilenstein.validation import replies
from meilenstein.validation.corrections import Corrections, find_corrections
from meilenstein.validation.reading import Candidate, Lookup, Registry, read_records
from meilenstein.validation.reasons import Reason, conflict
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein.validation.repeats import First, sort_repeats
from meilenstein.validation.rights import wrong_publisher_reasons
from meilenstein_schemas.agencies import Directory

__all__ = ["Judge", "Ruling", "Validate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the data rules say of the rows of a batch."""

    reasons: Mapping[int, Sequence[Reason]]
    """Critical violations by journal id."""
    warnings: Mapping[int, Sequence[str]]
    """Rule ids of violated warnings by journal id."""
    rules: Mapping[str, int]
    """Violations by rule."""
    evaluated: int


class Judge(Protocol):
    """Evaluates the data rules over a batch; raises RetryableError rather than give an incomplete ruling."""

    suite_version: str

    def rule(self, connection: Connection, batch_id: int, candidates: Sequence[Candidate]) -> Ruling:
        """Return the ruling; `connection` may be committed."""


@dataclass(slots=True)
class _Verdicts:
    """Verdicts of one batch as they are gathered."""

    accepted: list[Candidate] = field(default_factory=list)
    duplicates: list[tuple[Candidate, First]] = field(default_factory=list)
    refused: list[tuple[StoredRecord, tuple[str | None, str | None], list[Reason]]] = field(default_factory=list)

    def refuse(self, candidate: Candidate, reasons: Sequence[Reason]) -> None:
        event = (candidate.event_type, candidate.head["event_id"])
        self.refused.append((candidate.record, event, list(reasons)))

    def in_force(self) -> list[Candidate]:
        """Return what is accepted now, or was before in the same words."""
        return [*self.accepted, *(candidate for candidate, _ in self.duplicates)]

    def count(self) -> int:
        return len(self.accepted) + len(self.duplicates) + len(self.refused)


class Validate:
    """Judge claimed batches until none is left, or until every waiting one has been tried once."""

    def __init__(
        self,
        *,
        connection: Connection,
        scratch: Connection,
        judge: Judge,
        registry: Registry,
        book: SchemaBook,
        directory: Directory,
        clock: Callable[[], dt.datetime],
        check: RegistryCheck,
    ) -> None:
        self._connection = connection
        self._scratch = scratch
        self._judge = judge
        self._lookup = Lookup(scratch, book, registry, check.patience)
        self._book = book
        self._directory = directory
        self._clock = clock
        self._check = check
        self._journal = JournalStore(connection)
        self._counts: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()
        self._faults: list[Exception] = []

    def run(self) -> Summary:
        """Judge what there is; raise, after all batches were tried, what kept one from being judged."""
        began = time.monotonic()
        with retryable("validate"):
            self._book.refresh(self._scratch)
            self._scratch.commit()
            self._check.run()
            self._waits["schemas_mismatched"] = len(self._check.mismatched)
            for state in ("OPEN", "WAITING"):
                self._batches(state)
        if self._faults:
            raise self._faults[0]
        seconds = time.monotonic() - began
        return Summary(step="validate", seconds=seconds, counts=dict(self._counts), waits=dict(self._waits))

    def _batches(self, state: str) -> None:
        seen: list[int] = []
        while batch := self._journal.claim(state, seen=seen):
            seen.append(batch.id)
            try:
                self._batch(batch)
                self._connection.commit()
            except Exception as fault:
                if self._connection.closed or self._scratch.closed:
                    raise
                # The batch stays as it was; those behind it must not wait for it.
                self._connection.rollback()
                self._scratch.rollback()
                self._faults.append(fault)
        self._connection.rollback()

    def _batch(self, batch: Batch) -> None:
        started_at = self._clock()
        records = self._journal.unjudged(batch)
        reading = read_records(records, self._lookup)
        ruling = self._judge.rule(self._scratch, batch.id, reading.candidates)
        corrections = find_corrections(self._connection, records)
        verdicts = self._decide(reading.candidates, ruling, corrections)
        verdicts.refused.extend((record, (None, None), [reason]) for record, reason in reading.refused)
        if verdicts.count() + len(reading.waiting) != len(records):
            raise PermanentError(f"validate: batch {batch.id} has {len(records)} rows but {verdicts.count()} verdicts")
        if verdicts.count():
            self._write(batch, verdicts, ruling, started_at, corrections)
        self._journal.finish(batch, "WAITING" if reading.waiting else "DONE")
        self._waits["waiting"] += len(reading.waiting)

    def _decide(self, candidates: Sequence[Candidate], ruling: Ruling, corrections: Corrections) -> _Verdicts:
        """Give each candidate its fate and insert the accepted events."""
        verdicts = _Verdicts()
        sound = []
        for candidate in candidates:
            topic = corrections.topic(candidate.record)
            reasons = [
                *wrong_publisher_reasons(topic, candidate.event_type, candidate.head, self._directory),
                *ruling.reasons.get(candidate.record.id, ()),
            ]
            if reasons:
                verdicts.refuse(candidate, reasons)
            else:
                sound.append(candidate)
        store = EventStore(self._connection)
        sound = _insert_firsts(sound, verdicts, store)
        while sound:
            # A candidate whose id another worker took between the look-up and the insert is sorted once more.
            repeats = sort_repeats(sound, store.known(candidate.event for candidate in sound), self._book)
            verdicts.duplicates.extend(repeats.duplicates)
            for candidate in repeats.conflicts:
                verdicts.refuse(candidate, [conflict(candidate.head["event_id"])])
            inserted = file_events([candidate.filing() for candidate in repeats.new], store)
            verdicts.accepted.extend(candidate for candidate in repeats.new if candidate.record.id in inserted)
            sound = [candidate for candidate in repeats.new if candidate.record.id not in inserted]
        return verdicts

    def _write(
        self,
        batch: Batch,
        verdicts: _Verdicts,
        ruling: Ruling,
        started_at: dt.datetime,
        corrections: Corrections,
    ) -> None:
        decided_at = self._clock()
        counts = {
            "accepted": len(verdicts.accepted),
            "duplicate": len(verdicts.duplicates),
            "quarantined": len(verdicts.refused),
        }
        run = Run(
            batch_id=batch.id,
            started_at=started_at,
            finished_at=decided_at,
            suite_version=self._judge.suite_version,
            data_version=self._directory.version,
            evaluated=ruling.evaluated,
            counts=counts,
            rules=ruling.rules,
        )
        store = VerdictStore(self._connection)
        store.add(list(_rows(verdicts, ruling)), run_id=store.add_run(run), run=run)
        items = self._quarantine(store, verdicts)
        messages = _answers(batch, verdicts, items, corrections, decided_at)
        messages.extend(corrections.answers(verdicts.in_force(), self._book, decided_at))
        Outbox(self._connection).add(messages)
        self._counts.update(counts)

    @staticmethod
    def _quarantine(store: VerdictStore, verdicts: _Verdicts) -> list[int]:
        return store.quarantine(
            [
                (record.id, _codes(reasons), [reason.as_json() for reason in reasons])
                for record, _, reasons in verdicts.refused
            ]
        )


def _insert_firsts(sound: list[Candidate], verdicts: _Verdicts, store: EventStore) -> list[Candidate]:
    """Insert the first candidate of each event id without a look-up, since nearly all are new; return the others.

    The event table's key decides; who is not inserted, or comes again, is then compared with what stands there.
    """
    firsts: dict[tuple[str, str], Candidate] = {}
    for candidate in sound:
        firsts.setdefault(candidate.event, candidate)
    inserted = file_events([candidate.filing() for candidate in firsts.values()], store)
    verdicts.accepted.extend(candidate for candidate in firsts.values() if candidate.record.id in inserted)
    return [candidate for candidate in sound if candidate.record.id not in inserted]


def _answers(
    batch: Batch, verdicts: _Verdicts, items: Sequence[int], corrections: Corrections, decided_at: dt.datetime
) -> list[Message]:
    """Return the answers to senders about records of their own; a correction is nobody's."""
    own = [candidate.record for candidate in verdicts.accepted if candidate.record.id not in corrections.origins]
    return [
        *replies.receipts(own, batch=batch.id, decided_at=decided_at),
        *(
            replies.duplicate(
                candidate.record,
                event=(candidate.event_type, candidate.head["event_id"]),
                first=(first.topic, first.partition, first.offset),
                decided_at=decided_at,
            )
            for candidate, first in verdicts.duplicates
            if candidate.record.id not in corrections.origins
        ),
        *(
            replies.rejection(
                record, item=item, event=event, reasons=[reason.as_json() for reason in reasons], decided_at=decided_at
            )
            for item, (record, event, reasons) in zip(items, verdicts.refused, strict=True)
            if record.id not in corrections.origins
        ),
    ]


def _codes(reasons: Sequence[Reason]) -> list[str]:
    return sorted({reason.code for reason in reasons})


def _rows(verdicts: _Verdicts, ruling: Ruling) -> Any:
    for candidate in verdicts.accepted:
        warnings = ruling.warnings.get(candidate.record.id, ())
        yield VerdictRow(journal_id=candidate.record.id, fate="ACCEPTED", warnings=warnings)
    for candidate, first in verdicts.duplicates:
        yield VerdictRow(journal_id=candidate.record.id, fate="DUPLICATE", duplicate_of=first.journal_id)
    for record, _, reasons in verdicts.refused:
        yield VerdictRow(journal_id=record.id, fate="QUARANTINED", codes=_codes(reasons))
