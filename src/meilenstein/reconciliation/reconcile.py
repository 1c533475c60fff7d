"""Reconcile: fold the cases that were touched, write what changed, and tell those who may know it.

A round takes some touched files, closes them under shared identifiers and corrections, folds that whole, and writes
everything in one transaction. Several workers may fold at once: each holds the files of its round.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from meilenstein.cases.settle import SettledCase
from meilenstein.collector import collector_paused
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.reconciliation.feeds import CaseNews, strongest_change, tell
from meilenstein.reconciliation.fold import Fold
from meilenstein.reconciliation.questions import asked, questions
from meilenstein.reconciliation.taking import Taken, Taking
from meilenstein.store.cases import CaseRow, CaseStore, ClockRow, FindingRow
from meilenstein.store.closures import Closure, ClosureStore
from meilenstein.store.database import LOST, Connection, retryable
from meilenstein.store.events import CaseFile, EventStore, FileName
from meilenstein.store.outbox import Outbox
from meilenstein.summary import Summary

__all__ = ["Reconcile"]

_FILES_A_ROUND = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folded:
    """A folded case with the files and the id it has in the store."""

    case_id: UUID
    files: Sequence[CaseFile]
    settled: SettledCase

    @property
    def file_ids(self) -> list[int]:
        return [file.id for file in self.files]


class Reconcile:
    """Fold until nothing is touched. `emit=False` writes the cases without telling anybody (rebuild)."""

    def __init__(
        self, *, connection: Connection, fold: Fold, clock: Callable[[], dt.datetime], emit: bool = True
    ) -> None:
        self._connection = connection
        self._fold = fold
        self._clock = clock
        self._emit = emit
        self._taking = Taking(connection)
        self._cases = CaseStore(connection)
        self._counts: Counter[str] = Counter()
        self._faults: dict[int, str] = {}

    def run(self) -> Summary:
        """Work off what is touched when this begins, round by round, each in its own transaction.

        What is touched meanwhile is for the next run: while events stream in, a case that is folded after each of its
        events costs as much as many cases.
        """
        began = time.monotonic()
        with retryable("reconcile"):
            self._fold.book.refresh(self._connection)
            until = EventStore(self._connection).instant()
            self._connection.commit()
            more = True
            while more:
                with collector_paused():
                    more = self._round(until)
                self._connection.commit()
        if self._faults:
            kinds = ", ".join(sorted(set(self._faults.values())))
            raise PermanentError(
                f"reconcile: {len(self._faults)} files could not be folded ({kinds}) and stay touched; all others are "
                f"folded. Report this with the file ids {', '.join(map(str, sorted(self._faults)[:10]))}"
            )
        return Summary(step="reconcile", seconds=time.monotonic() - began, counts=dict(self._counts))

    def _round(self, until: dt.datetime) -> bool:
        taken = self._taking.next(_FILES_A_ROUND, until=until)
        if taken is None:
            return False
        self._fold_or_isolate(taken)
        return True

    def _fold_or_isolate(self, taken: Taken) -> None:
        """Fold the files; where that fails, find the ones that cannot be folded, and fold the others without them.

        What cannot be folded stays touched, for the next run.
        """
        try:
            with self._connection.transaction():
                self._fold_closed(taken.closure, taken.changes)
        except (*LOST, RetryableError):
            raise
        except Exception as fault:  # noqa: BLE001 - raised again when all others are folded
            file_ids = sorted(taken.changes)
            if len(file_ids) > 1:
                for half in (file_ids[: len(file_ids) // 2], file_ids[len(file_ids) // 2 :]):
                    self._fold_or_isolate(self._taking.again(taken, half))
                return
            self._faults[file_ids[0]] = type(fault).__name__
            self._taking.give_back(taken.changes)

    def fold_files(self, file_ids: Iterable[int]) -> frozenset[int]:
        """Fold the cases of the given files and of all that hang together with them; return all these files.

        The caller commits.
        """
        closure = ClosureStore(self._connection).of(file_ids, note=True)
        self._fold_closed(closure, {})
        return closure.file_ids

    def _fold_closed(self, closure: Closure, changes: Mapping[int, set[str]]) -> None:
        ground = self._fold.load_closed(self._connection, closure)
        folded = [_named(case, ground.files) for case in self._fold.settle(ground)]
        self._write(folded, self._cases.states_of_files(closure.file_ids), changes)
        self._counts["files"] += len(changes)

    def _write(
        self, folded: Sequence[_Folded], before: Mapping[UUID, CaseRow], changes: Mapping[int, set[str]]
    ) -> None:
        new_ids = {case.case_id for case in folded}
        gone = [case_id for case_id in before if case_id not in new_ids]
        known = self._cases.findings_of(before) if self._emit else set()
        changed = [case for case in folded if _differs(case, before.get(case.case_id))]
        self._cases.drop(gone)
        self._write_cases(changed, before)
        self._postpone(folded, before)
        self._counts["changed"] += len(changed)
        self._counts["merged"] += len(gone)
        if self._emit:
            self._tell(folded, gone, before, changes)
            fresh = [
                finding
                for case in changed
                for finding in case.settled.findings
                if (finding.code, finding.about) not in known
            ]
            Outbox(self._connection).add(
                questions(fresh, rules=self._fold.rules, directory=self._fold.directory, decided_at=self._clock())
            )

    def _postpone(self, folded: Sequence[_Folded], before: Mapping[UUID, CaseRow]) -> None:
        """Note of unchanged cases when they may change next, and by which rules they stand."""
        moved = [
            (case, old)
            for case in folded
            if (old := before.get(case.case_id)) is not None and not _differs(case, old) and self._moved_on(case, old)
        ]
        self._cases.postpone([self._row(case, old.version) for case, old in moved])
        # What is stored of a case beside its state may depend on rules and program too.
        self._replace_details([case for case, old in moved if old.rule_version != self._fold.version])

    def _moved_on(self, case: _Folded, old: CaseRow) -> bool:
        return (case.settled.next_change_on, self._fold.version) != (old.next_change_on, old.rule_version)

    def _row(self, case: _Folded, version: int) -> CaseRow:
        return CaseRow(
            case_id=case.case_id,
            version=version,
            file_ids=case.file_ids,
            state=case.settled.state,
            rule_version=self._fold.version,
            next_change_on=case.settled.next_change_on,
        )

    def _write_cases(self, changed: Sequence[_Folded], before: Mapping[UUID, CaseRow]) -> None:
        rows: list[tuple[CaseRow, int | None]] = []
        for case in changed:
            old = before.get(case.case_id)
            rows.append((self._row(case, old.version + 1 if old else 1), old.version if old else None))
        self._cases.write(rows)
        self._replace_details(changed)

    def _replace_details(self, cases: Sequence[_Folded]) -> None:
        if cases:
            self._cases.replace_details(
                [case.case_id for case in cases],
                members=[(file_id, case.case_id) for case in cases for file_id in case.file_ids],
                findings=[row for case in cases for row in self._finding_rows(case)],
                clocks=[row for case in cases for row in _clock_rows(case)],
            )

    def _finding_rows(self, folded: _Folded) -> list[FindingRow]:
        return [
            FindingRow(
                case_id=folded.case_id,
                code=finding.code,
                about=finding.about,
                severity=finding.severity,
                since=finding.since,
                detail=finding.detail,
                asked=asked(finding, self._fold.directory),
            )
            for finding in folded.settled.findings
        ]

    def _tell(
        self,
        folded: Sequence[_Folded],
        gone: Sequence[UUID],
        before: Mapping[UUID, CaseRow],
        changes: Mapping[int, set[str]],
    ) -> None:
        homes = {file_id: row for row in before.values() for file_id in row.file_ids}
        told = [
            CaseNews(
                case_id=case.case_id,
                change=_change(case, homes, changes),
                views=case.settled.views,
                parts=case.settled.parts,
                own_references=case.settled.own_references,
            )
            for case in folded
        ]
        feeds = self._cases.feeds_of([*(case.case_id for case in folded), *gone])
        news = list(tell(told, gone, feeds))
        self._cases.write_feeds([feed for feed, _ in news])
        Outbox(self._connection).add([message for _, message in news])
        self._counts["told"] += len(news)


def _named(case: SettledCase, files: Mapping[FileName, CaseFile]) -> _Folded:
    """Give a folded case its id: the one minted with its oldest file."""
    own = sorted(
        (files[name.publisher, name.case_reference, name.test] for name in case.files), key=lambda file: file.id
    )
    return _Folded(case_id=own[0].case_id, files=own, settled=case)


def _differs(case: _Folded, old: CaseRow | None) -> bool:
    return old is None or old.state != case.settled.state or list(old.file_ids) != case.file_ids


def _change(case: _Folded, homes: Mapping[int, CaseRow], changes: Mapping[int, set[str]]) -> str:
    """Return what kind of change brought the case here; joining and parting of known cases come first.

    `homes` holds the stored case of each file.
    """
    own = set(case.file_ids)
    former = {row.case_id: row for file_id in own if (row := homes.get(file_id)) is not None}
    if len(former) > 1:
        return "MERGE"
    if any(set(row.file_ids) - own for row in former.values()):
        return "UNMERGE"
    return strongest_change(change for file_id in own for change in changes.get(file_id, ()))


def _clock_rows(folded: _Folded) -> list[ClockRow]:
    return [
        ClockRow(
            case_id=folded.case_id,
            clock_id=clock.id,
            about=clock.about,
            label=clock.label,
            paragraph=clock.paragraph,
            starts_on=clock.start,
            due_on=clock.due,
            stopped_on=clock.stopped_on,
            state=clock.state,
            stop_publisher=clock.stop_publisher,
            steps=clock.steps,
        )
        for clock in folded.settled.clocks
    ]
