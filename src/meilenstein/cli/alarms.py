"""`meilenstein alarms`: what is wrong, told once per cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import open_hub, utc_now
from meilenstein.cli.output import JsonOption, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError, PermanentError, RetryableError
from meilenstein.monitoring.channels import Channel, ChannelFailed, Notice
from meilenstein.monitoring.configuration import channels_of, limits_of
from meilenstein.monitoring.texts import RUNBOOK, tell
from meilenstein.settings import load_settings
from meilenstein.store.alarms import Alarm

__all__ = ["add_alarm_commands"]

alarms = typer.Typer(help="Alarms: halts, failed steps, silent partners and what else needs a person.")


def add_alarm_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(alarms, name="alarms", no_args_is_help=True)


@alarms.command("list")
def alarms_list(
    cleared: Annotated[bool, typer.Option("--cleared", help="Show those that are over as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: JsonOption = False,
) -> None:
    """Show the open alarms, each with the next step; changes and sends nothing."""
    with open_hub() as hub:
        found = hub.alarms(limits_of(load_settings())).recent(limit, cleared=cleared)
    _show(found)
    if as_json:
        print_json({"alarms": [_plain(alarm) for alarm in found], "open": _count_open(found)})


@alarms.command("check")
def alarms_check(as_json: JsonOption = False) -> None:
    """Look for causes once, send what is due, show what is open. Exit code 1 if an alarm is open.

    For a machine where no `meilenstein watch` runs: call it every minute.
    """
    settings = load_settings()
    with open_hub(settings) as hub:
        keeper = hub.alarms(limits_of(settings), channels_of(settings))
        try:
            lag: int | None = hub.work().lag
        except RetryableError as error:
            progress_line(str(error))
            lag = None
        evaluated = keeper.evaluate(lag=lag)
        delivered = keeper.deliver()
        found = keeper.open()
    for reason in delivered.failed.values():
        progress_line(f"{reason}; tried again by the next check")
    _show(found)
    if as_json:
        print_json(
            {
                "alarms": [_plain(alarm) for alarm in found],
                "open": len(found),
                "opened": len(evaluated.opened),
                "cleared": len(evaluated.cleared),
                "sent": delivered.sent,
                "failed": delivered.failed,
            }
        )
    if found:
        raise PermanentError(f"alarms: {len(found)} open")


@alarms.command("test")
def alarms_test(as_json: JsonOption = False) -> None:
    """Send a test message over every channel that is set up. Exit code 3 if a channel does not take it."""
    channels = channels_of(load_settings())
    if not channels:
        raise ConfigurationError(
            "alarms: no channel is set up; set MEILENSTEIN_ALARM_SMTP_HOST or MEILENSTEIN_ALARM_WEBHOOK_URL"
        )
    failed = {channel.name: reason for channel in channels if (reason := _try(channel)) is not None}
    for channel in channels:
        if channel.name not in failed:
            progress_line(f"{channel.name}: taken")
    if as_json:
        print_json({"taken": [channel.name for channel in channels if channel.name not in failed], "failed": failed})
    if failed:
        raise RetryableError(f"alarms: {'; '.join(failed.values())}")


def _try(channel: Channel) -> str | None:
    notice = Notice(
        kind="TEST",
        id=0,
        code="TEST",
        about="meilenstein alarms test",
        agency=None,
        count=0,
        opened_at=utc_now(),
        cleared_at=None,
        episode=1,
        de="Dies ist eine Probe. Es ist nichts geschehen.",
        en="This is a test. Nothing has happened.",
        command="meilenstein alarms list",
        runbook=RUNBOOK,
    )
    try:
        channel.send(notice)
    except ChannelFailed as error:
        return str(error)
    return None


def _count_open(found: Sequence[Alarm]) -> int:
    return sum(1 for alarm in found if alarm.cleared_at is None)


def _show(found: Sequence[Alarm]) -> None:
    if not found:
        typer.echo("no alarm")
        return
    now = utc_now()
    rows = []
    for alarm in found:
        told = tell(alarm, alarm.cleared_at or now)
        state = "over" if alarm.cleared_at else "open"
        since = f"{alarm.since or alarm.opened_at:%Y-%m-%d %H:%M}"
        rows.append((alarm.id, state, alarm.code, alarm.agency, since, told.en, told.command))
    show_table("Alarms (times in UTC)", ("no.", "state", "code", "agency", "since", "what", "next step"), rows)


def _plain(alarm: Alarm) -> dict[str, Any]:
    told = tell(alarm, alarm.cleared_at or utc_now())
    values = {name: getattr(alarm, name) for name in Alarm.__slots__}
    return {
        **values,
        "state": "CLEARED" if alarm.cleared_at else "OPEN",
        "text": {"de": told.de, "en": told.en},
        "command": told.command,
        "runbook": told.runbook,
    }
