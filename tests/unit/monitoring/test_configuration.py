"""Channels from settings: half a configuration is told, a secret never."""

from __future__ import annotations

import pytest

from meilenstein.errors import ConfigurationError
from meilenstein.monitoring.channels import MailChannel, WebhookChannel
from meilenstein.monitoring.configuration import channels_of, limits_of
from meilenstein.settings import load_settings

MAIL = {
    "alarm_smtp_host": "mail.example.org",
    "alarm_mail_from": "hub@example.org",
    "alarm_mail_to": "a@example.org, b@example.org",
}


def test_without_settings_there_is_no_channel():
    assert channels_of(load_settings()) == []


def test_a_mail_channel_has_its_password_from_the_file_and_does_not_show_it(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("geheim\n")
    (channel,) = channels_of(load_settings(**MAIL, alarm_smtp_user="hub", alarm_smtp_password_file=secret))
    assert isinstance(channel, MailChannel)
    assert (channel.password, list(channel.recipients)) == ("geheim", ["a@example.org", "b@example.org"])
    assert (channel.port, channel.security) == (587, "starttls")
    assert "geheim" not in repr(channel)


def test_a_webhook_shows_neither_its_address_nor_its_token(tmp_path):
    token = tmp_path / "token"
    token.write_text("geheim")
    url = "https://chat.example.org/hooks/geheim"
    settings = load_settings(alarm_webhook_url=url, alarm_webhook_token_file=token)
    (channel,) = channels_of(settings)
    assert isinstance(channel, WebhookChannel)
    assert channel.headers == {"Authorization": "Bearer geheim"}
    assert "geheim" not in repr(channel) + repr(settings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alarm_mail_to": "a@example.org"}, "MEILENSTEIN_ALARM_SMTP_HOST is missing"),
        ({"alarm_smtp_host": "mail.example.org"}, "MEILENSTEIN_ALARM_MAIL_FROM is missing"),
        ({**MAIL, "alarm_mail_to": "nobody"}, "'nobody' is no e-mail address"),
        ({**MAIL, "alarm_mail_to": "a@example.org\r\nBcc: x@example.org"}, "is no e-mail address"),
        ({**MAIL, "alarm_mail_from": "a@example.org,b@example.org"}, "several addresses"),
        ({**MAIL, "alarm_smtp_user": "x", "alarm_smtp_security": "none"}, "password would cross the network in clear"),
        ({**MAIL, "alarm_smtp_password_file": "/nowhere/at/all"}, "PASSWORD_FILE: /nowhere/at/all cannot be read"),
        ({"alarm_webhook_url": "ftp://example.org"}, "is no web address"),
        ({"alarm_webhook_url": "https://"}, "is no web address"),
        ({"alarm_webhook_url": "http://me:word@example.org/"}, "in clear"),
        ({"alarm_webhook_url": "https://hooks..example/x"}, "is no web address"),
        ({**MAIL, "alarm_smtp_host": "mail..example"}, "MEILENSTEIN_ALARM_SMTP_HOST is no host name"),
        ({**MAIL, "alarm_instance": "one\nBcc: x"}, "MEILENSTEIN_ALARM_INSTANCE holds a line end"),
        ({**MAIL, "alarm_smtp_user": "jörg"}, "MEILENSTEIN_ALARM_SMTP_USER holds a character"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_setting(given, said):
    with pytest.raises(ConfigurationError) as raised:
        channels_of(load_settings(**given))
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_token_that_no_header_can_carry_is_told_at_start(tmp_path):
    token = tmp_path / "token"
    token.write_text("10 €", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="in ASCII") as raised:
        channels_of(load_settings(alarm_webhook_url="https://example.org/", alarm_webhook_token_file=token))
    assert "€" not in str(raised.value)


def test_the_webhooks_address_is_not_repeated_when_it_is_wrong():
    with pytest.raises(ConfigurationError) as raised:
        channels_of(load_settings(alarm_webhook_url="gopher://geheim"))
    assert "geheim" not in str(raised.value)


def test_limits_follow_the_settings():
    limits = limits_of(load_settings(alarm_failing_minutes=0.5, alarm_unsent_minutes=2))
    assert (limits.failing.total_seconds(), limits.unsent.total_seconds()) == (30, 120)


def test_a_child_gets_the_settings_that_were_made(tmp_path):
    settings = load_settings(**MAIL, alarm_webhook_url="https://example.org/geheim", alarm_smtp_password_file="pw")
    told = settings.environment("alarm_")
    assert told["MEILENSTEIN_ALARM_WEBHOOK_URL"] == "https://example.org/geheim"
    assert told["MEILENSTEIN_ALARM_SMTP_PASSWORD_FILE"].startswith("/")
    assert "MEILENSTEIN_ALARM_SMTP_PORT" not in told
