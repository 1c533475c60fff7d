"""`meilenstein findings`: what is doubtful about cases, and what was decided about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import orjson
import typer

from meilenstein.bootstrap import open_hub
from meilenstein.cli.arguments import ActorOption, ReasonOption, check_decision, require_agency
from meilenstein.cli.output import JsonOption, counted, print_json, progress_line, show_table
from meilenstein.errors import ConfigurationError
from meilenstein.stewardship.findings import OUTCOMES, FindingOutcome, linked_pair
from meilenstein.store.findings import FindingView
from meilenstein_schemas.rules import load_rules
from meilenstein_schemas.visible import visible

__all__ = ["add_finding_commands", "finding_plain"]

findings = typer.Typer(help="What is doubtful about cases: list, show, decide, reopen.", no_args_is_help=True)

Number = Annotated[
    str, typer.Argument(help="Number of the finding, or an unambiguous beginning, for instance f-3a9c2.")
]


def add_finding_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(findings, name="findings")


@findings.command("list")
def findings_list(
    code: Annotated[str | None, typer.Option(help="Code, for instance CLOCK_OVER or RULE:E-014.")] = None,
    agency: Annotated[str | None, typer.Option(help="Agency that has a file in the case, or that is asked.")] = None,
    severity: Annotated[str | None, typer.Option(help="W (warning) or I (information).")] = None,
    state: Annotated[str, typer.Option(help="OPEN, DECIDED or ALL.")] = "OPEN",
    case: Annotated[str | None, typer.Option(help="Case id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List findings, newest first. What was decided is open again by itself once the facts behind it change."""
    if state not in {"OPEN", "DECIDED", "ALL"}:
        raise ConfigurationError(f"--state {state!r}: use OPEN, DECIDED or ALL")
    if severity not in {None, "W", "I"}:
        raise ConfigurationError(f"--severity {severity!r}: use W or I")
    require_agency(agency)
    with open_hub() as hub:
        found = hub.findings().search(
            code=_code(code),
            agency=agency,
            severity=severity,
            state=None if state == "ALL" else state,
            case_id=_case_id(case),
            limit=limit,
        )
    if as_json:
        print_json({"findings": [finding_plain(one) for one in found]})
        return
    show_table(
        counted(len(found), "finding"),
        ("finding", "code", "severity", "about", "since", "asked", "state", "by"),
        [
            (one.number, one.code, one.severity, _about(one), one.since, one.asked, one.outcome or one.state, one.actor)
            for one in found
        ],
    )


@findings.command("show")
def findings_show(finding: Number, as_json: JsonOption = False) -> None:
    """Show one finding: what it says, what to do, the facts behind it, and every decision about it."""
    with open_hub() as hub:
        found, history = hub.finding_desk().show(finding)
    words = load_rules().finding(found.code)
    if as_json:
        text = {language: f"{words.title[language]}. {words.todo[language]}" for language in ("de", "en")}
        print_json({**finding_plain(found), "text": text, "history": history})
        return
    whole = f"case {found.case_id}" if found.case_id else "no case"
    typer.echo(f"{found.number}  {found.code}  {found.severity}  {found.state}  {whole}")
    typer.echo(f"{visible(_about(found))}  since {found.since or '-'}  asked: {found.asked or 'nobody'}")
    for language in ("de", "en"):
        typer.echo(f"{words.title[language]}. {words.todo[language]}")
    for name, value in sorted(found.detail.items()):
        typer.echo(f"  {name}: {visible(value if isinstance(value, str) else orjson.dumps(value).decode())}")
    rows = [
        (
            f"{row['decided_at']:%Y-%m-%d %H:%M}",
            row["outcome"] or "REOPENED",
            row["actor"],
            row["reason"],
            "" if row["facts"] == found.facts else "the facts have changed since",
        )
        for row in history
    ]
    show_table("Decisions", ("when (UTC)", "decision", "by", "reason", ""), rows)
    if found.state == "OPEN" and (pair := linked_pair(found)) is not None:
        typer.echo(
            f"\nmeilenstein links show {visible(pair)}\n  then `links accept` or `links refuse` with the same two"
        )
    elif found.state == "OPEN":
        choices = "\n".join(f"  {name}: {text['de']} / {text['en']}" for name, text in OUTCOMES.items())
        typer.echo(f"\nmeilenstein findings decide {found.number} --outcome ... --reason ...\n{choices}")


@findings.command("decide")
def findings_decide(
    finding: Number,
    outcome: Annotated[str, typer.Option(help=f"{', '.join(OUTCOMES)}.")],
    reason: ReasonOption,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide about a finding. If it was put to an agency as a question, that agency is told, without your reason."""
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        _say(hub.finding_desk().decide(finding, outcome, actor=who, reason=why), as_json=as_json)


@findings.command("reopen")
def findings_reopen(
    finding: Number, reason: ReasonOption, actor: ActorOption = None, as_json: JsonOption = False
) -> None:
    """Open a decided finding again."""
    who, why = check_decision(actor, reason)
    with open_hub() as hub:
        _say(hub.finding_desk().reopen(finding, actor=who, reason=why), as_json=as_json)


def _say(done: FindingOutcome, *, as_json: bool) -> None:
    progress_line(done.line)
    if as_json:
        print_json(done.as_json())


def finding_plain(found: FindingView) -> dict[str, object]:
    """Return a finding with its decision as plain values."""
    return {name: getattr(found, name) for name in FindingView.__slots__ if name != "subject"}


def _about(found: FindingView) -> str:
    return f"{found.about} (test)" if found.test else found.about


def _case_id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        raise ConfigurationError(f"--case {text!r} is no case id; `meilenstein case REFERENCE` shows it") from None


def _code(code: str | None) -> str | None:
    if code is not None:
        try:
            load_rules().finding(code)
        except KeyError:
            known = ", ".join(sorted(load_rules().findings))
            raise ConfigurationError(f"--code {code!r} is none of {known} (RULE:<id> for one rule)") from None
    return code
