"""What a broker refuses is told as something to change, by every part that talks to it; what passes is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kafka import errors as kafka_errors

from meilenstein.errors import ConfigurationError, RetryableError
from meilenstein.ingest import kafka_log
from meilenstein.ingest.kafka_log import KafkaLog
from meilenstein.operations import topics
from meilenstein.operations.topics import TopicPlan, apply_topics
from meilenstein_connectors.errors import AccessDenied

PLAN = [TopicPlan(name="milestones.x", partitions=1, configs={})]


class Admin:
    """An admin client of a broker that refuses."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def list_topics(self) -> list[str]:
        return []

    def create_topics(self, _: object) -> None:
        raise self._fault

    def describe_topics(self, _: object) -> None:
        raise self._fault

    def close(self) -> None: ...


def refuse_at_once(fault: Exception) -> Callable[..., Any]:
    def fail(**_: object) -> None:
        raise fault

    return fail


REFUSED = [kafka_errors.SaslAuthenticationFailedError("no"), kafka_errors.TopicAuthorizationFailedError("no")]
PASSING = [kafka_errors.KafkaTimeoutError("slow"), kafka_errors.NotControllerError("other")]


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: type(fault).__name__)
def test_a_refused_user_is_access_denied(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    monkeypatch.setattr(topics, "KafkaAdminClient", lambda **_: Admin(fault))
    with pytest.raises(AccessDenied):
        apply_topics("127.0.0.1:9", PLAN)
    monkeypatch.setattr(topics, "KafkaAdminClient", refuse_at_once(fault))
    with pytest.raises(AccessDenied):
        apply_topics("127.0.0.1:9", PLAN)
    monkeypatch.setattr(kafka_log, "KafkaAdminClient", refuse_at_once(fault))
    with pytest.raises(AccessDenied):
        KafkaLog("127.0.0.1:9")


def test_a_refused_look_at_the_topics_is_access_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    for fault, told in ((REFUSED[1], AccessDenied), (PASSING[0], RetryableError)):
        monkeypatch.setattr(kafka_log, "KafkaAdminClient", lambda fault=fault, **_: Admin(fault))
        monkeypatch.setattr(KafkaLog, "_open", lambda _self: None)
        with pytest.raises(told):
            KafkaLog("127.0.0.1:9").partitions(["milestones.x"])


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: type(fault).__name__)
def test_what_passes_is_to_be_repeated(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    monkeypatch.setattr(topics, "KafkaAdminClient", lambda **_: Admin(fault))
    with pytest.raises(RetryableError):
        apply_topics("127.0.0.1:9", PLAN)


def test_a_plan_that_the_broker_refuses_is_to_be_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = kafka_errors.InvalidReplicationFactorError("3 brokers wanted")
    monkeypatch.setattr(topics, "KafkaAdminClient", lambda **_: Admin(fault))
    with pytest.raises(ConfigurationError, match=r"topics\.yaml"):
        apply_topics("127.0.0.1:9", PLAN)
