"""A mail server and a web server that take what alarms send, on free ports of this machine."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["MailServer", "WebServer", "mail_server", "web_server"]


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over a mail."""

    server: MailServer

    def handle(self) -> None:
        self._say("220 receiver")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                self.server.take(self._content())
                self._say("250 taken")
            elif verb == "RCPT" and self.server.refused and self.server.refused in line:
                self._say("550 password hunter2 is wrong for this mailbox")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb == "AUTH":
                self.server.logins.append(line)
                self._say("235 welcome")
            else:
                self._say("250-receiver\r\n250 AUTH PLAIN" if verb == "EHLO" else "250 ok")

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the mails it took."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Smtp)
        self.mails: list[EmailMessage] = []
        self.logins: list[str] = []
        self.refused = ""
        """Recipients that hold this are refused."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def take(self, content: bytes) -> None:
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]


class _Http(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class WebServer(ThreadingHTTPServer):
    """Keeps path, headers and JSON of each request, and answers with `status`."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Http)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 204

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """Run a mail server."""
    with MailServer(port) as server, _serving(server):
        yield server


@contextmanager
def web_server(port: int = 0) -> Iterator[WebServer]:
    """Run a web server."""
    with WebServer(port) as server, _serving(server):
        yield server


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)
