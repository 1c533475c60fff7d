"""Which faults of a Kafka client no waiting mends, and what they are then: one mapping for all who use a broker."""

from __future__ import annotations

import ssl

from kafka import errors as kafka_errors

from meilenstein_connectors.errors import (
    AccessDenied,
    ConfigurationError,
    MeilensteinError,
    RefusedByBroker,
    TopicMissing,
)

__all__ = ["SETTINGS_FAULTS", "lasting_fault"]

# What kafka-python raises for settings that no waiting mends; it checks many of them by assertions.
SETTINGS_FAULTS = (
    kafka_errors.KafkaConfigurationError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.UnrecognizedBrokerVersion,
    kafka_errors.UnsupportedSaslMechanismError,
    AssertionError,
    FileNotFoundError,
    IsADirectoryError,
    PermissionError,
    TypeError,
    ValueError,
    ssl.SSLError,
)
_REFUSED_RECORDS = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidRecordError,
    kafka_errors.PolicyViolationError,
)
_REFUSED_USERS = (
    kafka_errors.AuthorizationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.SecurityDisabledError,
)


def lasting_fault(error: Exception, *, servers: str, topic: str | None = None) -> MeilensteinError | None:
    """Return the error for a fault that waiting does not mend; None for any other.

    `topic` is the one that was used, where it was one.
    """
    name = type(error).__name__
    if isinstance(error, _REFUSED_USERS):
        what = f"use topic {topic}" if topic else "do this"
        return AccessDenied(
            f"Kafka at {servers} does not let this user {what} ({name}): "
            "check --agency and the credentials, or ask the hub's operator for the right"
        )
    if topic is not None and isinstance(error, kafka_errors.UnknownTopicOrPartitionError):
        return TopicMissing(topic)
    if topic is not None and isinstance(error, _REFUSED_RECORDS):
        return RefusedByBroker(f"Kafka at {servers} refuses a record for topic {topic} ({name})")
    if isinstance(error, SETTINGS_FAULTS):
        return ConfigurationError(
            f"Kafka at {servers}: the settings do not work ({name}); "
            "check bootstrap servers (host:port) and security settings"
        )
    return None
