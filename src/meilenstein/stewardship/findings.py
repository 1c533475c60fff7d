"""What stewards decide about findings. A finding stays true by the facts; the decision stands beside it.

The decision is bound to the facts behind the finding: when these change, the finding is open again by itself. Where the
finding was put to an agency as a question, the agency is told that it is settled, or open again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from meilenstein.audit.trail import AuditTrail
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.second_person import same_person
from meilenstein.store.database import Connection, retryable
from meilenstein.store.decisions import DecisionStore
from meilenstein.store.findings import DECIDE, REOPEN, FindingStore, FindingView
from meilenstein.store.outbox import Message, Outbox
from meilenstein_schemas.rules import RuleTable

__all__ = ["OUTCOMES", "FindingDesk", "FindingOutcome", "linked_pair"]

OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "ACKNOWLEDGED": {
        "de": "Zur Kenntnis genommen; es ist nichts weiter zu tun.",
        "en": "Taken note of; there is nothing more to do.",
    },
    "NO_FAULT": {
        "de": "Geprüft; die Angaben sind richtig, wie sie sind.",
        "en": "Checked; the facts are right as they are.",
    },
    "PARTNER_INFORMED": {
        "de": "Die zuständige Stelle ist auf anderem Weg unterrichtet und kümmert sich darum.",
        "en": "The agency concerned has been told by other means and takes care of it.",
    },
    "DUPLICATE_WORK": {
        "de": "Derselbe Sachverhalt wird bereits an anderer Stelle bearbeitet.",
        "en": "The same matter is already being dealt with elsewhere.",
    },
}
"""What may be decided about a finding, in words for stewards and for the agency that was asked."""

_REOPENED = {
    "de": "Der Befund ist wieder offen.",
    "en": "The finding is open again.",
}
_NUMBER = re.compile(r"f-[0-9a-f]{4,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOutcome:
    """What a command did: DONE, or ALREADY (nothing was left to do)."""

    finding: str
    outcome: str
    line: str
    """One line for people."""

    def as_json(self) -> dict[str, str]:
        """Return the outcome as plain values."""
        return {"finding": self.finding, "outcome": self.outcome, "line": self.line}


class FindingDesk:
    """Decisions about findings on one connection."""

    def __init__(
        self, connection: Connection, *, trail: AuditTrail, rules: RuleTable, clock: Callable[[], dt.datetime]
    ) -> None:
        self._connection = connection
        self._trail = trail
        self._rules = rules
        self._clock = clock
        self._store = FindingStore(connection)
        self._decisions = DecisionStore(connection)

    def show(self, number: str) -> tuple[FindingView, list[dict[str, Any]]]:
        """Return a finding and every decision about it; changes nothing."""
        with retryable("findings show"):
            found = self._one(number)
            history = self._store.history(found.code, found.about, test=found.test)
            self._connection.rollback()
        return found, history

    def decide(self, number: str, outcome: str, *, actor: str, reason: str) -> FindingOutcome:
        """Decide about a finding as it is now; one of OUTCOMES.

        ConfigurationError for a proposed link whose two files are known: these are decided about, not the finding.
        PermanentError where somebody else, or something else, was decided before: it must be reopened first.
        """
        if outcome not in OUTCOMES:
            raise ConfigurationError(f"findings: --outcome {outcome!r} is none of {', '.join(OUTCOMES)}")
        with self._attempt("finding.decide", number, actor) as found:
            if found.state == "DECIDED":
                if found.outcome == outcome and same_person(found.actor or "", actor):
                    return _already(found, f"finding {found.number} {_told(found)} already")
                raise PermanentError(
                    f"finding {found.number} {_told(found)}; nothing was changed. "
                    "`meilenstein findings reopen` opens it",
                    audit_line=f"DECIDED {found.outcome}",
                )
            if (pair := linked_pair(found)) is not None:
                raise ConfigurationError(
                    f"finding {found.number} proposes a link; decide it by `meilenstein links accept {pair}` or "
                    f"`meilenstein links refuse {pair}`; nothing was changed",
                    audit_line="DECIDED_BY_LINKS",
                )
            self._write(found, DECIDE, {"outcome": outcome}, actor, reason)
            words = self._words(found, OUTCOMES[outcome])
            self._finish(found, "finding.decide", "FINDING_CLOSED", words, actor, reason)
        return self._done(found, f"finding {found.number} is decided: {outcome}")

    def reopen(self, number: str, *, actor: str, reason: str) -> FindingOutcome:
        """Make a decided finding open again."""
        with self._attempt("finding.reopen", number, actor) as found:
            if found.state == "OPEN":
                return _already(found, f"finding {found.number} is open{_reopened(found)}")
            self._write(found, REOPEN, {}, actor, reason)
            text = self._rules.finding(found.code)
            todo = {language: f"{words} {text.todo[language]}" for language, words in _REOPENED.items()}
            self._finish(found, "finding.reopen", "FINDING_REOPENED", self._words(found, todo), actor, reason)
        return self._done(found, f"finding {found.number} is open again")

    @staticmethod
    def _done(found: FindingView, line: str) -> FindingOutcome:
        told = f"; {found.asked}, which was asked, is told" if found.asked else ""
        return FindingOutcome(finding=found.number, outcome="DONE", line=line + told)

    @contextmanager
    def _attempt(self, act: str, number: str, actor: str) -> Iterator[FindingView]:
        """Hold a finding; whatever is not committed is rolled back."""
        with retryable("findings"):
            found = self._one(number)
        with self._trail.attempt(actor=actor, act=act, subject=_subject(found)), retryable("findings"):
            self._decisions.hold(_subject(found))
            yield self._one(found.number)
            self._connection.rollback()

    def _one(self, number: str) -> FindingView:
        if not _NUMBER.fullmatch(number):
            raise ConfigurationError(
                f"findings: {number!r} is no number of a finding; `meilenstein findings list` shows them (f-3a9c21e07b)"
            )
        found = self._store.search(number=number, limit=2)
        if not found:
            raise ConfigurationError(
                f"findings: there is no finding {number}; it may be settled by now. "
                "`meilenstein findings list` shows what there is"
            )
        if len(found) > 1:
            raise ConfigurationError(f"findings: {number} is the beginning of several numbers; write one in full")
        return found[0]

    def _write(self, found: FindingView, kind: str, more: Mapping[str, str], actor: str, reason: str) -> None:
        content = {
            "code": found.code, "about": found.about, "test": found.test, "facts": found.facts,
            "case_id": None if found.case_id is None else str(found.case_id), **more,
        }  # fmt: skip
        self._decisions.add(kind=kind, about=found.subject, content=content, actor=actor, reason=reason)

    def _finish(
        self, found: FindingView, act: str, decision: str, text: Mapping[str, str], actor: str, reason: str
    ) -> None:
        if found.asked is not None:
            Outbox(self._connection).add([self._reply(found, decision, text)])
        digest = hashlib.sha256(found.subject.encode()).digest()
        self._trail.record(actor=actor, act=act, subject=_subject(found), outcome="DONE", reason=reason, digest=digest)
        self._connection.commit()

    def _words(self, found: FindingView, outcome: Mapping[str, str]) -> dict[str, str]:
        title = self._rules.finding(found.code).title
        return {language: f"{title[language]}. {outcome[language]}" for language in ("de", "en")}

    def _reply(self, found: FindingView, decision: str, text: Mapping[str, str]) -> Message:
        """Tell the agency that was asked: only what the question held, never the detail nor the steward's own words."""
        value = {
            "kind": "DECIDED",
            "decision": decision,
            "code": found.code,
            "about": found.about,
            "text": dict(text),
            "decided_at": self._clock().isoformat(),
        }
        return Message(
            recipient=found.asked or "",
            topic=f"replies.{found.asked}",
            key=found.about,
            value=orjson.dumps(value, option=orjson.OPT_SORT_KEYS),
            kind="DECIDED",
        )


def linked_pair(found: FindingView) -> str | None:
    """Return the two files that a proposed link is about, as commands name them; None if one of them is unknown."""
    claimant, holder = found.detail.get("claimant"), found.detail.get("holder")
    if found.code != "LINK_PROPOSED" or not claimant or not holder:
        return None
    return shlex.join([claimant, holder, *(["--test"] if found.test else [])])


def _subject(found: FindingView) -> str:
    """Name a finding by its number: the trail is kept for ever, and must not hold references of people."""
    return f"finding:{found.code} {found.number}"


def _told(found: FindingView) -> str:
    return f"was decided {found.outcome} by {found.actor} at {found.decided_at:%Y-%m-%d %H:%M} UTC"


def _reopened(found: FindingView) -> str:
    if found.last_act != REOPEN:
        return " and was never decided as it is now"
    return f" already: {found.actor} reopened it at {found.decided_at:%Y-%m-%d %H:%M} UTC"


def _already(found: FindingView, line: str) -> FindingOutcome:
    return FindingOutcome(finding=found.number, outcome="ALREADY", line=line)
