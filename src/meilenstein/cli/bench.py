"""`meilenstein bench`: how fast the pipeline is on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from meilenstein.bench.bench import MEASURES, Bench
from meilenstein.cli.output import JsonOption, print_json, progress_line
from meilenstein.embedded import supervisor
from meilenstein.settings import load_settings

__all__ = ["add_bench_command"]


def add_bench_command(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(bench)


def bench(
    events: Annotated[int, typer.Option(min=100, help="Events that are written.")] = 300_000,
    only: Annotated[str, typer.Option(help=f"Some of: {', '.join(MEASURES)}; separated by commas.")] = "",
    peers: Annotated[bool, typer.Option("--peers", help="Other programs on the same records as well.")] = False,
    work: Annotated[
        Path | None, typer.Option(help="Folder for the instance and the peers; default: a new one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure on an instance of its own: polling, each step, the whole pipeline, flatness, latency."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    with tempfile.TemporaryDirectory(prefix="meilenstein-bench-") as fresh:
        run = Bench(
            settings=load_settings(),
            events=events,
            only=names,
            peers=peers,
            work=(work or Path(fresh)).expanduser().absolute(),
            say=progress_line,
        )
        with supervisor.stop_on_signals():
            figures = run.run()
    if as_json:
        print_json(figures)
