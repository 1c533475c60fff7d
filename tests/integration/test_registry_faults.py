"""A registry that is down, slow or talks nonsense delays what needs it, and refuses nobody."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from tests.support.raw_kafka import Raw, answers, entry, framed, rows, schema_id_of, send_raw

from meilenstein.bootstrap import Hub
from meilenstein.settings import Endpoints
from meilenstein_connectors.registry_client import RegistryClient
from meilenstein_schemas.contracts import load_contracts

pytestmark = pytest.mark.stack

TOPIC = "milestones.abh-dresden"
ENTRY = load_contracts()["EntryReported"]


class FaultyRegistry(ThreadingHTTPServer):
    """Answers as `fault` says; with no fault, as the real registry does."""

    daemon_threads = True

    def __init__(self, real: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.real = real
        self.fault: str | None = None
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/apis/ccompat/v7"


class _Handler(BaseHTTPRequestHandler):
    server: FaultyRegistry

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.fault
        if fault is None:
            answer = requests.get(self.server.real + self.path.removeprefix("/apis/ccompat/v7"), timeout=10)
            self._answer(answer.status_code, answer.content)
        else:
            getattr(self, fault)()

    def error_500(self) -> None:
        self._answer(500, b'{"error_code": 50001, "message": "internal"}')

    def error_503(self) -> None:
        self._answer(503, b"<html>back soon</html>")

    def not_found_of_a_proxy(self) -> None:
        self._answer(404, b"<html>no such page</html>")

    def not_found_of_another_service(self) -> None:
        self._answer(404, b'{"detail": "Not Found"}')

    def garbage(self) -> None:
        self._answer(200, b"\xff\xfe\x00garbage")

    def json_of_something_else(self) -> None:
        self._answer(200, b'["schema"]')

    def nested_json(self) -> None:
        self._answer(200, b"[" * 100_000)

    def redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65_536)
        except OSError:
            pass

    def silent(self) -> None:
        time.sleep(1.5)

    def trickling(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(10):
                self.wfile.write(b" ")
                time.sleep(0.2)
        except OSError:
            pass

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"schema": "')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


FAULTS = [
    name for name in vars(_Handler) if not name.startswith(("_", "do_")) and name not in {"server", "log_message"}
]


@pytest.fixture
def registry(endpoints: Endpoints) -> Iterator[FaultyRegistry]:
    server = FaultyRegistry(endpoints.registry_url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def hub(endpoints: Endpoints, registry: FaultyRegistry) -> Iterator[Hub]:
    """A hub with the faulty registry, and less patience than in production."""
    with Hub(endpoints) as opened:
        point_at(opened, registry.url)
        yield opened


def point_at(hub: Hub, url: str) -> None:
    hub.__dict__["registry"] = RegistryClient(url, connect_timeout=0.5, read_timeout=0.5)
    hub.__dict__.pop("registry_check", None)


def mend(hub: Hub, registry: FaultyRegistry) -> None:
    """Let the registry answer, and the hub forget how long it was going to leave it alone."""
    registry.fault = None
    point_at(hub, registry.url)


def new_schema(endpoints: Endpoints, **changed: Any) -> int:
    """Register another version of EntryReported that the hub has not met, and return its id."""
    schema = {**json.loads(ENTRY.text), "doc": f"written by a later SDK, {uuid.uuid4()}", **changed}
    return RegistryClient(endpoints.registry_url).register(f"test.{uuid.uuid4()}", json.dumps(schema))


def send(endpoints: Endpoints, *events: tuple[int, int]) -> None:
    """Send events, each given by schema id and number."""
    send_raw(endpoints, [Raw(topic=TOPIC, value=framed(schema_id, entry(number))) for schema_id, number in events])


def fates(endpoints: Endpoints) -> dict[int, str | None]:
    query = "select j.record_offset, v.fate from journal j left join verdict v on v.journal_id = j.id"
    return dict(rows(endpoints, query))


def batch_states(endpoints: Endpoints) -> list[str]:
    return [state for (state,) in rows(endpoints, "select state from batch order by id")]


def quarantine(endpoints: Endpoints) -> list[list[str]]:
    return [codes for (codes,) in rows(endpoints, "select codes from quarantine_item order by id")]


def dead_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/apis/ccompat/v7"


def test_no_fault_of_the_registry_refuses_a_record_or_delays_one_whose_schema_is_known(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry
) -> None:
    known, unknown = schema_id_of(endpoints, "EntryReported"), new_schema(endpoints)
    send(endpoints, (unknown, 0))
    for number, fault in enumerate(["no_listener", *FAULTS], start=1):
        registry.fault = fault
        point_at(hub, dead_port() if fault == "no_listener" else registry.url)  # as a new process would begin
        send(endpoints, (known, number))
        hub.drain()
        hub.validate()
        assert fates(endpoints) == {0: None, **dict.fromkeys(range(1, number + 1), "ACCEPTED")}, fault
        assert batch_states(endpoints)[0] == "WAITING", fault
        assert quarantine(endpoints) == [], fault
    assert hub.balance().fates == {"accepted": number, "duplicate": 0, "quarantined": 0, "pending": 1}

    mend(hub, registry)
    hub.validate()
    assert set(fates(endpoints).values()) == {"ACCEPTED"}
    assert set(batch_states(endpoints)) == {"DONE"}
    hub.reconcile()
    hub.feedback()
    told = [answer["accepted"] for answer in answers(endpoints, "abh-dresden")]
    assert told == [*[[[offset, offset]] for offset in range(1, number + 1)], [[0, 0]]]


def test_an_id_that_a_sound_registry_does_not_know_is_refused(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry
) -> None:
    send(endpoints, (1_999_999_999, 1))
    hub.drain()
    registry.fault = "error_500"
    hub.validate()
    assert fates(endpoints) == {0: None}
    mend(hub, registry)
    hub.validate()
    assert quarantine(endpoints) == [["UNKNOWN_SCHEMA"]]


def test_a_schema_that_is_no_contract_of_ours_is_refused_and_remembered(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry
) -> None:
    fields = [field for field in json.loads(ENTRY.text)["fields"] if field["name"] != "occurred_on"]
    for count, changed in enumerate(({"namespace": "org.example"}, {"name": "Weather"}, {"fields": fields}), start=1):
        foreign = new_schema(endpoints, **changed)
        send(endpoints, (foreign, count))
        hub.drain()
        hub.validate()
        assert quarantine(endpoints) == [["UNKNOWN_SCHEMA"]] * count
        assert rows(endpoints, "select event_type from schema_archive where schema_id = %s", foreign) == [(None,)]
    registry.fault = "error_500"
    send(endpoints, (foreign, 9))
    with Hub(endpoints) as another:
        point_at(another, registry.url)
        another.drain()
        another.validate()
    assert quarantine(endpoints) == [["UNKNOWN_SCHEMA"]] * 4


def test_a_schema_learnt_once_is_readable_for_ever_without_the_registry(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry
) -> None:
    later = new_schema(endpoints)
    send(endpoints, (later, 1))
    hub.drain()
    hub.validate()
    with Hub(endpoints) as another:
        point_at(another, dead_port())
        send(endpoints, (later, 2))
        another.drain()
        assert rows(endpoints, "select decode_state from journal order by id") == [("PENDING",), ("DECODED",)]
        another.validate()
    assert fates(endpoints) == {0: "ACCEPTED", 1: "ACCEPTED"}


def test_a_registry_that_does_not_answer_is_left_alone_however_much_waits_for_it(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry
) -> None:
    registry.fault = "silent"
    for number in range(4):
        send(endpoints, (new_schema(endpoints), number))
        hub.drain()
    hub.validate()
    assert len(registry.asked) == 1
    began = time.monotonic()
    for _ in range(5):
        hub.validate()
    assert time.monotonic() - began < 1
    assert batch_states(endpoints) == ["WAITING"] * 4
    assert len(registry.asked) == 1
    mend(hub, registry)
    hub.validate()
    assert set(fates(endpoints).values()) == {"ACCEPTED"}


def test_an_id_that_means_something_else_in_the_registry_is_not_read_with(
    endpoints: Endpoints, hub: Hub, registry: FaultyRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry restored from the wrong backup: what was archived differs from what it says now."""
    known = schema_id_of(endpoints, "EntryReported")
    send(endpoints, (known, 1))
    hub.drain()

    def other_schema(handler: _Handler) -> None:
        other = {**json.loads(ENTRY.text), "doc": "another one", "name": "DecisionIssued"}
        handler._answer(200, json.dumps({"schema": json.dumps(other)}).encode())

    def no_schema(handler: _Handler) -> None:
        handler._answer(200, json.dumps({"schema": "syntax = 'proto3';"}).encode())

    for answer in (other_schema, no_schema):
        monkeypatch.setattr(_Handler, "garbage", answer)
        registry.fault = "garbage"
        point_at(hub, registry.url)
        hub.validate()
        assert fates(endpoints) == {0: None}
        assert quarantine(endpoints) == []
    mend(hub, registry)
    hub.validate()
    assert fates(endpoints) == {0: "ACCEPTED"}
