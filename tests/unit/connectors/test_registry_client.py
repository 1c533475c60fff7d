"""The registry's "no such schema" and "the registry could not be asked" are never mixed up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from meilenstein_connectors.errors import ConfigurationError, RegistryUnavailable, UnknownSchema
from meilenstein_connectors.registry_client import MAX_ANSWER_BYTES, RegistryClient


class FakeRegistry:
    """An HTTP server that answers as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: Callable[[BaseHTTPRequestHandler], None] = self.answer(200, {})
        self.asked: list[tuple[str, str, Any]] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                sent = json.loads(self.rfile.read(size)) if size else None
                fake.asked.append((self.command, self.path, sent))
                fake.answers(self)

            do_GET = do_POST = _serve  # noqa: N815 - the names that the server calls

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/apis/ccompat/v7"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @staticmethod
    def answer(status: int, content: Any, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
        def send(handler: BaseHTTPRequestHandler) -> None:
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(raw)))
            handler.end_headers()
            handler.wfile.write(raw)

        return send

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    fake = FakeRegistry()
    yield fake
    fake.stop()


@pytest.fixture
def client(registry: FakeRegistry) -> Iterator[RegistryClient]:
    made = RegistryClient(registry.url, read_timeout=0.5)
    yield made
    made.close()


def test_the_text_behind_an_id_is_returned(registry: FakeRegistry, client: RegistryClient) -> None:
    registry.answers = registry.answer(200, {"schema": '"string"'})
    assert client.schema_text(7) == '"string"'
    assert registry.asked == [("GET", "/apis/ccompat/v7/schemas/ids/7", None)]


def test_a_look_up_sends_the_text_and_returns_the_id(registry: FakeRegistry, client: RegistryClient) -> None:
    registry.answers = registry.answer(200, {"id": 3, "version": 1})
    assert client.schema_id("a/b", "text") == 3
    assert registry.asked == [("POST", "/apis/ccompat/v7/subjects/a%2Fb", {"schema": "text"})]


def test_registering_returns_the_id(registry: FakeRegistry, client: RegistryClient) -> None:
    registry.answers = registry.answer(200, {"id": 4})
    assert client.register("a.b", "text") == 4
    assert registry.asked[0][:2] == ("POST", "/apis/ccompat/v7/subjects/a.b/versions")


@pytest.mark.parametrize("code", [40401, 40402, 40403])
def test_a_well_formed_not_found_is_an_unknown_schema(
    registry: FakeRegistry, client: RegistryClient, code: int
) -> None:
    registry.answers = registry.answer(404, {"error_code": code, "message": "no"})
    with pytest.raises(UnknownSchema) as told:
        client.schema_text(7)
    assert told.value.schema_id == 7
    with pytest.raises(UnknownSchema):
        client.schema_id("subject", "text")


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (404, b"<html>not found</html>"),
        (404, {"error": "no such page"}),
        (404, {"error_code": 404}),
        (404, []),
        (200, b"not json"),
        (200, b"[" * 50_000),
        (200, []),
        (200, {"schema": 7}),
        (200, {}),
        (401, {}),
        (403, {"error_code": 40301}),
        (500, {"error_code": 50001}),
        (503, b""),
        (302, b""),
    ],
)
def test_everything_else_is_a_registry_that_cannot_be_asked(
    registry: FakeRegistry, client: RegistryClient, status: int, content: Any
) -> None:
    headers = {"Location": registry.url} if status == 302 else {}
    registry.answers = registry.answer(status, content, **headers)
    with pytest.raises(RegistryUnavailable, match="registry at"):
        client.schema_text(7)
    assert len(registry.asked) == 1, "a redirect must not be followed"


@pytest.mark.parametrize("content", [{"id": "3"}, {"id": True}, {"id": None}, [3], {}])
def test_an_id_that_is_no_number_is_garbage(registry: FakeRegistry, client: RegistryClient, content: Any) -> None:
    registry.answers = registry.answer(200, content)
    with pytest.raises(RegistryUnavailable):
        client.schema_id("subject", "text")


def test_an_answer_without_end_is_cut_off(registry: FakeRegistry, client: RegistryClient) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(MAX_ANSWER_BYTES // 1000 + 100):
                handler.wfile.write(b" " * 1000)
        except OSError:
            pass

    registry.answers = flood
    with pytest.raises(RegistryUnavailable, match="more than"):
        client.schema_text(7)


def test_an_answer_that_drips_is_cut_off(registry: FakeRegistry, client: RegistryClient) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            while not stop.wait(0.1):
                handler.wfile.write(b"1\r\n \r\n")
                handler.wfile.flush()
        except OSError:
            pass

    registry.answers = drip
    try:
        with pytest.raises(RegistryUnavailable):
            client.schema_text(7)
    finally:
        stop.set()


def test_no_server_is_a_registry_that_cannot_be_asked(registry: FakeRegistry) -> None:
    registry.stop()
    client = RegistryClient(registry.url, connect_timeout=0.5)
    with pytest.raises(RegistryUnavailable, match="no answer"):
        client.schema_text(7)
    assert client.ready() is False
    client.close()
    registry._server.socket.close()
    registry.stop = lambda: None  # type: ignore[method-assign]


def test_a_schema_that_the_registry_refuses_is_for_the_operator(registry: FakeRegistry, client: RegistryClient) -> None:
    for status in (409, 422):
        registry.answers = registry.answer(status, {"error_code": status})
        with pytest.raises(ConfigurationError, match="refuses"):
            client.register("subject", "text")
        with pytest.raises(RegistryUnavailable):
            client.schema_id("subject", "text")


def test_subjects_and_readiness(registry: FakeRegistry, client: RegistryClient) -> None:
    registry.answers = registry.answer(200, ["b", "a"])
    assert client.subjects() == ["a", "b"]
    assert client.ready() is False
    registry.answers = registry.answer(200, {"compatibilityLevel": "NONE"})
    assert client.ready() is True
    with pytest.raises(RegistryUnavailable):
        client.subjects()


def test_proxies_of_the_environment_are_not_used(
    registry: FakeRegistry, client: RegistryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    registry.answers = registry.answer(200, {"schema": "text"})
    assert client.schema_text(1) == "text"


def test_an_address_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="http"):
        RegistryClient("127.0.0.1:8081")
