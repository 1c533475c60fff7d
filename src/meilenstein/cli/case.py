"""`meilenstein case`: what is known of a case."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import require_agency
from meilenstein.cli.explain import LanguageOption, check_language
from meilenstein.cli.findings import finding_plain
from meilenstein.cli.known_on import parse_known_on, show_known
from meilenstein.cli.output import JsonOption, print_json, show_table
from meilenstein.cli.requirements import show_requirements
from meilenstein.errors import ConfigurationError
from meilenstein.store.cases import CaseStore

__all__ = ["add_case_command"]

_MOST_FINDINGS = 1000


def add_case_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(case)


def case(
    reference: Annotated[str, typer.Argument(help="Case id, or an agency's own file reference.")],
    agency: Annotated[str | None, typer.Option(help="Agency whose reference this is.")] = None,
    as_known_on: Annotated[
        str | None, typer.Option(help="Show it as it was known at the end of this day, and what changed since and why.")
    ] = None,
    language: LanguageOption = "de",
    as_json: JsonOption = False,
) -> None:
    """Show a case: its timeline, documents asked for, clocks with their paragraph, and findings."""
    check_language(language)
    require_agency(agency)
    day = parse_known_on(as_known_on)
    with open_hub() as hub:
        row = _find(hub.cases(), reference, agency)
        if day is not None:
            known = hub.known_on_desk().look(row["file_ids"], day)
            show_known(known, row, hub.fold, language=language, as_json=as_json)
            return
        clocks = hub.cases().clocks_of(row["case_id"])
        findings = hub.findings().search(case_id=row["case_id"], limit=_MOST_FINDINGS)
    state = orjson.loads(row["state"])
    if as_json:
        content = {"case_id": row["case_id"], "version": row["version"], "next_change_on": row["next_change_on"]}
        print_json({**content, "state": state, "clocks": clocks, "findings": list(map(finding_plain, findings))})
        return
    typer.echo(f"case {row['case_id']}  version {row['version']}  next change {row['next_change_on'] or '-'}")
    _show_state(state)
    show_requirements(state, language)
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
    typer.echo(
        f"as it was known on an earlier day, and why it changed: meilenstein case {row['case_id']} --as-known-on DAY"
    )


def _find(store: CaseStore, reference: str, agency: str | None) -> dict[str, Any]:
    """Return the one case that is meant."""
    try:
        found = store.find(case_id=UUID(reference))
    except ValueError:
        found = store.find(reference=reference, publisher=agency)
    if not found:
        raise ConfigurationError("case: nothing is known under this reference; check the spelling, or name --agency")
    if len(found) > 1:
        ids = ", ".join(str(row["case_id"]) for row in found)
        raise ConfigurationError(f"case: several agencies use this reference; name --agency, or one of {ids}")
    return found[0]


def _show_state(state: dict[str, Any]) -> None:
    rows = [
        (entry.get("occurred_on"), entry.get("type"), entry.get("publisher"), entry.get("case_reference"))
        for entry in state.get("timeline", ())
    ]
    show_table("Timeline", ("day", "milestone", "agency", "file"), rows)
