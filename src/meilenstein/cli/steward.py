"""`meilenstein case` and `meilenstein quarantine`: what is known of a case, and what did not pass."""

from __future__ import annotations

import base64
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import require_agency
from meilenstein.cli.output import JsonOption, print_json, printable, show_table
from meilenstein.errors import ConfigurationError, PermanentError

__all__ = ["add_steward_commands"]

quarantine = typer.Typer(help="Records that did not pass: list them, show one with its reasons.", no_args_is_help=True)


def add_steward_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(case)
    app.add_typer(quarantine, name="quarantine")


def case(
    reference: Annotated[str, typer.Argument(help="Case id, or an agency's own file reference.")],
    agency: Annotated[str | None, typer.Option(help="Agency whose reference this is.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a case: its files, timeline, clocks with their paragraph, and findings."""
    try:
        case_id = UUID(reference)
    except ValueError:
        case_id = None
    require_agency(agency)
    with open_hub() as hub:
        store = hub.cases()
        found = store.find(case_id=case_id) if case_id else store.find(reference=reference, publisher=agency)
        if not found:
            raise PermanentError("case: nothing is known under this reference; check its spelling, or name --agency")
        if len(found) > 1:
            ids = ", ".join(str(row["case_id"]) for row in found)
            raise ConfigurationError(f"case: several agencies use this reference; name --agency, or one of {ids}")
        row = found[0]
        clocks, findings = store.clocks_of(row["case_id"]), store.findings_detail(row["case_id"])
    state = orjson.loads(row["state"])
    if as_json:
        content = {"case_id": row["case_id"], "version": row["version"], "next_change_on": row["next_change_on"]}
        print_json({**content, "state": state, "clocks": clocks, "findings": findings})
        return
    typer.echo(f"case {row['case_id']}  version {row['version']}  next change {row['next_change_on'] or '-'}")
    _show_state(state)
    show_table(
        "Clocks",
        ("clock", "about", "label", "state", "start", "due", "stopped", "paragraph"),
        [
            [c[n] for n in ("clock_id", "about", "label", "state", "starts_on", "due_on", "stopped_on", "paragraph")]
            for c in clocks
        ],
    )
    show_table(
        "Findings",
        ("code", "severity", "about", "since"),
        [[f[n] for n in ("code", "severity", "about", "since")] for f in findings],
    )


def _show_state(state: dict[str, Any]) -> None:
    rows = [
        (entry.get("occurred_on"), entry.get("type"), entry.get("publisher"), entry.get("case_reference"))
        for entry in state.get("timeline", ())
    ]
    show_table("Timeline", ("day", "milestone", "agency", "file"), rows)


@quarantine.command("list")
def quarantine_list(
    state: Annotated[str, typer.Option(help="OPEN, RELEASED, CORRECTED, REJECTED or ALL.")] = "OPEN",
    code: Annotated[str | None, typer.Option(help="Reason code, for instance CONFLICT or RULE:E-002.")] = None,
    agency: Annotated[str | None, typer.Option(help="Sender or publisher.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List quarantined records, newest first."""
    if state not in {"OPEN", "RELEASED", "CORRECTED", "REJECTED", "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use OPEN, RELEASED, CORRECTED, REJECTED or ALL")
    require_agency(agency)
    with open_hub() as hub:
        items = hub.verdicts().quarantine_list(
            state=None if state == "ALL" else state, code=code, agency=agency, limit=limit
        )
    if as_json:
        print_json({"items": [{name: getattr(item, name) for name in item.__slots__} for item in items]})
        return
    show_table(
        f"{len(items)} quarantined",
        ("item", "reasons", "milestone", "agency", "record", "state", "since"),
        [
            (
                item.id,
                ", ".join(item.codes),
                item.event_type,
                item.publisher,
                f"{item.topic}-{item.partition}@{item.record_offset}",
                item.state,
                f"{item.created_at:%Y-%m-%d %H:%M}",
            )
            for item in items
        ],
    )


@quarantine.command("show")
def quarantine_show(
    item: Annotated[int, typer.Argument(help="Number of the item.")], as_json: JsonOption = False
) -> None:
    """Show one item: why it was refused, how to correct it, and the original bytes."""
    with open_hub() as hub:
        found = hub.verdicts().quarantine_item(item)
    if found is None:
        raise PermanentError(f"quarantine: there is no item {item}; `meilenstein quarantine list` shows what there is")
    raw = found.pop("raw")
    found["raw_base64"] = base64.b64encode(raw).decode() if raw is not None else None
    found["header_values"] = [value.hex() if value is not None else None for value in found["header_values"] or ()]
    found["record_key"] = None
    if as_json:
        print_json(found)
        return
    typer.echo(f"item {found['id']}  {found['state']}  {found['topic']}-{found['partition']}@{found['record_offset']}")
    who, which = printable(found["publisher"] or "-"), printable(found["event_id"] or "-")
    typer.echo(f"{found['event_type'] or 'unreadable'}  {who}  event {which}")
    for reason in found["reasons"]:
        typer.echo(f"\n{reason['code']}  {reason['text']['de']} / {reason['text']['en']}")
        for name in ("field", "seen", "expected"):
            if reason.get(name) is not None:
                typer.echo(f"  {name}: {printable(reason[name]) or '(empty)'}")
        typer.echo(f"  {reason['how']['de']} / {reason['how']['en']}")
    typer.echo(f"\noriginal bytes (base64): {found['raw_base64'] or 'none'}")
