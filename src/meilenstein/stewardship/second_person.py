"""Decisions that two people must agree on: the first proposes, another repeats the same command and so confirms."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from meilenstein.audit.trail import AuditTrail
from meilenstein.cases.canonical import encode
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.confirmation import confirm_command
from meilenstein.store.database import Connection, retryable
from meilenstein.store.proposals import Proposal, ProposalStore
from meilenstein_schemas.visible import visible

__all__ = ["BULK_START", "SecondPerson", "content_digest", "overtake", "record_overtaken", "same_person", "withdraw"]

_OVERTAKE = "proposal.overtake"
BULK_START = "bulk.start"
"""The act of making a job; its proposals end with their job only."""


def same_person(one: str, other: str) -> bool:
    """Say whether two names mean one person: case, width and outer spaces make no other person."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def content_digest(content: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a proposal's content, as the trail records it."""
    return hashlib.sha256(encode(content)).digest()


class SecondPerson:
    """Proposals and their confirmation on one connection; the caller commits.

    `standing` is the proposal that waits after `confirm` returned None, `overtaken` the one it replaced, if any; `told`
    says both in one line.
    """

    def __init__(self, connection: Connection, trail: AuditTrail) -> None:
        self._store = ProposalStore(connection)
        self._trail = trail
        self.standing: Proposal | None = None
        self.overtaken: Proposal | None = None

    def confirm(self, *, kind: str, about: str, content: Mapping[str, Any], actor: str, reason: str) -> int | None:
        """Return the proposal's id if this confirms what somebody else proposed with the same content.

        Otherwise return None: the content is proposed now and recorded as PROPOSED (`kind` is the name of the act), or
        it was already, by the same person: then nothing is written. Other content about the same subject overtakes the
        proposal that was open. The caller commits in either case and, given an id, does the act in the same
        transaction.

        Before this call lock what is decided upon and look whether it is decided already: of two people who confirm at
        once the second would find no open proposal, and would make one.
        """
        self.standing = self.overtaken = None
        plain = json.loads(encode(content))
        self._store.lock(kind, about)
        known = self._store.open(kind, about)
        if known is not None and encode(known.content) == encode(plain):
            if same_person(known.actor, actor):
                self.standing = known
                return None
            self._store.close(known.id, state="CONFIRMED", actor=actor)
            return known.id
        if known is not None:
            self._store.close(known.id, state="OVERTAKEN", actor=actor)
            self.overtaken = known
        self.standing = self._store.add(kind=kind, about=about, content=plain, actor=actor, reason=reason)
        digest = content_digest(plain)
        self._trail.record(actor=actor, act=kind, subject=about, outcome="PROPOSED", reason=reason, digest=digest)
        if known is not None:
            record_overtaken(self._trail, [known.id], actor=actor, reason=reason)
        return None

    @property
    def told(self) -> str:
        """What to tell whoever made the last call of `confirm` that returned None."""
        if self.standing is None:
            return ""
        command = confirm_command(self.standing)
        how = f"run `{command}`" if command else "repeat the command with the same values"
        line = f"proposal {self.standing.id} waits: another person must {how}"
        if self.overtaken is None:
            return line
        was = self.overtaken
        return (
            f"{line}; it overtakes proposal {was.id}, which {was.actor} made at {was.proposed_at:%Y-%m-%d %H:%M} UTC "
            f"with {visible(encode(was.content).decode())}"
        )


def overtake(connection: Connection, *, kinds: Collection[str], about: str, actor: str) -> Sequence[int]:
    """End what is proposed about something that was just decided otherwise, and return the numbers of the proposals.

    The caller holds what is decided upon, so nobody can propose about it meanwhile; it records them, last of all, with
    `record_overtaken`, and commits.
    """
    return ProposalStore(connection).overtake(kinds, about, actor=actor)


def record_overtaken(trail: AuditTrail, proposals: Iterable[int], *, actor: str, reason: str) -> None:
    """Record that proposals are moot."""
    for number in proposals:
        trail.record(actor=actor, act=_OVERTAKE, subject=f"proposal:{number}", outcome="DONE", reason=reason)


def withdraw(connection: Connection, trail: AuditTrail, proposal_id: int, *, actor: str, reason: str) -> str:
    """Take an open proposal back, commit, and return what happened in one line.

    Anybody may. Withdrawn already: nothing is written. Confirmed, overtaken, or part of a job that would wait on
    without it: PermanentError. Unknown: ConfigurationError.
    """
    act, subject = "proposal.withdraw", f"proposal:{proposal_id}"
    with trail.attempt(actor=actor, act=act, subject=subject), retryable("proposals withdraw"):
        store = ProposalStore(connection)
        known = store.one(proposal_id)
        if known is None:
            raise ConfigurationError(
                f"proposals: there is no proposal {proposal_id}; `meilenstein proposals list` shows what waits",
                audit_line="NO_SUCH_PROPOSAL",
            )
        if known.state == "WITHDRAWN":
            connection.rollback()
            return f"proposal {known.id} was already withdrawn by {known.closed_by}; nothing was changed"
        if known.state != "OPEN":
            raise PermanentError(
                f"proposal {known.id} was {known.state.lower()} by {known.closed_by} at "
                f"{known.closed_at:%Y-%m-%d %H:%M} UTC; nothing was changed",
                audit_line=f"PROPOSAL_{known.state}",
            )
        if known.kind == BULK_START:
            number = known.about.rpartition(":")[2]
            raise PermanentError(
                f"proposal {known.id} is the consent that job {number} waits for, and ends with it: "
                f"`meilenstein replay cancel {number}`; nothing was changed",
                audit_line="BELONGS_TO_A_JOB",
            )
        store.close(known.id, state="WITHDRAWN", actor=actor)
        trail.record(actor=actor, act=act, subject=subject, outcome="DONE", reason=reason)
        connection.commit()
    return f"proposal {known.id} is withdrawn"
