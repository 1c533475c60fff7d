"""`meilenstein demo`: start everything, process real events, show what happened."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from meilenstein.bootstrap import Hub
from meilenstein.cli.demo_run import DAGS, Demo, succeeded
from meilenstein.cli.instance import prepare_instance, show_balance, where_to_look
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.embedded import supervisor
from meilenstein.embedded.progress import RichProgress
from meilenstein.embedded.stack import Stack
from meilenstein.errors import PermanentError
from meilenstein.settings import load_settings

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
    began = time.monotonic()
    stack = Stack(settings, progress=RichProgress(), on_ready=prepare_instance)
    with supervisor.stop_on_signals() as stopping:
        try:
            endpoints = stack.start()
            with Hub(endpoints) as hub:
                run = Demo(settings=settings, endpoints=endpoints, hub=hub)
                run.seconds["start"] = round(time.monotonic() - began, 1)
                run.publish(cases=cases)
                with run.phase("processing"):
                    run.airflow().wait_for_dags(DAGS, 60.0)
                    run.wait_until_done()
                if once:
                    with run.phase("finishing"):
                        dags = run.finish()
                else:
                    dags = dict(run.airflow().run_states(DAGS))
                run.seconds["total"] = round(time.monotonic() - began, 1)
                balance = hub.balance()
                result = run.result(balance, dags)
            if not as_json:
                show_balance(balance)
            for line in where_to_look(settings, endpoints):
                progress_line(line)
            if not once:
                progress_line("try: meilenstein case Z-20260302 --agency zefas; meilenstein quarantine list")
                progress_line("Ctrl-C ends everything")
                supervisor.watch(stack, stopping)
        except KeyboardInterrupt:
            return
        finally:
            stopping.set()
            stack.stop()
    if as_json:
        print_json(result)
    if not succeeded(result):
        raise PermanentError("demo: not everything succeeded; see the counts above")
