"""The ways an alarm leaves the house: e-mail by SMTP and one webhook. Each takes one message or raises ChannelFailed.

Both wait for some seconds at most, follow no redirect, and reach only the address that is configured. What the other
side answered is not repeated in errors: an answer may quote a password.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any, Literal, Protocol

import requests

from meilenstein.errors import RetryableError

__all__ = ["Channel", "ChannelFailed", "MailChannel", "Notice", "WebhookChannel"]

_SECONDS = 10.0


class ChannelFailed(RetryableError):
    """The message was not taken; it is tried again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message: an alarm, its all-clear, or a test. Holds keys, codes and counts only."""

    kind: Literal["ALARM", "ALL_CLEAR", "TEST"]
    id: int
    """Number of the alarm; 0 for a test."""
    code: str
    about: str
    agency: str | None
    count: int
    opened_at: dt.datetime
    cleared_at: dt.datetime | None
    episode: int
    de: str
    en: str
    command: str
    runbook: str

    def as_json(self) -> dict[str, Any]:
        """Return the notice as plain values, times as ISO 8601 in UTC."""
        values: dict[str, Any] = {name: getattr(self, name) for name in Notice.__slots__ if name not in {"de", "en"}}
        for name in ("opened_at", "cleared_at"):
            values[name] = values[name].isoformat() if values[name] else None
        return {**values, "text": {"de": self.de, "en": self.en}}


class Channel(Protocol):
    """Takes notices."""

    @property
    def name(self) -> str:
        """Name under which the store remembers what was sent."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over; ChannelFailed if it was not taken."""


_WORDS = {"ALARM": "Alarm", "ALL_CLEAR": "Entwarnung / all clear", "TEST": "Probe / test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    """E-mail by SMTP, one mail per notice."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    sender: str
    recipients: Sequence[str]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    instance: str = ""
    """Name of the instance, for subject lines."""
    seconds: float = _SECONDS

    @property
    def name(self) -> str:
        """`mail`."""
        return "mail"

    def send(self, notice: Notice) -> None:
        """Send the mail to all recipients; a recipient that the server refuses fails the whole mail."""
        try:
            message = self._message(notice)
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password or "")
                refused = server.send_message(message, self.sender, list(self.recipients))
        except Exception as error:  # noqa: BLE001 - no fault of a channel may hold up the watch or another channel
            raise ChannelFailed(f"mail server {self.host}:{self.port}: {_reason(error)}") from None
        if refused:
            raise ChannelFailed(f"mail server {self.host}:{self.port}: refused {len(refused)} of the recipients")

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        where = f" ({self.instance})" if self.instance else ""
        message["Subject"] = f"[Meilenstein{where}] {_WORDS[notice.kind]}: {notice.code} {notice.about}"
        message["From"] = formataddr(("Meilenstein", self.sender))
        message["To"] = ", ".join(self.recipients)
        message["Date"] = format_datetime(notice.cleared_at or notice.opened_at)
        message["Message-ID"] = f"<{uuid.uuid4()}@meilenstein.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Meilenstein-Alarm"] = f"{notice.id} {notice.kind} {notice.episode}"
        message.set_content(_body(notice))
        return message


def _body(notice: Notice) -> str:
    lines = [notice.de, "", notice.en, ""]
    if notice.kind == "ALL_CLEAR" and notice.cleared_at is not None:
        cleared = f"{notice.cleared_at:%Y-%m-%d %H:%M} UTC"
        lines = [f"Vorbei seit / over since {cleared}.", "", *lines]
    else:
        lines += [f"Nächster Schritt / next step:  {notice.command}", f"Mehr dazu / more:  {notice.runbook}"]
    lines += [
        "",
        f"Stelle / agency:  {notice.agency or 'alle / all'}",
        f"Seit / open since:  {notice.opened_at:%Y-%m-%d %H:%M} UTC",
    ]
    if notice.episode > 1:
        lines.append(f"Wieder aufgetreten / came back:  {notice.episode - 1} x")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """POSTs the notice as JSON to one URL."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float = _SECONDS

    @property
    def name(self) -> str:
        """`webhook`."""
        return "webhook"

    def send(self, notice: Notice) -> None:
        """Post; any answer but 2xx is a failure, a redirect as well."""
        try:
            with requests.Session() as session:
                session.trust_env = False  # neither a proxy nor a .netrc of the user has a say here
                with session.post(
                    self.url,
                    json=notice.as_json(),
                    headers={"User-Agent": "meilenstein", **self.headers},
                    timeout=self.seconds,
                    allow_redirects=False,
                    stream=True,  # the answer's body is of no interest, and may be endless
                ) as answer:
                    status = answer.status_code
        except (requests.ConnectionError, requests.Timeout):
            raise ChannelFailed(
                "webhook: nobody answers at the configured address; check MEILENSTEIN_ALARM_WEBHOOK_URL"
            ) from None
        except Exception as error:  # noqa: BLE001 - no fault of a channel may hold up the watch or another channel
            raise ChannelFailed(f"webhook: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise ChannelFailed(f"webhook: answered {status}")


def _reason(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
