"""What stewards decide about two files: one case, or never one case. Each decision in one transaction, and audited.

A merge gives views to partners and a split takes views away: both need a second person. A refusal changes nothing that
anybody sees. The next run of reconcile folds the cases anew and tells recipients MERGE or UNMERGE.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from meilenstein.audit.trail import AuditTrail
from meilenstein.cases.events import FileKey, Identifier
from meilenstein.cases.identity import JOINED, KEPT_APART
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.link_picture import LinkPainter, LinkPicture, linked_files
from meilenstein.stewardship.second_person import SecondPerson, overtake, record_overtaken
from meilenstein.store.database import Connection, retryable
from meilenstein.store.decisions import LINK, DecisionRow, DecisionStore
from meilenstein.store.events import CaseFile, EventStore, Mention
from meilenstein.store.links import LinkStore

__all__ = ["GUARDS", "LinkDesk", "LinkOutcome"]

GUARDS = {
    "TWO_FILES_OF_ONE_AGENCY": "one case never holds two files of one agency",
    "TOO_MANY_REFERENCES": "together they hold more than 25 references, which is no single person",
    "KEPT_APART": "people keep another pair of these files apart; `meilenstein links list --state KEPT_APART` shows it",
    "MOVES_OTHERS": "another file would lose its place; look at what is proposed for both cases first",
}
"""Why files stay apart whatever is decided, in words."""

_ACTS = ("link.accept", "link.split")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOutcome:
    """What a command did: DONE, ALREADY (nothing was left to do) or PROPOSED (a second person is waited for)."""

    link: str
    outcome: str
    line: str
    """One line for people."""

    def as_json(self) -> dict[str, str]:
        """Return the outcome as plain values."""
        return {"link": self.link, "outcome": self.outcome, "line": self.line}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two files under decision."""

    picture: LinkPicture
    actor: str
    reason: str

    @property
    def subject(self) -> str:
        return _subject(self.picture.files)

    @property
    def name(self) -> str:
        one, other = (f"{file.publisher}/{file.case_reference}" for file in self.picture.files)
        return f"{one} {other}{' (test)' if self.picture.files[0].test else ''}"

    def told(self) -> str:
        """Say what was decided about the two last, or nothing."""
        row = self.picture.decided
        if row is None:
            return ""
        words = "accepted" if row.content["verdict"] == JOINED else "kept apart"
        return f"; {words} by {row.actor} at {row.decided_at:%Y-%m-%d %H:%M} UTC"

    def outcome(self, outcome: str, line: str) -> LinkOutcome:
        return LinkOutcome(link=self.name, outcome=outcome, line=line)


