"""The small HTTP server of `meilenstein watch`: metrics and health, on 127.0.0.1, for anybody on this machine.

Answers hold counts only. Health tells one word; why a part is not well is for `meilenstein status`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from meilenstein.errors import ConfigurationError, told

__all__ = ["HOST", "Answer", "WatchServer"]

HOST = "127.0.0.1"
_REQUEST_SECONDS = 10.0

_log = logging.getLogger("meilenstein.watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered to one path."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "text/plain; charset=utf-8"


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of the routes; everything else is refused."""

    server: _Server
    timeout = _REQUEST_SECONDS
    protocol_version = "HTTP/1.1"
    server_version = "meilenstein"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        route = self.server.routes.get(self.path.partition("?")[0])
        answer = Answer(body=b"not found\n", status=HTTPStatus.NOT_FOUND)
        if route is not None:
            try:
                answer = route()
            except Exception as error:  # noqa: BLE001 - it must neither end the server nor be shown to strangers
                _log.error("an answer failed: %s", told(error))
                answer = Answer(body=b"fault\n", status=HTTPStatus.INTERNAL_SERVER_ERROR)
        self.send_response(answer.status)
        for name, value in (
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        """Requests are not logged: their paths are anybody's text."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    routes: Mapping[str, Callable[[], Answer]]

    def handle_error(self, *_: Any) -> None:
        """A client that went away is nobody's concern."""


class WatchServer:
    """Serves the routes from when it is made until `close`. Port 0 takes any free one."""

    def __init__(self, port: int, routes: Mapping[str, Callable[[], Answer]]) -> None:
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise ConfigurationError(
                f"watch: port {port} cannot be used ({error.strerror}); `meilenstein up` runs a watch of its own, "
                "so give another --port, or 0 for any"
            ) from None
        self._server.routes = routes
        self._thread = threading.Thread(target=self._server.serve_forever, name="meilenstein http", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
