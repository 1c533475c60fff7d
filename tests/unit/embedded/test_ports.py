from __future__ import annotations

import os
import socket

import pytest
from tests.support.ports import free_port_base

from meilenstein.embedded.ports import SPAN, Ports, is_free, require_free
from meilenstein.errors import ConfigurationError


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_every_port_of_an_instance_is_different_and_within_its_span():
    named = Ports(28000).named()
    assert len(set(named.values())) == len(named) == 7
    assert all(28000 <= port < 28000 + SPAN for port in named.values())


def test_an_instance_without_airflow_needs_no_port_for_it():
    assert "Airflow" not in Ports(28000).named(airflow=False)


def test_a_taken_port_is_one_line_with_port_role_holder_and_setting(taken_port):
    with pytest.raises(ConfigurationError) as refused:
        require_free({"Kafka": taken_port})
    message = str(refused.value)
    assert "\n" not in message
    for part in (str(taken_port), "Kafka", f"process {os.getpid()}", "MEILENSTEIN_PORT_BASE"):
        assert part in message
    assert refused.value.exit_code == 2


def test_a_port_taken_on_every_address_is_taken(taken_port):
    with socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen()
        assert not is_free(server.getsockname()[1])


def test_a_port_is_free_again_when_its_server_has_ended():
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    accepted, _ = server.accept()
    for end in (accepted, client, server):  # the server's side first, so that its port lingers in TIME_WAIT
        end.close()
    assert is_free(port)


def test_tests_get_a_base_whose_ports_are_all_free():
    base = free_port_base()
    assert all(is_free(base + offset) for offset in range(SPAN))
