"""`meilenstein quarantine`: records that did not pass, and what a steward decides about them."""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import open_hub, utc_now
from meilenstein.cli.arguments import ActorOption, check_actor
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.cli.revalidate import quarantine_revalidate
from meilenstein.cli.selection import (
    AgencyOption,
    CodeOption,
    ReadReasonOption,
    StateOption,
    check_number,
    decider,
    selected,
)
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.acts import KINDS
from meilenstein.stewardship.confirmation import confirm_command
from meilenstein.stewardship.correction import Make, broken_rules, by_fields, by_file
from meilenstein.stewardship.quarantine import Outcome
from meilenstein.store.proposals import Proposal
from meilenstein.store.quarantine import item_subject
from meilenstein_connectors.errors import InvalidEvent, both_languages
from meilenstein_schemas.visible import visible

__all__ = ["add_quarantine_commands"]

quarantine = typer.Typer(help="Records that did not pass: look, decide, judge again.", no_args_is_help=True)
quarantine.command("revalidate")(quarantine_revalidate)

ItemArgument = Annotated[int, typer.Argument(help="Number of the item.")]
_LARGEST_FILE = 1_000_000
_FORMS = ("csv", "jsonl")


def add_quarantine_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(quarantine, name="quarantine")


@quarantine.command("list")
def quarantine_list(
    state: StateOption = "OPEN",
    code: CodeOption = None,
    agency: AgencyOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List quarantined records, newest first."""
    selection = selected(state=state, code=code, agency=agency)
    with open_hub() as hub:
        items = hub.quarantine().items.newest(selection, limit=limit)
    if as_json:
        print_json({"items": [{name: getattr(item, name) for name in item.__slots__} for item in items]})
        return
    show_table(
        counted(len(items), "quarantined record"),
        ("item", "reasons", "milestone", "agency", "record", "state", "since (UTC)"),
        [
            (
                item.id,
                ", ".join(item.codes),
                item.event_type,
                item.publisher,
                f"correction of item {item.correction_of}"
                if item.correction_of
                else f"{item.topic}-{item.partition}@{item.record_offset}",
                item.state,
                f"{item.created_at:%Y-%m-%d %H:%M}",
            )
            for item in items
        ],
    )


@quarantine.command("show")
def quarantine_show(
    item: ItemArgument,
    with_bytes: Annotated[
        bool, typer.Option("--bytes", help="Also the original bytes and the event; that you saw them is recorded.")
    ] = False,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one item: why it was refused, how to correct it, what was decided; with --bytes the original."""
    check_number("item", item)
    viewer = check_actor(actor) if with_bytes else None
    with open_hub() as hub:
        parts = hub.quarantine()
        found = parts.items.item(item)
        if found is None:
            raise ConfigurationError(
                f"quarantine: there is no item {item}; `meilenstein quarantine list` shows what there is"
            )
        decisions = parts.decisions.latest(KINDS, [item_subject(item)])
        corrections = parts.items.corrections_of(item)
        waiting = hub.proposals().waiting(item_subject(item))
        seen = parts.desk().read_bytes(item, viewer) if viewer is not None else None
    for name in ("raw", "header_names", "header_values"):
        found.pop(name)
    found["decision"] = next(_decision(row) for row in decisions.values()) if decisions else None
    found["proposals"] = [_proposal(row) for row in waiting]
    found["corrections"] = corrections
    if seen is not None:
        found["raw_base64"] = base64.b64encode(seen["raw"]).decode() if seen["raw"] is not None else None
        found["headers"] = [[name, value.hex() if value is not None else None] for name, value in seen["headers"]]
        found["event"] = seen["event"]
    if as_json:
        print_json(found)
    else:
        _show(found, with_bytes=with_bytes)


def _decision(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("kind", "actor", "reason", "decided_at", "proposal_id")}


def _proposal(row: Proposal) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "kind", "actor", "reason", "proposed_at")}
    return {**plain, "command": confirm_command(row)}