class LinkDesk:
    """Decisions about links on one connection."""

    def __init__(self, connection: Connection, *, trail: AuditTrail, painter: LinkPainter) -> None:
        self._connection = connection
        self._trail = trail
        self._painter = painter
        self._decisions = DecisionStore(connection)
        self._events = EventStore(connection)

    def show(self, left: FileKey, right: FileKey) -> LinkPicture:
        """Return two files side by side with what the opposite of their present state would bring; changes nothing."""
        with retryable("links show"):
            files = self._files(left, right)
            picture = self._painter.draw(files, self._newest(files))
            self._connection.rollback()
        return picture

    def accept(self, left: FileKey, right: FileKey, *, actor: str, reason: str) -> LinkOutcome:
        """Make two files one case, once a second person does the same.

        PermanentError where a guard forbids it, with the reason.
        """
        with self._attempt("link.accept", left, right, actor, reason) as pair:
            if pair.picture.found.joined:
                return pair.outcome("ALREADY", f"{pair.name} are one case already{pair.told()}")
            refusal = pair.picture.found.refusal
            if refusal is not None:
                raise PermanentError(f"links: {pair.name} cannot be one case: {GUARDS[refusal]}", audit_line=refusal)
            return self._with_second_person("link.accept", pair, JOINED)

    def split(self, left: FileKey, right: FileKey, *, actor: str, reason: str) -> LinkOutcome:
        """Keep two files apart that are one case now, once a second person does the same."""
        with self._attempt("link.split", left, right, actor, reason) as pair:
            if not pair.picture.found.joined:
                if self._kept_apart(pair):
                    return pair.outcome("ALREADY", f"{pair.name} are kept apart already{pair.told()}")
                raise PermanentError(
                    f"links: {pair.name} are not one case{pair.told()}; nothing was changed", audit_line="NOT_ONE_CASE"
                )
            return self._with_second_person("link.split", pair, KEPT_APART)

    def refuse(self, left: FileKey, right: FileKey, *, actor: str, reason: str) -> LinkOutcome:
        """Keep two files apart that are not one case; a proposal comes back only if something new speaks for it."""
        with self._attempt("link.refuse", left, right, actor, reason) as pair:
            if pair.picture.found.joined:
                raise PermanentError(
                    f"links: {pair.name} are one case{pair.told()}; nothing was changed. "
                    "`meilenstein links split` parts them",
                    audit_line="ONE_CASE",
                )
            if self._kept_apart(pair) and frozenset(pair.picture.found.evidence) <= self._known(pair):
                return pair.outcome("ALREADY", f"{pair.name} are kept apart already{pair.told()}")
            return self._decide("link.refuse", pair, KEPT_APART, None)

    @contextmanager
    def _attempt(self, act: str, left: FileKey, right: FileKey, actor: str, reason: str) -> Iterator[_Pair]:
        """Look at the two while nobody else decides about links; whatever is not committed is rolled back."""
        with retryable("links"):
            files = self._files(left, right)
        with self._trail.attempt(actor=actor, act=act, subject=_subject(files)), retryable("links"):
            # One decision about links at a time: two that are sound alone may break a guard together.
            self._decisions.hold("links")
            yield _Pair(picture=self._painter.draw(files, self._newest(files)), actor=actor, reason=reason)
            self._connection.rollback()

    def _files(self, left: FileKey, right: FileKey) -> tuple[CaseFile, CaseFile]:
        if left == right:
            raise ConfigurationError("links: name two different files")
        found = LinkStore(self._connection).files([left, right])
        for name in (left, right):
            if name not in found:
                sandbox = "among the sandbox files" if name.test else "here; sandbox files need --test"
                raise ConfigurationError(f"links: no file {name} is known {sandbox}; nothing was changed")
        return linked_files(found[left], found[right])

    def _newest(self, files: tuple[CaseFile, CaseFile]) -> DecisionRow | None:
        return next(iter(self._decisions.links_among([file.id for file in files])), None)

    @staticmethod
    def _kept_apart(pair: _Pair) -> bool:
        row = pair.picture.decided
        return row is not None and row.content["verdict"] == KEPT_APART

    @staticmethod
    def _known(pair: _Pair) -> frozenset[Identifier]:
        row = pair.picture.decided
        return frozenset(Identifier(*one) for one in row.content["known"]) if row else frozenset()

    def _with_second_person(self, act: str, pair: _Pair, verdict: str) -> LinkOutcome:
        second = SecondPerson(self._connection, self._trail)
        content = {"files": [file.id for file in pair.picture.files], "verdict": verdict}
        proposal = second.confirm(kind=act, about=pair.subject, content=content, actor=pair.actor, reason=pair.reason)
        if proposal is None:
            self._connection.commit()
            if second.standing is not None:
                names = [f"{file.publisher}/{file.case_reference}" for file in pair.picture.files]
                second.standing = replace(second.standing, pair=names, test=pair.picture.files[0].test)
            return pair.outcome("PROPOSED", f"nothing is changed yet{pair.told()}: {second.told}")
        return self._decide(act, pair, verdict, proposal)

    def _decide(self, act: str, pair: _Pair, verdict: str, proposal: int | None) -> LinkOutcome:
        left, right = pair.picture.files
        known = [list(one) for one in pair.picture.found.evidence] if verdict == KEPT_APART else []
        self._decisions.add(
            kind=LINK,
            about=f"{left.id}-{right.id}",
            content={"verdict": verdict, "decided_on": self._painter.day().isoformat(), "known": known},
            actor=pair.actor,
            reason=pair.reason,
            proposal_id=proposal,
            left_file=left.id,
            right_file=right.id,
        )
        if verdict == JOINED:
            # From now on the two are folded together, whatever else is known of them.
            self._events.mention(
                Mention(file_id=file.id, owner="", kind="DECISION", reference=f"{left.id}-{right.id}", test=file.test)
                for file in (left, right)
            )
        self._events.touch((file.id, "RECALCULATION") for file in (left, right))
        moot = overtake(self._connection, kinds=_ACTS, about=pair.subject, actor=pair.actor)
        record_overtaken(self._trail, moot, actor=pair.actor, reason=pair.reason)
        self._trail.record(actor=pair.actor, act=act, subject=pair.subject, outcome="DONE", reason=pair.reason)
        self._connection.commit()
        words = "become one case" if verdict == JOINED else "are kept apart"
        return pair.outcome("DONE", f"{pair.name} {words}; the next run of reconcile tells who is concerned")


def _subject(files: tuple[CaseFile, CaseFile]) -> str:
    """Name two files by their numbers: the trail is kept for ever, and must not hold references of people."""
    return f"link:{files[0].id}-{files[1].id}"
