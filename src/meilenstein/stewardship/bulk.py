"""Bulk jobs: one decision about many items, in small transactions, each item once, whatever happens in between.

A job is bounded for good when it is made: by the first and the last item and by the instant before which items are too
old. Each transaction holds the job, deals with the next items, and moves the job on: killed at any moment, it goes on
where the last transaction ended; run by two at once, they take turns; paused, it stops after the present transaction.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from meilenstein.audit.trail import AuditTrail
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.acts import Acts, Decider, Entry
from meilenstein.stewardship.policy import ItemRefused, needs_second_person
from meilenstein.stewardship.revalidation import PAGE, Applied, Examined, Revalidation
from meilenstein.stewardship.second_person import BULK_START as _START
from meilenstein.stewardship.second_person import SecondPerson, overtake, record_overtaken, same_person
from meilenstein.store.bulk import REFUSED, BulkJob, BulkStore
from meilenstein.store.database import Connection, retryable
from meilenstein.store.proposals import ProposalStore
from meilenstein.store.quarantine import HeldItem, QuarantineStore, Selection

__all__ = ["BulkWork", "Told", "Wanted"]

_MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    "pause": (frozenset({"READY", "RUNNING"}), "PAUSED"),
    "resume": (frozenset({"PAUSED"}), "READY"),
    "cancel": (frozenset({"PROPOSED", "READY", "RUNNING", "PAUSED"}), "CANCELLED"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a job is to do."""

    kind: str
    code: str | None
    agency: str | None
    younger_than: int
    """Days since an item was quarantined."""

    def plain(self) -> dict[str, Any]:
        """Return the selection as it is kept, without the instant that follows from it."""
        return {"code": self.code, "agency": self.agency, "younger_than": self.younger_than}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A job after a command, and what the command did in one line."""

    job: BulkJob
    outcome: str
    """DONE, ALREADY or PROPOSED."""
    line: str


class BulkWork:
    """Makes, steers and runs bulk jobs."""

    def __init__(
        self,
        connection: Connection,
        *,
        trail: AuditTrail,
        acts: Acts,
        revalidation: Callable[[], Revalidation],
        clock: Callable[[], dt.datetime],
        page: int = PAGE,
    ) -> None:
        """`revalidation` is called only where rules must be judged; `page` is the number of items per transaction."""
        self._connection = connection
        self._trail = trail
        self._acts = acts
        self._revalidation = revalidation
        self._clock = clock
        self._page = page
        self._items = QuarantineStore(connection)
        self._jobs = BulkStore(connection)

    def _selection(self, wanted: Wanted) -> Selection:
        since = self._clock() - dt.timedelta(days=wanted.younger_than)
        return Selection(code=wanted.code, agency=wanted.agency, since=since)

    def preview(self, wanted: Wanted) -> dict[str, int]:
        """Count what a job would do; writes nothing."""
        counts: Counter[str] = Counter(selected=0)
        with retryable("replay start"):
            for page in self._items.pages(self._selection(wanted), size=self._page):
                counts["selected"] += len(page)
                if wanted.kind == "REVALIDATE":
                    counts["would_be_accepted"] += sum(
                        found.passes for found in self._revalidation().examine([row.id for row in page])
                    )
                elif wanted.kind == "RELEASE":
                    counts["refused"] += sum(self._acts.obstacle(row.codes) is not None for row in page)
                    counts["need_a_second_person"] += sum(
                        self._acts.obstacle(row.codes) is None and needs_second_person(row.codes) for row in page
                    )
            self._connection.rollback()
        return dict(counts)

    def start(self, wanted: Wanted, decider: Decider) -> Told:
        """Make a job. The same command again finds the job it made, as long as that is unfinished."""
        with self._trail.attempt(actor=decider.actor, act=_START, subject="bulk"), retryable("replay start"):
            self._connection.rollback()
            for job in self._jobs.unfinished(wanted.kind):
                same = {name: job.selection.get(name) for name in wanted.plain()} == wanted.plain()
                if same and same_person(job.actor, decider.actor) and job.reason == decider.reason:
                    self._connection.rollback()
                    return Told(job=job, outcome="ALREADY", line=f"job {job.id} was made for this already: {job.state}")
            selection = self._selection(wanted)
            bounds = self._items.bounds(selection)
            if bounds is None:
                raise PermanentError(
                    "replay start: no open item is meant; `meilenstein quarantine list` shows what there is",
                    audit_line="NOTHING_MEANT",
                )
            two = wanted.kind == "RELEASE" and any(map(needs_second_person, self._items.code_sets(selection)))
            assert selection.since is not None, "it was just set"
            job = self._jobs.add(
                kind=wanted.kind,
                selection={**wanted.plain(), "since": selection.since.isoformat()},
                actor=decider.actor,
                reason=decider.reason,
                state="PROPOSED" if two else "READY",
                bounds=bounds,
            )
            line = f"job {job.id} is made for {job.counts['selected']:,} items"
            if two:
                self._second(job, decider)
                line += "; critical items are released by two: another person must run " + _command(
                    "confirm", job, " --reason ..."
                )
            else:
                self._record(_START, job, decider)
                line += "; run it with " + _command("run", job)
            self._connection.commit()
        return Told(job=job, outcome="PROPOSED" if two else "DONE", line=line)

    def _second(self, job: BulkJob, decider: Decider) -> tuple[int | None, SecondPerson]:
        second = SecondPerson(self._connection, self._trail)
        content = {"kind": job.kind, "selection": job.selection, "first": job.first_item, "last": job.last_item}
        proposal = second.confirm(
            kind=_START, about=job.subject, content=content, actor=decider.actor, reason=decider.reason
        )
        return proposal, second

    def confirm(self, number: int, decider: Decider) -> Told:
        """Agree, as a second person, to what a job is to release."""
        with self._held(number, "confirm", decider) as job:
            if job.state != "PROPOSED":
                if job.confirmed_by is not None and same_person(job.confirmed_by, decider.actor):
                    self._connection.rollback()
                    return Told(job=job, outcome="ALREADY", line=f"job {job.id} was confirmed by you already")
                raise PermanentError(
                    f"job {job.id} waits for nobody: it is {job.state}{_by(job)}; nothing was changed",
                    audit_line=f"JOB_{job.state}",
                )
            proposal, second = self._second(job, decider)
            if proposal is None:
                self._connection.commit()
                return Told(job=job, outcome="PROPOSED", line=f"job {job.id} still waits: {second.told}")
            agreed = self._jobs.move(job, state="READY", confirmed_by=decider.actor)
            self._record("bulk.confirm", agreed, decider)
            self._connection.commit()
        return Told(job=agreed, outcome="DONE", line=f"job {job.id} is confirmed; run it with {_command('run', job)}")

    def steer(self, number: int, move: str, decider: Decider) -> Told:
        """Pause, resume or cancel a job; what is done already stays done."""
        allowed, state = _MOVES[move]
        with self._held(number, move, decider) as job:
            if job.state == state or (move == "resume" and job.state == "RUNNING"):
                self._connection.rollback()
                return Told(job=job, outcome="ALREADY", line=f"job {job.id} is {job.state} already")
            if job.state not in allowed:
                raise PermanentError(
                    f"job {job.id} is {job.state}; {move} does not apply; nothing was changed",
                    audit_line=f"JOB_{job.state}",
                )
            moved = self._jobs.move(job, state=state)
            if move == "cancel":
                moot = overtake(self._connection, kinds=[_START], about=job.subject, actor=decider.actor)
                record_overtaken(self._trail, moot, actor=decider.actor, reason=decider.reason)
            self._record(f"bulk.{move}", moved, decider)
            self._connection.commit()
        more = f"; run it with {_command('run', moved)}" if move == "resume" else ""
        return Told(job=moved, outcome="DONE", line=f"job {job.id} is {state}{more}")

    def run(self, number: int, progress: Callable[[BulkJob], None] = lambda _job: None, *, actor: str) -> BulkJob:
        """Go on with a job until it is done, or somebody pauses or cancels it; return it as it is then.

        That `actor` ran it is recorded; whoever made the job stays the author of its decisions.
        """
        with self._held(number, "run", Decider(actor=actor, reason="")) as job:
            if job.state in {"PROPOSED", "PAUSED", "CANCELLED"}:
                raise PermanentError(_cannot_run(job), audit_line=f"JOB_{job.state}")
            if job.state != "DONE":
                self._record("bulk.run", job, Decider(actor=actor, reason=""))
            self._connection.commit()
        with retryable("replay run"):
            while job.state in {"READY", "RUNNING"}:
                job = self._step(job)
                progress(job)
        return job

    def _step(self, job: BulkJob) -> BulkJob:
        """Deal with the next items in one transaction, if the job still stands where it was."""
        ids = [row.id for row in next(self._items.pages(job.left(), size=self._page), ())]
        self._connection.rollback()
        examined = self._revalidation().examine(ids) if ids and job.kind == "REVALIDATE" else ()
        held = self._known(self._jobs.hold(job.id), job.id)
        if held.next_item != job.next_item or held.state not in {"READY", "RUNNING"}:
            self._connection.rollback()
            return held
        if not ids:
            done = self._jobs.move(held, state="DONE", next_item=held.last_item + 1)
            self._record("bulk.done", done, Decider(actor=held.actor, reason=held.reason))
        else:
            applied = self._decide(held, ids, examined)
            self._jobs.note_refused(held, applied.refused)
            counts = _added(held.counts, applied, unchanged=_unchanged(ids, examined))
            done = self._jobs.move(held, state="RUNNING", next_item=ids[-1] + 1, counts=counts)
            for entry in applied.entries:
                entry.record(self._trail, actor=held.actor, reason=f"{held.subject}: {held.reason}")
        self._connection.commit()
        return done

    def _decide(self, job: BulkJob, ids: Sequence[int], examined: Sequence[Examined]) -> Applied:
        decider = Decider(actor=job.actor, reason=job.reason)
        if job.kind == "REVALIDATE":
            return self._revalidation().apply(examined, decider)
        proposal = ProposalStore(self._connection).confirmed(_START, job.subject) if job.confirmed_by else None
        entries = []
        refused: dict[int, str] = {}
        held = self._items.hold(ids)
        still_open = [item for item in held if item.state == "OPEN"]
        for item in still_open:
            try:
                with self._connection.transaction():
                    entries.append(self._one(job.kind, item, decider, proposal.id if proposal else None))
            except ItemRefused as why:
                refused[item.id] = why.code
        return Applied(entries=entries, refused=refused, others=len(held) - len(still_open))

    def _one(self, kind: str, item: HeldItem, decider: Decider, proposal_id: int | None) -> Entry:
        if kind == "REJECT":
            return self._acts.reject(item, decider)
        event = self._acts.require_releasable(item)
        if needs_second_person(item.codes) and proposal_id is None:
            raise ItemRefused(f"item {item.id}: a second person has not agreed", code="SECOND_PERSON_MISSING")
        return self._acts.release(item, event, decider, proposal_id)

    @contextmanager
    def _held(self, number: int, move: str, decider: Decider) -> Iterator[BulkJob]:
        act = f"bulk.{move}"
        with self._trail.attempt(actor=decider.actor, act=act, subject=f"bulk:{number}"), retryable(f"replay {move}"):
            self._connection.rollback()
            yield self._known(self._jobs.hold(number), number)

    @staticmethod
    def _known(job: BulkJob | None, number: int) -> BulkJob:
        if job is None:
            raise ConfigurationError(
                f"replay: there is no job {number}; `meilenstein replay list` shows what there is",
                audit_line="NO_SUCH_JOB",
            )
        return job

    def _record(self, act: str, job: BulkJob, decider: Decider) -> None:
        self._trail.record(actor=decider.actor, act=act, subject=job.subject, outcome="DONE", reason=decider.reason)


def _unchanged(ids: Sequence[int], examined: Sequence[Examined]) -> int:
    """Return how many of the items do not pass; what is not judged again counts as passing."""
    return len(ids) - sum(one.passes for one in examined) if examined else 0


def _added(counts: Mapping[str, int], applied: Applied, *, unchanged: int) -> dict[str, int]:
    """Return the counts of a job with those of one more transaction; counts of nothing are left out."""
    total = Counter(counts)
    total.update(decided=len(applied.entries), unchanged=unchanged, decided_by_others=applied.others)
    total.update(refused=len(applied.refused))
    total.update(f"{REFUSED}{code}" for code in applied.refused.values())
    return {name: count for name, count in total.items() if count}


def _command(word: str, job: BulkJob, more: str = "") -> str:
    return f"`meilenstein replay {word} {job.id}{more}`"


def _by(job: BulkJob) -> str:
    return f", confirmed by {job.confirmed_by}" if job.confirmed_by else ""


def _cannot_run(job: BulkJob) -> str:
    if job.state == "PROPOSED":
        return f"job {job.id} waits for a second person: {_command('confirm', job)}"
    if job.state == "PAUSED":
        return f"job {job.id} is paused; let it go on with {_command('resume', job)}"
    return f"job {job.id} was cancelled; make a new one with `meilenstein replay start`"