def _show(found: dict[str, Any], *, with_bytes: bool) -> None:
    typer.echo(f"item {found['id']}  {found['state']}  {found['topic']}-{found['partition']}@{found['record_offset']}")
    who, which = visible(found["publisher"] or "-"), visible(found["event_id"] or "-")
    typer.echo(f"{found['event_type'] or 'unreadable'}  {who}  event {which}")
    if found["correction_of"]:
        typer.echo(f"a steward's correction of item {found['correction_of']}, which the hub did not accept")
    for reason in found["reasons"]:
        typer.echo(f"\n{reason['code']}  {reason['text']['de']} / {reason['text']['en']}")
        for name in ("field", "seen", "expected"):
            if reason.get(name) is not None:
                typer.echo(f"  {name}: {visible(reason[name]) or '(empty)'}")
        typer.echo(f"  {reason['how']['de']} / {reason['how']['en']}")
    if decision := found["decision"]:
        what, when = decision["kind"].removeprefix("QUARANTINE_").lower(), f"{decision['decided_at']:%Y-%m-%d %H:%M}"
        typer.echo(f"\n{what} by {visible(decision['actor'])} at {when} UTC: {visible(decision['reason'])}")
    for waits in found["proposals"]:
        when, why = f"{waits['proposed_at']:%Y-%m-%d %H:%M}", visible(waits["reason"])
        typer.echo(f"\nproposal {waits['id']} by {visible(waits['actor'])} at {when} UTC, reason: {why}")
        typer.echo(f"  another person confirms with: {waits['command']}")
    for correction in found["corrections"]:
        became = f", now item {correction['item']}" if correction["item"] else ""
        typer.echo(f"the corrected event: {correction['fate'] or 'not judged yet'}{became}")
    if with_bytes:
        typer.echo(f"\noriginal bytes (base64): {found['raw_base64'] or 'none'}")
        if found["event"] is not None:
            typer.echo(json.dumps(found["event"], ensure_ascii=True))


@quarantine.command("reject")
def quarantine_reject(
    item: ItemArgument, reason: ReadReasonOption, actor: ActorOption = None, as_json: JsonOption = False
) -> None:
    """Refuse a record for good. Its sender is told, with your reason."""
    who = decider(actor, reason)
    check_number("item", item)
    with open_hub() as hub:
        _tell(hub.quarantine().desk().reject(item, who), as_json)


@quarantine.command("release")
def quarantine_release(
    item: ItemArgument, reason: ReadReasonOption, actor: ActorOption = None, as_json: JsonOption = False
) -> None:
    """Accept a record as it came although it breaks a rule; a second person must say the same."""
    who = decider(actor, reason)
    check_number("item", item)
    with open_hub() as hub:
        _tell(hub.quarantine().desk().release(item, who), as_json)


@quarantine.command("correct")
def quarantine_correct(
    item: ItemArgument,
    reason: ReadReasonOption,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field and its right value; repeatable.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="The whole event as plain JSON, instead of --set.")] = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a corrected event beside a record. It is checked first, and judged by the next run of validate."""
    who = decider(actor, reason)
    check_number("item", item)
    make = _maker(settings or [], file)
    with open_hub() as hub:
        try:
            outcome = hub.quarantine().desk().correct(item, make, who)
        except InvalidEvent as error:
            _tell_violations(item, error, as_json)
            raise typer.Exit(error.exit_code) from None
    _tell(outcome, as_json)


def _maker(settings: list[str], file: Path | None) -> Make:
    if bool(settings) == (file is not None):
        raise ConfigurationError("quarantine correct: say either --set, once or more often, or --file")
    if file is None:
        return by_fields(settings)
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(f"{file}: larger than any event")
        return by_file(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: is no text in UTF-8") from None


def _tell_violations(item: int, error: InvalidEvent, as_json: bool) -> None:
    for found in error.violations:
        place = f"{found.field}: " if found.field else ""
        progress_line(f"  [{found.rule}] {place}{both_languages(found.text)} {both_languages(found.how)}")
    broken = counted(len(error.violations), "rule")
    sys.stderr.write(f"meilenstein: item {item}: the corrected event breaks {broken}; nothing was changed\n")
    if as_json:
        print_json({"item": item, "outcome": "REFUSED", "violations": broken_rules(error.violations)})


@quarantine.command("export")
def quarantine_export(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    state: StateOption = "OPEN",
    code: CodeOption = None,
    agency: AgencyOption = None,
    younger_than: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Only what was quarantined in the last so many days.")
    ] = None,
    values: Annotated[
        bool, typer.Option("--values", help="Also the events themselves; recorded, and needs --reason.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="With --values: what for.")] = None,
    actor: ActorOption = None,
    form: Annotated[str, typer.Option("--format", help="csv, or jsonl: a JSON object a line.")] = "csv",
    as_json: JsonOption = False,
) -> None:
    """Write a selection to a file: CSV that no spreadsheet takes for formulas, or JSON lines."""
    if form not in _FORMS:
        raise ConfigurationError(f"quarantine export: --format {form!r} is none of {', '.join(_FORMS)}")
    viewer = decider(actor, reason or "") if values else None
    since = utc_now() - dt.timedelta(days=younger_than) if younger_than else None
    selection = selected(state=state, code=code, agency=agency, since=since)
    with open_hub() as hub:
        count = hub.quarantine().exporter().export(file, selection, lines=form == "jsonl", viewer=viewer)
    progress_line(f"{counted(count, 'item')} in {file}")
    if as_json:
        print_json({"file": str(file), "items": count})


def _tell(outcome: Outcome, as_json: bool) -> None:
    progress_line(outcome.line)
    for change in outcome.more.get("changed") or ():
        progress_line(f"  {change['field']}: {change['was']} -> {change['now']}")
    if as_json:
        print_json(outcome.as_json())
