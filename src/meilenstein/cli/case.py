"""`meilenstein case`: what is known of a case."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import require_agency
from meilenstein.cli.findings import finding_plain
from meilenstein.cli.output import JsonOption, print_json, show_table
from meilenstein.errors import ConfigurationError

__all__ = ["add_case_command"]

_MOST_FINDINGS = 1000


def add_case_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(case)


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
            raise ConfigurationError(
                "case: nothing is known under this reference; check the spelling, or name --agency"
            )
        if len(found) > 1:
            ids = ", ".join(str(row["case_id"]) for row in found)
            raise ConfigurationError(f"case: several agencies use this reference; name --agency, or one of {ids}")
        row = found[0]
        clocks = store.clocks_of(row["case_id"])
        findings = hub.findings().search(case_id=row["case_id"], limit=_MOST_FINDINGS)
    state = orjson.loads(row["state"])
    if as_json:
        content = {"case_id": row["case_id"], "version": row["version"], "next_change_on": row["next_change_on"]}
        print_json({**content, "state": state, "clocks": clocks, "findings": list(map(finding_plain, findings))})
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
        ("finding", "code", "severity", "about", "since", "decided"),
        [
            (f.number, f.code, f.severity, f.about, f.since, f"{f.outcome} by {f.actor}" if f.outcome else "")
            for f in findings
        ],
    )


def _show_state(state: dict[str, Any]) -> None:
    rows = [
        (entry.get("occurred_on"), entry.get("type"), entry.get("publisher"), entry.get("case_reference"))
        for entry in state.get("timeline", ())
    ]
    show_table("Timeline", ("day", "milestone", "agency", "file"), rows)
