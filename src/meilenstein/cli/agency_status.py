"""`meilenstein status --agency`: how things stand with one agency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import typer

from meilenstein.bootstrap import Hub, open_hub, utc_now
from meilenstein.cli.arguments import require_agency
from meilenstein.cli.output import print_json, progress_line, show_table
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.monitoring.agency import AgencyView, view_agency
from meilenstein.monitoring.configuration import limits_of
from meilenstein.settings import load_settings

__all__ = ["agency_status"]


def agency_status(agency: str, *, as_json: bool) -> None:
    """Show the agency; exit code 1 while one of its partitions is halted or an alarm about it is open."""
    require_agency(agency)
    settings = load_settings()
    limits = limits_of(settings)
    with open_hub(settings) as hub:
        view = view_agency(
            hub.agency_levels(agency),
            alarms=hub.alarms(limits).open(),
            bounds=_bounds(hub, agency),
            limits=limits,
            now=utc_now(),
        )
    if as_json:
        print_json(view.as_json())
    else:
        _show(view)
    if view.state == "HALTED" or view.alarms:
        raise PermanentError(f"status: {agency} needs attention; {view.next_steps[0].command}")


def _bounds(hub: Hub, agency: str) -> dict[int, tuple[int, int]] | None:
    try:
        return {row.partition: (row.start, row.end) for row in hub.log().partitions([f"milestones.{agency}"])}
    except RetryableError as error:
        progress_line(str(error))
        return None


def _show(view: AgencyView) -> None:
    levels = view.levels
    fates = ", ".join(f"{levels.fates[name]:,} {name}" for name in ("accepted", "duplicate", "quarantined", "pending"))
    clocks = ", ".join(f"{count:,} {state} (first {due})" for state, (count, due) in levels.clocks.items())
    rows = [
        ("state", view.state),
        ("records", f"{levels.fates['records']:,}: {fates}"),
        ("last record", _moment(view.last_record_at)),
        ("accepted events of its own", f"{levels.events:,}{_last(levels.last_event_at)}"),
        ("not drained", "the broker does not say" if view.lag is None else f"{view.lag:,}"),
        ("quarantine", f"{levels.quarantine_open:,} open{_oldest(levels.quarantine_oldest)}"),
        ("", _counts(levels.quarantine)),
        ("questions put to it", _counts(levels.questions) or "none"),
        ("clocks that wait for it", clocks or "none is due or over"),
        ("messages not delivered", ", ".join(f"{row.count:,} {row.kind}" for row in levels.unsent) or "none"),
        ("cases it is told of", _counts(levels.feeds) or "none"),
        ("alarms", ", ".join(alarm.code for alarm in view.alarms) or "none"),
    ]
    show_table(levels.agency, ("what", "how"), [row for row in rows if row[1]])
    if view.next_steps:
        show_table("Next steps", ("why", "command"), [(step.why, step.command) for step in view.next_steps])
    else:
        typer.echo("\nnothing to do")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _oldest(at: dt.datetime | None) -> str:
    return f", the oldest since {_moment(at)}" if at else ""


def _last(at: dt.datetime | None) -> str:
    return f", the last at {_moment(at)}" if at else ""


def _moment(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
