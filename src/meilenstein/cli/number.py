"""`meilenstein number`: case numbers for referral slips, and what is known of one."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import open_hub, utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cli.arguments import ActorOption, check_actor, require_agency
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.stewardship.case_numbers import MOST_AT_ONCE, Looked, state_of
from meilenstein.store.case_numbers import FoundNumber, UnreservedNumber

__all__ = ["add_number_commands"]

_STATES = ("USED", "UNUSED", "EXPIRING", "EXPIRED", "NOT_RESERVED", "ALL")
_SOON = dt.timedelta(days=30)

number = typer.Typer(help="Case numbers: reserve, list, check.", no_args_is_help=True)


def add_number_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(number, name="number")


@number.command("reserve")
def number_reserve(
    agency: Annotated[str, typer.Option(help="Agency that hands the numbers out, for instance zefas.")],
    count: Annotated[int, typer.Option(min=1, max=MOST_AT_ONCE, help="How many.")] = 50,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days after which an unused one expires.")] = 365,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give out case numbers, one a line. They can be printed and handed out at once, without any connection."""
    require_agency(agency)
    who = check_actor(actor)
    with open_hub() as hub:
        reserved = hub.number_desk().reserve(agency, count, days=days, actor=who)
    progress_line(f"{counted(len(reserved.numbers), 'number')} for {agency}, to be used until {reserved.expires_on}")
    if as_json:
        print_json({"agency": agency, "expires_on": reserved.expires_on, "numbers": list(reserved.numbers)})
        return
    for one in reserved.numbers:
        typer.echo(one)


@number.command("list")
def number_list(
    agency: Annotated[str | None, typer.Option(help="Agency to which they were given out.")] = None,
    state: Annotated[str, typer.Option(help=f"{', '.join(_STATES)}.")] = "ALL",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List case numbers: used, unused, about to expire (within 30 days), expired, or used and not given out here."""
    if state not in _STATES:
        raise ConfigurationError(f"--state {state!r}: use {', '.join(_STATES)}")
    require_agency(agency)
    today = berlin_date(utc_now())
    with open_hub() as hub:
        store = hub.case_numbers()
        if state == "NOT_RESERVED":
            rows = [_unreserved(one) for one in store.not_reserved(agency=agency, limit=limit)]
        else:
            wanted = None if state == "ALL" else state
            found = store.search(today=today, soon=today + _SOON, agency=agency, state=wanted, limit=limit)
            rows = [_reserved(one, today) for one in found]
    if as_json:
        print_json({"numbers": rows})
        return
    cells = [(*list(row.values())[:4], ", ".join(row["used_by"])) for row in rows]
    show_table(counted(len(rows), "number"), ("number", "state", "agency", "expires", "used by"), cells)


def _unreserved(one: UnreservedNumber) -> dict[str, Any]:
    used_by = list(one.used_by)
    return {"number": one.number, "state": "NOT_RESERVED", "agency": None, "expires_on": None, "used_by": used_by}


def _reserved(one: FoundNumber, today: dt.date) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": state_of(one, today),
        "agency": one.agency,
        "expires_on": one.expires_on,
        "used_by": list(one.used_by),
    }


@number.command("check")
def number_check(
    number: Annotated[
        str, typer.Argument(help="The number as it was read out; spaces, hyphens, lower case do not matter.")
    ],
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is known of a case number. Exit code 1 if it is mistyped or unknown; that is limited and recorded."""
    who = check_actor(actor)
    with open_hub() as hub:
        looked = hub.number_desk().check(number, actor=who)
    if as_json:
        print_json(looked.as_json())
    if looked.state == "MISTYPED":
        raise PermanentError("number mistyped: it is no case number; compare it with the slip, sign by sign")
    if looked.state == "UNKNOWN":
        raise PermanentError(
            f"number {looked.number} is well-formed, but was not given out here, and no event names it"
        )
    if not as_json:
        typer.echo(_line(looked))


def _line(looked: Looked) -> str:
    given, first = looked.reserved, looked.first
    parts = [f"{looked.number}  {looked.state}"]
    if given:
        parts.append(f"reserved by {given.agency} on {berlin_date(given.reserved_at)}, expires {given.expires_on}")
    if looked.used_by:
        parts.append(f"used by {', '.join(looked.used_by)}")
    if first:
        parts.append(
            f"first named by {first['publisher']} ({first['event_type']}, received {first['received_at']:%Y-%m-%d})"
        )
    return "; ".join(parts)
