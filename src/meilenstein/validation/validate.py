"""Validate: one verdict for each journal row, in one transaction per batch.

The batch is claimed on one connection; the data rules run over a committed scratch copy; verdicts, events, quarantine
items, answers and the run are then written together with the claim. A crash in between leaves only scratch. Where the
rules cannot be evaluated there is no verdict at all: the batch stays open, and nobody is refused for a fault of ours.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from meilenstein.errors import PermanentError, RetryableError, told
from meilenstein.store.corrections import HUB
from meilenstein.store.database import Connection, retryable
from meilenstein.store.events import EventStore
from meilenstein.store.filing import file_events
from meilenstein.store.journal import Batch, JournalStore
from meilenstein.store.outbox import Message, Outbox
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.sequences import SequenceStore
from meilenstein.store.stored_rows import Origin
from meilenstein.store.verdicts import Run, VerdictRow, VerdictStore
from meilenstein.summary import Summary
from meilenstein.validation import replies
from meilenstein.validation.arrivals import complete_to, note_arrivals
from meilenstein.validation.corrections import Corrections, find_corrections
from meilenstein.validation.fates import Fates
from meilenstein.validation.reading import Candidates, Lookup, Place, Reading, Registry, read_rows
from meilenstein.validation.reasons import Reason, conflict
from meilenstein.validation.registry_check import RegistryCheck
from meilenstein.validation.repeats import sort_repeats
from meilenstein.validation.rights import wrong_publishers
from meilenstein.validation.sheet_filing import Chosen, file_sheets
from meilenstein_schemas.agencies import Directory

__all__ = ["Judge", "Ruling", "Validate"]

_log = logging.getLogger(__name__)


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

    def rule(self, connection: Connection, batch_id: int, candidates: Candidates) -> Ruling:
        """Return the ruling; `connection` may be committed."""


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
        """Judge what there is; raise, after all batches were tried, what kept one from being judged.

        Each such fault is logged. Where several batches met one, the first that is worth another try is raised.
        """
        began = time.monotonic()
        with retryable("validate"):
            self._book.refresh(self._scratch)
            self._scratch.commit()
            self._check.run()
            self._waits["schemas_mismatched"] = len(self._check.mismatched)
            for state in ("OPEN", "WAITING"):
                self._batches(state)
        if self._faults:
            raise next((fault for fault in self._faults if isinstance(fault, RetryableError)), self._faults[0])
        seconds = time.monotonic() - began
        return Summary(step="validate", seconds=seconds, counts=dict(self._counts), waits=dict(self._waits))

    def _batches(self, state: str) -> None:
        seen: list[int] = []
        while batch := self._journal.claim(state, seen=seen):
            seen.append(batch.id)
            try:
                with retryable("validate"):
                    self._batch(batch)
                    self._connection.commit()
            except Exception as fault:
                _log.warning("validate: batch %d is not judged: %s", batch.id, told(fault))
                if self._connection.closed or self._scratch.closed:
                    raise
                # The batch stays as it was; those behind it must not wait for it.
                self._connection.rollback()
                self._scratch.rollback()
                self._faults.append(fault)
        self._connection.rollback()

    def _batch(self, batch: Batch) -> None:
        started_at = self._clock()
        rows, already_refused = self._journal.unjudged(batch)
        reading = read_rows(rows, already_refused, self._lookup)
        ruling = self._judge.rule(self._scratch, batch.id, reading.candidates)
        corrections = find_corrections(self._connection, [*rows.of_topic(HUB), *already_refused])
        fates = self._decide(reading, ruling, corrections)
        fates.refused.extend((record, (None, None), [reason]) for record, reason in reading.refused)
        if fates.count() + len(reading.waiting) != len(rows) + len(already_refused):
            raise PermanentError(
                f"validate: batch {batch.id} has {len(rows) + len(already_refused)} rows but {fates.count()} verdicts"
            )
        if fates.count():
            self._write(batch, fates, ruling, started_at, corrections)
        self._journal.finish(batch, "WAITING" if reading.waiting else "DONE")
        self._waits["waiting"] += len(reading.waiting)

    def _decide(self, reading: Reading, ruling: Ruling, corrections: Corrections) -> Fates:
        """Give each candidate its fate and insert the accepted events."""
        fates, store = Fates(reading), EventStore(self._connection)
        reasons, chosen = self._reasons(reading.candidates, ruling, corrections)
        for candidate in reading.candidates.of(reasons):
            fates.refuse(candidate, reasons[candidate.record.id])
        # Without a look-up, since nearly all are new: the event table's key decides.
        filed = file_sheets(chosen, store)
        fates.inserted += filed.count
        left = reading.candidates.of(filed.lost)
        while left:
            # What the key did not let in is compared with what stands there.
            repeats = sort_repeats(left, store.known(candidate.event for candidate in left), self._book)
            fates.duplicates.extend(repeats.duplicates)
            for candidate in repeats.conflicts:
                fates.refuse(candidate, [conflict(candidate.body["event_id"])])
            inserted = file_events([candidate.filing() for candidate in repeats.new], store)
            fates.inserted += len(inserted)
            left = [candidate for candidate in repeats.new if candidate.record.id not in inserted]
        return fates

    def _reasons(
        self, candidates: Candidates, ruling: Ruling, corrections: Corrections
    ) -> tuple[dict[int, list[Reason]], list[Chosen]]:
        """Return what speaks against candidates, by journal id, and the rows that nothing speaks against."""
        reasons: dict[int, list[Reason]] = {}
        chosen: list[Chosen] = []
        for sheet in candidates.sheets:
            topics = corrections.topics(sheet)
            for row, found in wrong_publishers(sheet, topics, self._directory).items():
                reasons[sheet.keys[row]] = list(found)
            for key in ruling.reasons.keys() & sheet.keys:
                reasons.setdefault(key, []).extend(ruling.reasons[key])
            sound = [row for row, key in enumerate(sheet.keys) if key not in reasons]
            chosen.append((sheet, sound if len(sound) < len(sheet.keys) else None))
        return reasons, chosen

    def _write(
        self,
        batch: Batch,
        fates: Fates,
        ruling: Ruling,
        started_at: dt.datetime,
        corrections: Corrections,
    ) -> None:
        decided_at, accepted = self._clock(), fates.accepted()
        if len(accepted) != fates.inserted:
            raise PermanentError(f"validate: batch {batch.id}: {len(accepted)} verdicts, {fates.inserted} events")
        counts = {
            "accepted": len(accepted),
            "duplicate": len(fates.duplicates),
            "quarantined": len(fates.refused),
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
        plain = [key for key, _, _ in accepted if key not in ruling.warnings]
        store.add(plain, _rows(fates, ruling, accepted), run_id=store.add_run(run), run=run)
        items = self._quarantine(store, fates)
        complete = complete_to(note_arrivals(fates, SequenceStore(self._connection), self._directory))
        messages = _answers(batch, fates, accepted, items, corrections, complete, decided_at)
        messages.extend(corrections.answers(fates.in_force(corrections.origins), self._book, decided_at))
        Outbox(self._connection).add(messages)
        self._counts.update(counts)

    @staticmethod
    def _quarantine(store: VerdictStore, fates: Fates) -> list[int]:
        return store.quarantine(
            [
                (record.id, _codes(reasons), [reason.as_json() for reason in reasons])
                for record, _, reasons in fates.refused
            ]
        )


def _answers(
    batch: Batch,
    fates: Fates,
    accepted: Sequence[Place],
    items: Sequence[int],
    corrections: Corrections,
    complete: Mapping[str, Sequence[Mapping[str, Any]]],
    decided_at: dt.datetime,
) -> list[Message]:
    """Return the answers to senders about records of their own; a correction is nobody's."""
    own: dict[tuple[str, int], list[int]] = {}
    for origin, offsets in _by_origin(accepted, corrections).items():
        own.setdefault((origin.topic, origin.partition), []).extend(offsets)
    return [
        *replies.receipts(own, batch=batch.id, decided_at=decided_at, complete_to=complete),
        *(
            replies.duplicate(
                candidate.record,
                event=(candidate.event_type, candidate.body["event_id"]),
                first=(first.topic, first.partition, first.offset),
                decided_at=decided_at,
            )
            for candidate, first in fates.duplicates
            if candidate.record.id not in corrections.origins
        ),
        *(
            replies.rejection(
                record, item=item, event=event, reasons=[reason.as_json() for reason in reasons], decided_at=decided_at
            )
            for item, (record, event, reasons) in zip(items, fates.refused, strict=True)
            if record.id not in corrections.origins
        ),
    ]


def _by_origin(accepted: Sequence[Place], corrections: Corrections) -> Mapping[Origin, Sequence[int]]:
    """Return the offsets of the accepted records, corrections left out."""
    offsets: dict[Origin, list[int]] = {}
    for key, origin, offset in accepted:
        if key not in corrections.origins:
            offsets.setdefault(origin, []).append(offset)
    return offsets


def _codes(reasons: Sequence[Reason]) -> list[str]:
    return sorted({reason.code for reason in reasons})


def _rows(fates: Fates, ruling: Ruling, accepted: Sequence[Place]) -> Iterator[VerdictRow]:
    """Yield all verdicts but those of accepted records without a warning."""
    for key, _, _ in accepted if ruling.warnings else ():
        if key in ruling.warnings:
            yield VerdictRow(journal_id=key, fate="ACCEPTED", warnings=ruling.warnings[key])
    for candidate, first in fates.duplicates:
        yield VerdictRow(journal_id=candidate.record.id, fate="DUPLICATE", duplicate_of=first.journal_id)
    for record, _, reasons in fates.refused:
        yield VerdictRow(journal_id=record.id, fate="QUARANTINED", codes=_codes(reasons))
