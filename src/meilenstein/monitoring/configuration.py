"""Channels and limits of alarms from the settings; passwords come from files and are never printed."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from meilenstein.errors import ConfigurationError
from meilenstein.monitoring.causes import Limits
from meilenstein.monitoring.channels import Channel, MailChannel, WebhookChannel
from meilenstein.settings import Settings
from meilenstein_schemas.rhythms import standard_rhythms

__all__ = ["channels_of", "limits_of"]


def limits_of(settings: Settings) -> Limits:
    """Return how long something may last before it is an alarm."""
    return Limits(
        failing=dt.timedelta(minutes=settings.alarm_failing_minutes),
        waiting=dt.timedelta(minutes=settings.alarm_waiting_minutes),
        unjudged=dt.timedelta(minutes=settings.alarm_unjudged_minutes),
        unsent=dt.timedelta(minutes=settings.alarm_unsent_minutes),
        second_person=dt.timedelta(hours=settings.alarm_second_person_hours),
        rhythms=standard_rhythms(),
    )


def channels_of(settings: Settings) -> list[Channel]:
    """Return the channels that are configured, perhaps none; half a configuration is a ConfigurationError."""
    channels: list[Channel] = []
    if settings.alarm_smtp_host or settings.alarm_mail_to:
        channels.append(_mail(settings))
    if settings.alarm_webhook_url:
        channels.append(_webhook(settings))
    return channels


def _mail(settings: Settings) -> MailChannel:
    needed = {
        "MEILENSTEIN_ALARM_SMTP_HOST": settings.alarm_smtp_host,
        "MEILENSTEIN_ALARM_MAIL_FROM": settings.alarm_mail_from,
        "MEILENSTEIN_ALARM_MAIL_TO": settings.alarm_mail_to,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ConfigurationError(f"{missing[0]} is missing: e-mail needs host, sender and recipients")
    host = _host(settings.alarm_smtp_host or "")
    instance = settings.alarm_instance or ""
    if not instance.isprintable():
        raise ConfigurationError(
            "MEILENSTEIN_ALARM_INSTANCE holds a line end or another character that cannot be shown"
        )
    if not (settings.alarm_smtp_user or "").isascii():
        raise ConfigurationError("MEILENSTEIN_ALARM_SMTP_USER holds a character that is not ASCII; no login takes it")
    recipients = _addresses("MEILENSTEIN_ALARM_MAIL_TO", settings.alarm_mail_to or "")
    (sender, *more) = _addresses("MEILENSTEIN_ALARM_MAIL_FROM", settings.alarm_mail_from or "")
    if more:
        raise ConfigurationError("MEILENSTEIN_ALARM_MAIL_FROM holds several addresses; a mail has one sender")
    if settings.alarm_smtp_user and settings.alarm_smtp_security == "none" and not _is_this_machine(host):
        raise ConfigurationError(
            "MEILENSTEIN_ALARM_SMTP_SECURITY is none: a password would cross the network in clear; set starttls or tls"
        )
    return MailChannel(
        host=host,
        port=settings.alarm_smtp_port,
        security=settings.alarm_smtp_security,
        sender=sender,
        recipients=recipients,
        user=settings.alarm_smtp_user,
        password=_secret("MEILENSTEIN_ALARM_SMTP_PASSWORD_FILE", settings.alarm_smtp_password_file),
        instance=instance,
    )


def _webhook(settings: Settings) -> WebhookChannel:
    assert settings.alarm_webhook_url is not None
    url = settings.alarm_webhook_url.get_secret_value()
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")
    except ValueError:
        sound = False
    if not sound:
        raise ConfigurationError("MEILENSTEIN_ALARM_WEBHOOK_URL is no web address; expected https://host/path")
    token = _secret("MEILENSTEIN_ALARM_WEBHOOK_TOKEN_FILE", settings.alarm_webhook_token_file)
    if (token or parts.username) and parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise ConfigurationError(
            "MEILENSTEIN_ALARM_WEBHOOK_URL begins with http: the token would cross the network in clear; use https"
        )
    return WebhookChannel(url=url, headers={"Authorization": f"Bearer {token}"} if token else {})


def _host(text: str) -> str:
    """Return the host; one that no name service would be asked for is a ConfigurationError."""
    try:
        text.encode("idna")
    except UnicodeError:
        raise ConfigurationError(
            "MEILENSTEIN_ALARM_SMTP_HOST is no host name; expected for instance mail.example.org"
        ) from None
    return text


def _addresses(name: str, text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    for address in found:
        local, at, domain = address.rpartition("@")
        if not (local and at and domain) or not address.isascii() or not address.isprintable() or " " in address:
            raise ConfigurationError(f"{name}: {address!r} is no e-mail address; separate several by commas")
    if not found:
        raise ConfigurationError(f"{name} holds no e-mail address")
    return found


def _secret(name: str, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}: {path} cannot be read ({type(error).__name__})") from None
    if not text or not text.isprintable() or not text.isascii():
        raise ConfigurationError(f"{name}: {path} must hold the secret on one line, in ASCII, and nothing else")
    return text


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
