"""`meilenstein demo`: start everything, process real events, show what happened."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from meilenstein.bootstrap import Hub, utc_now
from meilenstein.cli.demo_run import Demo, succeeded
from meilenstein.cli.instance import prepare_instance, show_balance, where_to_look
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.embedded import supervisor
from meilenstein.embedded.progress import RichProgress
from meilenstein.embedded.stack import Stack
from meilenstein.errors import PermanentError, RetryableError
from meilenstein.settings import Settings, load_settings

__all__ = ["add_demo_command"]


def add_demo_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End by itself when everything is processed.")] = False,
    cases: Annotated[int, typer.Option(min=1, help="Cases of the simulated month.")] = 400,
    as_json: JsonOption = False,
) -> None:
    """Start everything, publish the example case and a simulated month, let Airflow process them, show the result."""
    settings = load_settings()
    stack = Stack(settings, watch=True, progress=RichProgress(), on_ready=prepare_instance)
    result: dict[str, Any] | None = None
    with supervisor.stop_on_signals() as stopping:
        try:
            result = _process(settings, stack, cases=cases, once=once, shown=not as_json)
            if not once:
                progress_line("try: .venv/bin/meilenstein case Z-20260302 --agency zefas")
                progress_line("     .venv/bin/meilenstein quarantine list")
                progress_line("     .venv/bin/meilenstein report --open")
                progress_line("Ctrl-C ends everything")
                supervisor.watch(stack, stopping)
        except KeyboardInterrupt:
            progress_line("ending everything")
        finally:
            stopping.set()
            stack.stop()
    if result is None:
        raise PermanentError("demo: interrupted before everything was processed")
    if as_json:
        print_json(result)
    if not succeeded(result):
        raise PermanentError("demo: not everything succeeded; see the counts above")


def _process(settings: Settings, stack: Stack, *, cases: int, once: bool, shown: bool) -> dict[str, Any]:
    """Start the instance, publish, wait for Airflow, and return what was counted."""
    began, since = time.monotonic(), utc_now()
    endpoints = stack.start()
    with Hub(endpoints) as hub:
        run = Demo(settings=settings, endpoints=endpoints, hub=hub, since=since)
        run.seconds["start"] = round(time.monotonic() - began, 1)
        run.publish(cases=cases)
        try:
            with run.phase("processing"):
                run.wait_until_done()
        except RetryableError as unfinished:
            if once:
                raise
            progress_line(str(unfinished))  # everything stays up to be looked at
        if once:
            with run.phase("finishing"):
                dags = run.finish()
        else:
            dags = run.dag_runs()
        run.seconds["total"] = round(time.monotonic() - began, 1)
        balance = hub.balance()
    if shown:
        show_balance(balance)
    for line in where_to_look(settings, endpoints):
        progress_line(line)
    return run.result(balance, dags)
