"""What a simulation consists of: records in publishing order, each with the label of the defect injected into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Body", "Defect", "SimRecord", "Via"]

Body = Mapping[str, Any]
"""A decoded event: contract field names to values as fastavro returns them."""


class Defect(StrEnum):
    """The kinds of trouble that are injected; the value is the label of the records concerned.

    The first ten are troubles of a record on its way, the others are findings of the case they stand in.
    """

    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    LATE = "LATE"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    RETRACTED = "RETRACTED"
    CORRECTED = "CORRECTED"
    WRONG_PUBLISHER = "WRONG_PUBLISHER"
    RULE_VIOLATION = "RULE_VIOLATION"
    BROKEN_BYTES = "BROKEN_BYTES"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    REFERRAL_UNANSWERED = "REFERRAL_UNANSWERED"
    DECISION_BEFORE_COMPLETE = "DECISION_BEFORE_COMPLETE"
    ORDER_IMPOSSIBLE = "ORDER_IMPOSSIBLE"
    CONTRADICTION = "CONTRADICTION"
    CONSENT_MISSING = "CONSENT_MISSING"
    LINK_PROPOSED = "LINK_PROPOSED"
    CORRECTION_TARGET_UNKNOWN = "CORRECTION_TARGET_UNKNOWN"
    FORK = "FORK"


class Via(StrEnum):
    """How a record has to be published so that it arrives with its defect."""

    MAIN = "MAIN"
    """The sender's ordinary installation of the SDK, local checks on."""
    SECOND = "SECOND"
    """A second installation with an outbox of its own: the first one refuses an id it knows."""
    UNCHECKED = "UNCHECKED"
    """An installation whose local checks are switched off."""
    RAW = "RAW"
    """A bare producer: the bytes are no event of a contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimRecord:
    """One Kafka record of the simulation. Order within a sender is the order of `after`."""

    sender: str
    """Key of the agency whose topic the record goes to."""
    event_type: str | None
    """PascalCase contract name. On a raw record: `raw` is to be framed with that contract's registered id."""
    body: Body | None
    """The event, all fields of its contract present; None on raw records."""
    raw: bytes | None
    """Raw records only: the Avro bytes to be framed (event_type given) or the whole value (event_type None)."""
    after: tuple[dt.datetime, int]
    """Sorting key: instant of recording (UTC), then a number unique in the simulation."""
    label: Defect | None
    """The defect this record carries or belongs to; None on a clean one."""
    detail: str | None = None
    """Which variant of the defect."""
    via: Via = Via.MAIN

    @property
    def facts(self) -> Body:
        """The body of a record that has one; asking a raw record is a mistake of the caller (ValueError)."""
        if self.body is None:
            raise ValueError("a raw record has no body")
        return self.body

    @property
    def event_id(self) -> str | None:
        """The id in the body, if there is one."""
        return None if self.body is None else str(self.body["event_id"])

    @property
    def publisher(self) -> str | None:
        """The agency responsible for the fact, if the record has a body."""
        return None if self.body is None else str(self.body["publisher"])
