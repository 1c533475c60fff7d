"""What can go wrong between a partner system and the hub, grouped by what the caller does next.

    MeilensteinError
    ├── RetryableError               wait and do the same again; nothing is lost, the outbox keeps every event
    │   ├── BrokerUnavailable        no Kafka broker answered
    │   ├── RegistryUnavailable      the schema registry did not answer, or answered nonsense
    │   ├── NotAcknowledged          the broker did not confirm a record in time (it may still have been written)
    │   └── OutboxBusy               another process is using the same outbox file
    ├── PermanentError               the same call will fail again: the event or the bytes are wrong
    │   ├── InvalidEvent             an event breaks its contract or a rule; carries the violations
    │   ├── InvalidLine              a line of an event file is no event; carries the line number
    │   ├── OutboxConflict           the event id was already used for other facts
    │   ├── RefusedByBroker          the broker refuses this record for good
    │   ├── UnknownSchema            a schema id or text that no contract of ours stands behind
    │   └── Unreadable               bytes that are no event; carries a short machine code
    │       ├── TooLarge             more bytes than a record may have
    │       └── NotStorable          text that no database takes
    └── ConfigurationError           a person must change a setting first
        ├── AccessDenied             the broker refuses these credentials, or this agency's right to the topic
        ├── ContractNotRegistered    the registry does not hold the contract that this SDK writes
        ├── StateMismatch            the state file belongs to another agency, source system or hub
        └── TopicMissing             the topic does not exist

No message holds a value of an event: messages go to logs. Values are in attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from meilenstein_schemas.errors import ConfigurationError, MeilensteinError, PermanentError, RetryableError

__all__ = [
    "AccessDenied",
    "BrokerUnavailable",
    "ConfigurationError",
    "ContractNotRegistered",
    "InvalidEvent",
    "InvalidLine",
    "MeilensteinError",
    "NotAcknowledged",
    "NotStorable",
    "OutboxBusy",
    "OutboxConflict",
    "PermanentError",
    "RefusedByBroker",
    "RegistryUnavailable",
    "RetryableError",
    "StateMismatch",
    "TooLarge",
    "TopicMissing",
    "UnknownSchema",
    "Unreadable",
    "Violation",
    "both_languages",
]


class Violation(Protocol):
    """One broken rule, in words a partner can act on; `meilenstein_expectations.Violation` is one."""

    @property
    def rule(self) -> str:
        """Id of the rule (`E-014`), or CONTRACT where the event does not fit its schema."""
        ...

    @property
    def severity(self) -> str:
        """`critical` (not accepted), `warning` (accepted with a finding) or `info`."""
        ...

    @property
    def field(self) -> str | None:
        """The field that breaks the rule, if it is one field."""
        ...

    @property
    def seen(self) -> str | None:
        """The offending value as text; never part of a log line."""
        ...

    @property
    def expected(self) -> str | None:
        """What the rule expects."""
        ...

    @property
    def text(self) -> Mapping[str, str]:
        """What is wrong, by language (`de`, `en`)."""
        ...

    @property
    def how(self) -> Mapping[str, str]:
        """How to correct it, by language (`de`, `en`)."""
        ...


class BrokerUnavailable(RetryableError):
    """No Kafka broker answered; the events stay in the outbox: try again later."""


class RegistryUnavailable(RetryableError):
    """The schema registry did not answer as it should; try again later."""


class NotAcknowledged(RetryableError):
    """The broker did not confirm the record in time; it stays in the outbox and is sent again under the same id."""


class OutboxBusy(RetryableError):
    """Another process is using the same outbox file; try again when it has finished."""


class InvalidEvent(PermanentError):
    """The event breaks its contract or a critical rule and was not taken."""

    def __init__(self, event_type: str, violations: Iterable[Violation]) -> None:
        self.event_type = event_type
        self.violations: tuple[Violation, ...] = tuple(violations)
        rules = ", ".join(sorted({violation.rule for violation in self.violations}))
        super().__init__(f"{event_type} not taken: {self.reasons}", audit_line=f"INVALID {rules}")

    @property
    def reasons(self) -> str:
        """Every violation in German and English, without the values that were seen."""
        return "; ".join(_sentence(violation) for violation in self.violations)


def _sentence(violation: Violation) -> str:
    place = f"{violation.field}: " if violation.field else ""
    how = both_languages(violation.how)
    return f"[{violation.rule}] {place}{both_languages(violation.text)}" + (f" ({how})" if how else "")


def both_languages(words: Mapping[str, str]) -> str:
    """Return a text that is there in German (`de`) and English (`en`) as one, German first."""
    return " / ".join(dict.fromkeys(words[language] for language in ("de", "en") if words.get(language)))


class InvalidLine(PermanentError):
    """A line of the file is no event."""

    def __init__(self, mistake: str, *, line: int | None = None, field: str | None = None) -> None:
        self.mistake = mistake
        self.line = line
        self.field = field
        place = f"line {line}: " if line is not None else ""
        super().__init__(f"{place}{field}: {mistake}" if field else f"{place}{mistake}")


class OutboxConflict(PermanentError):
    """The outbox already holds this event id with other facts; a correction is a new event that `corrects` it."""

    def __init__(self, event_id: str) -> None:
        self.event_id = event_id
        super().__init__(
            f"event {event_id} is already in the outbox with other facts; "
            "to change it, send a new event of the same type with corrects set to this id"
        )


class RefusedByBroker(PermanentError):
    """The broker refuses this record for good; see the message for its reason."""

    def __init__(self, message: str, *, event_id: str | None = None) -> None:
        self.event_id = event_id
        super().__init__(message)


class UnknownSchema(PermanentError):
    """No contract of ours stands behind this schema."""

    def __init__(self, message: str, *, schema_id: int | None = None, problems: Iterable[str] = ()) -> None:
        self.schema_id = schema_id
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__(message)


class Unreadable(PermanentError):
    """The bytes are no event."""

    reason = "UNREADABLE"

    def __init__(self, detail: str, words: str, *, field: str | None = None) -> None:
        self.detail = detail
        """Short machine code, such as TRAILING_BYTES."""
        self.words = words
        self.field = field
        place = f" at field {field}" if field else ""
        super().__init__(f"{self.reason} {detail}{place}: {words}")


class TooLarge(Unreadable):
    """More bytes than a record may have."""

    reason = "TOO_LARGE"


class NotStorable(Unreadable):
    """Text that the database cannot store."""

    reason = "NOT_STORABLE"


class AccessDenied(ConfigurationError):
    """The broker refuses these credentials, or this agency may not use the topic."""


class ContractNotRegistered(ConfigurationError):
    """The registry does not hold the contract that this SDK writes."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(
            f"the registry does not hold {subject} as this version of the SDK writes it: "
            "update the SDK, or ask the hub's operator to apply the contracts (`meilenstein contracts apply`)"
        )


class StateMismatch(ConfigurationError):
    """The state file belongs to another agency, source system or hub."""


class TopicMissing(ConfigurationError):
    """The topic does not exist."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(
            f"topic {topic} does not exist or this agency may not see it: "
            "check --agency, or ask the hub's operator to create it (`meilenstein topics apply`)"
        )
