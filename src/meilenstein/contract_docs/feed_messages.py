"""What the hub sends to agencies, as JSON Schemas (draft 07, as AsyncAPI has them) with one example each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CASE", "REPLIES", "FeedMessage"]

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_INSTANT: Schema = {"type": "string", "format": "date-time", "description": "ISO 8601, UTC"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_WORDS: Schema = {
    "type": "object",
    "description": "German and English",
    "properties": {"de": _TEXT, "en": _TEXT},
    "required": ["de", "en"],
}
_PLACE: Mapping[str, Schema] = {"topic": _TEXT, "partition": _COUNT, "offset": _COUNT}
_REASON: Schema = {
    "type": "object",
    "properties": {
        "code": {**_TEXT, "description": "RULE:<id>, UNREADABLE, CONFLICT, WRONG_PUBLISHER ..."},
        "rule": _OPTIONAL,
        "field": _OPTIONAL,
        "seen": _OPTIONAL,
        "expected": _OPTIONAL,
        "text": _WORDS,
        "how": _WORDS,
    },
    "required": ["code", "text", "how"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMessage:
    """One kind of message from the hub."""

    name: str
    title: str
    summary: str
    schema: Schema
    example: Mapping[str, Any]


def _reply(kind: str, properties: Mapping[str, Schema], *, optional: Collection[str] = ()) -> Schema:
    whole = {"kind": {"const": kind}, **properties, "decided_at": _INSTANT}
    return {"type": "object", "properties": whole, "required": [name for name in whole if name not in optional]}


def _about(decisions: Sequence[str], *needed: str) -> Schema:
    """Return what holds for these decisions only, as one branch of `oneOf`."""
    return {"properties": {"decision": {"enum": list(decisions)}}, "required": list(needed)}


_AT = "2026-03-03T08:15:00+00:00"
_TOPIC: Mapping[str, Any] = {"topic": "milestones.hwk-dresden", "partition": 0}
_ID = "0f8b6a52-3c1d-4e7a-9b60-5d2f8c1e7a34"
_OF_RECORDS = ("RELEASED", "CORRECTED", "REJECTED")
_OF_FINDINGS = ("FINDING_CLOSED", "FINDING_REOPENED")
_RECORD: Mapping[str, Schema] = {**_PLACE, "item": _COUNT, "event_id": _OPTIONAL, "event_type": _OPTIONAL}

REPLIES = (
    FeedMessage(
        name="Receipt",
        title="Quittung / Receipt",
        summary="Of one batch of one partition, exactly the records in these closed offset ranges were accepted.",
        schema=_reply(
            "RECEIPT",
            {
                "topic": _TEXT,
                "partition": _COUNT,
                "batch": _COUNT,
                "accepted": {
                    "type": "array",
                    "items": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
                },
                "complete_to": {
                    "type": "array",
                    "description": "Up to which number each source in the batch has arrived without a gap.",
                    "items": {
                        "type": "object",
                        "required": ["publisher", "source_system", "sequence"],
                        "properties": {
                            "publisher": _TEXT,
                            "source_system": _TEXT,
                            "source_epoch": _COUNT,
                            "sequence": _COUNT,
                        },
                    },
                },
            },
            optional=("complete_to",),
        ),
        example={
            "kind": "RECEIPT",
            **_TOPIC,
            "batch": 12,
            "accepted": [[0, 41], [43, 99]],
            "complete_to": [{"publisher": "hwk-dresden", "source_system": "Fachverfahren", "sequence": 97}],
            "decided_at": _AT,
        },
    ),
    FeedMessage(
        name="Rejection",
        title="Ablehnung / Rejection",
        summary="One record was not accepted; its bytes are kept as quarantine item `item`.",
        schema=_reply(
            "REJECTED",
            {
                **_PLACE,
                "event_id": _OPTIONAL,
                "event_type": _OPTIONAL,
                "item": _COUNT,
                "reasons": {"type": "array", "items": _REASON, "minItems": 1},
            },
        ),
        example={
            "kind": "REJECTED",
            **_TOPIC,
            "offset": 42,
            "event_id": _ID,
            "event_type": "DecisionIssued",
            "item": 17,
            "reasons": [
                {
                    "code": "RULE:DI-002",
                    "rule": "DI-002",
                    "field": "outcome",
                    "seen": "UNKNOWN",
                    "expected": None,
                    "text": {
                        "de": "Das Ergebnis des Bescheids ist nicht angegeben.",
                        "en": "The outcome of the decision is not stated.",
                    },
                    "how": {
                        "de": "outcome mit der Klasse der amtlichen Statistik füllen.",
                        "en": "Fill outcome with the class of the official statistics.",
                    },
                }
            ],
            "decided_at": _AT,
        },
    ),
    FeedMessage(
        name="Duplicate",
        title="Wiederholung / Duplicate",
        summary="The record says what an accepted one with the same id says already; nothing is missing.",
        schema=_reply(
            "DUPLICATE",
            {
                **_PLACE,
                "event_id": _TEXT,
                "event_type": _TEXT,
                "duplicate_of": {"type": "object", "properties": _PLACE, "required": list(_PLACE)},
            },
        ),
        example={
            "kind": "DUPLICATE",
            **_TOPIC,
            "offset": 43,
            "event_id": _ID,
            "event_type": "DecisionIssued",
            "duplicate_of": {**_TOPIC, "offset": 7},
            "decided_at": _AT,
        },
    ),
    FeedMessage(
        name="Question",
        title="Rückfrage / Question",
        summary="A finding that only the publisher can clear up.",
        schema=_reply("QUESTION", {"code": _TEXT, "about": _TEXT, "text": _WORDS}),
        example={
            "kind": "QUESTION",
            "code": "FORK",
            "about": f"event:hwk-dresden/{_ID}",
            "text": {
                "de": "Zwei Berichtigungen derselben Meldung, keine gilt.",
                "en": "Two corrections of one event, neither applies.",
            },
            "decided_at": _AT,
        },
    ),
    FeedMessage(
        name="Decided",
        title="Entscheidung / Decision",
        summary="What a data steward decided about a quarantined record or a finding of this agency.",
        schema={
            **_reply(
                "DECIDED",
                {
                    "decision": {"enum": [*_OF_RECORDS, *_OF_FINDINGS]},
                    **_RECORD,
                    "code": _TEXT,
                    "about": _TEXT,
                    "changed": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"field": _TEXT, "was": {}, "now": {}}},
                    },
                    "text": _WORDS,
                    "reason": {**_TEXT, "description": "the steward's; never with a decision about a finding"},
                },
                optional={*_RECORD, "code", "about", "changed", "reason"},
            ),
            "oneOf": [_about(_OF_RECORDS, *_RECORD, "reason"), _about(_OF_FINDINGS, "code", "about")],
        },
        example={
            "kind": "DECIDED",
            "decision": "RELEASED",
            **_TOPIC,
            "offset": 42,
            "item": 17,
            "event_id": _ID,
            "event_type": "DecisionIssued",
            "text": {
                "de": "Die Meldung wurde nach Prüfung unverändert angenommen. Nichts zu tun.",
                "en": "The event was accepted unchanged after a data steward had looked at it. Nothing to do.",
            },
            "reason": "telephone call with the body",
            "decided_at": _AT,
        },
    ),
)
"""What `replies.<agency>` carries; `kind` tells them apart."""

CASE = FeedMessage(
    name="CaseState",
    title="Stand eines Falls / State of a case",
    summary="The newest state of one case as the recipient may know it: the highest version of a key wins.",
    schema={
        "type": "object",
        "properties": {
            "version": {"type": "integer", "minimum": 1},
            "state": {"enum": ["ACTIVE", "REVOKED"]},
            "change": {
                "enum": ["PROGRESS", "CORRECTION", "RETRACTION", "MERGE", "UNMERGE", "RECALCULATION", "RULE_CHANGE"]
            },
            "changed": {"type": "array", "items": _TEXT, "description": "parts of the view that changed"},
            "references": {
                "type": "array",
                "description": "the recipient's own identifiers in this case",
                "items": {
                    "type": "object",
                    "properties": {"agency": _TEXT, "kind": _TEXT, "reference": _TEXT},
                    "required": ["agency", "kind", "reference"],
                },
            },
            "view": {"type": ["object", "null"], "description": "null where the state is REVOKED"},
        },
        "required": ["version", "state", "change", "changed", "references", "view"],
    },
    example={
        "version": 3,
        "state": "ACTIVE",
        "change": "PROGRESS",
        "changed": ["outcome"],
        "references": [{"agency": "zefas", "kind": "CASE", "reference": "Z-1"}],
        "view": {"outcome": [{"body": "hwk-dresden", "decided_on": "2026-05-21", "outcome": "FULL_EQUIVALENCE"}]},
    },
)
"""What `cases.<agency>` carries; a record without a value removes the key."""
