"""`meilenstein run`, the four steps one by one, `clocks` and `rebuild`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from meilenstein.bootstrap import Hub, open_hub, utc_now
from meilenstein.cases.calendar import berlin_date
from meilenstein.cli.arguments import ActorOption, check_decision, parse_day
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.cli.signals import stopped_by_signals
from meilenstein.errors import ConfigurationError, PermanentError
from meilenstein.operations.follow import follow
from meilenstein.summary import STEPS, Summary

__all__ = ["add_step_commands"]


def add_step_commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(run)
    app.command()(drain)
    app.command()(validate)
    app.command()(reconcile)
    app.command()(feedback)
    app.command()(clocks)
    app.command()(rebuild)


def run(
    once: Annotated[bool, typer.Option("--once", help="Each step once, then end.")] = False,
    follow_: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run drain, validate, reconcile and feedback, without Airflow."""
    if once == follow_:
        raise ConfigurationError("run: say either --once or --follow")
    with open_hub() as hub:
        if once:
            summaries = [_shown(hub.step(name)) for name in STEPS]
            if as_json:
                print_json({"steps": [summary.as_json() for summary in summaries]})
            _fail_on_faults(summaries)
            return
        stop = stopped_by_signals()
        hub.warm()
        progress_line("following; Ctrl-C ends")
        follow(hub, stopped=stop.is_set, pause=stop.wait, report=lambda summary: progress_line(str(summary)))


def _step(name: str, as_json: bool) -> None:
    with open_hub() as hub:
        summary = _shown(hub.step(name))
    if as_json:
        print_json(summary.as_json())
    _fail_on_faults([summary])


def _shown(summary: Summary) -> Summary:
    progress_line(str(summary))
    return summary


def _fail_on_faults(summaries: list[Summary]) -> None:
    missing = sorted({topic for summary in summaries for topic in summary.missing})
    if missing:
        raise ConfigurationError(f"Kafka lacks {', '.join(missing)}: run `meilenstein topics apply`")
    if any(summary.counts.get("halted") for summary in summaries):
        raise PermanentError("a partition halted: `meilenstein doctor` says why and what to do")


def drain(as_json: JsonOption = False) -> None:
    """Move new records from Kafka into the journal."""
    _step("drain", as_json)


def validate(as_json: JsonOption = False) -> None:
    """Give every new journal row its verdict."""
    _step("validate", as_json)


def reconcile(as_json: JsonOption = False) -> None:
    """Fold the cases that new events touched."""
    _step("reconcile", as_json)


def feedback(as_json: JsonOption = False) -> None:
    """Send answers and case news to partners."""
    _step("feedback", as_json)


def clocks(
    as_of: Annotated[str | None, typer.Option(help="Day to move on to, YYYY-MM-DD; default today in Berlin.")] = None,
    future: Annotated[
        bool, typer.Option("--future", help="Allow a day after today; it cannot be undone, and is recorded.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="With --future: why; recorded with your name for ever.")] = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the day on and touch the cases that this changes."""
    day = parse_day(as_of) if as_of else None
    ahead = day is not None and day > berlin_date(utc_now())
    if ahead and not future:
        raise ConfigurationError(f"clocks: {day} lies in the future; days never go back. Add --future if you mean it")
    decided = check_decision(actor, reason or "") if ahead else None
    with open_hub() as hub:
        if day is not None and decided is not None:
            who, why = decided
            summary = _shown(hub.clocks_ahead(day, actor=who, reason=why))
        else:
            summary = _shown(hub.clocks(day))
    if as_json:
        print_json(summary.as_json())


def rebuild(
    verify: Annotated[bool, typer.Option("--verify", help="Only compare; change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Derive events and cases again from journal, verdicts and ticks. Exit code 1 if anything comes out different."""
    with open_hub() as hub:
        report = _rebuild(hub, verify=verify)
    if as_json:
        print_json(report)
    if report["differing"]:
        raise PermanentError(f"rebuild: came out different: {', '.join(report['differing'])}")


def _rebuild(hub: Hub, *, verify: bool) -> dict[str, Any]:
    report = hub.rebuild(keep=not verify, progress=lambda phase, done: progress_line(f"  {done:,} {phase}"))
    same = "identical" if not report.differing else "different"
    progress_line(f"rebuild: {report.events:,} events, {report.cases:,} cases, {same}, {report.seconds:.1f} s")
    return {
        "events": report.events,
        "cases": report.cases,
        "differing": list(report.differing),
        "identical": not report.differing,
        "kept": report.kept,
        "seconds": round(report.seconds, 3),
    }
