"""What a simulation consists of: records in publishing order, each with the label of the defect injected into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Body", "Defect", "SimRecord", "Via", "Weight"]

Body = Mapping[str, Any]
"""A decoded event: contract field names to values as fastavro returns them."""


class Defect(StrEnum):
    """The kinds of trouble that are injected; the value is the label of the records concerned."""

    # Troubles of a record on its way.
    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    LATE = "LATE"
    OUT_OF_ORDER = "OUT_OF_ORDER"
    RETRACTED = "RETRACTED"
    CORRECTED = "CORRECTED"
    WRONG_PUBLISHER = "WRONG_PUBLISHER"
    RULE_VIOLATION = "RULE_VIOLATION"
    INCOMPLETE_REPORT = "INCOMPLETE_REPORT"
    """A field that is needed is missing: refused."""
    DOUBTFUL_REPORT = "DOUBTFUL_REPORT"
    """A field that should be there is missing: accepted, with a question."""
    FREE_TEXT_IN_CODE = "FREE_TEXT_IN_CODE"
    WRONG_CHARACTERS = "WRONG_CHARACTERS"
    FORBIDDEN_NUMBER = "FORBIDDEN_NUMBER"
    IMPOSSIBLE_DATE = "IMPOSSIBLE_DATE"
    BROKEN_BYTES = "BROKEN_BYTES"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    # Troubles of a case: every record is accepted, and together they are a finding.
    REFERRAL_UNANSWERED = "REFERRAL_UNANSWERED"
    REFERRAL_WITHOUT_APPLICATION = "REFERRAL_WITHOUT_APPLICATION"
    CONSENT_MISSING = "CONSENT_MISSING"
    DECISION_BEFORE_COMPLETE = "DECISION_BEFORE_COMPLETE"
    ORDER_IMPOSSIBLE = "ORDER_IMPOSSIBLE"
    SECOND_EXTENSION = "SECOND_EXTENSION"
    LATE_EXTENSION = "LATE_EXTENSION"
    EXTENSION_TOO_LONG = "EXTENSION_TOO_LONG"
    PAUSE_OPEN = "PAUSE_OPEN"
    OUTCOME_NOT_POSSIBLE = "OUTCOME_NOT_POSSIBLE"
    LICENCE_UNREGULATED = "LICENCE_UNREGULATED"
    COMPLETE_WITH_OPEN_ITEMS = "COMPLETE_WITH_OPEN_ITEMS"
    SECOND_REQUEST_SAME_ITEM = "SECOND_REQUEST_SAME_ITEM"
    SECOND_APPLICATION = "SECOND_APPLICATION"
    """A second procedure elsewhere, although the applicant declared that there is no other one."""
    NOT_FORWARDED = "NOT_FORWARDED"
    """The wrong body keeps the application; the right one gets another."""
    CLOCK_OVER = "CLOCK_OVER"
    TRANSITIONAL_LAW = "TRANSITIONAL_LAW"
    """A law that was not in force on the day: no period can be counted."""
    ORPHAN_DECISION = "ORPHAN_DECISION"
    VISA_WITHOUT_PRE_APPROVAL = "VISA_WITHOUT_PRE_APPROVAL"
    FOLLOW_UP_OR_WRONG_CASE = "FOLLOW_UP_OR_WRONG_CASE"
    CONTRADICTION = "CONTRADICTION"
    THREE_PUBLISHERS = "THREE_PUBLISHERS"
    """One fact, three publishers, three values."""
    LINK_PROPOSED = "LINK_PROPOSED"
    REGISTERED_TWICE = "REGISTERED_TWICE"
    """One agency has two files of one person."""
    PLACEHOLDER_NUMBER = "PLACEHOLDER_NUMBER"
    """A stopgap in place of another agency's number, the same in many cases."""
    CORRECTION_TARGET_UNKNOWN = "CORRECTION_TARGET_UNKNOWN"
    FORK = "FORK"
    # Troubles of a source as a whole.
    SEQUENCE_GAP = "SEQUENCE_GAP"


class Weight(StrEnum):
    """What a record means for its case once everything is known."""

    FACT = "FACT"
    """It decides."""
    REMARK = "REMARK"
    """Its publisher is not the authority: it is shown, and may contradict."""
    VOID = "VOID"
    """Replaced, withdrawn, or never in force."""


class Via(StrEnum):
    """How a record has to be published so that it arrives with its defect."""

    MAIN = "MAIN"
    """The sender's ordinary installation of the SDK, local checks on."""
    SECOND = "SECOND"
    """A second installation with an outbox of its own: the first one refuses an id it knows."""
    UNCHECKED = "UNCHECKED"
    """An installation whose local checks are switched off."""
    LOST = "LOST"
    """Taken and numbered by the ordinary installation, and lost before it reached the broker."""
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
    case: int = 0
    """The person whose case it belongs to, whatever the files say."""
    weight: Weight = Weight.FACT
    joins: tuple[tuple[str, str], ...] = ()
    """Files (agency, reference) of the same person that it joins its own file with."""

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

    @property
    def file(self) -> tuple[str, str]:
        """The file the record belongs to: agency and reference. A raw record has none (ValueError)."""
        return self.facts["publisher"], self.facts["case_reference"]
