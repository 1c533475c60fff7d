"""Which faults of a connection are settings to change, and which pass: told apart where the client is made."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import pytest
from kafka import errors as kafka_errors

from meilenstein_connectors import kafka_transport
from meilenstein_connectors.errors import AccessDenied, BrokerUnavailable, ConfigurationError, MeilensteinError
from meilenstein_connectors.kafka_transport import KafkaSettings, KafkaTransport


@pytest.fixture
def listener() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def told(monkeypatch: pytest.MonkeyPatch, servers: str, fault: Exception) -> Exception:
    def fail(**_: object) -> None:
        raise fault

    monkeypatch.setattr(kafka_transport, "KafkaConsumer", fail)
    with pytest.raises(MeilensteinError) as raised:
        KafkaTransport(KafkaSettings(bootstrap_servers=servers)).bounds("any")
    assert servers in str(raised.value) and "\n" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    "fault",
    [
        kafka_errors.KafkaTimeoutError("bootstrap"),
        kafka_errors.KafkaConnectionError("reset"),
        kafka_errors.NodeNotReadyError("soon"),
        ConnectionResetError(104, "reset"),
        OSError(24, "too many open files"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_that_may_pass_is_to_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, listener: str, fault: Exception
) -> None:
    assert isinstance(told(monkeypatch, listener, fault), BrokerUnavailable)


@pytest.mark.parametrize(
    "fault",
    [
        kafka_errors.KafkaConfigurationError("sasl"),
        kafka_errors.UnsupportedSaslMechanismError("PLAIN"),
        kafka_errors.UnsupportedVersionError("old"),
        AssertionError("security_protocol must be one of"),
        ValueError("unknown mechanism"),
        FileNotFoundError(2, "no such file", "ca.pem"),
        ssl.SSLError("no certificate or crl found"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_setting_that_no_waiting_mends_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, listener: str, fault: Exception
) -> None:
    assert type(told(monkeypatch, listener, fault)) is ConfigurationError


def test_a_wrong_password_is_access_denied(monkeypatch: pytest.MonkeyPatch, listener: str) -> None:
    assert isinstance(told(monkeypatch, listener, kafka_errors.SaslAuthenticationFailedError("no")), AccessDenied)


def test_a_name_server_that_is_away_is_no_wrong_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(BrokerUnavailable):
        KafkaTransport(KafkaSettings(bootstrap_servers="kafka.example:9092")).bounds("any")


def test_one_known_host_among_unknown_ones_is_no_wrong_name() -> None:
    settings = KafkaSettings(bootstrap_servers="no-such-host.invalid:9092,127.0.0.1:1", connect_timeout=1)
    with pytest.raises(BrokerUnavailable):
        KafkaTransport(settings).bounds("any")
