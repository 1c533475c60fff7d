"""The loop that watches: no fault of a channel or of itself ends it, and only the database makes an outage."""

from __future__ import annotations

import datetime as dt

import pytest

from meilenstein.errors import ConfigurationError
from meilenstein.monitoring.alarms import Alarms
from meilenstein.monitoring.channels import Channel, ChannelFailed, MailChannel, Notice, WebhookChannel
from meilenstein.monitoring.outage import Outage
from meilenstein.monitoring.watch import watch_alarms
from meilenstein.store.database import DatabaseUnavailable, connect, retryable

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
NOTICE = Notice(
    kind="TEST", id=0, code="TEST", about="test", agency=None, count=0, opened_at=NOW, cleared_at=None, episode=1,
    de="", en="", command="", runbook="",
)  # fmt: skip
MAIL = {"port": 9, "security": "none", "sender": "a@example.org", "recipients": ["b@example.org"], "seconds": 1.0}


@pytest.mark.parametrize(
    "channel",
    [
        WebhookChannel(url="http://127.0.0.1:9/", headers={"Authorization": "Bearer 10 €"}),
        MailChannel(host="mail..example", **MAIL),
        MailChannel(host="127.0.0.1", instance="one\nBcc: x", **MAIL),
    ],
    ids=["token", "host", "instance"],
)
def test_whatever_goes_wrong_in_a_channel_is_that_channels_failure(channel: Channel) -> None:
    with pytest.raises(ChannelFailed) as failed:
        channel.send(NOTICE)
    assert "€" not in str(failed.value) and "Bcc" not in str(failed.value)


class Holder:
    """Gives alarms that fail in one way after the other."""

    def __init__(self, faults: list[Exception | None], *, at_reset: Exception | None = None) -> None:
        self.faults = faults
        self.at_reset = at_reset

    def alarms(self) -> Alarms:
        fault = self.faults.pop(0)
        if fault is not None:
            raise fault
        return Quiet()  # type: ignore[return-value]

    def reset(self) -> None:
        if self.at_reset is not None:
            raise self.at_reset


class Quiet:
    """Alarms with nothing to say."""

    def evaluate(self, *, lag: int | None = None) -> None: ...

    def deliver(self) -> None: ...


class Noted(Outage):
    """An outage that notes what it is told, and fails itself where asked."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__([], lambda: NOW, after=dt.timedelta(0))
        self.told: list[str] = []
        self.fault = fault

    def failed(self) -> None:
        self.told.append("failed")
        if self.fault:
            raise self.fault

    def over(self) -> None:
        self.told.append("over")
        if self.fault:
            raise self.fault


def watch(holder: Holder, outage: Noted) -> list[str]:
    watch_alarms(
        holder.alarms,
        reset=holder.reset,
        lag=lambda: 0,
        outage=outage,
        stopped=lambda: not holder.faults,
        pause=lambda _: None,
    )
    return outage.told


def test_only_a_database_that_does_not_answer_is_an_outage_of_the_store() -> None:
    faults = [ChannelFailed("no"), UnicodeError("x"), ConfigurationError("x"), DatabaseUnavailable("gone"), None]
    assert watch(Holder(list(faults)), Noted()) == ["failed", "over"]


def test_neither_a_failing_outage_nor_a_failing_reset_ends_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    holder = Holder([DatabaseUnavailable("gone"), None, None], at_reset=OSError("H-7"))
    assert watch(holder, Noted(ValueError("H-7"))) == ["failed", "over", "over"]
    assert "H-7" not in caplog.text


def test_a_lost_session_is_told_without_a_promise_that_nothing_was_changed() -> None:
    import psycopg

    with pytest.raises(DatabaseUnavailable, match="what was committed stays, repeat the command"), retryable("rebuild"):
        raise psycopg.OperationalError("gone")
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        connect("postgresql://x@127.0.0.1:9/x", name="test")
