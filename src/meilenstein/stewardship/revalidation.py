"""Judging again, by the suites and the registry data of today, what was judged before.

Verdicts never change: an item that breaks no rule any more can be accepted by a decision; an accepted event that would
break one now is only named. The judge is the one of validate (Great Expectations), and it works between transactions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from meilenstein.audit.trail import AuditTrail
from meilenstein.stewardship.acts import Acts, Decider, Entry
from meilenstein.stewardship.policy import ItemRefused
from meilenstein.store.database import Connection, retryable
from meilenstein.store.events import EventStore
from meilenstein.store.quarantine import HeldItem, QuarantineStore, Selection
from meilenstein.store.schema_book import SchemaBook
from meilenstein.store.stored_rows import StoredRecord
from meilenstein.validation.reading import Candidate, Lookup, Reading, read_records
from meilenstein.validation.repeats import Repeats, sort_repeats
from meilenstein.validation.rights import wrong_publisher_reasons
from meilenstein.validation.validate import Judge
from meilenstein_schemas.agencies import Directory

__all__ = ["PAGE", "Applied", "Broken", "Examined", "Revalidation"]

PAGE = 200
"""Items that are judged together, and accepted in one transaction."""
_EVENTS_A_ROUND = 10_000
_NO_BATCH = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What today's rules say of an item."""

    item: int
    state: str
    event_type: str | None
    was: tuple[str, ...]
    now: tuple[str, ...]
    """Reason codes; ACCEPTED_MEANWHILE: another record with the same event was accepted; WAITING: the registry did not
    answer. Empty: it would be accepted."""
    candidate: Candidate | None
    warnings: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether it would be accepted."""
        return not self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of the items that pass."""

    entries: Sequence[Entry]
    """Of those that were accepted, for the trail."""
    refused: Mapping[int, str]
    """Items that could not be accepted all the same, and why, as a code."""
    others: int
    """How many were decided by others meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An accepted event that would break a critical rule now."""

    topic: str
    partition: int
    offset: int
    event_type: str
    publisher: str
    event_id: str
    codes: tuple[str, ...]


