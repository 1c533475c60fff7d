"""What the hub answers, as typed values: replies about one's own events, and the state of cases one may know."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CaseUpdate",
    "Change",
    "Complete",
    "Decision",
    "Duplicate",
    "Place",
    "Question",
    "Reason",
    "Receipt",
    "Rejection",
    "Reply",
    "UnknownReply",
    "read_case_update",
    "read_reply",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an event was not accepted, and how to correct it, in German (`de`) and English (`en`)."""

    code: str
    """`RULE:E-014`, UNREADABLE, CONFLICT, WRONG_PUBLISHER ..."""
    rule: str | None
    field: str | None
    seen: str | None
    expected: str | None
    text: Mapping[str, str]
    how: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """Of one source, every event up to this number has arrived at the hub, whatever became of it."""

    publisher: str
    source_system: str
    source_epoch: int | None
    sequence: int
    """0: not even the first one has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Of one batch of a topic, exactly these records were accepted."""

    topic: str
    partition: int
    batch: int
    accepted: tuple[tuple[int, int], ...]
    """Closed ranges of offsets."""
    decided_at: dt.datetime
    complete_to: tuple[Complete, ...] = ()
    """How far the numbering of the sources in the batch has arrived without a gap; empty where they give no numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A record was not accepted; its bytes are kept at the hub as item `item`."""

    place: Place
    event_id: str | None
    """None where the bytes could not be read."""
    event_type: str | None
    item: int | None
    reasons: tuple[Reason, ...]
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A record says what an accepted one with the same event id says already; it changes nothing."""

    place: Place
    event_id: str
    event_type: str
    duplicate_of: Place
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The hub asks: something is missing or contradicts itself."""

    code: str
    about: Any
    text: Mapping[str, str]
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a data steward changed in an event; long values are cut."""

    field: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person at the hub decided: about a record that was rejected first, or about a question."""

    decision: str
    """RELEASED and CORRECTED: accepted after all; REJECTED: for good; FINDING_CLOSED, FINDING_REOPENED."""
    place: Place | None
    """The record; None where it is about no record."""
    event_id: str | None
    event_type: str | None
    item: int | None
    changed: tuple[Change, ...]
    """CORRECTED: what was changed. Make the same changes in your own system."""
    code: str | None
    """Code of the finding, where it is about one."""
    about: Any
    text: Mapping[str, str]
    """What was decided and what to do, in German (`de`) and English (`en`)."""
    reason: str
    """The steward's own words."""
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownReply:
    """A reply of a kind that this version of the SDK does not know; update the SDK."""

    offset: int
    text: str


Reply = Receipt | Rejection | Duplicate | Question | Decision | UnknownReply


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUpdate:
    """The newest state of one case as this agency may know it."""

    key: str
    """Stable key of the case for this agency."""
    version: int
    state: str
    """ACTIVE; REVOKED (no longer to be known: delete what was derived from it); REMOVED (and the key with it)."""
    change: str | None
    """PROGRESS, CORRECTION, RETRACTION, MERGE, UNMERGE, RECALCULATION or RULE_CHANGE."""
    changed: tuple[str, ...]
    """Which parts of the view changed."""
    references: tuple[Any, ...]
    """The agency's own references of the case."""
    view: Mapping[str, Any] | None
    """What the agency may know; None unless ACTIVE."""


def read_reply(offset: int, text: str) -> Reply:
    """Return the typed reply; anything that is none becomes UnknownReply, so that nothing is lost or stuck."""
    try:
        plain = json.loads(text)
        return _READERS[plain["kind"]](plain)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return UnknownReply(offset=offset, text=text)


def _receipt(plain: Mapping[str, Any]) -> Receipt:
    return Receipt(
        topic=plain["topic"],
        partition=_count(plain["partition"]),
        batch=_count(plain["batch"]),
        accepted=tuple((_count(first), _count(last)) for first, last in plain["accepted"]),
        decided_at=_instant(plain),
        complete_to=tuple(_complete(one) for one in plain.get("complete_to") or ()),
    )


def _complete(plain: Mapping[str, Any]) -> Complete:
    return Complete(
        publisher=plain["publisher"],
        source_system=plain["source_system"],
        source_epoch=plain.get("source_epoch"),
        sequence=_count(plain["sequence"]),
    )


def _rejection(plain: Mapping[str, Any]) -> Rejection:
    return Rejection(
        place=_place(plain),
        event_id=plain.get("event_id"),
        event_type=plain.get("event_type"),
        item=plain.get("item"),
        reasons=tuple(_reason(reason) for reason in plain["reasons"]),
        decided_at=_instant(plain),
    )


def _reason(plain: Mapping[str, Any]) -> Reason:
    return Reason(
        code=plain["code"],
        rule=plain.get("rule"),
        field=plain.get("field"),
        seen=plain.get("seen"),
        expected=plain.get("expected"),
        text=dict(plain.get("text") or {}),
        how=dict(plain.get("how") or {}),
    )


def _duplicate(plain: Mapping[str, Any]) -> Duplicate:
    return Duplicate(
        place=_place(plain),
        event_id=plain["event_id"],
        event_type=plain["event_type"],
        duplicate_of=_place(plain["duplicate_of"]),
        decided_at=_instant(plain),
    )


def _question(plain: Mapping[str, Any]) -> Question:
    return Question(
        code=plain["code"], about=plain.get("about"), text=dict(plain.get("text") or {}), decided_at=_instant(plain)
    )


def _decision(plain: Mapping[str, Any]) -> Decision:
    return Decision(
        decision=plain["decision"],
        place=_place(plain) if plain.get("topic") is not None else None,
        event_id=plain.get("event_id"),
        event_type=plain.get("event_type"),
        item=plain.get("item"),
        changed=tuple(
            Change(field=change["field"], was=change.get("was"), now=change.get("now"))
            for change in plain.get("changed") or ()
        ),
        code=plain.get("code"),
        about=plain.get("about"),
        text=dict(plain.get("text") or {}),
        reason=plain.get("reason") or "",
        decided_at=_instant(plain),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Reply]] = {
    "RECEIPT": _receipt,
    "REJECTED": _rejection,
    "DUPLICATE": _duplicate,
    "QUESTION": _question,
    "DECIDED": _decision,
}


def _place(plain: Mapping[str, Any]) -> Place:
    return Place(topic=plain["topic"], partition=_count(plain["partition"]), offset=_count(plain["offset"]))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("expected a number from 0 on")
    return value


def _instant(plain: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(plain["decided_at"])


def read_case_update(key: str, text: str) -> CaseUpdate:
    """Return the typed state of a case; a text that is none raises ValueError, KeyError or TypeError."""
    plain = json.loads(text)
    return CaseUpdate(
        key=key,
        version=_count(plain["version"]),
        state=plain["state"],
        change=plain.get("change"),
        changed=tuple(plain.get("changed") or ()),
        references=tuple(plain.get("references") or ()),
        view=plain.get("view"),
    )
