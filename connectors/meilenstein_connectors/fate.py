"""What became of an event: the outbox knows where it stands, the replies say what was decided about that place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from meilenstein_connectors.replies import Change, Decision, Duplicate, Place, Reason, Rejection, read_reply
from meilenstein_connectors.state import StateFile

__all__ = ["Fate", "FateState", "find_fate"]


class FateState(StrEnum):
    """What became of one of this agency's events, as far as is known here."""

    UNKNOWN = "UNKNOWN"
    """Neither the outbox nor a reply names it."""
    PENDING_HERE = "PENDING_HERE"
    """In the outbox; the broker has not confirmed it."""
    SENT = "SENT"
    """The broker holds it; the hub has not answered, or its answer was not read yet."""
    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    """The hub had accepted the same event before; nothing is missing."""
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The answer to: what became of this event?"""

    event_id: str
    state: FateState
    place: Place | None = None
    """Where the broker holds it."""
    reasons: tuple[Reason, ...] = ()
    """Why it was not accepted as it came; also of an event that a person accepted afterwards."""
    duplicate_of: Place | None = None
    decision: Decision | None = None
    """What a person at the hub decided about it, where one did."""

    @property
    def changed(self) -> tuple[Change, ...]:
        """What a data steward changed before the event was accepted."""
        return self.decision.changed if self.decision else ()


_ACCEPTING = frozenset({"RELEASED", "CORRECTED"})
"""Decisions by which an event that was rejected first is accepted."""


def find_fate(event_id: str, *, outbox: StateFile, inbox: StateFile) -> Fate:
    """Return the fate of an event by what both files hold (they may be one)."""
    sent = outbox.rows('select topic, "partition", offset from outbox_event where event_id = ?', (event_id,))
    if not sent:
        found = _answer(inbox, "event_id = ?", (event_id,))
        return _answered(event_id, None, found) if found else Fate(event_id=event_id, state=FateState.UNKNOWN)
    if sent[0]["offset"] is None:
        return Fate(event_id=event_id, state=FateState.PENDING_HERE)
    place = Place(topic=sent[0]["topic"], partition=sent[0]["partition"], offset=sent[0]["offset"])
    where = (place.topic, place.partition, place.offset)
    if inbox.rows(
        'select 1 from inbox_accepted where topic = ? and "partition" = ? and ? between first and last limit 1', where
    ):
        return Fate(event_id=event_id, state=FateState.ACCEPTED, place=place)
    found = _answer(inbox, 'topic = ? and "partition" = ? and about = ?', where)
    return _answered(event_id, place, found) if found else Fate(event_id=event_id, state=FateState.SENT, place=place)


def _answer(inbox: StateFile, condition: str, values: tuple[Any, ...]) -> tuple[Rejection | Duplicate | Decision, ...]:
    """Return what was answered about an event or a place, newest first."""
    rows = inbox.rows(
        f"select offset, value from inbox_reply where {condition} order by offset desc",  # noqa: S608 - ours
        values,
    )
    replies = (read_reply(row["offset"], row["value"]) for row in rows)
    return tuple(reply for reply in replies if isinstance(reply, Rejection | Duplicate | Decision))


def _answered(event_id: str, place: Place | None, answers: tuple[Rejection | Duplicate | Decision, ...]) -> Fate:
    newest = answers[0]
    # A message may come twice, so the rejection of a record can stand behind what was decided about it later.
    if isinstance(newest, Rejection):
        about = newest.place
        newest = next((one for one in answers if isinstance(one, Decision) and one.place == about), newest)
    at = place or newest.place
    if isinstance(newest, Duplicate):
        return Fate(event_id=event_id, state=FateState.DUPLICATE, place=at, duplicate_of=newest.duplicate_of)
    reasons = next((answer.reasons for answer in answers if isinstance(answer, Rejection)), ())
    if isinstance(newest, Rejection):
        return Fate(event_id=event_id, state=FateState.REJECTED, place=at, reasons=reasons)
    accepted = newest.decision in _ACCEPTING
    state = FateState.ACCEPTED if accepted else FateState.REJECTED
    return Fate(event_id=event_id, state=state, place=at, reasons=reasons, decision=newest)