class Revalidation:
    """Judges items and events again. `scratch` is a second connection, which is committed while the judge works."""

    def __init__(
        self,
        connection: Connection,
        scratch: Connection,
        *,
        judge: Judge,
        lookup: Lookup,
        acts: Acts,
        book: SchemaBook,
        directory: Directory,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._connection = connection
        self._scratch = scratch
        self._judge = judge
        self._lookup = lookup
        self._acts = acts
        self._book = book
        self._directory = directory
        self._clock = clock
        self._store = QuarantineStore(connection)

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of suites and registry data that are judged by."""
        return self._judge.suite_version, self._directory.version

    def since(self, days: int) -> dt.datetime:
        """Return the instant so many days ago."""
        return self._clock() - dt.timedelta(days=days)

    def examine(self, items: Sequence[int]) -> list[Examined]:
        """Judge items; writes nothing. The connection is in no transaction afterwards."""
        self._book.refresh(self._connection)
        held = self._store.items(items)
        topics = {item: origin.topic for item, origin in self._store.origins(items).items()}
        self._connection.rollback()
        readable = [item for item in held if item.record.raw is not None]
        reading = read_records([replace(item.record, decode_state="PENDING") for item in readable], self._lookup)
        ruling = self._judge.rule(self._scratch, _NO_BATCH, reading.candidates)
        by_record = {item.record.id: topics[item.id] for item in held}
        codes = {key: {reason.code for reason in reasons} for key, reasons in ruling.reasons.items()}
        for candidate in reading.candidates:
            rights = wrong_publisher_reasons(
                by_record[candidate.record.id], candidate.event_type, candidate.body, self._directory
            )
            codes.setdefault(candidate.record.id, set()).update(reason.code for reason in rights)
        self._add_repeats(reading.candidates, codes)
        _add_unread(reading, codes)
        candidates = {candidate.record.id: candidate for candidate in reading.candidates}
        return [_examined(item, codes, candidates.get(item.record.id), ruling.warnings) for item in held]

    def _add_repeats(self, candidates: Sequence[Candidate], codes: dict[int, set[str]]) -> None:
        sound = [candidate for candidate in candidates if not codes.get(candidate.record.id)]
        known = EventStore(self._connection).known(candidate.event for candidate in sound)
        repeats: Repeats = sort_repeats(sound, known, self._book)
        self._connection.rollback()
        for candidate, _ in repeats.duplicates:
            codes.setdefault(candidate.record.id, set()).add("ACCEPTED_MEANWHILE")
        for candidate in repeats.conflicts:
            codes.setdefault(candidate.record.id, set()).add("CONFLICT")

    def pages(self, selection: Selection) -> Iterator[list[Examined]]:
        """Judge a selection page by page, in the order of the items."""
        for page in self._store.pages(selection, size=PAGE):
            yield self.examine([row.id for row in page])

    def apply(self, page: Sequence[Examined], decider: Decider) -> Applied:
        """Accept those of the examined items that pass and are still open; the caller records and commits."""
        passing = {examined.item: examined for examined in page if examined.passes}
        entries: list[Entry] = []
        refused: dict[int, str] = {}
        for held in self._store.hold(passing):
            examined = passing[held.id]
            if held.state != "OPEN" or examined.candidate is None:
                continue
            event = (examined.candidate.event_type, examined.candidate.body)
            try:
                with self._connection.transaction():
                    entries.append(
                        self._acts.accept(held, event, decider, warnings=examined.warnings, versions=self.versions)
                    )
            except ItemRefused as why:
                refused[held.id] = why.code
        return Applied(entries=entries, refused=refused, others=len(passing) - len(entries) - len(refused))

    def accept(self, page: Sequence[Examined], decider: Decider, trail: AuditTrail) -> Applied:
        """Accept what passes of a page in one transaction, each recorded."""
        with retryable("quarantine revalidate"):
            applied = self.apply(page, decider)
            for entry in applied.entries:
                entry.record(trail, actor=decider.actor, reason=decider.reason)
            self._connection.commit()
        return applied

    def accepted(self, *, since: dt.datetime, agency: str | None, progress: Callable[[int], None]) -> Iterator[Broken]:
        """Yield accepted events received since then that would break a critical rule now; writes nothing."""
        self._book.refresh(self._connection)
        done = 0
        with retryable("quarantine revalidate"):
            for records in self._store.accepted(since=since, agency=agency, size=_EVENTS_A_ROUND):
                self._connection.rollback()
                yield from self._broken(records)
                done += len(records)
                progress(done)

    def _broken(self, records: Sequence[StoredRecord]) -> Iterator[Broken]:
        reading = read_records([replace(record, decode_state="PENDING") for record in records], self._lookup)
        ruling = self._judge.rule(self._scratch, _NO_BATCH, reading.candidates)
        for candidate in reading.candidates:
            reasons = ruling.reasons.get(candidate.record.id)
            if reasons:
                record = candidate.record
                yield Broken(
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.record_offset,
                    event_type=candidate.event_type,
                    publisher=candidate.body["publisher"],
                    event_id=candidate.body["event_id"],
                    codes=tuple(sorted({reason.code for reason in reasons})),
                )


def _add_unread(reading: Reading, codes: dict[int, set[str]]) -> None:
    for record, reason in reading.refused:
        codes[record.id] = {reason.code}
    for record in reading.waiting:
        codes[record.id] = {"WAITING"}


def _examined(
    item: HeldItem,
    codes: Mapping[int, set[str]],
    candidate: Candidate | None,
    warnings: Mapping[int, Sequence[str]],
) -> Examined:
    # Without bytes there is nothing to judge: what was said stays.
    now = codes.get(item.record.id, set()) if item.record.raw is not None else set(item.codes)
    return Examined(
        item=item.id,
        state=item.state,
        event_type=candidate.event_type if candidate else item.event_type,
        was=tuple(sorted(item.codes)),
        now=tuple(sorted(now)),
        candidate=candidate,
        warnings=tuple(warnings.get(item.record.id, ())),
    )
